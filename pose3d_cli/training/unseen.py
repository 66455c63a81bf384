"""Fit how joints beyond the picture's edge are told, on rendered people whom no weights were trained on.

    python -m pose3d_cli.training.unseen --data FOLDER_OF_PACKS... --takes TAKE... --keep FOLDER -o assets/unseen.json

Scenes are drawn at random with the takes that training leaves out: people whole, or cut off by the picture's edge, by a
little or by most of them, standing or sitting. The default detector looks at them as at any video, the default weights
lift what it sees, and the whole clip is solved. Of joints that are seen a fiftieth is called hidden
by what is fitted: those lie farther off than others. Keypoints are kept in a folder, so that another fit begins with
them; it is the user's to empty when the detector changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import minimize

from in_the_wild import checkpoints, defaults, formats, plugins
from in_the_wild.error_bars import kinds
from in_the_wild.files import whole_file
from in_the_wild.looks import USUAL
from in_the_wild.poses import Poses
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.steps.clean import clean
from in_the_wild.steps.fill import fill
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.unseen import FEATURES, Hidden, measure
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import H36M_IN_BODY22
from pose3d_cli.datasets.synthetic.bodies import Bodies
from pose3d_cli.datasets.synthetic.record_noise import look
from pose3d_cli.datasets.synthetic.scenes import KEPT, random_scene
from pose3d_cli.datasets.synthetic.virtual import VirtualWindows
from pose3d_cli.training.error_bars import DETECTOR, WEIGHTS, command_line

SCENES = 60
# What becomes of people, whether they sit, and how much of them an edge keeps.
_DRAWN = (
    ("cut off", False, KEPT),
    ("whole", False, KEPT),
    ("cut off", False, (0.25, 0.6)),
    ("whole", True, KEPT),
    ("cut off", True, (0.25, 0.6)),
)
_SCENE_SEED = 91
_FRAMES, _STRIDE, _FPS = 45, 2, 50.0
_FEWEST = 20  # rows by which a person counts
_MISTAKEN = 0.02  # share of the joints that are seen which are called hidden
_RIDGE = 0.01
_DECIMALS = 4


@dataclass(frozen=True)
class Table:
    """What is fitted to, a row for each joint: R rows.

    Attributes:
        kind: (R,) names of joints without their side.
        features: (R, F).
        hidden: (R,).
    """

    kind: np.ndarray
    features: np.ndarray
    hidden: np.ndarray


def scenes(packs: Sequence[Path], takes: Sequence[str], keep: Path, count: int) -> Iterator[tuple[Poses, np.ndarray]]:
    """Keypoints of scenes drawn at random, with these takes, and which joints (T, 17) are in the picture."""
    motion = mocap.load(packs, only=takes, fps=_FPS, common_bones=True)
    windows = {
        seated: VirtualWindows(motion, frames=_FRAMES, stride=_STRIDE, bodies=Bodies(seated=float(seated)))
        for seated in (False, True)
    }
    with plugins.load("in_the_wild.detectors", defaults.DETECTOR)(persons=1) as detector:
        for seed in range(count):
            kind, seated, kept = _DRAWN[seed % len(_DRAWN)]
            scene = random_scene(windows[seated], np.random.default_rng((_SCENE_SEED, seed)), kind=kind, kept=kept)
            file = keep / f"unseen_{seed}.npz"
            if not file.is_file():
                found = look(scene, detector, fps=_FPS / _STRIDE)
                formats.write(fill(found, max_gap=USUAL.longest_gap), file)
            yield formats.read(file), scene.shown[:, H36M_IN_BODY22]


def table(examples: Iterator[tuple[Poses, np.ndarray]], lifter: TrainedLifter) -> Table:
    """What is known of all joints but roots."""
    joints = np.arange(len(HUMAN36M17)) != HUMAN36M17.root
    names = np.array(kinds(HUMAN36M17))[joints]
    kind, features, hidden = [], [], []
    for given, shown in examples:
        if len(given) < _FEWEST:
            continue
        keypoints = clean(given)
        poses = WholeClip().seeing(keypoints)(lifter.lift(keypoints))
        kind.append(np.tile(names, len(poses)))
        features.append(measure(poses, keypoints)[:, joints].reshape(-1, len(FEATURES)))
        hidden.append(~shown[poses.frame][:, joints].ravel())
    return Table(*(np.concatenate(parts) for parts in (kind, features, hidden)))


def fit(found: Table) -> Hidden:
    """The logistic regression, and the log-odds above which so many joints that are seen are called hidden."""
    names = sorted(set(found.kind.tolist()))
    design = np.concatenate([found.features, found.kind[:, None] == np.array(names)], axis=1)  # (R, F + K)
    centre, scale = design.mean(axis=0), design.std(axis=0)
    centre[len(FEATURES) :] = 0
    standard = (design - centre) / scale

    def loss(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        """The mean negative log-likelihood with a ridge, and its slope."""
        odds = standard @ coefficients
        slope = standard.T @ (1 / (1 + np.exp(-odds)) - found.hidden) / len(odds) + 2 * _RIDGE * coefficients
        value = (np.logaddexp(0, odds) - odds * found.hidden).mean() + _RIDGE * coefficients @ coefficients
        return float(value), slope

    weights = minimize(loss, np.zeros(standard.shape[1]), jac=True, method="L-BFGS-B").x / scale
    constant = -float(weights[: len(FEATURES)] @ centre[: len(FEATURES)])
    joints = {
        name: round(constant + value, _DECIMALS) for name, value in zip(names, weights[len(FEATURES) :], strict=True)
    }
    odds = (design - centre) @ weights
    return Hidden(
        joints=joints,
        features={name: round(value, _DECIMALS) for name, value in zip(FEATURES, weights, strict=False)},
        above=round(float(np.quantile(odds[~found.hidden], 1 - _MISTAKEN)), _DECIMALS),
    )


def main(data: Sequence[Path], takes: Sequence[str], keep: Path, output: Path, *, count: int) -> None:
    """Fit it to the default detector and the default weights, and write it."""
    keep.mkdir(parents=True, exist_ok=True)
    packs = sorted(file for folder in data for file in folder.glob("*.npz"))
    found = table(scenes(packs, takes, keep, count), TrainedLifter.of(checkpoints.load(WEIGHTS)))
    fitted = fit(found)
    print(f"{len(found.hidden)} joints, {found.hidden.mean():.0%} of them hidden")
    with whole_file(output) as file:
        told = {"detector": DETECTOR, "rows": len(found.hidden), **asdict(fitted)}
        file.write((json.dumps(told, indent=1) + "\n").encode())


if __name__ == "__main__":
    given = command_line(__doc__, scenes=SCENES).parse_args()
    main(given.data, given.takes, given.keep, given.output, count=given.scenes)
