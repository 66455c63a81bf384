"""The benchmark that anyone can have: motion capture seen by fixed virtual cameras, with the errors of a detector.

The protocol, version 1, all of it drawn from `seed` and the names of takes alone, so that a take is the same whatever
others there are:

- Sequences are cut into takes of at most ten seconds; a rest of less than one second is left out.
- Each take is seen by four cameras of 1000x1000 pixels and a focal length of 1145. Their azimuths are a quarter turn
  apart after a random first one; pitch, roll and distance are drawn as for training (`datasets.virtual.Cameras`), and
  the camera is moved back until the whole take is in the picture and 1.2 m away.
- Keypoints are the exact projections of the COCO keypoints, plus detector noise (`datasets.noise.DetectorNoise`): drawn
  errors, and in three takes of four those that mediapipe was seen to make on rendered people. `noise` scales it; 0
  gives exact keypoints of score 1.
- Subjects 05, 08, 13 and 14 are the test.

It knows nothing about training.
"""

from __future__ import annotations

import importlib.resources
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from in_the_wild.errors import ConfigError
from in_the_wild.skeletons import COCO17, HUMAN36M17
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import BODY22, COCO_IN_BODY22, H36M_IN_BODY22, Mocap
from pose3d_cli.datasets.prepared.sequences import Camera, Description, Labelled
from pose3d_cli.datasets.readers.base import Reader
from pose3d_cli.datasets.synthetic.noise import DetectorNoise, NoiseBank
from pose3d_cli.datasets.synthetic.virtual import Cameras, camera_rotations, facing

VERSION = 1
TEST_SUBJECTS = ("05", "08", "13", "14")

_SECONDS = (1.0, 10.0)
_SIZE, _FOCAL = 1000, 1145.0
_NEAREST = 1.2
# Share of the half picture that a take may fill.
_FILLED = 0.95
_BANK = "mediapipe_noise.npz"


@dataclass(kw_only=True)
class MocapBenchmark(Reader):
    """Motion capture packs, or the CMU database's own files, through virtual cameras.

    Args:
        source: Folder of packs.
        seed: Of cameras and noise.
        cameras: For each take.
        noise: Times the usual detector noise; 0 for exact keypoints.

    Raises:
        ConfigError: less than one camera, or a negative noise.
    """

    layout = "motion capture packs (*.npz), or ASF/AMC or BVH files of the CMU database, in any sub-folders."

    seed: int = 0
    cameras: int = 4
    noise: float = 1.0

    def __post_init__(self) -> None:
        if self.cameras < 1 or self.noise < 0:
            raise ConfigError(
                f"At least 1 camera and a noise of at least 0 were expected, found {self.cameras}, {self.noise:g}."
            )

    def files(self) -> list[Path]:
        """The packs, or the raw files."""
        return mocap.find(self.source)

    def describe(self) -> Description:
        """The protocol, with its version, seed and noise."""
        return Description(
            name="mocap",
            inputs="gt" if self.noise == 0 else f"noise {self.noise:g}",
            keypoint_skeleton=COCO17.name,
            joint_skeleton=HUMAN36M17.name,
            licence=(
                "The data used in this project was obtained from mocap.cs.cmu.edu. The database was created with "
                "funding from NSF EIA-0196217. Free for all uses; may not be resold, even in converted form."
            ),
            notes={
                "version": str(VERSION),
                "seed": str(self.seed),
                "cameras": f"{self.cameras} for each take, {_SIZE}x{_SIZE} pixels, focal length {_FOCAL:g}",
                "test": f"subjects {', '.join(TEST_SUBJECTS)}",
                "noise": self._noise_in_words(),
            },
        )

    def count(self) -> int:
        """Takes times cameras."""
        return sum(1 for _ in self._takes(self._motion())) * self.cameras

    def read(self) -> Iterator[Labelled]:
        """Every take through every camera."""
        motion = self._motion()
        noise = self._noise() if self.noise else None
        for name, s, world in self._takes(motion):
            rng = np.random.default_rng((self.seed, zlib.crc32(name.encode())))
            turned = rng.uniform(0, 2 * np.pi)
            for number in range(self.cameras):
                azimuth = turned + 2 * np.pi * number / self.cameras
                joints = _see(world, azimuth, rng)  # (T, 22, 3) metres in camera space
                rays = joints[:, COCO_IN_BODY22, :2] / joints[:, COCO_IN_BODY22, 2:]
                seen, scores = rays, np.ones(rays.shape[:2])
                if noise is not None:
                    seen, scores = (values[0] for values in noise.apply(rays[None], facing(joints[None]), rng))
                yield Labelled(
                    name=f"{name}/{number}",
                    subject=motion.subjects[s],
                    action=motion.actions[s],
                    split="test" if motion.subjects[s] in TEST_SUBJECTS else "train",
                    fps=motion.fps,
                    camera=Camera(
                        name=str(number),
                        width=_SIZE,
                        height=_SIZE,
                        intrinsics=(_FOCAL, _FOCAL, _SIZE / 2, _SIZE / 2, 0, 0, 0, 0, 0),
                    ),
                    keypoints=seen * _FOCAL + _SIZE / 2,
                    scores=scores,
                    true_keypoints=rays * _FOCAL + _SIZE / 2,
                    joints=joints[:, H36M_IN_BODY22],
                )

    def _motion(self) -> Mocap:
        return mocap.load(self.files())

    @staticmethod
    def _takes(motion: Mocap) -> Iterator[tuple[str, int, np.ndarray]]:
        """Name, number of the sequence, and joints (T, 22, 3) in the world of every take."""
        shortest, longest = (round(seconds * motion.fps) for seconds in _SECONDS)
        for s, name in enumerate(motion.names):
            joints = motion.sequence(s)
            for part, start in enumerate(range(0, len(joints), longest)):
                take = joints[start : start + longest]
                if len(take) >= shortest:
                    yield f"{name}/{part}", s, take

    def _noise(self) -> DetectorNoise:
        with importlib.resources.as_file(importlib.resources.files("in_the_wild.assets") / _BANK) as path:
            measured = NoiseBank.load(str(path))
        drawn = self._drawn_noise()
        return replace(drawn, bank=replace(measured, residuals=measured.residuals * self.noise))

    def _drawn_noise(self) -> DetectorNoise:
        usual, times = DetectorNoise(), self.noise
        return replace(usual, offset=usual.offset * times, drift=usual.drift * times, jitter=usual.jitter * times)

    def _noise_in_words(self) -> str:
        if not self.noise:
            return "none"
        drawn = self._drawn_noise()
        return (
            f"offset {drawn.offset:g}, drift {drawn.drift:g}, jitter {drawn.jitter:g} of the person's longer side; "
            f"{drawn.guessed:.0%} of the keypoints guessed, {drawn.unseen:.0%} unseen; {drawn.measured:.0%} of takes "
            f"with the errors in {_BANK}, times {self.noise:g}"
        )


def _see(world: np.ndarray, azimuth: float, rng: np.random.Generator) -> np.ndarray:
    """A take (T, 22, 3) from a side, in camera space."""
    usual = Cameras()
    rotation = camera_rotations(
        azimuth=np.array([azimuth]),
        pitch=np.radians(rng.normal(*usual.pitch, 1)),
        roll=np.radians(rng.normal(0, usual.roll, 1)),
    )[0]
    camera = (world - world[:, BODY22.root].mean(axis=0)) @ rotation.T
    drawn = np.exp(rng.uniform(*np.log(usual.distance)))
    # |x| <= filled * half / focal * (z + distance), for every point.
    reach = _FILLED * _SIZE / 2 / _FOCAL
    needed = (np.abs(camera[..., :2]) / reach - camera[..., 2:]).max()
    camera[..., 2] += max(drawn, needed, _NEAREST - camera[..., 2].min())
    return camera
