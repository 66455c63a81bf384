"""What `pose3d datasets DIR` tells of a prepared set, or of a folder that holds none."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from in_the_wild import plugins
from in_the_wild.errors import InputError, Pose3DError

if TYPE_CHECKING:
    from pose3d_cli.datasets.prepared.sequences import Dataset
    from pose3d_cli.datasets.prepared.summary import Range, Summary
    from pose3d_cli.datasets.readers.base import Reader

READERS = "pose3d_cli.datasets.readers"


def tell(folder: Path, *, check: bool) -> None:
    """Tell all that a prepared set holds.

    Args:
        folder: Of the set.
        check: Whether to compare the arrays with their checksums first.

    Raises:
        InputError: no prepared set; the message says what else the folder seems to hold. Or one that has changed.
    """
    from pose3d_cli import terminal
    from pose3d_cli.datasets.prepared import sequences, summary

    if not sequences.is_prepared(folder):
        raise InputError(_unprepared(folder))
    dataset = sequences.open_folder(folder)
    if check and (changed := dataset.check()):
        raise InputError(
            f"{folder}: {', '.join(changed)} no longer hold what was written; prepare the data set again, with "
            "--overwrite."
        )
    with terminal.stage_progress("look", total=len(dataset), unit="sequences") as show:
        seen = summary.summarise(dataset, tell=show)
    rows = _description(dataset) + _numbers(dataset, seen)
    if check:
        rows.append(("checksums", "as they were written"))
    terminal.table(str(folder), ("", ""), rows)
    columns = ("split", "subject", "sequences", "frames", "hours")
    parts = [(part.split, part.subject, part.sequences, f"{part.frames:,}", f"{part.hours:.3f}") for part in seen.parts]
    terminal.table("", columns, parts, numbers=columns[2:])


def _unprepared(folder: Path) -> str:
    """One sentence on a folder without a prepared set."""
    if not folder.is_dir():
        return f"{folder} is no folder; give that of a prepared data set."
    whole, doubtful = [], []
    for name in plugins.names(READERS):
        try:
            reader: Reader = plugins.load(READERS, name)(folder)
            files = reader.files()
        except Pose3DError:  # none of its files, or a package that is not installed
            continue
        missing = [str(file.relative_to(folder)) for file in files if not file.is_file()]
        if missing:
            if len(missing) < len(files):
                doubtful.append(f"some of {name}'s files, without {missing[0]}")
            continue
        try:
            # Some layouts are any files of a kind: looking into them tells.
            whole += [name] if reader.count() else []
        except Pose3DError as error:
            doubtful.append(f"{name}'s files, but: {error}")
    if whole:
        target = folder.resolve().with_name(f"{folder.resolve().name}-prepared")
        command = shlex.join(["pose3d", "prepare", whole[0], "--from", str(folder), "--to", str(target)])
        others = f" (or of {', '.join(whole[1:])})" if whole[1:] else ""
        return f"{folder} is not prepared. It seems to hold the files of {whole[0]}{others}: {command}"
    held = f"It may hold {'; or '.join(doubtful).rstrip('.')}. " if doubtful else ""
    return f"{folder} is not prepared. {held}See which files each data set needs: pose3d datasets"


def _description(dataset: Dataset) -> list[tuple[str, str]]:
    """What the set says of itself."""
    said = dataset.description
    joints = said.joint_skeleton and f"{said.joint_skeleton}, {'from the root' if said.centred else 'camera space'}"
    rows = [("data set", said.name)]
    rows += [(name, value) for name, value in (("inputs", said.inputs), ("truth", said.truth)) if value]
    rows += [
        ("keypoints", said.keypoint_skeleton or "none"),
        ("joints", joints or "none"),
        ("licence", said.licence or "not said"),
    ]
    rows += [(f"note: {topic}", note) for topic, note in said.notes.items()]
    return rows


def _numbers(dataset: Dataset, seen: Summary) -> list[tuple[str, str]]:
    """What was seen in it."""
    subjects = list(dict.fromkeys(part.subject for part in seen.parts))
    cameras = _listed([name or "unnamed" for name in seen.cameras])
    rows = [
        ("sequences", f"{len(dataset):,}"),
        ("frames", f"{seen.frames:,}, which are {seen.hours:.3f} hours"),
        ("frames a second", ", ".join(f"{fps:g}" for fps in seen.fps)),
        ("subjects", _listed(subjects)),
        ("actions", _listed(seen.actions)),
        ("cameras", f"{cameras}; intrinsics known for {seen.calibrated:.0%} of the sequences"),
        ("pictures", ", ".join(f"{w}x{h}" if w and h else "of unknown size" for w, h in seen.pictures)),
        ("arrays", ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in seen.nbytes.items())),
    ]
    if seen.extent is not None:
        axes = zip(("right", "down", "away"), seen.extent, strict=True)
        rows.append(("joints from root", ", ".join(f"{axis} {_metres(one)}" for axis, one in axes)))
    if seen.distance is not None:
        rows.append(("root from camera", f"{_metres(seen.distance)}, {seen.distance.mean:.2f} m on average"))
    for name, share in (
        ("keypoints seen", seen.seen),
        ("... in the picture", seen.inside),
        ("frames that count", seen.valid),
    ):
        if share is not None:
            rows.append((name, f"{share:.1%}"))
    return rows


def _listed(names: list[str] | tuple[str, ...]) -> str:
    """How many there are, and all of them, as long as that can be read."""
    shown = ", ".join(names[:30]) + (", ..." if len(names) > 30 else "")
    return shown if len(names) == 1 else f"{len(names)}: {shown}"


def _metres(one: Range) -> str:
    return f"{one.low:.2f} to {one.high:.2f} m"
