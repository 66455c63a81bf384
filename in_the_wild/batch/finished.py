"""Whether the results of a clip are there already, and what they say of themselves.

A run that came to its end has left `run.json`, no `unfinished.json`, and all files that the record names, none of them
newer than the record: another run that was killed may have replaced some. In a store the record alone says it: it is
taken away before any file is replaced.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal, get_args

from in_the_wild import stores
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.outcome import Outcome
from in_the_wild.leftovers import POSTER, RECORD, UNFINISHED

Stamp = Literal["stamp", "asked"]
# What is read of a record, and as what.
_TELLS: Mapping[str, Callable[[Any], Any]] = {
    "frames": int, "persons": tuple, "seconds": dict, "files": tuple, "warnings": tuple,
}  # fmt: skip


def finished(clip: Clip, stamp: Callable[[], str], *, of: Stamp = "stamp") -> Outcome | None:
    """What an earlier run made of a clip, if that is what would be made of it now; None where there is work to do.

    Args:
        clip: Where `skip_existing` holds, any finished result will do.
        stamp: Gives the stamp of what would be made; asked only where a result is there.
        of: Which one: that of `Pipeline.stamp`, or, with nothing loaded, that of `stamp_asked`.
    """
    if clip.output is None or clip.output.overwrite:
        return None
    if clip.store is None:
        names = _written_by(clip.output.folder)
        record = _read(clip.output.folder / RECORD) if RECORD in names else None
    else:
        names = stores.names_in(clip.store)
        record = _fetched(f"{clip.store}/{RECORD}") if RECORD in names else None
    if record is None or UNFINISHED in names or not names.issuperset(record["files"]):
        return None
    if not (clip.skip_existing or (record[of] and record[of] == stamp())):
        return None
    return Outcome(
        source=clip.source,
        name=clip.name,
        folder=clip.folder,
        status="kept",
        frames=record["frames"],
        people=record["persons"],
        seconds=record["seconds"],
        files=record["files"],
        warnings=record["warnings"],
        store=clip.store,
        has_picture=POSTER in names,
    )


def _written_by(folder: Path) -> set[str]:
    """The names of the files in a folder that are no newer than its record, and of those that come after it."""
    try:
        written = (folder / RECORD).stat().st_mtime_ns
        return {
            path.name
            for path in folder.iterdir()
            if path.is_file() and (path.stat().st_mtime_ns <= written or path.name in (UNFINISHED, POSTER))
        }
    except OSError:
        return set()


def _fetched(url: str) -> dict[str, Any] | None:
    """A record that lies in a store.

    Raises:
        InputError: it cannot be had.
    """
    with tempfile.TemporaryDirectory(prefix="pose3d") as own:
        stores.fetch(url, Path(own, RECORD))
        return _read(Path(own, RECORD))


def _read(path: Path) -> dict[str, Any] | None:
    """What a run that came to its end has recorded; None of what is no such record."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return {name: kind(record[name]) for name, kind in _TELLS.items()} | {
            name: record.get(name) for name in get_args(Stamp)
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
