"""Space: `python tests/bench/bench_space.py [CLIPS [PANNING]] [--packs FOLDER]`, one table.

Clips of 1 to 3 people of motion capture before cameras drawn at random (0.5 to 4 m above the floor, tilted by up to 30
degrees), as the default detector sees them by its recorded errors, are lifted and solved: with the lens given, with how
tall people are given too, and with a lens assumed; and so are clips of a camera that turns after somebody, told how it
turned. The table tells medians over clips of: how far the floor is tilted wrongly, the camera's height, people's paths
from where they truly are (as a share of the distance, and once no common size counts), distances between people, how
far feet move a frame that truly stand, and how many of the frames in which they stand are told as such. Without motion
capture packs nothing is measured.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from space_clips import SpaceClip, clips

from in_the_wild import checkpoints
from in_the_wild.lens import ASSUMED, Lens
from in_the_wild.poses import Poses
from in_the_wild.refiners.height import Height
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.stature import stature
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.world import grounds_of
from pose3d_cli import config
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import Mocap
from pose3d_cli.metrics.joints3d import mpjpe

CONFIGURATION = "pstmo_coco_27"
LEFT_OUT = "snu_basketball/*"
DATA = Path("../shared/data")
CLIPS, PANNING = 40, 12
FPS = 25.0
_STANDS = 0.08  # metres a second below which a foot truly stands
_SLIDES, _STEPS = 0.15, 0.4  # below which it does so or slides a little, and above which it steps
_FOOT_JOINTS = ("left_ankle", "right_ankle")
_FEET = HUMAN36M17.indices(*_FOOT_JOINTS)


@dataclass(frozen=True)
class Errors:
    """One clip's errors; NaN where it tells none.

    Attributes:
        tilt: Degrees between the true and the found direction upwards.
        height: Of the camera, metres.
        root: Metres from the true path, as a share of the distance.
        shape: The same once each path is scaled about the camera to fit best: nobody can tell a single person's size.
        between: Metres by which distances between people are off.
        skate: Millimetres a frame that feet move which truly stand.
        found: Share of the frames in which feet stand, or slide a little, that the poses tell of.
        wrong: Share of the frames told of in which they truly step.
        mpjpe: Millimetres.
    """

    tilt: float
    height: float
    root: float
    shape: float
    between: float
    skate: float
    found: float
    wrong: float
    mpjpe: float


def held_out(data: Path) -> Mocap:
    """Motion that the default weights have not seen, of people on their own feet."""
    values = config.load(CONFIGURATION, [])
    takes = [take for take in values["hold_out_takes"] if take != LEFT_OUT]
    files = [data / "mocap" / "cmu_direct.npz", *sorted(data.glob("mocap_more/*.npz"))]
    return mocap.load(files, only=[*values["hold_out"], *takes], fps=FPS, common_bones=True)


def measure(clip: SpaceClip, lens: Lens, lifter: TrainedLifter, *, heights: bool) -> Errors:
    """Lift and solve a clip, told how tall people are or not, and compare it with the truth."""
    lifted = lifter.lift(clip.keypoints, lens)
    if heights:
        tall = (f"{person}:{stature(joints, HUMAN36M17):.3f}" for person, joints in enumerate(clip.joints))
        lifted = Height(metres=",".join(tall))(lifted)
    poses = WholeClip().seeing(clip.keypoints)(lifted)
    found = [_positions(poses, person) for person in poses.persons]
    true = list(clip.camera)
    ground = grounds_of(poses.meta)[0][1]
    distance = [np.linalg.norm(one[:, 0], axis=1) for one in true]
    pairs = [(a, b) for a in range(len(found)) for b in range(a)]
    stands = [np.linalg.norm(np.diff(one[:, _FEET], axis=0), axis=2) * FPS < _STANDS for one in clip.joints]
    steps = [np.linalg.norm(np.diff(clip.in_world(one)[:, _FEET], axis=0), axis=2) for one in found]
    speeds = [np.linalg.norm(np.gradient(one[:, _FEET], 1 / FPS, axis=0), axis=2) for one in clip.joints]
    told = [_told_standing(poses, person) for person in poses.persons]
    return Errors(
        tilt=float(np.degrees(np.arccos(np.clip(ground.up @ clip.rotation[0][:, 2], -1, 1)))),
        height=abs((ground.camera_height or np.nan) - clip.centre[2]),
        root=_mean(_apart(a, b) / far for a, b, far in zip(found, true, distance, strict=True)),
        shape=_mean(_apart(_fitted(a, b), b) / far for a, b, far in zip(found, true, distance, strict=True)),
        between=_mean(np.abs(_apart(found[a], found[b]) - _apart(true[a], true[b])) for a, b in pairs),
        skate=1000 * _mean(step[still] for step, still in zip(steps, stands, strict=True)),
        found=_mean(one[speed < _SLIDES] for one, speed in zip(told, speeds, strict=True)),
        wrong=_mean(speed[one] > _STEPS for one, speed in zip(told, speeds, strict=True)),
        mpjpe=1000 * _mean(mpjpe(a - a[:, :1], b - b[:, :1]) for a, b in zip(found, true, strict=True)),
    )


def _positions(poses: Poses, person: int) -> np.ndarray:
    """(T, 17, 3) metres in camera space."""
    own = poses.of_person(person)
    assert own.root is not None
    return np.asarray(own.keypoints + own.root[:, None], dtype=np.float64)


def _told_standing(poses: Poses, person: int) -> np.ndarray:
    """(T, 2) whether poses tell of each foot that it stands."""
    stands = np.zeros((poses.video.frames, len(_FEET)), bool)
    told = poses.meta["whole_clip"][str(person)]["standing"]
    for foot, joint in enumerate(_FOOT_JOINTS):
        for first, last in told.get(joint, []):
            stands[first : last + 1, foot] = True
    return stands


def _apart(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(T,) metres between two roots."""
    apart: np.ndarray = np.linalg.norm(one[:, 0] - other[:, 0], axis=1)
    return apart


def _fitted(found: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Positions scaled about the camera so that their root fits best."""
    scaled: np.ndarray = found * (found[:, 0] * true[:, 0]).sum() / (found[:, 0] ** 2).sum()
    return scaled


def _mean(values: Iterable[np.ndarray]) -> float:
    """The mean over all of them, NaN without any."""
    together = np.concatenate([np.zeros(0), *(value.ravel() for value in values)])
    return float(together.mean()) if len(together) else float("nan")


def row(name: str, errors: Sequence[Errors]) -> str:
    """A line of the table: medians over clips."""
    values = np.array([astuple(one) for one in errors])
    tilt, height, root, shape, between, skate, found, wrong, joints = np.nanmedian(values, axis=0)
    return (f"{name:28s} {tilt:5.1f} {height:9.2f} {100 * root:8.1f} {100 * shape:8.1f} {between:9.2f} {skate:8.1f} "
            f"{100 * found:7.0f} {100 * wrong:7.0f} {joints:7.1f}")  # fmt: skip


def main(count: int, panning: int, data: Path) -> None:
    """Measure everything and print the table."""
    lifter, motion = TrainedLifter.of(checkpoints.load("pstmo_coco")), held_out(data)
    rows: dict[str, list[Errors]] = {}
    for kind, number in (("still", count), ("panning", panning)):
        for clip in clips(number, motion, panning=kind == "panning"):
            given = Lens(focal=clip.focal)
            for said, lens, heights in (
                ("lens given", given, False), ("lens, heights given", given, True), ("lens assumed", ASSUMED, False)
            ):  # fmt: skip
                rows.setdefault(f"{kind}, {said}", []).append(measure(clip, lens, lifter, heights=heights))
    print(f"{'medians':28s}  tilt  height m   root %  shape %  between m  skate mm  found % wrong %  MPJPE")
    for name, errors in rows.items():
        print(row(f"{name} ({len(errors)})", errors))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("clips", nargs="?", type=int, default=CLIPS)
    parser.add_argument("panning", nargs="?", type=int, default=PANNING)
    parser.add_argument("--packs", type=Path, default=DATA)
    given = parser.parse_args()
    if any(given.packs.glob("mocap/*.npz")):
        main(given.clips, given.panning, given.packs)
    else:
        print(f"There are no motion capture packs in {given.packs}: nothing is measured.")
