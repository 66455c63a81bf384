"""The held-out test: whole sequences of subjects never trained on, seen by a fixed set of random cameras.

The protocol, so that its figures can be repeated: the sequences of the held-out subjects, at the weights' frame rate,
bodies and motion unchanged; camera i of N sees sequence i mod S; its azimuth is drawn evenly, pitch, roll and distance
as in training, the distance grown until the whole path stays in front of it; 2D keypoints are exact projections with
score 1, or have the errors of a detector, and the focal length is known. Joints are compared root-relative.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.mocap.packs import BODY22, COCO_IN_BODY22, H36M_IN_BODY22, Mocap
from pose3d_cli.datasets.synthetic.noise import DetectorNoise
from pose3d_cli.datasets.synthetic.virtual import Cameras, camera_rotations, facing

# Nearest that a held-out person comes to the camera, metres.
_NEAREST = 1.2
# Frames that a detector's errors are drawn for at a time.
_STRETCH = 54


@dataclass(frozen=True)
class View:
    """One sequence seen by one camera.

    Attributes:
        name: Of the sequence.
        subject: Of the sequence.
        action: What is done.
        rays: (T, 17, 2) COCO keypoints as x/z and y/z.
        scores: (T, 17) their scores.
        joints: (T, 17, 3) Human3.6M joints, metres, root-relative, in the camera.
        root: (T, 3) where their root is, metres in camera space.
        up: (3,) which way is up, in the camera.
        fps: Frames per second.
    """

    name: str
    subject: str
    action: str
    rays: np.ndarray
    scores: np.ndarray
    joints: np.ndarray
    root: np.ndarray
    up: np.ndarray
    fps: float

    @property
    def pitch(self) -> float:
        """Degrees that the camera looks down by."""
        return float(-np.degrees(np.arcsin(np.clip(self.up[2], -1, 1))))


def views(
    mocap: Mocap, *, count: int, stride: int, cameras: Cameras, seed: int = 0, noise: DetectorNoise | None = None
) -> Iterator[View]:
    """The views of the held-out test.

    Args:
        mocap: Held-out sequences.
        count: N, number of cameras.
        stride: Motion capture frames from one frame to the next.
        cameras: What cameras are drawn from.
        seed: Of the cameras, and of the noise, which changes none of them.
        noise: Of a detector; None for exact keypoints.
    """
    rng = np.random.default_rng(seed)
    near, far = np.log(cameras.distance)
    for i in range(count):
        s = i % len(mocap.names)
        world = mocap.sequence(s)[::stride]
        rotation = camera_rotations(
            azimuth=rng.uniform(0, 2 * np.pi, 1),
            pitch=np.radians(rng.normal(*cameras.pitch, 1)),
            roll=np.radians(rng.normal(0, cameras.roll, 1)),
        )[0]
        camera = (world - world[:, BODY22.root].mean(axis=0)) @ rotation.T
        camera[..., 2] += max(np.exp(rng.uniform(near, far)), _NEAREST - camera[..., 2].min())
        keypoints, joints = camera[:, COCO_IN_BODY22], camera[:, H36M_IN_BODY22]
        root = joints[:, HUMAN36M17.root]
        rays, scores = keypoints[..., :2] / keypoints[..., 2:], np.ones(keypoints.shape[:2])
        if noise is not None:
            rays, scores = _disturbed(rays, camera, noise, np.random.default_rng((seed, i)))
        yield View(
            name=mocap.names[s],
            subject=mocap.subjects[s],
            action=mocap.actions[s],
            rays=rays,
            scores=scores,
            joints=joints - root[:, None],
            root=root,
            up=rotation[:, 2],
            fps=mocap.fps / stride,
        )


def _disturbed(
    exact: np.ndarray, camera: np.ndarray, noise: DetectorNoise, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Rays (T, 17, 2) with a detector's errors, and scores (T, 17), of joints (T, 22, 3) in camera space."""
    rays, scores = exact.copy(), np.ones(exact.shape[:2])
    for start in range(0, len(rays), _STRETCH):
        part = slice(start, start + _STRETCH)
        (rays[part],), (scores[part],) = noise.apply(exact[None, part], facing(camera[None, part]), rng)
    return rays, scores
