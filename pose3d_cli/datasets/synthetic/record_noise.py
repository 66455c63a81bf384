"""Record what a detector does to people of known pose: the bank of measured noise that training draws from.

The training subjects' motion moves mannequins with varied bodies, clothes, cameras and backgrounds; the detector looks
at the pictures as at any video, and what it answers is compared with the exact projection. The bank keeps differences,
scores and facing directions alone, no motion.

    python -m pose3d_cli.datasets.synthetic.record_noise --data FOLDER_OF_PACKS --out assets/mediapipe_noise.npz
"""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import typer

from in_the_wild import plugins
from in_the_wild.detectors.base import Detector
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17
from in_the_wild.steps.detect import Finder
from in_the_wild.steps.remap import remap
from in_the_wild.video.read import Frame
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.synthetic.mannequin.camera import Camera, project
from pose3d_cli.datasets.synthetic.mannequin.look import Look
from pose3d_cli.datasets.synthetic.mannequin.render import render
from pose3d_cli.datasets.synthetic.mannequin.room import textured_background
from pose3d_cli.datasets.synthetic.virtual import Bodies, VirtualWindows, camera_rotations, facing

_SIZE = (480, 480)
# Above this distance from the truth (box lengths, mean of all keypoints) the detector looked at something else.
_LOST = 0.25
# When left and right exchanged fit this much better, the detector took back for front: no error that adds to a pose.
_SWAPPED = 0.6


@dataclass(frozen=True)
class Stretch:
    """One recording: residuals (T, 17, 2) in box lengths, scores (T, 17), facing (T,) radians, video frames (T,)."""

    residuals: np.ndarray
    scores: np.ndarray
    facing: np.ndarray
    frame: np.ndarray


def record(motion: VirtualWindows, detector: Detector, *, fps: float, seed: int) -> Stretch:
    """Render one random window of motion and compare the detector's keypoints with the truth.

    Args:
        motion: Where motion comes from; its cameras give tilt and roll.
        detector: Looks at the pictures.
        fps: Frame rate of the motion.
        seed: Of all that is random.
    """
    rng = np.random.default_rng(seed)
    body = motion.motion(1, rng)[0].astype(np.float64)  # (T, 22, 3)
    body[..., 2] -= body[..., 2].min()
    width, height = _SIZE
    rotation = camera_rotations(
        azimuth=rng.uniform(0, 2 * np.pi, 1),
        pitch=np.radians(np.clip(rng.normal(*motion.cameras.pitch, 1), -12, 45)),
        roll=np.radians(rng.normal(0, motion.cameras.roll / 2, 1)),
    )[0]
    middle = (body.min(axis=(0, 1)) + body.max(axis=(0, 1))) / 2
    turned = (body - middle) @ rotation.T
    focal = rng.uniform(0.75, 1.6) * width
    # As near as keeps everything in the picture, and up to three times as far.
    reach = np.abs(turned[..., :2]).max(axis=-1) * 2.2 * focal / width - turned[..., 2]
    distance = reach.max() * np.exp(rng.uniform(0, np.log(3.0)))
    camera = Camera(
        K=np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]]),
        R=rotation,
        t=np.array([0, 0, distance]) - rotation @ middle,
        width=width,
        height=height,
    )
    background = textured_background(camera, rng)
    look = Look.random(rng)
    frames = (
        Frame(
            index=t,
            time=t / fps,
            image=render(
                pose[None, mocap.H36M_IN_BODY22],
                pose[None, len(mocap.H36M_IN_BODY22) :],
                camera=camera,
                looks=[look],
                background=background,
                supersample=1,
            ),
        )
        for t, pose in enumerate(body)
    )
    found, _ = Finder(detector).find(frames, _Film(Path("mannequin"), width, height, fps))
    found = remap(found, COCO17)
    truth = project(body[:, mocap.COCO_IN_BODY22], camera)
    return compare(found, truth, facing_of=body @ rotation.T + camera.t)


class _Film(NamedTuple):
    """What the detector's step is told of drawn pictures."""

    path: Path
    width: int
    height: int
    fps: float


def compare(found: Poses, truth: np.ndarray, *, facing_of: np.ndarray) -> Stretch:
    """Residuals of detected poses against true keypoints (T, 17, 2) of bodies (T, 22, 3) in camera space."""
    found = _nearest(found, truth)
    box = np.ptp(truth, axis=1).max(axis=-1)[found.frame]
    residuals = (found.keypoints - truth[found.frame]) / box[:, None, None]
    error = np.linalg.norm(residuals, axis=-1).mean(axis=1)
    swapped = np.linalg.norm(found.keypoints[:, list(COCO17.flip)] - truth[found.frame], axis=-1).mean(axis=1) / box
    kept = (error < _LOST) & (swapped > _SWAPPED * error)
    return Stretch(
        residuals=residuals[kept],
        scores=found.scores[kept],
        facing=facing(facing_of[found.frame[kept], None]),
        frame=found.frame[kept],
    )


def _nearest(found: Poses, truth: np.ndarray) -> Poses:
    """One row per frame: a detector of several people may find one of them twice."""
    error = np.linalg.norm(found.keypoints - truth[found.frame], axis=-1).mean(axis=1)
    order = np.lexsort((error, found.frame))
    _, first = np.unique(found.frame[order], return_index=True)
    return found.rows(order[first])


def runs(frame: np.ndarray) -> list[tuple[int, int]]:
    """Where frames follow one another without a gap: (start, end) positions."""
    breaks = np.flatnonzero(np.diff(frame) != 1) + 1
    edges = [0, *breaks.tolist(), len(frame)]
    return [(a, b) for a, b in itertools.pairwise(edges) if b > a]


def main(
    data: Annotated[Path, typer.Option(help="Folder of motion capture packs (*.npz).")],
    out: Annotated[Path, typer.Option(help="The bank to write.")],
    hold_out: Annotated[str, typer.Option(help="Subjects that are not used, with commas.")] = "05,08,13,14",
    stretches: Annotated[int, typer.Option(help="How many recordings.")] = 160,
    frames: Annotated[int, typer.Option(help="Frames of each.")] = 51,
    window: Annotated[int, typer.Option(help="Shortest gapless run that is kept, frames.")] = 27,
    detector: Annotated[str, typer.Option(help="Detector plug-in.")] = "blazepose",
    people: Annotated[str, typer.Option(help="People looked for, by turns.")] = "1,4",
) -> None:
    """Record a detector's noise on rendered people."""
    packs = mocap.load(sorted(data.glob("*.npz")), without=hold_out.split(","))
    motion = VirtualWindows(packs, frames=frames, stride=2, bodies=Bodies(mixed=0.2))
    kept: list[Stretch] = []
    seen = 0
    with contextlib.ExitStack() as stack:
        kind = plugins.load("in_the_wild.detectors", detector)
        # A detector crops a person differently when it looks for several.
        models = [stack.enter_context(kind(persons=int(number))) for number in people.split(",")]
        for seed in range(stretches):
            stretch = record(motion, models[seed % len(models)], fps=packs.fps / 2, seed=seed)
            seen += len(stretch.frame)
            for a, b in runs(stretch.frame):
                if b - a >= window:
                    kept.append(
                        Stretch(
                            residuals=stretch.residuals[a:b],
                            scores=stretch.scores[a:b],
                            facing=stretch.facing[a:b],
                            frame=stretch.frame[a:b],
                        )
                    )
            typer.echo(f"{seed + 1}/{stretches}: {seen} of {(seed + 1) * frames} frames found", err=True)
    write(out, kept)


def write(out: Path, stretches: list[Stretch]) -> None:
    """Write a bank as `NoiseBank.load` reads it."""
    ends = np.cumsum([len(stretch.frame) for stretch in stretches])
    np.savez_compressed(
        out,
        residuals=np.concatenate([stretch.residuals for stretch in stretches]).astype(np.float16),
        scores=np.concatenate([stretch.scores for stretch in stretches]).astype(np.float16),
        facing=np.concatenate([stretch.facing for stretch in stretches]).astype(np.float16),
        starts=ends - [len(stretch.frame) for stretch in stretches],
        ends=ends,
    )


if __name__ == "__main__":
    typer.run(main)
