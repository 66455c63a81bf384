"""3D PCK and AUC as MPI-INF-3DHP is scored, per sequence, scene and activity, without Matlab.

Definition: Mehta et al., "Monocular 3D Human Pose Estimation In The Wild Using Improved CNN Supervision" (3DV 2017), as
the data set's own evaluation has it (`mpii_test_predictions.m`, `mpii_evaluate_errors.m`, `mpii_compute_3d_pck.m`):

- Errors are distances after the truth's root is brought to the origin; predictions are taken as they are.
- PCK is the share of joints whose error is below 150 mm. AUC is the mean of the shares below 0, 5, ..., 150 mm; below
  0 there is none, so that perfect predictions have an AUC of 96.77.
- Both are over 8 groups of joints, and their total over the groups' 14 joints, without pelvis, spine and head. MPJPE is
  over all 17 joints, the root included.
- An activity's row pools the frames of all sequences; without frames it is NaN.

`write_inference_mat` gives predictions in the file that the authors' scripts leave for Matlab. It knows nothing about
how predictions were made, and not which frames are to be scored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from scipy.io import loadmat, savemat

from in_the_wild.errors import InputError
from in_the_wild.files import whole_file
from in_the_wild.skeletons import MPI_INF_3DHP17, Skeleton

THRESHOLD = 150.0
THRESHOLDS = tuple(float(mm) for mm in range(0, 151, 5))
ACTIVITIES: Mapping[int, str] = {
    1: "Standing/Walking",
    2: "Exercising",
    3: "Sitting",
    4: "Reaching/Crouching",
    5: "On The Floor",
    6: "Sports",
    7: "Miscellaneous",
}
SCENES: Mapping[str, tuple[str, ...]] = {
    "Green screen": ("TS1", "TS2"),
    "Studio": ("TS3", "TS4"),
    "Outdoor": ("TS5", "TS6"),
}
# The last entries of a score's three parts, and the last activity.
AVERAGE, TOTAL, ALL = "Average", "Total", "All"

_LIMBS = {"Shou": "shoulder", "Elbow": "elbow", "Wrist": "wrist", "Hip": "hip", "Knee": "knee", "Ankle": "ankle"}


@dataclass(frozen=True)
class Score:
    """One row of each of the three tables; NaN where there are no frames.

    Attributes:
        frames: How many were scored.
        mpjpe: Millimetres of each joint, then "Average" over all joints.
        pck: Percent of each group of joints, then "Total" over the groups' joints.
        auc: Likewise.
    """

    frames: int
    mpjpe: Mapping[str, float]
    pck: Mapping[str, float]
    auc: Mapping[str, float]


@dataclass(frozen=True)
class Evaluation:
    """Scores of a whole test set.

    Attributes:
        sequences: By the sequences' names.
        scenes: By scene, of those whose sequences are all there: their average weighted by frames.
        activities: By activity, then "All"; empty where nobody says what is done in the frames.
        weighted: The average of the sequences, weighted by their frames: the papers' figure.
        plain: Their average whatever their lengths.
        errors: By sequence, (N, J) millimetres.
    """

    sequences: Mapping[str, Score]
    scenes: Mapping[str, Score]
    activities: Mapping[str, Score]
    weighted: Score
    plain: Score
    errors: Mapping[str, np.ndarray] = field(repr=False)


def evaluate(
    predicted: Mapping[str, np.ndarray],
    truth: Mapping[str, np.ndarray],
    activities: Mapping[str, np.ndarray] | None = None,
    *,
    skeleton: Skeleton = MPI_INF_3DHP17,
) -> Evaluation:
    """Score the predictions for a test set.

    Args:
        predicted: By sequence, (N, J, 3) millimetres from the root, for the frames that are scored alone. The authors
            put the root itself at 0 before.
        truth: By sequence, (N, J, 3) millimetres of the same frames, from the root or from the camera.
        activities: By sequence, (N,) what is done in each frame, numbers of ACTIVITIES; others count in "All" alone.
        skeleton: Of the joints.

    Raises:
        InputError: no sequence, sequences that differ, or arrays that do not fit together.
    """
    if not predicted or set(predicted) != set(truth) or (activities is not None and set(predicted) != set(activities)):
        raise InputError(
            "Predictions, truth and activities of the same sequences were expected, found "
            + "; ".join(
                ", ".join(sorted(part)) or "none" for part in (predicted, truth, activities) if part is not None
            )
            + "."
        )
    errors = {name: joint_errors(predicted[name], truth[name], root=skeleton.root) for name in predicted}
    sequences = {name: score(one, skeleton) for name, one in errors.items()}
    return Evaluation(
        sequences=sequences,
        scenes={
            scene: average([sequences[name] for name in names], weighted=True)
            for scene, names in SCENES.items()
            if sequences.keys() >= set(names)
        },
        activities={} if activities is None else _by_activity(errors, activities, skeleton),
        weighted=average(sequences.values(), weighted=True),
        plain=average(sequences.values(), weighted=False),
        errors=errors,
    )


def _by_activity(
    errors: Mapping[str, np.ndarray], activities: Mapping[str, np.ndarray], skeleton: Skeleton
) -> dict[str, Score]:
    for name, one in errors.items():
        if np.shape(activities[name]) != (len(one),):
            raise InputError(
                f"{name}: an activity for each of {len(one)} frames was expected, "
                f"found an array of shape {np.shape(activities[name])}."
            )
    pooled = np.concatenate(list(errors.values()))
    done = np.concatenate([activities[name] for name in errors])
    scores = {activity: score(pooled[done == number], skeleton) for number, activity in ACTIVITIES.items()}
    return {**scores, ALL: score(pooled, skeleton)}


def joint_errors(predicted: np.ndarray, truth: np.ndarray, *, root: int) -> np.ndarray:
    """Distances (N, J) from predictions (N, J, 3) as they are to the truth (N, J, 3) from its root.

    Raises:
        InputError: shapes that differ, or are no joints.
    """
    if predicted.shape != truth.shape or predicted.ndim != 3 or predicted.shape[-1] != 3:
        raise InputError(f"Joints (N, J, 3) of one shape were expected, found {predicted.shape} and {truth.shape}.")
    truth = truth.astype(np.float64)
    errors: np.ndarray = np.linalg.norm(predicted - (truth - truth[:, root : root + 1]), axis=-1)
    return errors


def score(errors: np.ndarray, skeleton: Skeleton = MPI_INF_3DHP17) -> Score:
    """The scores of errors (N, J) in millimetres, joints in the skeleton's order.

    Raises:
        InputError: another number of joints than the skeleton has.
    """
    if errors.ndim != 2 or errors.shape[1] != len(skeleton):
        raise InputError(f"Errors (N, {len(skeleton)}) of {skeleton.name} were expected, found {errors.shape}.")
    means = _mean(errors)
    return Score(
        frames=len(errors),
        mpjpe={**dict(zip(skeleton.joints, means.tolist(), strict=True)), AVERAGE: float(means.mean())},
        pck=_grouped(pck(errors), skeleton),
        auc=_grouped(auc(errors), skeleton),
    )


def pck(errors: np.ndarray, *, threshold: float = THRESHOLD) -> np.ndarray:
    """Percent of errors (N, J) strictly below the threshold: (J,), NaN without frames."""
    return 100 * _mean(errors < threshold)


def auc(errors: np.ndarray) -> np.ndarray:
    """The mean PCK over THRESHOLDS of errors (N, J) in millimetres: (J,) percent, NaN without frames."""
    area: np.ndarray = np.mean([pck(errors, threshold=threshold) for threshold in THRESHOLDS], axis=0)
    return area


def groups(skeleton: Skeleton) -> dict[str, tuple[str, ...]]:
    """The 8 groups of joints that PCK and AUC are given for, by the names of the authors' tables.

    Skeletons without a top of the head or a neck between the shoulders give what Human3.6M calls "head" and "thorax".
    """
    alone = {
        "Head": "head_top" if "head_top" in skeleton.joints else "head",
        "Neck": "thorax" if "thorax" in skeleton.joints else "neck",
    }
    return {
        **{group: (joint,) for group, joint in alone.items()},
        **{group: (f"right_{joint}", f"left_{joint}") for group, joint in _LIMBS.items()},
    }


def average(scores: Iterable[Score], *, weighted: bool) -> Score:
    """The mean of scores; `weighted` counts each by its frames, as the authors do by hand over sequences.

    A score without frames is left out.

    Raises:
        InputError: no scores.
    """
    every = list(scores)
    if not every:
        raise InputError("Scores to average were expected, found none.")
    given = [one for one in every if one.frames] or every
    frames = [one.frames for one in given]
    weights = frames if weighted and any(frames) else [1] * len(given)

    def mean(parts: list[Mapping[str, float]]) -> dict[str, float]:
        return {name: float(np.average([part[name] for part in parts], weights=weights)) for name in parts[0]}

    return Score(
        frames=sum(frames),
        mpjpe=mean([one.mpjpe for one in given]),
        pck=mean([one.pck for one in given]),
        auc=mean([one.auc for one in given]),
    )


def _grouped(of_joints: np.ndarray, skeleton: Skeleton) -> dict[str, float]:
    """Figures (J,) of joints -> of groups, and the total over the groups' joints."""
    members = groups(skeleton)
    figures = {group: float(of_joints[skeleton.indices(*joints)].mean()) for group, joints in members.items()}
    counted = [joint for joints in members.values() for joint in joints]
    return {**figures, TOTAL: float(of_joints[skeleton.indices(*counted)].mean())}


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the frames of (N, J); NaN without any."""
    means: np.ndarray = values.mean(axis=0) if len(values) else np.full(values.shape[1:], np.nan)
    return means


def write_inference_mat(path: Path, predicted: Mapping[str, np.ndarray]) -> None:
    """Write the `inference_data.mat` that the authors' Matlab evaluation reads.

    Args:
        path: The file.
        predicted: By sequence ("TS1"), (N, 17, 3) millimetres of the valid frames in order, root at 0. Each becomes a
            variable of 3 x 17 x 1 x N single-precision numbers (P-STMO `run_3dhp.py`).

    Raises:
        OutputError: the file cannot be written.
    """
    variables = {name: joints.astype(np.float32).T[:, :, None] for name, joints in predicted.items()}
    with whole_file(path) as file:
        savemat(file, variables)


def read_inference_mat(path: Path) -> dict[str, np.ndarray]:
    """Predictions by sequence, (N, 17, 3) millimetres, from a file as `write_inference_mat` and the authors write it.

    Raises:
        InputError: no such file, or one of another kind.
    """
    try:
        variables = loadmat(path, appendmat=False)
    except Exception as error:  # damaged bytes make scipy stumble in any way
        raise InputError(
            f"{path} cannot be read: predictions in a .mat file up to version 7 were expected, found one that is "
            "missing, damaged or of another kind; write it again."
        ) from error
    found = {name: value for name, value in variables.items() if not name.startswith("__")}
    wrong = [f"{name} {np.shape(one)}" for name, one in found.items() if np.shape(one)[:3] != (3, 17, 1)]
    if wrong or not found:
        raise InputError(
            f"{path}: variables of 3 x 17 x 1 x N numbers were expected, found {', '.join(wrong) or 'none'}; "
            "give a file of predictions."
        )
    return {name: value.reshape(3, 17, -1).T for name, value in found.items()}
