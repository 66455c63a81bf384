"""What commands say about a result: warnings, errors, and a row of the table at the end."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from in_the_wild import failures

if TYPE_CHECKING:
    from in_the_wild.result import Result

Row = tuple[str, ...]
_COLUMNS = ("video", "persons", "frames", "seconds", "frames/s", "files")
_FAILED = "failed"


def told(result: Result, seconds: float) -> Row:
    """Say what an input gave, in how many seconds in all, and give its row of the summary."""
    from pose3d_cli import terminal

    for warning in result.warnings:
        terminal.warn(warning)
    error = None if result.error is None else failures.sentence(result.error)
    if error is not None:
        terminal.complain(error)
    terminal.result(
        {
            "input": str(result.video),
            "folder": None if result.folder is None else str(result.folder),
            "files": result.files,
            "persons": result.persons,
            "frames": result.frames,
            "seconds": round(seconds, 3),
            "stages": {stage: round(took, 3) for stage, took in result.seconds.items()},
            "warnings": result.warnings,
            "error": error,
        }
    )
    return _row(result, seconds)


def step(result: Result, began: float) -> None:
    """Say what a step gave that began at this time of `time.monotonic`."""
    summary([told(result, time.monotonic() - began)])


def have_failed(rows: Iterable[Row]) -> bool:
    """Whether a video gave nothing."""
    return any(_FAILED in row[1:2] for row in rows)


def summary(rows: Iterable[Row]) -> None:
    """The table at the end."""
    from pose3d_cli import terminal

    terminal.summary(_COLUMNS, rows, numbers=_COLUMNS[1:5])


def _row(result: Result, seconds: float) -> Row:
    if result.error is not None:
        return result.video.name, _FAILED, "", "", "", ""
    files = f"{result.folder}: {', '.join(result.files)}"
    if "poses2d.npz" in result.files and not {"detect", "read"} & result.seconds.keys():
        files += " (poses2d.npz of an earlier run)"
    rate = f"{result.frames / seconds:.1f}"
    return result.video.name, str(len(result.persons)), str(result.frames), f"{seconds:.1f}", rate, files
