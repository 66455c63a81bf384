"""What commands say about a result: warnings, and a row of the table at the end."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from in_the_wild.pipeline import Result

Row = tuple[str, ...]
_COLUMNS = ("video", "people", "frames", "seconds", "frames/s", "files")


def warnings(result: Result) -> None:
    """What the user should know."""
    from pose3d_cli import terminal

    for warning in result.warnings:
        terminal.warn(warning)


def row(result: Result, seconds: float) -> Row:
    """What a video gave, in how many seconds in all."""
    files = f"{result.folder}: {', '.join(result.files)}"
    if "poses2d.npz" in result.files and "detect" not in result.seconds:
        files += " (poses2d.npz of an earlier run)"
    rate = f"{result.frames / seconds:.1f}"
    return result.video.name, str(len(result.people)), str(result.frames), f"{seconds:.1f}", rate, files


def failed(video: Path) -> Row:
    """A video that gave nothing."""
    return video.name, "failed", "", "", "", ""


def table(rows: Iterable[Row]) -> None:
    """The summary at the end."""
    from pose3d_cli import terminal

    terminal.table("", _COLUMNS, rows, numbers=_COLUMNS[1:5])
