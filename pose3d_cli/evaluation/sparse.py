"""Measure a network of sparse poses on a prepared set, always beside what the estimator and straight lines give.

Two rules say which frames count:

    released  the authors': windows start N frames apart, overlaps are averaged, frames after the last whole window are
               dropped, and a sequence shorter than a window is continued by zeros, which are scored
    whole      as `pose3d refine` works: every N-th frame and the last one are seen, every frame is answered and scored

Both see the same poses. What a user is to expect is "whole"; what stands in the papers' tables is "released".
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild import rotations
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.sparse import SparseNetwork, Trained, Training, fill
from pose3d_cli.datasets.prepared.sequences import Dataset
from pose3d_cli.datasets.prepared.sparse_windows import SMPL_6D, SMPL_JOINTS, Pair, Values, centre, kind_of
from pose3d_cli.datasets.synthetic.sparse import straight_lines
from pose3d_cli.evaluation import baselines
from pose3d_cli.metrics import joints3d
from pose3d_cli.metrics.pck2d import pck2d

RULES = ("released", "whole")
# Shares of the box's longer side that a keypoint may be off.
PCK = (0.2, 0.1, 0.05)
# What the errors of the estimator begin with, which sees every frame; the baselines see what the network sees.
ESTIMATOR = "input"
# Windows to predict from, at a time.
_AT_A_TIME = 256

# Errors of one sequence by name: of each frame, or the sequence's one number.
_Errors = dict[str, np.ndarray]


def evaluate(
    network: SparseNetwork,
    training: Training,
    dataset: Dataset,
    *,
    kind: str | None = None,
    rule: str = "released",
    truth_as_input: bool = False,
    every: int = 1,
) -> dict[str, float]:
    """Mean errors of a network over a prepared set, then those of the baselines with their names before them.

    Args:
        network: In eval mode, on any device.
        training: What its weights say of themselves.
        dataset: The set, chosen: all its sequences are measured.
        kind: What it is for, one of `pose3d_cli.datasets.prepared.sparse_windows.KINDS`; None goes by the weights.
        rule: One of RULES; predictions know none.
        truth_as_input: Let network and baselines see the truth, as the released `evaluate_msf_3D` does: no result.
        every: Every n-th sequence alone.

    Returns:
        For joints "mpjpe_mm", "p_mpjpe_mm" and "acceleration_mm" (per frame squared). For keypoints "error_percent" of
        the longer side of the person's box, and "pck_0.2", "pck_0.1" and "pck_0.05" in percent, averaged over joints
        within a sequence and then over sequences. For SMPL "rotation_deg", the angle between true and found rotations
        of the 24 joints: the papers' millimetres need SMPL's body model, which may not be shipped. For predictions
        "mpjpe_mm" and "p_mpjpe_mm" over all frames to come. Each with "linear_" before it, for straight lines, and
        "input_", for the estimator, which sees every frame; of predictions with "last_pose_" and "velocity_". The first
        one is what weights are chosen by.

    Raises:
        InputError: no such rule, a set that lacks what is needed, or one without a whole window to predict in.
        ConfigError: weights for something else.
    """
    if rule not in RULES:
        raise InputError(f'There is no rule "{rule}" for sparse poses. {did_you_mean(rule, RULES)}')
    values = Values(dataset, kind or kind_of(dataset, training, network.coordinates), training, network.coordinates)
    trained = Trained(network=network, arguments={}, training=training, source="", sha256="", device=_device(network))
    sequences = range(0, len(dataset), every)
    if values.kind == "predict":
        return _predictions(trained, values, sequences)
    found: dict[str, list[np.ndarray]] = defaultdict(list)
    for number in sequences:
        for name, errors in _filled(trained, values, number, rule, truth_as_input=truth_as_input):
            found[name].append(errors)
    return {name: float(np.concatenate(errors).mean()) for name, errors in found.items()}


def _device(network: SparseNetwork) -> str:
    return str(next(network.parameters()).device)


def _filled(
    trained: Trained, values: Values, number: int, rule: str, *, truth_as_input: bool
) -> Iterator[tuple[str, np.ndarray]]:
    """Errors of one sequence, the baselines' too, by name."""
    frames = np.arange(0, values.dataset.lengths[number], values.strides[number])
    at = np.array([number])
    truth, seen = values.truth(at, frames[None])[0], values.read(at, frames[None])[0]  # (T, D)
    if truth_as_input:
        seen = truth
    network, count = trained.network, len(frames)
    answered = np.arange(count)
    if rule == "released":
        refined = fill(trained, seen, rule="released")
        answered = np.arange(len(refined))
        seen, truth = (_continued(rows, len(refined)) for rows in (seen, truth))
        lines = straight_lines(answered, answered[:: network.interval]) @ seen[:: network.interval]
    else:
        known = np.union1d(answered[:: network.interval], answered[-1:])
        lines = straight_lines(answered, known) @ seen[known]
        refined = fill(trained, lines)
    sequence = values.dataset[number]
    boxes = None if sequence.boxes is None else _continued(np.asarray(sequence.boxes)[frames], len(truth))
    counted = np.ones(len(truth), bool)
    if sequence.valid is not None:
        counted[:count] = np.asarray(sequence.valid)[frames][: len(truth)]
        if not counted.any():
            return
    for name, rows in (("", refined), ("linear_", lines), (f"{ESTIMATOR}_", seen)):
        if values.kind == "2d":
            errors = _keypoint_errors(
                values.pixels(rows, number), values.pixels(truth, number), boxes, counted, whole=rule == "whole"
            )
        elif values.kind == "3d":
            errors = _joint_errors(values, rows, truth, counted)
        else:
            errors = {"rotation_deg": _turned(rows[:count], truth[:count])[counted[:count]]}
        yield from ((f"{name}{metric}", array) for metric, array in errors.items())


def _continued(rows: np.ndarray, length: int) -> np.ndarray:
    """Rows (T, D) cut, or continued by zeros."""
    return np.pad(rows[:length], ((0, max(0, length - len(rows))), (0, 0)))


def _keypoint_errors(
    points: np.ndarray, exact: np.ndarray, boxes: np.ndarray | None, counted: np.ndarray, *, whole: bool
) -> _Errors:
    """Of keypoints (T, J, 2) in pixels; without boxes (T, 4), those around the true keypoints count."""
    if boxes is None:
        boxes = np.concatenate([exact.min(axis=1), exact.max(axis=1)], axis=-1)
    elif not whole:
        boxes = np.trunc(boxes)  # to whole pixels (MixSynthFormer `lib/dataset/jhmdb_dataset.py`)
    points, exact, boxes = points[counted], exact[counted], boxes[counted]
    side = np.maximum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])
    there = side > 0
    off = np.linalg.norm(points - exact, axis=-1)[there] / side[there, None] * 100
    shares = {
        f"pck_{threshold:g}": np.atleast_1d(pck2d(points, exact, boxes, threshold=threshold).mean() * 100)
        for threshold in PCK
    }
    return {"error_percent": off.mean(axis=-1), **shares}


def _joint_errors(values: Values, rows: np.ndarray, truth: np.ndarray, counted: np.ndarray) -> _Errors:
    """Of joints (T, D) in metres, which are centred anew: what is said of the centre itself is left over noise."""
    skeleton = values.skeleton
    assert skeleton is not None
    joints, exact = (part.reshape(len(part), len(skeleton), 3) * 1e3 for part in (rows, truth))
    joints = joints - centre(joints, skeleton)
    # The authors leave out frames in which all joints are in one place, zeros beyond a short sequence.
    there = counted & (np.ptp(joints, axis=1) > 0).any(axis=-1)
    run = counted[:-2] & counted[1:-1] & counted[2:]
    return {
        "mpjpe_mm": joints3d.mpjpe(joints, exact)[counted],
        "p_mpjpe_mm": joints3d.p_mpjpe(joints[there], exact[there]),
        "acceleration_mm": joints3d.acceleration_error(joints, exact)[run],
    }


def _turned(rows: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Angles, in degrees, between rotations (T, D), averaged over joints: (T,)."""
    found, exact = (_rotations(part) for part in (rows, truth))
    angles: np.ndarray = np.degrees((found.inv() * exact).magnitude()).reshape(len(rows), SMPL_JOINTS)
    return angles.mean(axis=-1)


def _rotations(rows: np.ndarray) -> Rotation:
    turns = rotations.from_6d(rows.reshape(-1, 6)) if rows.shape[1] == SMPL_6D else rows.reshape(-1, 3)
    return Rotation.from_rotvec(turns)


def _predictions(trained: Trained, values: Values, sequences: range) -> dict[str, float]:
    """Errors over windows that lie so that every frame after the first past is predicted once."""
    network, training = trained.network, trained.training
    total: dict[str, float] = defaultdict(float)
    count = 0
    for number in sequences:
        for read, truth in _futures(values, number, frames=network.frames):
            found = baselines.check(network, training, read, truth)
            for name, error in found.items():
                total[name] += error * len(read)
            count += len(read)
    if not count:
        raise InputError(
            f"Sequences of {network.frames} frames at {training.fps:g} per second, past and future, were expected; "
            f"{values.dataset.folder} has shorter ones alone."
        )
    return {name: error / count for name, error in total.items()}


def _futures(values: Values, number: int, *, frames: int) -> Iterator[Pair]:
    """Some windows at a time, whole ones: what is read (K, P, D), and what comes (K, W - P, D)."""
    past, stride = values.training.past, int(values.strides[number])
    length = (int(values.dataset.lengths[number]) - 1) // stride + 1
    starts = np.arange(0, length - frames + 1, frames - past)
    for first in range(0, len(starts), _AT_A_TIME):
        look = (starts[first : first + _AT_A_TIME, None] + np.arange(frames)) * stride
        at = np.full(len(look), number)
        read, truth = values.read(at, look[:, :past]), values.truth(at, look[:, past:])
        yield read.astype(np.float32), truth.astype(np.float32)
