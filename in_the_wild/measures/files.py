"""Measures as files: tidy CSV for spreadsheets, pandas and R, and JSON for programs.

CSV has a row for every value: seconds, frame, person, measure, value, unit. JSON has the values of a measure together:

    format       "pose3d-measures"
    version      1
    measures     [{person, measure, unit, frames: [...], seconds: [...], values: [...]}, ...]

What is not known has no row and no place in the lists. It knows nothing about what is measured.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from in_the_wild.errors import InputError
from in_the_wild.files import whole_file
from in_the_wild.measures.table import Measure

_HEADINGS = ("seconds", "frame", "person", "measure", "value", "unit")
# Behind the point: tenths of a millimetre, and of a millidegree; microseconds.
_DECIMALS, _DECIMALS_OF_TIME = 4, 6


def check_name(path: Path) -> None:
    """Find out before the work whether a file's name says how it is written.

    Raises:
        InputError: it does not.
    """
    if path.suffix.lower() not in _WRITERS:
        raise InputError(f"A name that ends in {' or '.join(_WRITERS)} was expected for measures, found {path}.")


def write(measures: Iterable[Measure], path: Path) -> None:
    """Write measures, whole or not at all; the name's end says how.

    Raises:
        InputError: an end that stands for nothing.
        OutputError: the file cannot be written.
    """
    check_name(path)
    with whole_file(path) as file:
        _WRITERS[path.suffix.lower()](measures, file)


def _write_csv(measures: Iterable[Measure], file: IO[bytes]) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    table = csv.writer(text, lineterminator="\n")
    table.writerow(_HEADINGS)
    for one in measures:
        rows = zip(_seconds(one), one.frames.tolist(), _values(one), strict=True)
        table.writerows((seconds, frame, one.person, one.name, value, one.unit) for seconds, frame, value in rows)
    text.detach()


def _write_json(measures: Iterable[Measure], file: IO[bytes]) -> None:
    lists = [
        {
            "person": one.person, "measure": one.name, "unit": one.unit, "frames": one.frames.tolist(),
            "seconds": _seconds(one), "values": _values(one),
        }
        for one in measures
    ]  # fmt: skip
    file.write(json.dumps({"format": "pose3d-measures", "version": 1, "measures": lists}).encode())


def _seconds(measure: Measure) -> list[float]:
    rounded: list[float] = measure.seconds.round(_DECIMALS_OF_TIME).tolist()
    return rounded


def _values(measure: Measure) -> list[float]:
    rounded: list[float] = measure.values.round(_DECIMALS).tolist()
    return rounded


_WRITERS: dict[str, Callable[[Iterable[Measure], IO[bytes]], None]] = {".csv": _write_csv, ".json": _write_json}
