"""What each part of the chain is worth: `bench_parts.py [--minutes N]`; what a run costs, `bench_profile` tells.

The demo and the three mannequin clips go through the default detector once. From its looks on everything is done again
with one part left out at a time: by the library's own switch where there is one, else with something in its place that
does nothing. Their cameras stand; what turning ones cost and gain, `bench_space` tells. Printed are MPJPE / P-MPJPE /
acceleration error, the standard deviation of limb bones' lengths, and how far feet that truly stand move a frame, all
in millimetres; the mean of the three clips, then the demo.

With --minutes keypoints of so many minutes, the demo's over and over, are cleaned, lifted and solved.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import back_and_forth
import numpy as np
from bench_clips import slip

import in_the_wild as iw
from in_the_wild.detectors._region_detector import OUTSIDE
from in_the_wild.interpolation import interpolate
from in_the_wild.lens import ASSUMED
from in_the_wild.looks import USUAL
from in_the_wild.pipeline import lift_people, refine_people
from in_the_wild.poses import Poses
from in_the_wild.progress import nobody
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.steps.clean import clean
from in_the_wild.steps.fill import fill
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.metrics.against_truth import compare, read_truth

_BONES = (("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"))
_SOLVER, _TERMS = "in_the_wild.refiners.whole_clip", "in_the_wild.refiners._solving"


def _nothing(*_: Any, **__: Any) -> None:
    """In place of a part that adds something, or finds something."""


def _unchanged(joints: np.ndarray, *_: Any, **__: Any) -> np.ndarray:
    """In place of a part that moves joints."""
    return joints


@dataclass(frozen=True)
class Part:
    """A part of what is done until poses are lifted, that is left out.

    Attributes:
        name: What it is.
        instead: What stands in the place of something, by its dotted name.
        guesses: Whether joints beyond the picture's edge are still guessed.
        cleaning: Whether keypoints are still cleaned.
        flip: Whether the lifter still sees the mirror image, too.
    """

    name: str
    instead: Mapping[str, Any] = field(default_factory=dict)
    guesses: bool = True
    cleaning: bool = True
    flip: bool = True


NOTHING = Part("nothing")
LIFTING = (
    NOTHING,
    Part("guesses beyond the edge", guesses=False),
    Part("splines between looks", {"in_the_wild.steps.fill.natural_spline": interpolate}),
    Part("smooth scores", {"in_the_wild.steps.fill.SCORE_SMOOTHING": 1e-3}),
    Part("cleaning", cleaning=False),
    Part("mirror image", flip=False),
)
# Parts of solving the whole clip, by what stands in the place of what.
SOLVING: Mapping[str, Mapping[str, Any]] = {
    "keypoints": {f"{_TERMS}._add_keypoints": _nothing},
    "constant bones": {f"{_TERMS}._add_bones": _nothing},
    "accelerations": {f"{_TERMS}._add_accelerations": _nothing},
    "feet that stand": {f"{_TERMS}._add_feet": _nothing},
    "floor": {f"{_TERMS}._add_floor": _nothing},
    "balance": {"in_the_wild.balance.uprighted": _unchanged},
    "gravity, floor and balance": {f"{_SOLVER}._ground": _nothing},
}


@dataclass(frozen=True)
class Clip:
    """What the detector saw of a clip's one person in its looks, and the truth."""

    looks: Poses
    truth: Path


def seen(name: str, folder: Path) -> Clip:
    """A clip, looked at once."""
    video, truth = clips.make(name, folder)
    found = iw.detect(video)
    person = found.of_person(max(found.persons, key=lambda one: int((found.person_id == one).sum())))
    return Clip(person.rows(np.isin(person.frame, found.meta["looks"])), truth)


@contextmanager
def replaced(instead: Mapping[str, Any]) -> Iterator[None]:
    """While the block lasts something stands in the place of what has a dotted name."""
    with ExitStack() as others:
        for name, other in instead.items():
            others.enter_context(patch(name, other))
        yield


def lifted(part: Part, looks: Poses, lifters: Mapping[bool, iw.TrainedLifter]) -> tuple[Poses, Poses]:
    """The keypoints and the lifted poses of looks, where a part is left out."""
    with replaced(part.instead):
        if not part.guesses:
            looks = looks.replace(scores=np.where(looks.scores > OUTSIDE, looks.scores, 0))
        keypoints = fill(looks, max_gap=USUAL.longest_gap)
        if part.cleaning:
            keypoints = clean(keypoints)
        return keypoints, lift_people(keypoints, lifters[part.flip], ASSUMED)


def solved(keypoints: Poses, poses: Poses, instead: Mapping[str, Any]) -> Poses:
    """The whole clip solved, where something is left out."""
    with replaced(instead):
        return refine_people(poses, [WholeClip().seeing(keypoints)])


def errors(clip: Clip, poses: Poses) -> np.ndarray:
    """(5,) MPJPE, P-MPJPE, acceleration error, standard deviation of bones, and the slip of feet."""
    truth = read_truth(clip.truth)
    found = compare({"ours": poses}, truth)["ours"]
    return np.array([found.mpjpe, found.p_mpjpe, found.acceleration, bone_deviation(poses), slip(poses, truth)])


def bone_deviation(poses: Poses) -> float:
    """Millimetres by which limb bones' lengths deviate over the clip, on average."""
    deviations = []
    for side in ("left", "right"):
        for ends in _BONES:
            start, end = poses.skeleton.indices(*(f"{side}_{joint}" for joint in ends))
            deviations.append(np.linalg.norm(poses.keypoints[:, end] - poses.keypoints[:, start], axis=1).std())
    return 1000 * float(np.mean(deviations))


# ------------------------------------------------------------------------------------------------ cost


def alone(job: Callable[..., None], *args: Any) -> None:
    """Do something in a process of its own, whose memory nothing else has used."""
    process = multiprocessing.get_context("spawn").Process(target=job, args=args)
    process.start()
    process.join()


def memory() -> float:
    """The most megabytes that this process has used so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def costs_of_minutes(looks: Poses, minutes: float) -> None:
    """Print what the steps from cleaning to solving cost, of somebody who does the same over and over."""
    lifter = iw.load_lifter("pstmo_coco")
    keypoints = repeated(fill(looks, max_gap=USUAL.longest_gap), minutes)
    print(f"{minutes:g} minutes, {len(keypoints)} frames: CPU s, frames a CPU second, MB until the end")

    def told(step: str, made: Callable[[], Poses]) -> Poses:
        began = time.process_time()
        poses = made()
        seconds = time.process_time() - began
        print(f"{step:28} {seconds:5.1f} {len(poses) / seconds:6.0f} {memory():6.0f}", flush=True)
        return poses

    keypoints = told("clean", lambda: clean(keypoints))
    poses = told("lift", lambda: lift_people(keypoints, lifter, ASSUMED))
    told("solve", lambda: refine_people(poses, [WholeClip().seeing(keypoints)], nobody))


def repeated(keypoints: Poses, minutes: float) -> Poses:
    """The same rows there and back again, for so many minutes."""
    count = round(60 * minutes * keypoints.video.fps)
    back = back_and_forth.frames(len(keypoints), count)
    video = replace(keypoints.video, timestamps=np.arange(count) / keypoints.video.fps)
    return keypoints.replace(
        keypoints=keypoints.keypoints[back],
        scores=keypoints.scores[back],
        frame=np.arange(count),
        person_id=np.zeros(count, np.int64),
        video=video,
        meta={**keypoints.meta, "looks": list(range(count)), "cuts": []},
    )


def tell(name: str, given: Mapping[str, Clip], made: Mapping[str, Poses]) -> None:
    """Print a row of the table: the mean of the three clips, and the demo."""
    found = {clip: errors(given[clip], poses) for clip, poses in made.items()}
    three = np.mean([found[clip] for clip in clips.EVALUATION_CLIPS], axis=0)
    both = (" / ".join(f"{value:5.1f}" for value in values) for values in (three, found["demo"]))
    print(f"{name:28} {'; '.join(both)}", flush=True)


def main(minutes: float) -> None:
    """Print the tables."""
    lifters = {flip: iw.load_lifter("pstmo_coco", flip=flip) for flip in (True, False)}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        given = {name: seen(name, folder) for name in (*clips.EVALUATION_CLIPS, "demo")}
        print("left out: MPJPE / P-MPJPE / acceleration / bones / slip of feet of three clips; of the demo", flush=True)
        usual: dict[str, tuple[Poses, Poses]] = {}
        for part in LIFTING:
            made = {name: lifted(part, clip.looks, lifters) for name, clip in given.items()}
            usual = usual or made
            tell(part.name, given, {name: solved(*both, {}) for name, both in made.items()})
        tell("solving the whole clip", given, {name: poses for name, (_, poses) in usual.items()})
        for name, instead in SOLVING.items():
            tell(f"  {name}", given, {clip: solved(*both, instead) for clip, both in usual.items()})
        if minutes:
            alone(costs_of_minutes, given["demo"].looks, minutes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=0)
    main(parser.parse_args().minutes)
