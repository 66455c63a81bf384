"""Weights on held-out people: `python tests/bench/bench_scenes.py [WEIGHTS...] [--packs FOLDER] [--keep FOLDER]`.

Scenes drawn at random show motion of subjects that nothing was trained on, whole, cut off by the picture's edge, behind
furniture and behind other people. BlazePose looks at them as at any video, every lifter named lifts what it sees, and
the whole clip is solved. What each gains over the first one, scene by scene, has confidence intervals. Keypoints may be
kept in a folder, so that weights to come are compared on the same ones; it is the user's to empty when the detector
changes. Without motion capture packs nothing is measured.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from confidence import told

from in_the_wild import checkpoints, formats
from in_the_wild.detectors.base import Detector
from in_the_wild.detectors.blazepose import BlazePose
from in_the_wild.looks import USUAL
from in_the_wild.poses import Poses
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.steps.clean import clean
from in_the_wild.steps.fill import fill
from in_the_wild.steps.lift import TrainedLifter
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import H36M_IN_BODY22
from pose3d_cli.datasets.synthetic.record_noise import look
from pose3d_cli.datasets.synthetic.scenes import KINDS, RandomScene, random_scene
from pose3d_cli.datasets.synthetic.virtual import VirtualWindows
from pose3d_cli.metrics.against_truth import Truth, compare

HELD_OUT = ("05", "08", "13", "14")
FRAMES, STRIDE = 61, 2
PER_KIND = {"whole": 40, "cut off": 16, "behind furniture": 16, "behind people": 16}
PACKS = Path("../shared/data/mocap")
# Frames of somebody's by which a scene counts.
FEWEST = 20


def scenes(packs: Path) -> Iterator[tuple[str, RandomScene, float]]:
    """Scenes of held-out people by name, and their frame rate."""
    motion = mocap.load(sorted(packs.glob("*.npz")), only=HELD_OUT)
    windows = VirtualWindows(motion, frames=FRAMES, stride=STRIDE)
    for kind in KINDS:
        for seed in range(PER_KIND[kind]):
            scene = random_scene(windows, np.random.default_rng((seed, KINDS.index(kind))), kind=kind)
            yield f"{kind.replace(' ', '_')}_{seed}", scene, motion.fps / STRIDE


def keypoints(file: Path, scene: RandomScene, fps: float, detector: Detector) -> Poses:
    """What the detector makes of a scene, in every frame in which it has the person; from the file if it is there."""
    if not file.is_file():
        formats.write(fill(look(scene, detector, fps=fps), max_gap=USUAL.longest_gap), file)
    return formats.read(file)


def main(packs: Path, weights: list[str], folder: Path) -> None:
    """Print the mean errors of every lifter on every kind of scene."""
    lifters = {name: TrainedLifter.of(checkpoints.load(name)) for name in weights}
    rows: dict[str, list[np.ndarray]] = {kind: [] for kind in KINDS}
    with BlazePose(persons=4) as detector:
        for name, scene, fps in scenes(packs):
            found = clean(keypoints(folder / f"{name}.npz", scene, fps, detector))
            if len(found) < FEWEST:
                continue
            truth = Truth(joints=scene.joints[:, H36M_IN_BODY22], visible=scene.inside.any(axis=1))
            results = {one: lifter.lift(found) for one, lifter in lifters.items()}
            solved = {f"{one} solved": WholeClip().seeing(found)(lifted) for one, lifted in results.items()}
            errors = compare({**results, **solved}, truth)
            rows[scene.kind].append(np.array([(e.mpjpe, e.p_mpjpe, e.acceleration) for e in errors.values()]))
    print("MPJPE / P-MPJPE / acceleration, mm")
    names = [*weights, *(f"{name} solved" for name in weights)]
    for kind, some in rows.items():
        found_errors = np.array(some)  # (scenes, lifters, then the same solved; 3)
        cells = (f"{name} {a:.1f} / {b:.1f} / {c:.2f}"
                 for name, (a, b, c) in zip(names, np.nanmean(found_errors, axis=0), strict=True))  # fmt: skip
        print(f"{kind} ({len(found_errors)} scenes): " + "; ".join(cells))
        for other in range(1, len(weights)):
            gains = found_errors[:, len(weights)] - found_errors[:, len(weights) + other]
            print(f"  {weights[other]} solved, less than {weights[0]} by {told(gains[:, :2])}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("weights", nargs="*", default=["pstmo_coco"])
    parser.add_argument("--packs", type=Path, default=PACKS)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    if any(given.packs.glob("*.npz")):
        with tempfile.TemporaryDirectory() as temporary:
            main(given.packs, given.weights, given.keep or Path(temporary))
    else:
        print(f"There are no motion capture packs in {given.packs}: nothing is measured.")
