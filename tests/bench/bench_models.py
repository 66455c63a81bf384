"""Every lifter that comes with weights, side by side: `python tests/bench/bench_models.py [--data DIR] [--threads 2]`.

One row each: window, parameters, GFLOP per output frame (one window, no flip), frames lifted per second as `pose3d run`
lifts them (flip, half overlapping windows), and errors on the held-out motion capture in DIR (exact keypoints) and on
the three mannequin clips through BlazePose (12 limb joints). Without DIR the held-out columns stay empty.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

import in_the_wild as iw
from in_the_wild import api, checkpoints, defaults, formats, plugins
from in_the_wild.defaults import OVERLAP
from in_the_wild.pipeline import Pipeline
from in_the_wild.poses import Poses
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.synthetic import clips, heldout
from pose3d_cli.datasets.synthetic.virtual import Cameras
from pose3d_cli.evaluation import virtual_views
from pose3d_cli.metrics.against_truth import compare, read_truth

SUBJECTS, CAMERAS = ("05", "08", "13", "14"), 200
ROUNDS = 3
OVERLAPS, FEW_CAMERAS = (0.0, 0.5, 0.9), 40
DETECTOR = "BlazePose's own 3D"


def on_heldout(
    models: dict[str, checkpoints.Weights], data: Path, *, overlap: float = OVERLAP, cameras: int = CAMERAS
) -> dict[str, virtual_views.Errors]:
    """Errors on exact keypoints, flip, over all frames."""
    packs = sorted(data.glob("*.npz"))
    if not packs:
        return {}
    motion = mocap.load(packs, only=SUBJECTS)
    found = {}
    for name, model in models.items():
        stride = round(motion.fps / model.training.fps)
        views = list(heldout.views(motion, count=cameras, stride=stride, cameras=Cameras()))
        found[name] = virtual_views.mean(virtual_views.evaluate(model.lifter, model.training, views, overlap=overlap))
    return found


def on_clips(models: dict[str, checkpoints.Weights]) -> tuple[dict[str, np.ndarray], dict[str, float]]:
    """MPJPE, P-MPJPE and acceleration error, means of the clips; and frames lifted per second."""
    errors: dict[str, list[tuple[float, float, float]]] = {name: [] for name in (*models, DETECTOR)}
    rates: dict[str, list[float]] = {name: [] for name in models}
    with tempfile.TemporaryDirectory() as temporary:
        for clip in clips.EVALUATION_CLIPS:
            video, truth = clips.make(clip, Path(temporary))
            folder = Path(temporary) / clip
            results: dict[str, Poses] = {}
            for turn in range(ROUNDS):
                for name, model in models.items():
                    # The keypoints are found once, by the first; the others take them from the folder.
                    with api.make_finder(defaults.DETECTOR, persons=4) as finder:
                        where = iw.Output(folder, film="none", detector_3d=True)
                        result = Pipeline(finder, iw.TrainedLifter.of(model)).run(video, where)
                    rates[name].append(result.frames / result.seconds["lift"])
                    if turn == 0:
                        results[name] = formats.read(folder / "poses3d.npz")
            results[DETECTOR] = formats.read(folder / "detector3d.npz")
            for name, error in compare(results, read_truth(truth)).items():
                errors[name].append((error.mpjpe, error.p_mpjpe, error.acceleration))
    means = {name: np.mean(each, axis=0) for name, each in errors.items()}
    return means, {name: float(np.median(each)) for name, each in rates.items()}


@torch.no_grad()
def gflop_per_frame(model: checkpoints.Weights) -> float:
    """Of one window, by its output frames."""
    lifter = model.lifter
    with torch.enable_grad(), FlopCounterMode(display=False) as counter:  # it does not count what oneDNN does
        out = lifter(torch.zeros(1, lifter.frames, lifter.joints, lifter.in_channels))
    return counter.get_total_flops() / 1e9 / out.shape[1]


def main() -> int:
    """Print the table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data/mocap"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    loaded = {
        name: checkpoints.load(f"{name}_coco")
        for name in plugins.names("in_the_wild.lifters")
        if f"{name}_coco" in checkpoints.names()
    }
    held_out = on_heldout(loaded, options.data)
    through_detector, rates = on_clips(loaded)
    print(
        "| model | window | parameters | GFLOP/frame | frames/s | held-out MPJPE / P-MPJPE / accel | "
        "clips MPJPE / P-MPJPE / accel |\n|---|---|---|---|---|---|---|"
    )
    for name, model in loaded.items():
        parameters = sum(parameter.numel() for parameter in model.lifter.parameters()) / 1e6
        exact = held_out.get(name)
        first = "" if exact is None else f"{exact.mpjpe:.1f} / {exact.p_mpjpe:.1f} / {exact.acceleration:.1f}"
        second = " / ".join(f"{error:.1f}" for error in through_detector[name])
        print(
            f"| {name} | {model.lifter.frames} at {model.training.fps:g}/s | {parameters:.2f} M | "
            f"{gflop_per_frame(model):.3f} | {rates[name]:.0f} | {first} | {second} |"
        )
    print(f"| {DETECTOR} | | | | | | {' / '.join(f'{error:.1f}' for error in through_detector[DETECTOR])} |")
    if held_out:
        print(f"\n| model | overlap | {FEW_CAMERAS} cameras: MPJPE / P-MPJPE / accel |\n|---|---|---|")
    for name, model in loaded.items():
        if held_out and model.lifter.every_frame:
            for overlap in OVERLAPS:
                errors = on_heldout({name: model}, options.data, overlap=overlap, cameras=FEW_CAMERAS)[name]
                print(
                    f"| {name} | {overlap:g} | {errors.mpjpe:.1f} / {errors.p_mpjpe:.1f} / {errors.acceleration:.1f} |"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
