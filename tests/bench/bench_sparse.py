"""What sparse detection costs and saves: `python tests/bench/bench_sparse.py [VIDEO...]`.

Three mannequin clips of exact truth are detected in every frame, every 5th and every 10th. Each refiner that fills
frames makes the others, once from the keypoints before lifting, once from the 3D poses after it, and the errors are
printed. Videos given are run for their speed, and for how far the result is from that of detecting in every frame.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from in_the_wild import checkpoints, formats, pipeline, plugins
from in_the_wild.camera import focal_length
from in_the_wild.errors import WeightsError
from in_the_wild.poses import Poses
from in_the_wild.refiners.base import Refiner
from in_the_wild.steps.lift import OVERLAP
from in_the_wild.video.read import VideoReader
from pose3d_cli.commands._options import DEFAULT_FILLER
from pose3d_cli.datasets.synthetic import clips
from pose3d_cli.metrics.against_truth import compare, read_truth

EVERY = (1, 5, 10)
SEVERAL = 4  # people looked for, as `pose3d run --persons all` does
Row = dict[str, tuple[float, float]]


def fillers() -> dict[str, Refiner]:
    """The refiners that fill frames, by name."""
    found = {name: plugins.load("in_the_wild.refiners", name) for name in plugins.names("in_the_wild.refiners")}
    return {name: refiner() for name, refiner in found.items() if refiner.fills}


def detect(video: Path, folder: Path, every: int) -> Poses:
    """The largest person's keypoints."""
    result = pipeline.Result(video=video, folder=folder)
    folder.mkdir(parents=True)
    with plugins.load("in_the_wild.detectors", "mediapipe")(persons=SEVERAL) as detector:
        found = pipeline.find_people(VideoReader(video), detector, folder, every=every, overwrite=True, result=result)
    return pipeline.choose(found, "largest")


def lift(poses: Poses, lifter: checkpoints.Weights, refiner: Refiner | None, on: pipeline.RefineOn) -> Poses:
    """3D poses as `pipeline.run` makes them."""
    refiners = [] if refiner is None else [refiner]
    if on == "2d":
        poses = pipeline.refine_people(poses, refiners)
    size = poses.video
    focal, source = focal_length(width=size.width, height=size.height, focal=None, fov=None)
    return pipeline.lift_people(
        poses,
        lifter,
        focal=focal,
        focal_source=source,
        tds=None,
        flip=True,
        smoothing=None,
        overlap=OVERLAP,
        refiners=refiners if on == "3d" else [],
        device="cpu",
        result=pipeline.Result(video=Path(size.path), folder=Path()),
    )[0]


def errors(name: str, folder: Path, lifter: checkpoints.Weights) -> Row:
    """MPJPE and P-MPJPE of one clip, millimetres, of everything that is compared."""
    video, truth = clips.make(name, folder)
    results: dict[str, Poses] = {}
    for every in EVERY:
        found = detect(video, folder / f"{name}_{every}", every)
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


def against_dense(video: Path, folder: Path, lifter: checkpoints.Weights) -> None:
    """One line for each rate of detection: its speed, and how far it is from detecting in every frame."""
    dense: tuple[Poses, Poses] | None = None
    for every in EVERY:
        refiners = [fillers()[DEFAULT_FILLER]] if every > 1 else []
        began = time.monotonic()
        with plugins.load("in_the_wild.detectors", "mediapipe")(persons=SEVERAL) as detector:
            result = pipeline.run(
                video, folder / str(every), detector=detector, weights=lifter, every=every, refiners=refiners,
                persons="largest", picture="none",
            )  # fmt: skip
        seconds = time.monotonic() - began
        names = (pipeline.REFINED if refiners else "poses2d.npz", "poses3d.npz")
        poses2d, poses3d = (formats.read(folder / str(every) / name) for name in names)
        poses2d = pipeline.choose(poses2d, "largest")
        speed = f"detect {result.frames / result.seconds['detect']:.0f}, in all {result.frames / seconds:.0f} frames/s"
        if dense is None:
            dense = (poses2d, poses3d)
            print(f"{video.name}, every {every}: {speed}", flush=True)
            continue
        pixels, metres = (difference(one, other) for one, other in zip((poses2d, poses3d), dense, strict=True))
        print(
            f"{video.name}, every {every}, {DEFAULT_FILLER}: {speed}; keypoints {pixels:.1f} pixels, "
            f"joints {1000 * metres:.0f} mm from every 1",
            flush=True,
        )


def difference(one: Poses, other: Poses) -> float:
    """The mean distance of joints seen in both, in the frames that both have, in their unit."""
    _, rows, other_rows = np.intersect1d(one.frame, other.frame, return_indices=True)
    apart = np.linalg.norm(one.keypoints[rows] - other.keypoints[other_rows], axis=-1)
    seen = (one.scores[rows] > 0) & (other.scores[other_rows] > 0)
    return float(apart[seen].mean())


def main(videos: list[Path]) -> None:
    """Run everything."""
    lifter = checkpoints.load("pstmo_coco")
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


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
