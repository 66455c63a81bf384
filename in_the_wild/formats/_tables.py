"""What tables of poses share: headings with units, and columns of one kind each, in two layouts.

`layout=tidy`, one row for each person, frame and joint:

    seconds, frame, person, joint, x_m, y_m, z_m, score, error_mm, reason, space, root_x_m, root_y_m, root_z_m

`layout=wide`, one row for each person and frame:

    seconds, frame, person, space, root_x_m, ..., left_wrist_x_m, left_wrist_y_m, left_wrist_z_m, left_wrist_score,
    left_wrist_error_mm, left_wrist_reason, ...

Keypoints in pixels have `x_px`, `y_px` and no z. The root's columns are there where its path was estimated, those of
errors, by which joints are expected to be off, where these are known. A score of 0 means not seen. Coordinates turned
by `up=y` or `up=z` say so in their space, "world, y up"; those of `units=mm` in their headings, `x_mm`.

It knows nothing about how a file keeps columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.formats import _axes
from in_the_wild.formats._placed import Placed, PlacedFormat, ours
from in_the_wild.poses import Poses

LAYOUTS = ("tidy", "wide")
# A table: numbers, or texts as objects, of each column, top down.
Columns = Mapping[str, np.ndarray]

# What one unit is, in pixels or metres.
_SCALE = {"px": 1.0, **_axes.METRES}
_COORDINATE = re.compile(r"(?:(?P<joint>.+)_)?(?P<axis>[xyz])_(?P<unit>px|m|cm|mm)")
_ROOT, _ERROR, _REASON = "root", "error_mm", "reason"
# What a joint has besides its place: fields, and their headings.
_OF_JOINTS = {"scores": "score", "error_mm": _ERROR, "reasons": _REASON}


@dataclass(frozen=True, kw_only=True)
class TableFormat(PlacedFormat):
    """A format that holds a table of poses.

    Args:
        layout: Of what is written: "tidy" or "wide". One that is read tells its own.

    Raises:
        InputError: another layout.
    """

    layout: str = "tidy"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.layout not in LAYOUTS:
            raise InputError(f'A layout {" or ".join(LAYOUTS)} was expected, found "{self.layout}".')

    def columns_of(self, poses: Poses) -> dict[str, np.ndarray]:
        """Poses as a table.

        Raises:
            InputError: see `PlacedFormat.placed`.
        """
        placed = self.placed(poses)
        return _tidy(placed) if self.layout == "tidy" else _wide(placed)


def _axes_of(placed: Placed) -> list[str]:
    return [f"{axis}_{placed.unit}" for axis in "xyz"[: placed.keypoints.shape[2]]]


def _space_of(placed: Placed) -> str:
    space = placed.poses.space
    return f"{space}, {placed.up} up" if placed.up else space


def _root_columns(placed: Placed) -> dict[str, np.ndarray]:
    if placed.root is None:
        return {}
    return {f"{_ROOT}_{axis}": placed.root[:, at] for at, axis in enumerate(_axes_of(placed))}


def _tidy(placed: Placed) -> dict[str, np.ndarray]:
    """Columns of one row for each person, frame and joint."""
    poses, count = placed.poses, len(placed.poses.skeleton)

    def of_each_joint(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, count)

    return {
        "seconds": of_each_joint(poses.seconds),
        "frame": of_each_joint(poses.frame),
        "person": of_each_joint(poses.person_id),
        "joint": np.tile(np.array(poses.joints, object), len(poses)),
        **{axis: placed.keypoints[..., at].ravel() for at, axis in enumerate(_axes_of(placed))},
        "score": poses.scores.ravel(),
        **({} if poses.error_mm is None else {_ERROR: poses.error_mm.ravel()}),
        **({} if poses.reasons is None else {_REASON: poses.reasons.ravel()}),
        "space": np.full(len(poses) * count, _space_of(placed), object),
        **{heading: of_each_joint(values) for heading, values in _root_columns(placed).items()},
    }


def _wide(placed: Placed) -> dict[str, np.ndarray]:
    """Columns of one row for each person and frame."""
    poses = placed.poses
    columns = {
        "seconds": poses.seconds,
        "frame": poses.frame,
        "person": poses.person_id,
        "space": np.full(len(poses), _space_of(placed), object),
        **_root_columns(placed),
    }
    for j, joint in enumerate(poses.joints):
        columns |= {f"{joint}_{axis}": placed.keypoints[:, j, at] for at, axis in enumerate(_axes_of(placed))}
        columns[f"{joint}_score"] = poses.scores[:, j]
        if poses.error_mm is not None:
            columns[f"{joint}_{_ERROR}"] = poses.error_mm[:, j]
        if poses.reasons is not None:
            columns[f"{joint}_{_REASON}"] = poses.reasons[:, j]
    return columns


def fields_of(columns: Columns) -> dict[str, Any]:
    """The fields of poses that a table holds, see `_fields.poses_of`; the inverse of `TableFormat.columns_of`.

    Raises:
        ValueError: a table of something else.
    """
    fields = _tidy_fields(columns) if "joint" in columns else _wide_fields(columns)
    space, _, up = str(fields["space"] or "").partition(", ")
    return ours({**fields, "space": space or None}, up=up.removesuffix(" up"))


def has_units(headings: Sequence[str]) -> bool:
    """Whether a heading names a coordinate with its unit."""
    return any(_COORDINATE.fullmatch(heading) for heading in headings)


def _numbers(column: np.ndarray, unit: str = "") -> np.ndarray:
    """(N,) the numbers in a column, in metres or pixels where it has a unit."""
    if column.dtype == object:
        raise ValueError(f"text where numbers were expected: {next(filter(None, column), '')!s:.40}")
    with np.errstate(invalid="ignore"):  # damaged files hold numbers that are none
        return column.astype(np.float64) * _SCALE.get(unit, 1.0)


def _coordinates(columns: Columns) -> dict[str, list[np.ndarray]]:
    """For every joint in the headings, "" where they name none, its (N,) x, y and perhaps z."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for heading, column in columns.items():
        if match := _COORDINATE.fullmatch(heading):
            axes = found.setdefault(match["joint"] or "", {})
            axes[match["axis"]] = _numbers(column, match["unit"])
    for joint, axes in found.items():
        if "".join(sorted(axes)) not in ("xy", "xyz"):
            raise ValueError(f"{joint or 'coordinates'} without x or y")
    return {joint: [axes[axis] for axis in sorted(axes)] for joint, axes in found.items()}


def _shared(columns: Columns, rows: np.ndarray | slice) -> dict[str, Any]:
    """The fields that do not differ from joint to joint, of the rows of the table that stand for those of poses."""
    fields: dict[str, Any] = {
        field: _numbers(columns[heading])[rows]
        for heading, field in (("seconds", "time"), ("frame", "frame"), ("person", "person"))
        if heading in columns
    }
    spaces = sorted(set(columns.get("space", np.zeros(0, object)).tolist()))
    if len(spaces) > 1:
        raise ValueError(f"rows in {len(spaces)} spaces")
    units = {match["unit"] for heading in columns if (match := _COORDINATE.fullmatch(heading))}
    fields["space"] = spaces[0] if spaces else "image" if units == {"px"} else None
    return fields


def _wide_fields(columns: Columns) -> dict[str, Any]:
    coordinates = _coordinates(columns)
    root = coordinates.pop(_ROOT, None)
    coordinates.pop("", None)
    if len({len(axes) for axes in coordinates.values()}) > 1:
        raise ValueError("joints with and without z")
    count = len(next(iter(columns.values()), ()))
    fields = _shared(columns, slice(None))
    fields["joints"] = list(coordinates)
    fields["keypoints"] = (
        np.stack([np.stack(axes, axis=-1) for axes in coordinates.values()], axis=1)
        if coordinates
        else np.zeros((count, 0, 0))
    )
    for field, heading in _OF_JOINTS.items():
        if coordinates and all(f"{joint}_{heading}" in columns for joint in coordinates):
            fields[field] = np.stack([_numbers(columns[f"{joint}_{heading}"]) for joint in coordinates], axis=1)
    if root is not None:
        fields["root"] = np.stack(root, axis=-1)
    return fields


def _tidy_fields(columns: Columns) -> dict[str, Any]:
    coordinates = _coordinates(columns)
    axes = coordinates.get("", [])
    row, joint, joints = _places(columns)
    count = int(row.max()) + 1 if len(row) else 0
    first = np.unique(row, return_index=True)[1]
    fields = _shared(columns, first)
    # Without a row nobody knows the joints; whoever reads the table says their skeleton.
    fields["joints"] = joints or None
    fields["keypoints"] = np.full((count, len(joints), len(axes)), np.nan)
    for axis, values in enumerate(axes):
        fields["keypoints"][row, joint, axis] = values
    for field, heading in _OF_JOINTS.items():
        if heading in columns:
            fields[field] = np.full((count, len(joints)), np.nan)
            fields[field][row, joint] = _numbers(columns[heading])
    if _ROOT in coordinates:
        fields["root"] = np.stack(coordinates[_ROOT], axis=-1)[first]
    return fields


def _places(columns: Columns) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Where each row of a tidy table belongs: (N,) rows of poses, (N,) joints, and the joints' names.

    Persons whom nobody has told apart share an id of -1: where a joint comes again, the next of them begins.
    """
    numbers = {name: j for j, name in enumerate(dict.fromkeys(columns["joint"].tolist()))}
    joint = np.array([numbers[name] for name in columns["joint"].tolist()], dtype=np.int64)
    keys = [columns[name] for name in ("frame", "seconds", "person") if name in columns]
    if not keys and len(joint):
        raise ValueError("a table without frames or seconds")
    rows = np.arange(len(joint)) // len(numbers) if _is_regular(joint, keys) else _rows(joint, keys)
    return rows, joint, [str(name) for name in numbers]


def _is_regular(joint: np.ndarray, keys: list[np.ndarray]) -> bool:
    """Whether (N,) joints come block after block in one order, each block of one person in one frame."""
    count = int(joint.max(initial=-1)) + 1
    if not count or len(joint) % count:
        return False
    blocks = [column.reshape(-1, count) for column in (joint, *keys)]
    return bool((blocks[0] == np.arange(count)).all()) and all((one == one[:, :1]).all() for one in blocks[1:])


def _rows(joint: np.ndarray, keys: list[np.ndarray]) -> np.ndarray:
    """(N,) the row of poses that each joint belongs to, in whatever order they come."""
    begun: dict[tuple[float, ...], int] = {}
    met: dict[tuple[float, ...], int] = {}  # of each row, joints as bits
    rows: list[int] = []
    count = 0
    for number, *key in zip(joint.tolist(), *(column.tolist() for column in keys), strict=True):
        who, bit = tuple(key), 1 << number
        if met.get(who, bit) & bit:
            begun[who], met[who] = count, 0
            count += 1
        met[who] |= bit
        rows.append(begun[who])
    return np.array(rows, dtype=np.int64)
