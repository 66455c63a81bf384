"""The notes of poses that count frames, where frames are counted anew: from where a part of a video begins, or back.

It knows what those notes look like, and nothing else about who writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

# Frames that were looked at, and those with which another shot begins.
_FRAMES = ("looks", "cuts")
# By person, runs that were mended: first and last frame, and what follows these.
_CLEANED = "cleaned"
# By person, what solving found; of it, by joint, runs in which a foot stands.
_SOLVED, _STANDING = "whole_clip", "standing"
# All of them.
NAMES = (*_FRAMES, _CLEANED, _SOLVED)


def renumbered(notes: Mapping[str, Any], *, by: int, frames: int) -> dict[str, Any]:
    """Notes for frames whose numbers are larger by so many.

    Args:
        notes: Of poses.
        by: What is added to each number; a part that begins at frame 30 takes -30.
        frames: How many there are now; what lies outside is left out, and runs end with them.

    Raises:
        TypeError, ValueError, AttributeError: notes that look otherwise, in files of somebody's own.
    """

    def runs(found: Sequence[Sequence[Any]]) -> list[list[Any]]:
        moved = ((max(first + by, 0), min(last + by, frames - 1), *more) for first, last, *more in found)
        return [list(run) for run in moved if run[0] <= run[1]]

    changed: dict[str, Any] = {
        name: [number + by for number in notes[name] if 0 <= number + by < frames] for name in _FRAMES if name in notes
    }
    if _CLEANED in notes:
        by_person = {person: runs(mended) for person, mended in notes[_CLEANED].items()}
        changed[_CLEANED] = {person: mended for person, mended in by_person.items() if mended}
    if _SOLVED in notes:
        changed[_SOLVED] = {
            person: {**found, _STANDING: {joint: runs(stood) for joint, stood in found[_STANDING].items()}}
            if _STANDING in found
            else found
            for person, found in notes[_SOLVED].items()
        }
    return {**notes, **changed}


def without(notes: Mapping[str, Any]) -> dict[str, Any]:
    """Notes without those, for frames that are none of those counted."""
    kept = {name: note for name, note in notes.items() if name not in (*_FRAMES, _CLEANED)}
    if _SOLVED in kept:
        kept[_SOLVED] = {
            person: {name: value for name, value in found.items() if name != _STANDING}
            for person, found in kept[_SOLVED].items()
        }
    return kept
