"""What commands say about a result: warnings, errors, and a row of the table at the end."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from pose3d_cli import failures

if TYPE_CHECKING:
    from in_the_wild.result import Result

Row = tuple[str, ...]
_COLUMNS = ("video", "persons", "frames", "seconds", "frames/s", "files")
_FAILED = "failed"


def warnings(result: Result) -> None:
    """What the user should know, and why there is no result."""
    from pose3d_cli import terminal

    for warning in result.warnings:
        terminal.warn(warning)
    if result.error is not None:
        terminal.complain(f"Error: {failures.sentence(result.error)}")


def row(result: Result, seconds: float) -> Row:
    """What a video gave, in how many seconds in all."""
    if result.error is not None:
        return result.video.name, _FAILED, "", "", "", ""
    files = f"{result.folder}: {', '.join(result.files)}"
    if "poses2d.npz" in result.files and not {"detect", "read"} & result.seconds.keys():
        files += " (poses2d.npz of an earlier run)"
    rate = f"{result.frames / seconds:.1f}"
    return result.video.name, str(len(result.persons)), str(result.frames), f"{seconds:.1f}", rate, files


def step(result: Result, began: float) -> None:
    """What a step gave that began at this time of `time.monotonic`: warnings, and a table of one row."""
    warnings(result)
    table([row(result, time.monotonic() - began)])


def have_failed(rows: Iterable[Row]) -> bool:
    """Whether a video gave nothing."""
    return any(_FAILED in row[1:2] for row in rows)


def table(rows: Iterable[Row]) -> None:
    """The summary at the end."""
    from pose3d_cli import terminal

    terminal.table("", _COLUMNS, rows, numbers=_COLUMNS[1:5])
