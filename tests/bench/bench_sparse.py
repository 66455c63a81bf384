"""What sparse detection costs and saves: `python tests/bench/bench_sparse.py [VIDEO...] [--packs FOLDER]`.

Three mannequin clips of exact truth are detected in every frame, every 5th and every 10th. Each refiner that fills
frames makes the others, once from the keypoints before lifting, once from the 3D poses after it, and the errors are
printed. Videos given are run for their speed, and for how far the result is from that of detecting in every frame.

The weights of MixSynthFormer that come along are measured on the held-out subjects of motion capture too, from windows
with a detector's errors and from exact ones, beside what needs no network. Without the packs that is left out.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import in_the_wild as iw
from in_the_wild import checkpoints, defaults, plugins
from in_the_wild.checkpoints import refiners, shipped
from in_the_wild.errors import WeightsError
from in_the_wild.poses import Poses
from in_the_wild.refiners.base import Refiner
from in_the_wild.sparse import Training
from pose3d_cli import config
from pose3d_cli.datasets.synthetic import clips, sparse
from pose3d_cli.datasets.synthetic.noise import DetectorNoise
from pose3d_cli.evaluation import baselines
from pose3d_cli.metrics import joints3d
from pose3d_cli.metrics.against_truth import compare, read_truth
from pose3d_cli.training import groups
from pose3d_cli.training.tasks._virtual import Motion

EVERY = (1, 5, 10)
SEVERAL = 4  # people looked for, as `pose3d run --persons all` does
PACKS = Path("../shared/data/mocap")
NETWORK = "mixsynthformer"
MOMENTS = (0.08, 0.1, 0.2, 0.4)  # seconds ahead at which predictions are compared
Row = dict[str, tuple[float, float]]


def fillers() -> dict[str, Refiner]:
    """The refiners that fill frames, by name."""
    found = {name: plugins.load("in_the_wild.refiners", name) for name in plugins.names("in_the_wild.refiners")}
    return {name: refiner() for name, refiner in found.items() if refiner.fills}


def detect(video: Path, every: int) -> Poses:
    """The largest person's keypoints."""
    return iw.detect(video, f"blazepose:persons={SEVERAL},every={every}", persons="largest")


def lift(poses: Poses, lifter: iw.TrainedLifter, refiner: Refiner | None, on: str) -> Poses:
    """3D poses as `Pipeline.run` makes them."""
    if refiner is None:
        return iw.lift(poses, lifter)
    return iw.lift(iw.refine(poses, refiner), lifter) if on == "2d" else iw.refine(iw.lift(poses, lifter), refiner)


def errors(name: str, folder: Path, lifter: iw.TrainedLifter) -> Row:
    """MPJPE and P-MPJPE of one clip, millimetres, of everything that is compared."""
    video, truth = clips.make(name, folder)
    results: dict[str, Poses] = {}
    for every in EVERY:
        found = detect(video, every)
        if every == 1:
            results["every 1"] = lift(found, lifter, None, "2d")
            continue
        for refiner_name, refiner in fillers().items():
            for on in ("2d", "3d"):
                try:
                    results[f"every {every}, {refiner_name} in {on}"] = lift(found, lifter, refiner, on)
                except WeightsError as error:
                    print(f"every {every}, {refiner_name} in {on}: left out, {error}", flush=True)
    compared = compare(results, read_truth(truth))
    return {result: (one.mpjpe, one.p_mpjpe) for result, one in compared.items()}


def against_dense(video: Path, folder: Path, lifter: iw.TrainedLifter) -> None:
    """One line for each rate of detection: its speed, and how far it is from detecting in every frame."""
    dense: tuple[Poses, Poses] | None = None
    for every in EVERY:
        began = time.monotonic()
        (result,) = iw.run_each(
            [video], iw.Output(folder / str(every), film="none"), model=lifter, persons="largest",
            detector=f"blazepose:persons={SEVERAL},every={every}",
        )  # fmt: skip
        seconds = time.monotonic() - began
        assert result.keypoints is not None and result.poses is not None, result.error  # noqa: PT018
        poses2d, poses3d = result.keypoints, result.poses
        speed = f"detect {result.frames / result.seconds['detect']:.0f}, in all {result.frames / seconds:.0f} frames/s"
        if dense is None:
            dense = (poses2d, poses3d)
            print(f"{video.name}, every {every}: {speed}", flush=True)
            continue
        pixels, metres = (difference(one, other) for one, other in zip((poses2d, poses3d), dense, strict=True))
        print(
            f"{video.name}, every {every}, {defaults.FILLER}: {speed}; keypoints {pixels:.1f} pixels, "
            f"joints {1000 * metres:.0f} mm from every 1",
            flush=True,
        )


def difference(one: Poses, other: Poses) -> float:
    """The mean distance of joints seen in both, in the frames that both have, in their unit."""
    _, rows, other_rows = np.intersect1d(one.frame, other.frame, return_indices=True)
    apart = np.linalg.norm(one.keypoints[rows] - other.keypoints[other_rows], axis=-1)
    seen = (one.scores[rows] > 0) & (other.scores[other_rows] > 0)
    return float(apart[seen].mean())


def heldout(name: str, packs: Path) -> None:
    """Print what the weights of a configuration make of the held-out subjects, read with errors and exact."""
    values = config.load(name, [])
    motion: Motion = groups.build(Motion, values)
    trained, views = refiners.load(name), motion.views(packs)
    network, training = trained.network, trained.training
    sizes: dict[str, Any] = {"frames": network.frames, "every": motion.heldout.every}
    if training.task == "predict":
        read, truth = sparse.heldout_continuations(views, past=training.past, **sizes)
        told_ahead(
            name,
            training,
            {"network": baselines.answers(network, training, read)} | baselines.baselines(network, training, read),
            truth,
        )
        return
    noises: Mapping[str, DetectorNoise | None] = {"detected": motion.detector(), "exact": None}
    for keypoints, noise in noises.items():
        seen: dict[str, Any] = {**sizes, "interval": network.interval, "noise": noise}
        if training.space == "image":
            pair = sparse.heldout_keypoints(views, **seen)
        else:
            pair = sparse.heldout_lifted(views, checkpoints.load(values["lifter"]), **seen)
        errors = baselines.check(network, training, *pair)
        print(f"{name}, {keypoints}: " + ", ".join(f"{what} {value:.2f}" for what, value in errors.items()), flush=True)


def told_ahead(name: str, training: Training, found: Mapping[str, np.ndarray], truth: np.ndarray) -> None:
    """Print the errors of what comes (K, T, 51), by how it was predicted and how far ahead."""
    ahead = np.arange(1, truth.shape[1] + 1) / training.fps
    for how, joints in found.items():
        predicted, exact = (values.reshape(*values.shape[:2], -1, 3) for values in (joints, truth))
        off = 1000 * joints3d.mpjpe(predicted, exact).mean(axis=0)
        moments = (f"{np.interp(moment, ahead, off):.1f} after {moment:g} s" for moment in MOMENTS)
        print(f"{name}, {how}: MPJPE {', '.join(moments)}", flush=True)


def main(videos: list[Path], packs: Path) -> None:
    """Run everything."""
    lifter = iw.load_lifter("pstmo_coco")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for video in videos:
            against_dense(video, folder / video.stem, lifter)
        measured = [errors(name, folder, lifter) for name in clips.EVALUATION_CLIPS]
    print(f"mean of {', '.join(clips.EVALUATION_CLIPS)}, MPJPE / P-MPJPE in mm:")
    for result in measured[0]:
        if all(result in one for one in measured):
            mpjpe, p_mpjpe = np.mean([one[result] for one in measured], axis=0)
            print(f"  {result:32s} {mpjpe:6.1f} / {p_mpjpe:.1f}")

    if not any(packs.glob("*.npz")):
        print(f"no motion capture packs in {packs}: nothing is measured on held-out subjects")
        return
    for name in shipped.names():
        if name.startswith(NETWORK):
            heldout(name, packs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("videos", type=Path, nargs="*")
    parser.add_argument("--packs", type=Path, default=PACKS)
    asked = parser.parse_args()
    main(asked.videos, asked.packs)
