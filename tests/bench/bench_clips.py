"""The whole chain on clips of known truth: `bench_clips.py [VIDEO...] [--detector SPEC]... [--refiner SPEC]...`.

Runs the demo and three mannequin clips that nothing was trained on, and prints how far the shipped weights and the
detector's own 3D are from the truth, looks and frames per second, and the most memory that was used. Every detector
named makes a row of the table, such as `--detector blazepose:looks=every --detector blazepose:model=full`; refiners are
those of `pose3d run`, so that `--refiner none` shows what solving the whole clip gives; videos given are run for their
speed alone. Ends with exit code 1 where the three clips miss their goal with the first detector.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import in_the_wild as iw
from in_the_wild import api, defaults, formats
from in_the_wild.pipeline import Pipeline
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.metrics.against_truth import Errors, Truth, compare, read_truth

GOAL_MPJPE, GOAL_P_MPJPE = 70.0, 50.0
_STANDS = 0.08  # metres a second below which a foot truly stands
SEVERAL = 4  # people looked for, so that the others' price is in the figures


@dataclass(frozen=True)
class Measured:
    """One clip by one detector.

    Attributes:
        ours: Our errors.
        own: Those of the detector's own 3D.
        slip: Millimetres that feet which truly stand move a frame.
        looks: Per second of video.
        speed: Frames per second.
    """

    ours: Errors
    own: Errors | None
    slip: float
    looks: float
    speed: float


@dataclass(frozen=True)
class Chain:
    """What is measured, as `pose3d run` names it: a lifter, a detector and refiners."""

    lifter: iw.TrainedLifter
    detector: str
    refiners: tuple[str, ...]


def run(video: Path, folder: Path, chain: Chain, *, film: bool) -> tuple[iw.Result, float]:
    """The main job as `pose3d run` does it: what it gave, and frames per second, which are told."""
    detector = chain.detector
    with api.make_finder(detector, persons=SEVERAL) as finder:
        began = time.monotonic()
        own = finder.detector.name == "blazepose"
        where = iw.Output(folder, "mp4" if film else "none", overwrite=True, detector_3d=own)
        refinings = api.make_refinings(chain.refiners, finder, chain.lifter)
        result = Pipeline(finder, chain.lifter, refinings).run(video, where)
        speed = result.frames / (time.monotonic() - began)
    rates = ", ".join(f"{stage} {result.frames / seconds:.0f}" for stage, seconds in result.seconds.items())
    print(f"{detector}, {video.name}: {speed:.1f} frames/s in all ({rates})", flush=True)
    return result, speed


def measure(name: str, folder: Path, chain: Chain) -> Measured:
    """One clip."""
    video, truth = clips.make(name, folder)
    _, speed = run(video, folder / name, chain, film=False)
    files = {"ours": "poses3d", "own": "detector3d"}
    found = {one: folder / name / f"{file}.npz" for one, file in files.items()}
    results = {one: formats.read(path) for one, path in found.items() if path.is_file()}
    true = read_truth(truth)
    errors = compare(results, true)
    keypoints = formats.read(folder / name / "poses2d.npz")
    looks = len(keypoints.meta["looks"]) / keypoints.video.frames * keypoints.video.fps
    return Measured(errors["ours"], errors.get("own"), slip(results["ours"], true), looks, speed)


def slip(poses: Poses, truth: Truth) -> float:
    """Millimetres a frame, on average, by which feet move that truly move by less than `_STANDS`."""
    person = poses.seen_longest()
    assert person.root is not None
    feet = poses.skeleton.indices("left_ankle", "right_ankle")
    true = truth.joints[person.frame][:, HUMAN36M17.indices("left_ankle", "right_ankle")]
    moved = np.linalg.norm(np.diff(person.keypoints[:, feet] + person.root[:, None], axis=0), axis=2)
    stands = np.linalg.norm(np.diff(true, axis=0), axis=2) * person.video.fps < _STANDS
    stands &= (np.diff(person.frame) == 1)[:, None]
    return 1000 * float(moved[stands].mean())


def mean(rows: list[Errors]) -> str:
    """MPJPE / P-MPJPE / acceleration error, millimetres, averaged."""
    return " / ".join(
        f"{value:.1f}" for value in np.mean([(one.mpjpe, one.p_mpjpe, one.acceleration) for one in rows], axis=0)
    )


def main(videos: list[Path], detectors: list[str], refiners: tuple[str, ...]) -> int:
    """Run everything; the exit code."""
    lifter = iw.load_lifter("pstmo_coco")
    missed = False
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for video in videos:
            run(video, folder / video.stem, Chain(lifter, detectors[0], refiners), film=True)
        for number, detector in enumerate(detectors):
            chain = Chain(lifter, detector, refiners)
            found = {name: measure(name, folder, chain) for name in ("demo", *clips.EVALUATION_CLIPS)}
            print(f"{detector}: MPJPE / P-MPJPE / acceleration error, mm; looks and frames a second")
            for name, one in found.items():
                own = "" if one.own is None else f"; its own 3D {mean([one.own])}"
                print(f"  {name}: {mean([one.ours])}{own}; standing feet move {one.slip:.1f} mm a frame; "
                      f"{one.looks:.1f} looks/s, {one.speed:.1f} frames/s")  # fmt: skip
            three = [found[name] for name in clips.EVALUATION_CLIPS]
            owns = [one.own for one in three if one.own is not None]
            print(
                f"  mean of the three: {mean([one.ours for one in three])}"
                + (f"; its own 3D {mean(owns)}" if owns else "")
                + f"; standing feet move {np.mean([one.slip for one in three]):.1f} mm a frame"
            )
            if not number:
                mpjpe, p_mpjpe = np.mean([(one.ours.mpjpe, one.ours.p_mpjpe) for one in three], axis=0)
                missed = mpjpe > GOAL_MPJPE or p_mpjpe > GOAL_P_MPJPE
                print(f"goal of {GOAL_MPJPE:.0f} / {GOAL_P_MPJPE:.0f} {'missed' if missed else 'reached'}", flush=True)
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    return int(missed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("videos", nargs="*", type=Path)
    parser.add_argument("--detector", action="append")
    parser.add_argument("--refiner", action="append")
    given = parser.parse_args()
    sys.exit(main(given.videos, given.detector or [defaults.DETECTOR], tuple(given.refiner or ())))
