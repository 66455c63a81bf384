"""`pose3d prepare`: a data set as it is given away in, a folder that training and evaluation read out."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from in_the_wild import plugins
from in_the_wild.errors import InputError, OutputError
from in_the_wild.files import sha256
from in_the_wild.settings import defaults_of, parse_pairs
from pose3d_cli.commands import _options as options

if TYPE_CHECKING:
    from pose3d_cli.datasets.prepared.sequences import Description
    from pose3d_cli.datasets.readers.base import Reader

PANEL = "Data, training, evaluation"

_READERS = "pose3d_cli.datasets.readers"
_names = partial(plugins.names, _READERS)


def _check_settings(values: list[str] | None) -> list[str]:
    for value in values or []:
        if "=" not in value:
            raise typer.BadParameter(f'A setting is KEY=VALUE, found "{value}".')
    return values or []


Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help=f"Which data set: {', '.join(_names())}. pose3d datasets says which files each of them needs.",
        **options.one_of("data set", _names),
    ),
]
Source = Annotated[
    Path,
    typer.Option("--from", metavar="DIR", help="Folder of its files.", rich_help_panel=options.INPUT),
]
Folder = Annotated[
    Path,
    typer.Option("--to", metavar="DIR", help="Folder that is made.", rich_help_panel=options.OUTPUT),
]
Settings = Annotated[
    list[str] | None,
    options.of_input(
        "--set",
        metavar="KEY=VALUE",
        help="Change a setting that pose3d datasets lists. Repeatable.",
        show_default="none",
        callback=_check_settings,
    ),
]
Npz = Annotated[
    Path | None,
    options.of_output(
        "--npz",
        metavar="DIR",
        help="mpi_inf_3dhp: a folder for the npz files, too, that the code of P-STMO and STCFormer reads.",
        show_default="none",
    ),
]
Overwrite = Annotated[
    bool,
    options.of_output(
        "--overwrite",
        help="Prepare anew, also where the folder holds another prepared set.",
    ),
]


def prepare(
    name: Name,
    source: Source,
    folder: Folder,
    settings: Settings = None,
    npz: Npz = None,
    overwrite: Overwrite = False,
) -> None:
    """Turn a data set, as its authors give it away, into a folder that training and evaluation read.

    A folder that was prepared from the same files with the same settings stays as it is.

    Example: pose3d prepare human36m --from h36m --to data/h36m
    """
    from pose3d_cli import terminal
    from pose3d_cli.datasets.prepared import sequences

    if not source.is_dir():
        raise InputError(f"{source} is no folder; give the folder of the data set's files with --from.")
    if source.resolve().is_relative_to(folder.resolve()):
        raise OutputError(f"{folder} is replaced as a whole, and {source} is in it; choose another folder with --to.")
    if npz is not None and npz.resolve() == source.resolve():
        raise OutputError(f"The npz files would be written among those of {source}; choose another folder with --npz.")
    reader_class = plugins.load(_READERS, name)
    defaults = defaults_of(reader_class)
    chosen = parse_pairs(settings or [], defaults, owner=f"data set {name}")
    reader: Reader = reader_class(source, **chosen)
    if npz is not None and not hasattr(reader, "write_npz"):
        raise InputError(f"There are no npz files of {name} for other people's code; leave --npz out.")
    reader.require()
    description = _describe(reader, {**defaults, **chosen})
    if not overwrite and _holds(folder, description):
        terminal.aside(f"{folder} was prepared from the same files with the same settings; it stays as it is.")
    else:
        with (
            sequences.Writer(folder, description) as writer,
            terminal.stage_progress("read", total=reader.count(), unit="sequences") as show,
        ):
            for done, sequence in enumerate(reader.read(), start=1):
                writer.add(sequence)
                show(done)
        for note in reader.notes():
            terminal.warn(note)
        terminal.aside(_told(folder))
    if npz is not None:
        written = reader.write_npz(npz)  # type: ignore[attr-defined]
        terminal.aside(f"For other people's code: {', '.join(map(str, written))}.")


def _describe(reader: Reader, settings: Mapping[str, Any]) -> Description:
    """What the set says of itself, with the checksums of its files and the settings it was read with."""
    from pose3d_cli import terminal

    description = reader.describe()
    files, sources = reader.files(), {}
    with terminal.stage_progress("checksums", total=len(files), unit="files") as show:
        for done, file in enumerate(files, start=1):
            inside = file.is_relative_to(reader.source)
            name = file.relative_to(reader.source).as_posix() if inside else file.name
            sources[name] = sha256(file)
            show(done)
    said = ", ".join(f"{key}={value}" for key, value in settings.items())
    notes = {**description.notes, "settings": said} if said else description.notes
    return dataclasses.replace(description, sources=sources, notes=notes)


def _holds(folder: Path, description: Description) -> bool:
    """Whether a folder holds this very set already.

    Raises:
        OutputError: it holds another one, or a damaged one.
    """
    from pose3d_cli.datasets.prepared import sequences

    if not sequences.is_prepared(folder):
        return False
    try:
        there = sequences.open_folder(folder).description
    except InputError as error:
        raise OutputError(f"{error} To replace all that is in {folder}, add --overwrite.") from error
    if there != description:
        raise OutputError(
            f"{folder} holds {there.name}, prepared from other files or with other settings; choose another folder "
            "with --to, or replace it with --overwrite."
        )
    return True


def _told(folder: Path) -> str:
    """One line on what was made and what comes next."""
    from pose3d_cli.datasets.prepared import sequences

    prepared = sequences.open_folder(folder)
    return (
        f"{folder}: {len(prepared):,} sequences, {int(prepared.lengths.sum()):,} frames with "
        f"{_and(prepared.has)}. To see more: pose3d datasets {folder}"
    )


def _and(names: Iterable[str]) -> str:
    *first, last = (name.replace("_", " ") for name in names)
    return f"{', '.join(first)} and {last}" if first else last
