"""The checkpoints that a network's authors published, as `pose3d models NAME` and `pose3d refiners NAME` tell them."""

from __future__ import annotations

from collections.abc import Iterable

from in_the_wild.checkpoints.records.base import Record


def published(records: Iterable[Record], *, use: str) -> None:
    """Every checkpoint on lines of its own, those with a file first: names that are to be typed are never broken.

    Args:
        records: Of one network.
        use: How such a file is used, in a sentence.
    """
    from pose3d_cli import terminal

    ordered = sorted(records, key=lambda record: record.released is False)
    if not ordered:
        return
    terminal.say(f"\nPublished by its authors: {ordered[0].url}; licence: {ordered[0].licence}")
    for record in ordered:
        terminal.say(f"  {record.name}   {_files(record)}")
        reads = record.training.get("input_skeleton") or record.training.get("skeleton") or "poses"
        terminal.say(f"      {record.data}; {record.window} frames of {reads}; {_reported(record)}")
    terminal.say(f"\n{use}")


def _files(record: Record) -> str:
    """The names under which a checkpoint is given away."""
    if record.released:
        return ", ".join(record.files) or "in the authors' folder"
    return "(weights not given away)" if record.released is False else "(not said whether weights are given away)"


def _reported(record: Record) -> str:
    """The errors that are reported, with where."""
    said = [
        f"{name} {record.reported[key]} mm"
        for key, name in (("mpjpe", "MPJPE"), ("p_mpjpe", "P-MPJPE"))
        if key in record.reported
    ]
    besides = "; ".join(str(record.reported[key]) for key in ("note", "source") if key in record.reported)
    return f"{', '.join(said) or 'no MPJPE reported'}{f' ({besides})' if besides else ''}"
