"""CSV: poses as a table that opens in a spreadsheet and in pandas; units stand in the headings.

`layout=tidy`, one row for each person, frame and joint:

    seconds, frame, person, joint, x_m, y_m, z_m, score, space, root_x_m, root_y_m, root_z_m

`layout=wide`, one row for each person and frame:

    seconds, frame, person, space, root_x_m, ..., left_wrist_x_m, left_wrist_y_m, left_wrist_z_m, left_wrist_score, ...

Keypoints in pixels have `x_px`, `y_px` and no z. The root's columns are there where its path was estimated. A score of
0 means not seen.

There is one line of headings and nothing above it, so that every program opens the file as it is. What a table has no
place for is lost: notes, frames without people at the end, and the size of the video's picture, which whoever reads the
file again says: "csv:size=640x360". Written in millimetres or centimetres (`x_mm`), with other columns beside these,
with a column left out that the others tell, or with semicolons and decimal commas, a table is read all the same. A
joint without numbers is one that was not seen. Headings without a unit, `x` and `y` or `nose_x` and `nose_y`, are of
pixels.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file, whole_file
from in_the_wild.formats._fields import FieldsFormat, poses_of
from in_the_wild.poses import SPACES, Poses

_LAYOUTS = ("tidy", "wide")
_EXPECTED = "a CSV table of poses"
_UNIT = {"image": "px", "camera": "m", "world": "m"}
# What one unit is, in pixels or metres.
_SCALE = {"px": 1.0, "m": 1.0, "cm": 0.01, "mm": 0.001}
_COORDINATE = re.compile(r"(?:(?P<joint>.+)_)?(?P<axis>[xyz])_(?P<unit>px|m|cm|mm)")
_NO_UNIT = re.compile(r"(?:.+_)?[xy]")
_ROOT = "root"

# A table as it is read: the cells of each column, top down.
Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Csv(FieldsFormat):
    """Poses as a table.

    Args:
        layout: Of what is written: "tidy" or "wide". One that is read tells its own.
        size: See `FieldsFormat`, as the others.
        fps: Frames per second.
        skeleton: Which joints these are.
        space: Which space they are in.

    Raises:
        InputError: another layout.
    """

    title: ClassVar[str] = "a table (CSV)"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    layout: str = "tidy"

    def __post_init__(self) -> None:
        if self.layout not in _LAYOUTS:
            raise InputError(f'A layout {" or ".join(_LAYOUTS)} was expected, found "{self.layout}".')

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        headings, columns = _tidy(poses) if self.layout == "tidy" else _wide(poses)
        content = io.StringIO()
        table = csv.writer(content, lineterminator="\n")
        table.writerow(headings)
        table.writerows(zip(*columns, strict=True))
        with whole_file(path) as file:
            file.write(content.getvalue().encode())

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        regular_file(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED):
            columns = _columns(path.read_bytes().decode("utf-8-sig"))
            fields = _tidy_fields(columns) if "joint" in columns else _wide_fields(columns)
            if not fields["keypoints"].shape[2]:
                raise InputError(
                    f"{path} holds no poses: headings x_m, y_m and z_m, or x_px and y_px, were expected, alone or "
                    "after the name of a joint."
                )
            return poses_of(path, fields, self)


def _axes(poses: Poses) -> list[str]:
    return [f"{axis}_{_UNIT[poses.space]}" for axis in "xyz"[: SPACES[poses.space]]]


def _root_headings(poses: Poses) -> list[str]:
    return [] if poses.root is None else [f"{_ROOT}_{axis}_m" for axis in "xyz"]


def _cells(values: np.ndarray) -> list[str]:
    """An array's numbers as text, each as short as tells it from its neighbours."""
    cells: list[str] = values.ravel().astype(np.str_).tolist()
    return cells


def _tidy(poses: Poses) -> tuple[list[str], list[Sequence[str]]]:
    """Headings and columns of one row for each person, frame and joint."""
    joints = len(poses.skeleton)
    headings = ["seconds", "frame", "person", "joint", *_axes(poses), "score", "space", *_root_headings(poses)]
    per_row = [np.repeat(values, joints) for values in (poses.seconds, poses.frame, poses.person_id)]
    columns: list[Sequence[str]] = [
        *map(_cells, per_row),
        poses.skeleton.joints * len(poses),
        *(_cells(poses.keypoints[..., axis]) for axis in range(poses.keypoints.shape[2])),
        _cells(poses.scores),
        [poses.space] * (len(poses) * joints),
    ]
    if poses.root is not None:
        columns += [_cells(np.repeat(poses.root[:, axis], joints)) for axis in range(3)]
    return headings, columns


def _wide(poses: Poses) -> tuple[list[str], list[Sequence[str]]]:
    """Headings and columns of one row for each person and frame."""
    headings = ["seconds", "frame", "person", "space", *_root_headings(poses)]
    columns: list[Sequence[str]] = [
        *map(_cells, (poses.seconds, poses.frame, poses.person_id)),
        [poses.space] * len(poses),
    ]
    if poses.root is not None:
        columns += [_cells(poses.root[:, axis]) for axis in range(3)]
    for j, joint in enumerate(poses.skeleton.joints):
        headings += [*(f"{joint}_{axis}" for axis in _axes(poses)), f"{joint}_score"]
        columns += [_cells(poses.keypoints[:, j, axis]) for axis in range(poses.keypoints.shape[2])]
        columns.append(_cells(poses.scores[:, j]))
    return headings, columns


def _columns(text: str) -> Columns:
    """The columns of a table by heading, with decimal points."""
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    headings = [heading.strip() for heading in rows[0]]
    filled = [row for row in rows[1:] if any(row)]
    if len(set(headings)) < len(headings):
        raise ValueError("two columns of one heading")
    if any(len(row) != len(headings) for row in filled):
        raise ValueError(f"rows of other than {len(headings)} columns")
    headings = _with_units(headings)
    columns = dict(zip(headings, zip(*filled, strict=True) if filled else [()] * len(headings), strict=True))
    if separator == ",":
        return columns
    return {name: [cell.replace(",", ".") for cell in cells] for name, cells in columns.items()}


def _with_units(headings: Sequence[str]) -> list[str]:
    """Headings of our own; other programs' tables of keypoints name no unit, which is the pixel."""
    if any(_COORDINATE.fullmatch(heading) for heading in headings) or "z" in {heading[-1:] for heading in headings}:
        return list(headings)
    plain = {"confidence": "score", "likelihood": "score"}
    return [f"{heading}_px" if _NO_UNIT.fullmatch(heading) else plain.get(heading, heading) for heading in headings]


def _numbers(cells: Sequence[str], unit: str = "") -> np.ndarray:
    """(N,) the numbers in a column, NaN where a cell is empty; in metres or pixels where it has a unit."""
    return np.array([float(cell) if cell.strip() else np.nan for cell in cells]) * _SCALE.get(unit, 1.0)


def _coordinates(columns: Columns) -> dict[str, list[np.ndarray]]:
    """For every joint in the headings, "" where they name none, its (N,) x, y and perhaps z."""
    found: dict[str, dict[str, np.ndarray]] = {}
    for heading, cells in columns.items():
        if match := _COORDINATE.fullmatch(heading):
            axes = found.setdefault(match["joint"] or "", {})
            axes[match["axis"]] = _numbers(cells, match["unit"])
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
    spaces = sorted(set(columns.get("space", ())))
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
    if coordinates and all(f"{joint}_score" in columns for joint in coordinates):
        fields["scores"] = np.stack([_numbers(columns[f"{joint}_score"]) for joint in coordinates], axis=1)
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
    if "score" in columns:
        fields["scores"] = np.full((count, len(joints)), np.nan)
        fields["scores"][row, joint] = _numbers(columns["score"])
    if _ROOT in coordinates:
        fields["root"] = np.stack(coordinates[_ROOT], axis=-1)[first]
    return fields


def _places(columns: Columns) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Where each row of a tidy table belongs: (N,) rows of poses, (N,) joints, and the joints' names.

    Persons whom nobody has told apart share an id of -1: where a joint comes again, the next of them begins.
    """
    joints = {name: j for j, name in enumerate(dict.fromkeys(columns["joint"]))}
    whom = list(zip(*(columns[name] for name in ("frame", "seconds", "person") if name in columns), strict=True))
    if not whom and len(columns["joint"]):
        raise ValueError("a table without frames or seconds")
    rows: dict[tuple[str, ...], int] = {}
    met: set[tuple[int, str]] = set()
    places: list[int] = []
    count = 0
    for key, name in zip(whom, columns["joint"], strict=True):
        if key not in rows or (rows[key], name) in met:
            rows[key] = count
            count += 1
        met.add((rows[key], name))
        places.append(rows[key])
    which = [joints[name] for name in columns["joint"]]
    return np.array(places, dtype=np.int64), np.array(which, dtype=np.int64), list(joints)
