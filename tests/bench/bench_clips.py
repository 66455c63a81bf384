"""The whole chain on clips of known truth: `python tests/bench/bench_clips.py [VIDEO...]`.

Runs the demo and three mannequin clips that nothing was trained on, and prints how far the shipped weights and the
detector's own 3D are from the truth, frames per second of every stage, and the most memory that was used. Videos given
are run for their speed alone. Ends with exit code 1 where the three clips miss their goal.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import in_the_wild as iw
from in_the_wild import formats, plugins
from in_the_wild.pipeline import Pipeline
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.metrics.against_truth import Errors, compare, read_truth

GOAL_MPJPE, GOAL_P_MPJPE = 75.0, 55.0
SEVERAL = 4  # people looked for, as `pose3d run --persons all` does


def run(video: Path, folder: Path, lifter: iw.TrainedLifter) -> iw.Result:
    """The main job as `pose3d run` does it, and a line about its speed."""
    began = time.monotonic()
    with plugins.load("in_the_wild.detectors", "mediapipe")(persons=SEVERAL) as detector:
        where = iw.Output(folder, overwrite=True, detector_3d=True)
        result = Pipeline(iw.Finder(detector), lifter).run(video, where)
    rates = ", ".join(f"{stage} {result.frames / seconds:.0f}" for stage, seconds in result.seconds.items())
    print(f"{video.name}: {result.frames / (time.monotonic() - began):.1f} frames/s in all ({rates})", flush=True)
    return result


def main(videos: list[Path]) -> int:
    """Run everything; the exit code."""
    lifter = iw.load_lifter("pstmo_coco")
    measured: dict[str, dict[str, Errors]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for video in videos:
            run(video, folder / video.stem, lifter)
        for name in ("demo", *clips.EVALUATION_CLIPS):
            video, truth = clips.make(name, folder)
            run(video, folder / name, lifter)
            measured[name] = compare(
                {result: formats.read(folder / name / f"{file}.npz") for result, file in RESULTS.items()},
                read_truth(truth),
            )
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    for name, errors in measured.items():
        print(f"{name}: " + "; ".join(f"{result} {e.mpjpe:.1f} / {e.p_mpjpe:.1f}" for result, e in errors.items()))
    means = {
        result: np.mean(
            [(measured[name][result].mpjpe, measured[name][result].p_mpjpe) for name in clips.EVALUATION_CLIPS], axis=0
        )
        for result in RESULTS
    }
    print("mean of the three (MPJPE / P-MPJPE, mm): ", end="")
    print("; ".join(f"{result} {mpjpe:.1f} / {p_mpjpe:.1f}" for result, (mpjpe, p_mpjpe) in means.items()))
    mpjpe, p_mpjpe = means["pose3d"]
    missed = mpjpe > GOAL_MPJPE or p_mpjpe > GOAL_P_MPJPE
    print(f"goal of {GOAL_MPJPE:.0f} / {GOAL_P_MPJPE:.0f} {'missed' if missed else 'reached'}")
    return int(missed)


RESULTS = {"pose3d": "poses3d", "mediapipe's own 3D": "detector3d"}

if __name__ == "__main__":
    sys.exit(main([Path(argument) for argument in sys.argv[1:]]))
