"""What commands say about a result: warnings, errors, and a row of the table at the end."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from in_the_wild.batch.outcome import Outcome
    from in_the_wild.result import Result

Row = tuple[str, ...]
_COLUMNS = ("video", "persons", "frames", "seconds", "frames/s", "files")
_FAILED = "failed"


def tell(outcome: Outcome) -> None:
    """Say what an input gave."""
    from pose3d_cli import terminal

    for warning in outcome.warnings:
        terminal.warn(warning)
    if outcome.error is not None:
        terminal.complain(outcome.error)
    terminal.result(
        {
            "input": outcome.source,
            "folder": outcome.where,
            "status": outcome.status,
            "files": list(outcome.files),
            "persons": list(outcome.people),
            "frames": outcome.frames,
            "seconds": round(outcome.took, 3),
            "stages": {stage: round(took, 3) for stage, took in outcome.seconds.items()},
            "warnings": list(outcome.warnings),
            "error": outcome.error,
        }
    )


def step(result: Result, began: float) -> None:
    """Say what a step gave that began at this time of `time.monotonic`."""
    from in_the_wild.batch.outcome import Outcome

    outcome = Outcome.of(result, time.monotonic() - began)
    tell(outcome)
    summary([row(outcome)])


def summary(rows: Iterable[Row]) -> None:
    """The table at the end."""
    from pose3d_cli import terminal

    terminal.summary(_COLUMNS, rows, numbers=_COLUMNS[1:5])


def row(outcome: Outcome) -> Row:
    """What the table says of an input."""
    if outcome.error is not None:
        return outcome.name, _FAILED, "", "", "", ""
    files = f"{outcome.where}: {', '.join(outcome.files)}"
    counts = str(len(outcome.people)), str(outcome.frames)
    if outcome.status == "kept":
        return outcome.name, *counts, "", "", f"{files} (all of an earlier run)"
    if "poses2d.npz" in outcome.files and not {"detect", "read"} & outcome.seconds.keys():
        files += " (poses2d.npz of an earlier run)"
    return outcome.name, *counts, f"{outcome.took:.1f}", f"{outcome.frames / outcome.took:.1f}", files
