"""Whether the results of a clip are there already, and what they say of themselves.

A run that came to its end has left `run.json`, no `unfinished.json`, and all files that the record names, none of them
newer than the record: another run that was killed may have replaced some.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from in_the_wild.batch.clip import Clip
from in_the_wild.batch.outcome import Outcome
from in_the_wild.leftovers import RECORD, UNFINISHED

# What is read of a record, and as what.
_TELLS: Mapping[str, Callable[[Any], Any]] = {
    "frames": int, "persons": tuple, "seconds": dict, "files": tuple, "warnings": tuple,
}  # fmt: skip


def finished(clip: Clip, stamp: Callable[[], str]) -> Outcome | None:
    """What an earlier run made of a clip, if that is what would be made of it now; None where there is work to do.

    Args:
        clip: Where `skip_existing` holds, any finished result will do.
        stamp: Gives the stamp of what would be made, see `Pipeline.stamp`; asked only where a result is there.
    """
    if clip.output is None or clip.output.overwrite:
        return None
    record = _record(clip.output.folder)
    if record is None or not (clip.skip_existing or record["stamp"] == stamp()):
        return None
    return Outcome(
        source=clip.source,
        name=clip.name,
        folder=clip.output.folder,
        status="kept",
        frames=record["frames"],
        people=record["persons"],
        seconds=record["seconds"],
        files=record["files"],
        warnings=record["warnings"],
    )


def _record(folder: Path) -> dict[str, Any] | None:
    """What a run that came to its end has recorded, if its files are still those that it wrote."""
    path = folder / RECORD
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        written = path.stat().st_mtime_ns
        whole = all(_is_older(folder / name, written) for name in record["files"])
        found = {name: kind(record[name]) for name, kind in _TELLS.items()} | {"stamp": record.get("stamp")}
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if whole and not (folder / UNFINISHED).exists() else None


def _is_older(file: Path, than: int) -> bool:
    return file.is_file() and file.stat().st_mtime_ns <= than
