"""Errors of parts of a test: by action, subject, camera, sequence, activity, joint and group of joints, and in time.

Every frame counts once and with its own error, the root at zero. The average of the actions is over those that there
are. Figures are rows that name what they are of, so that any program can sort and filter them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from in_the_wild.skeletons import Skeleton
from pose3d_cli.datasets.prepared.sequences import base_action
from pose3d_cli.evaluation.measure import Errors, Measured
from pose3d_cli.evaluation.protocol import AVERAGE
from pose3d_cli.metrics import pck3d

ALL = "all frames"
# What is measured, and in what.
UNITS = {
    "mpjpe": "mm",
    "p_mpjpe": "mm",
    "n_mpjpe": "mm",
    "mpjve": "mm/frame",
    "acceleration": "mm/frame²",
    "pck150": "%",
    "auc": "%",
}


@dataclass(frozen=True)
class Row:
    """One figure.

    Attributes:
        slice: What the test was cut by: "all", "action", "subject", "camera", "sequence", "activity", "joint",
            "joint group", "second".
        name: Which part of it: "Walking", "left_knee", "S9/Walking 1/54138969 at 3 s".
        metric: One of UNITS.
        value: In its unit; NaN where there is nothing to measure.
        frames: How many frames, or differences between frames, it is the mean of.
    """

    slice: str
    name: str
    metric: str
    value: float
    frames: int


def rows(parts: Sequence[Measured], skeleton: Skeleton) -> list[Row]:
    """All figures of a test.

    PCK at 150 mm and AUC are MPI-INF-3DHP's, over its 14 joints, where the skeleton has them.

    Args:
        parts: Its sequences; those without frames that count are left out.
        skeleton: Of their joints.
    """
    counted = [part for part in parts if len(part.frames)]
    scored = _scored(skeleton)
    found = list(_figures("all", ALL, [part.whole for part in counted], scored))
    cuts: dict[str, Callable[[Measured], str]] = {
        "action": lambda part: base_action(part.action),
        "subject": lambda part: part.subject,
        "camera": lambda part: part.camera,
        "sequence": lambda part: part.name,
    }
    for cut, name_of in cuts.items():
        for name in dict.fromkeys(sorted(name_of(part) for part in counted)):
            found += _figures(cut, name, [part.whole for part in counted if name_of(part) == name], scored)
        if cut == "action":
            found += _average(found)
    found += _activities(counted)
    joints = np.concatenate([part.whole.joints for part in counted])  # (F, J)
    aligned = np.concatenate([part.whole.aligned for part in counted])
    for name, members in {**{joint: [j] for j, joint in enumerate(skeleton.joints)}, **_groups(skeleton)}.items():
        cut = "joint" if name in skeleton.joints else "joint group"
        found += _of_joints(cut, name, joints[:, members], aligned[:, members])
    for part in counted:
        found += _in_time(part)
    return found


def select(found: Sequence[Row], cut: str) -> dict[str, dict[str, Row]]:
    """The rows of one slice, by name and metric."""
    by_name: dict[str, dict[str, Row]] = {}
    for row in found:
        if row.slice == cut:
            by_name.setdefault(row.name, {})[row.metric] = row
    return by_name


def _scored(skeleton: Skeleton) -> list[int]:
    """The joints that PCK and AUC are over; none where the skeleton lacks some."""
    names = [joint for group in pck3d.groups(skeleton).values() for joint in group]
    return skeleton.indices(*names) if set(names) <= set(skeleton.joints) else []


def _figures(cut: str, name: str, parts: Sequence[Errors], scored: list[int]) -> Iterator[Row]:
    """Every metric of some sequences."""
    joints = np.concatenate([part.joints for part in parts])  # (F, J)
    values = {
        "mpjpe": joints.mean(axis=1, dtype=np.float64),
        "p_mpjpe": np.concatenate([part.aligned for part in parts]).mean(axis=1, dtype=np.float64),
        "n_mpjpe": np.concatenate([part.scaled for part in parts]),
        "mpjve": np.concatenate([part.velocity for part in parts]),
        "acceleration": np.concatenate([part.acceleration for part in parts]),
    }
    for metric, value in values.items():
        yield Row(cut, name, metric, float(value.mean()) if len(value) else float("nan"), len(value))
    if scored:
        yield Row(cut, name, "pck150", float(pck3d.pck(joints[:, scored]).mean()), len(joints))
        yield Row(cut, name, "auc", float(pck3d.auc(joints[:, scored]).mean()), len(joints))


def _average(found: Sequence[Row]) -> list[Row]:
    """The mean of the actions, each counting alike; actions too short for a metric are left out of it."""
    averages = []
    for metric in UNITS:
        of = [row for row in found if row.slice == "action" and row.metric == metric and not np.isnan(row.value)]
        if of:
            averages.append(
                Row("all", AVERAGE, metric, float(np.mean([row.value for row in of])), sum(row.frames for row in of))
            )
    return averages


def _activities(parts: Sequence[Measured]) -> Iterator[Row]:
    """By what is done in each frame, where sets say so."""
    given = [(part, part.activity) for part in parts if part.activity is not None]
    for number in sorted({int(one) for _, activity in given for one in np.unique(activity)} - {0}):
        name = pck3d.ACTIVITIES.get(number, str(number))
        joints, aligned = (
            np.concatenate([getattr(part.whole, which)[activity == number] for part, activity in given])
            for which in ("joints", "aligned")
        )
        yield from _of_joints("activity", name, joints, aligned)


def _of_joints(cut: str, name: str, joints: np.ndarray, aligned: np.ndarray) -> Iterator[Row]:
    """The metrics that single joints have, of some joints (F, J)."""
    values = {"mpjpe": joints, "p_mpjpe": aligned}
    for metric, value in values.items():
        yield Row(cut, name, metric, float(value.mean(dtype=np.float64)), len(joints))
    yield Row(cut, name, "pck150", float(pck3d.pck(joints).mean()), len(joints))
    yield Row(cut, name, "auc", float(pck3d.auc(joints).mean()), len(joints))


def _groups(skeleton: Skeleton) -> dict[str, list[int]]:
    """Joints that are there on both sides, together ("knees"), and all joints of a side."""
    both: dict[str, list[int]] = {}
    for j, joint in enumerate(skeleton.joints):
        side = skeleton.side(j)
        if side != "middle":
            both.setdefault(f"{joint.replace(f'{side}_', '')}s", []).append(j)
            both.setdefault(f"{side} side", []).append(j)
    middle = [j for j in range(len(skeleton)) if skeleton.side(j) == "middle"]
    return {**both, "middle": middle} if middle else both


def _in_time(part: Measured) -> Iterator[Row]:
    """The MPJPE of every second of a sequence."""
    means = part.whole.joints.mean(axis=1, dtype=np.float64)
    second = (part.frames / part.fps).astype(int)
    for which in np.unique(second):
        inside = means[second == which]
        yield Row("second", f"{part.name} at {which} s", "mpjpe", float(inside.mean()), len(inside))
