"""Fit the errors that lifted joints are expected to have, on rendered people whom no weights were trained on.

    python -m pose3d_cli.training.error_bars --data FOLDER_OF_PACKS... --takes TAKE... --keep FOLDER \\
        -o assets/error_bars.json

Half of what counts are everyday clips, half are scenes drawn at random with the takes that training leaves out: whole,
cut off, behind other people. The default detector looks at all of them as at any video, the default weights lift what
it sees, and the whole clip is solved. People of a child's size are left out, and those for whom the detector took
somebody else: a picture tells neither. Keypoints are kept in a folder, so that another fit, of other weights, begins
with them; it is the user's to empty when the detector changes.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

import in_the_wild as iw
from in_the_wild import checkpoints, defaults, formats, plugins
from in_the_wild.error_bars import FEATURES, ErrorBars, kinds, measure
from in_the_wild.files import whole_file
from in_the_wild.looks import USUAL
from in_the_wild.poses import Poses
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.steps.clean import clean
from in_the_wild.steps.fill import fill
from in_the_wild.steps.lift import TrainedLifter
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import H36M_IN_BODY22
from pose3d_cli.datasets.synthetic.clips import make_scene
from pose3d_cli.datasets.synthetic.everyday import everyday
from pose3d_cli.datasets.synthetic.record_noise import look
from pose3d_cli.datasets.synthetic.scenes import random_scene
from pose3d_cli.datasets.synthetic.virtual import VirtualWindows
from pose3d_cli.metrics.against_truth import same_person

WEIGHTS = "pstmo_coco"
# What is noted of the detector, and must be the same for error bars to hold.
DETECTOR = {"name": defaults.DETECTOR, "model": "heavy"}
SCENES, CLIPS = 160, 60
_FIRST_CLIP = 1000  # seed; those below 100 are for measuring
_SCENE_SEED = 777
_FRAMES, _STRIDE, _FPS = 61, 2, 50.0
_FEWEST = 20  # rows by which a person counts
_CHILD = 0.68  # metres from hip to ankle, below which a leg is a child's
_SOMEBODY_ELSE = 6.0  # degrees between where the person is and where he was found
_RIDGE = 1e-3
_LIMITS = (0.005, 0.995)  # quantiles of a feature beyond which nothing is known
_DECIMALS = 4


@dataclass(frozen=True)
class Example:
    """One person of a clip, as a detector saw him.

    Attributes:
        keypoints: His.
        truth: (T, P, 17, 3) Human3.6M joints of everybody in every frame, metres in camera space.
    """

    keypoints: Poses
    truth: np.ndarray


@dataclass(frozen=True)
class Table:
    """What is fitted to, a row for each joint: R rows.

    Attributes:
        kind: (R,) names of joints without their side.
        features: (R, F).
        errors: (R,) millimetres.
    """

    kind: np.ndarray
    features: np.ndarray
    errors: np.ndarray


def scenes(packs: Sequence[Path], takes: Sequence[str], keep: Path, count: int) -> Iterator[Example]:
    """Scenes drawn at random, with these takes of the packs."""
    motion = mocap.load(packs, only=takes, fps=_FPS, common_bones=True)
    windows = VirtualWindows(motion, frames=_FRAMES, stride=_STRIDE)
    with plugins.load("in_the_wild.detectors", defaults.DETECTOR)(persons=4) as detector:
        for seed in range(count):
            kind = {1: "cut off", 3: "behind people"}.get(seed % 4, "whole")
            scene = random_scene(windows, np.random.default_rng((_SCENE_SEED, seed)), kind=kind)
            file = keep / f"scene_{seed}.npz"
            if not file.is_file():
                found = look(scene, detector, fps=_FPS / _STRIDE)
                formats.write(fill(found, max_gap=USUAL.longest_gap), file)
            yield Example(formats.read(file), scene.joints[:, None, H36M_IN_BODY22])


def clips(keep: Path, count: int) -> Iterator[Example]:
    """Everybody in everyday clips."""
    for seed in range(_FIRST_CLIP, _FIRST_CLIP + count):
        scene, file = everyday(seed), keep / f"everyday_{seed}.npz"
        if not file.is_file():
            with tempfile.TemporaryDirectory() as folder:
                video, _ = make_scene(scene, Path(folder), file.stem)
                formats.write(iw.detect(video), file)
        keypoints, truth = formats.read(file), scene.truth()["joints_camera"].astype(np.float64)
        for person in keypoints.persons:
            yield Example(keypoints.of_person(person), truth)


def tables(examples: Iterator[Example], lifter: TrainedLifter) -> dict[str, Table]:
    """Everything that is known of joints, and how far they are off: once "solved", once "lifted" alone."""
    parts: dict[str, list[Table]] = {"solved": [], "lifted": []}
    for example in examples:
        if len(example.keypoints) < _FEWEST:
            continue
        keypoints = clean(example.keypoints)
        lifted = lifter.lift(keypoints)
        for of, poses in {"solved": WholeClip().seeing(keypoints)(lifted), "lifted": lifted}.items():
            if (part := _table(poses, example.truth)) is not None:
                parts[of].append(part)
    return {of: _joined(some) for of, some in parts.items()}


def _table(poses: Poses, truth: np.ndarray) -> Table | None:
    """One person's joints but the root; None for a child, and where the detector took somebody else for long."""
    true, apart = same_person(poses, truth)
    rows = np.flatnonzero(apart < _SOMEBODY_ELSE)
    if len(rows) < _FEWEST or _leg(true) < _CHILD:
        return None
    joints = np.arange(len(HUMAN36M17)) != HUMAN36M17.root
    errors = 1000 * np.linalg.norm(poses.keypoints - true, axis=2)[rows][:, joints]
    features = measure(poses)[rows][:, joints]
    return Table(np.tile(np.array(kinds(HUMAN36M17))[joints], len(rows)), features.reshape(-1, len(FEATURES)),
                 errors.ravel())  # fmt: skip


def _joined(parts: Sequence[Table]) -> Table:
    """Several tables as one."""
    return Table(*(np.concatenate([getattr(part, column.name) for part in parts]) for column in fields(Table)))


def fit(tables: Sequence[Table]) -> ErrorBars:
    """The gamma regression with a logarithmic link; every table counts as much as the others, however long it is."""
    joined = _joined(tables)
    names = sorted(set(joined.kind.tolist()))
    kind = joined.kind[:, None] == np.array(names)
    design = np.concatenate([joined.features, kind.astype(float)], axis=1)  # (R, F + K)
    errors = np.maximum(joined.errors, 1.0)
    weights = np.concatenate([np.full(len(one.errors), 1 / len(one.errors)) for one in tables]) / len(tables)
    centre, scale = design.mean(axis=0), design.std(axis=0)
    centre[len(FEATURES) :] = 0
    standard = (design - centre) / scale

    def loss(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        """Half the gamma deviance, but for a constant, with a ridge; and its slope."""
        logs = standard @ coefficients
        ratio = errors * np.exp(-logs)
        slope = standard.T @ (weights * (1 - ratio)) + 2 * _RIDGE * coefficients
        return float(weights @ (logs + ratio) + _RIDGE * coefficients @ coefficients), slope

    found = (
        minimize(loss, np.zeros(standard.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 2000}).x / scale
    )
    constant = -float(found[: len(FEATURES)] @ centre[: len(FEATURES)])
    return ErrorBars(
        joints={
            name: round(constant + value, _DECIMALS) for name, value in zip(names, found[len(FEATURES) :], strict=True)
        },
        features={name: round(value, _DECIMALS) for name, value in zip(FEATURES, found, strict=False)},
        limits=_limits(joined.features),
    )


def main(
    data: Sequence[Path], takes: Sequence[str], keep: Path, output: Path, *, scene_count: int, clip_count: int
) -> None:
    """Fit error bars to the default weights, solved and as lifted, and write them."""
    loaded = checkpoints.load(WEIGHTS)
    lifter = TrainedLifter.of(loaded)
    packs = sorted(file for folder in data for file in folder.glob("*.npz"))
    keep.mkdir(parents=True, exist_ok=True)
    examples = {"scenes": scenes(packs, takes, keep, scene_count), "clips": clips(keep, clip_count)}
    found = {name: tables(some, lifter) for name, some in examples.items()}
    fitted = []
    for of in ("solved", "lifted"):
        counts = {name: len(one[of].errors) for name, one in found.items()}
        bars = fit([one[of] for one in found.values()])
        fitted.append({"weights": loaded.sha256, "detector": DETECTOR, "of": of, "rows": counts, **asdict(bars)})
        print(f"{of}: {counts}", flush=True)
    with whole_file(output) as file:
        file.write((json.dumps({"fitted": fitted}, indent=1) + "\n").encode())


def _limits(features: np.ndarray) -> dict[str, tuple[float, float]]:
    """Between what each of the features (R, F) lies, but for the rarest."""
    lowest, highest = np.quantile(features, _LIMITS, axis=0).round(_DECIMALS).tolist()
    return dict(zip(FEATURES, zip(lowest, highest, strict=True), strict=True))


def _leg(truth: np.ndarray) -> float:
    """Metres from hip to ankle along the bones of joints (T, 17, 3)."""
    hip, knee, ankle = np.moveaxis(truth[:, HUMAN36M17.indices("left_hip", "left_knee", "left_ankle")], 1, 0)
    return float((np.linalg.norm(knee - hip, axis=1) + np.linalg.norm(ankle - knee, axis=1)).mean())


def command_line(description: str | None, *, scenes: int) -> argparse.ArgumentParser:
    """What is asked of whoever fits something to rendered people: motion, takes, how many scenes, where files go."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="+", required=True, help="folders of motion capture packs")
    parser.add_argument("--takes", nargs="+", required=True, help="those that the weights were not trained on")
    parser.add_argument("--keep", type=Path, required=True, help="where keypoints are kept")
    parser.add_argument("--scenes", type=int, default=scenes)
    parser.add_argument("-o", "--output", type=Path, required=True)
    return parser


if __name__ == "__main__":
    parser = command_line(__doc__, scenes=SCENES)
    parser.add_argument("--clips", type=int, default=CLIPS)
    given = parser.parse_args()
    main(given.data, given.takes, given.keep, given.output, scene_count=given.scenes, clip_count=given.clips)
