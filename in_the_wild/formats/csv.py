"""CSV: poses as a table that opens in a spreadsheet and in pandas; units stand in the headings.

`in_the_wild.formats._tables` says which columns there are, in a tidy and in a wide layout. There is one line of
headings and nothing above it, so that every program opens the file as it is. What a table has no place for is lost:
notes, frames without people at the end, and the size of the video's picture, which whoever reads the file again says:
"csv:size=640x360". Written in millimetres or centimetres (`x_mm`), with other columns beside these, with a column left
out that the others tell, or with semicolons and decimal commas, a table is read all the same. A joint without numbers
is one that was not seen. Headings without a unit, `x` and `y` or `nose_x` and `nose_y`, are of pixels.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import ClassVar, TextIO

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file, whole_file
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._shortest import shortest
from in_the_wild.formats._tables import Columns, TableFormat, fields_of, has_units
from in_the_wild.poses import Poses

_EXPECTED = "a CSV table of poses"
_NO_UNIT = re.compile(r"(?:.+_)?[xy]")
# Columns that are text, whatever it looks like.
_TEXTS = ("joint", "space")
# Poses, and rows of a table, that are text at a time: an hour's would take gigabytes.
_POSES_AT_A_TIME, _ROWS_AT_A_TIME = 2048, 32768


@dataclass(frozen=True, kw_only=True)
class Csv(TableFormat):
    """Poses as a table; settings as of `TableFormat`, `PlacedFormat` and `FieldsFormat`."""

    title: ClassVar[str] = "a table (CSV)"
    suffixes: ClassVar[tuple[str, ...]] = (".csv",)

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        headings = list(self.columns_of(poses.rows(np.zeros(0, int))))
        with whole_file(path) as file:
            text = io.TextIOWrapper(file, encoding="utf-8", newline="")
            table = csv.writer(text, lineterminator="\n")
            table.writerow(headings)
            for first in range(0, len(poses), _POSES_AT_A_TIME):
                part = poses.rows(np.arange(first, min(first + _POSES_AT_A_TIME, len(poses))))
                table.writerows(zip(*map(_cells, self.columns_of(part).values()), strict=True))
            text.detach()

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        regular_file(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED), path.open(encoding="utf-8-sig", newline="") as file:
            fields = fields_of(_columns(file))
            if not fields["keypoints"].shape[2]:
                raise InputError(
                    f"{path} holds no poses: headings x_m, y_m and z_m, or x_px and y_px, were expected, alone or "
                    "after the name of a joint."
                )
            return poses_of(path, fields, self)


def _cells(column: np.ndarray) -> list[object]:
    """A column as Python's csv writes it: each number as short as tells it from its neighbours."""
    cells: list[object] = (shortest(column) if column.dtype == np.float32 else column).tolist()
    return cells


def _columns(file: TextIO) -> Columns:
    """The columns of a table by heading; where a cell is empty, its number is NaN.

    Raises:
        ValueError: rows of different lengths, or two columns of one heading.
        csv.Error: quotes that do not end.
    """
    separator = max(",;\t", key=file.readline().count)
    file.seek(0)
    lines = csv.reader(file, delimiter=separator, strict=True)
    headings = [heading.strip() for heading in next(lines)]
    if len(set(headings)) < len(headings):
        raise ValueError("two columns of one heading")
    parts = [[_column(headings[at], cells, separator) for at, cells in enumerate(part)]
             for part in _in_parts(lines, len(headings))]  # fmt: skip
    whole = [np.concatenate(column) for column in zip(*parts, strict=True)] or [np.zeros(0)] * len(headings)
    return dict(zip(_with_units(headings), whole, strict=True))


def _in_parts(lines: Iterator[list[str]], columns: int) -> Iterator[list[Sequence[str]]]:
    """The cells of each column, so many rows at a time."""
    while part := list(islice(lines, _ROWS_AT_A_TIME)):
        filled = [row for row in part if any(row)]
        if any(len(row) != columns for row in filled):
            raise ValueError(f"rows of other than {columns} columns")
        if filled:
            yield list(zip(*filled, strict=True))


def _column(heading: str, cells: Sequence[str], separator: str) -> np.ndarray:
    """Numbers, or texts as objects: those of a joint's or space's name, and of a column that is of something else."""
    if heading not in _TEXTS:
        numbers = cells if separator == "," else [cell.replace(",", ".") for cell in cells]
        try:
            return np.array([float(cell) if cell.strip() else np.nan for cell in numbers])
        except ValueError:
            pass  # told where the column turns out to be needed
    same: dict[str, str] = {}
    return np.array([same.setdefault(cell, cell) for cell in cells], object)


def _with_units(headings: Sequence[str]) -> list[str]:
    """Headings of our own; other programs' tables of keypoints name no unit, which is the pixel."""
    if has_units(headings) or "z" in {heading[-1:] for heading in headings}:
        return list(headings)
    plain = {"confidence": "score", "likelihood": "score"}
    return [f"{heading}_px" if _NO_UNIT.fullmatch(heading) else plain.get(heading, heading) for heading in headings]
