"""Exports: an excerpt of poses as files for other programs, in the space, axes and units that those expect.

    writer = formats.make("c3d:units=m")
    write(chosen(poses, writer, Excerpt(persons=(0,), start=1.0, end=2.5, fps=60)), Path("clip.c3d"), writer)

It knows nothing about any one format.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from in_the_wild import formats, settings
from in_the_wild.errors import InputError
from in_the_wild.excerpt import EVERYTHING, Excerpt
from in_the_wild.files import refuse_overwriting
from in_the_wild.formats.base import Format
from in_the_wild.leftovers import remove_made_of
from in_the_wild.poses import Poses


def chosen(poses: Poses, writer: Format, excerpt: Excerpt = EVERYTHING) -> Poses:
    """An excerpt of poses, in the space that a format brings poses into, or in that which the excerpt names.

    Raises:
        InputError: see `Excerpt.of`.
    """
    return dataclasses.replace(excerpt, space=writer.written_space or excerpt.space).of(poses)


def write(poses: Poses, path: Path, writer: Format, *, inputs: Sequence[Path] = ()) -> list[Path]:
    """Write poses, in one file or in several; see `leftovers` for those of a run that are replaced.

    Args:
        poses: What is written.
        path: The file; see `formats.writer_for`.
        writer: The format.
        inputs: Files that are not to be written over.

    Returns:
        The files written: several for several people in a format that holds one.

    Raises:
        InputError: poses that such files cannot hold.
        OutputError: a file cannot be written, or is an input.
    """
    written = writer.files(poses, path)
    for file in written:
        refuse_overwriting(file, inputs)
    remove_made_of(path, poses)
    writer.write(poses, path)
    return written


def parse_formats(text: str) -> list[Format]:
    """The formats in a list of them: "c3d,csv:layout=wide".

    Raises:
        PluginError: no format of a name, or one whose back end is not installed.
        InputError: a format that is read alone, one that is named twice, or a setting that it does not have.
    """
    found = [formats.make(spec) for spec in settings.parse_specs(text)]
    for format in found:
        if not format.writes:
            raise InputError(f"Files of {format.title} are read alone; name a format that is written.")
        if [type(one) for one in found].count(type(format)) > 1:
            raise InputError(f'Every format can be named once, found {format.name()} twice in "{text}".')
    return found


def file_name(stem: str, format: Format) -> str:
    """How an export is called: where several formats end alike, its name tells which this is.

    >>> file_name("poses3d", formats.make("csv"))
    'poses3d.csv'
    """
    suffix = format.suffixes[0]
    usual = formats.writers_by_suffix().get(suffix) is type(format)
    return f"{stem}{suffix}" if usual else f"{stem}_{format.name()}{suffix}"
