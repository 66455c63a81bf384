"""File formats for poses, and the one way to them.

Every file of this folder is one format and its name what people type: `npz`, `json`, `csv`. A file that is read tells
its format by its content, else by its name's end, a folder by its content alone; one that is written by its name's end.

    poses = formats.read("poses3d.npz")
    formats.write(poses, "poses3d.csv", format="csv:layout=wide")
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

from in_the_wild import plugins, settings
from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file
from in_the_wild.formats._preview import Preview
from in_the_wild.formats.base import Format
from in_the_wild.poses import Poses
from in_the_wild.video.footage import Video

_FAMILY = "in_the_wild.formats"
_EXPECTED = "a file of poses"


def names() -> list[str]:
    """The formats that there are, sorted; none of them is imported."""
    return plugins.names(_FAMILY)


def load(name: str) -> type[Format]:
    """The class of one format.

    Raises:
        PluginError: no format of this name.
    """
    found: type[Format] = plugins.load(_FAMILY, name)
    return found


def make(format: str | settings.Spec | Format, **usual: str | Path | Video) -> Format:
    """A format of its name, of "csv:layout=wide", or as it is where an object was given.

    Args:
        format: What names it.
        usual: Settings that hold where the text says nothing else, of formats that have them.

    Raises:
        PluginError: no format of this name, or one whose back end is not installed.
        InputError: a setting that it does not have, or a value that it cannot have.
    """
    made: Format = settings.make(_FAMILY, format, **usual)
    return made


def suffixes(*, reads: bool = False, writes: bool = False) -> list[str]:
    """How the names of files end, the usual ending of each format first, such as [".csv", ".json", ".npz"].

    Args:
        reads: Only of formats that are read.
        writes: Only of formats that are written.
    """
    kinds = [load(name) for name in names()]
    chosen = [kind for kind in kinds if (kind.reads or not reads) and (kind.writes or not writes)]
    return list(dict.fromkeys(suffix for kind in chosen for suffix in kind.suffixes))


def writers_by_suffix() -> dict[str, type[Format]]:
    """What the end of a file's name stands for when it is written: of several formats the one of that name."""
    kinds = sorted(
        (kind for kind in map(load, names()) if kind.writes), key=lambda one: f".{one.name()}" in one.suffixes
    )
    return {end: kind for kind in kinds for end in kind.suffixes}


def read(
    path: str | Path,
    format: str | Format | None = None,
    *,
    video: str | Path | Video | None = None,
    joints: str | Path | None = None,
) -> Poses:
    """Read poses from a file, or from a folder of files that belong together.

    Args:
        path: Of any format that is read.
        format: Its format, by name, as "csv:fps=25" or as an object; None finds it.
        video: The video that keypoints were found in, for formats that take what they lack from it.
        joints: A joint map, for formats whose files name joints: see `in_the_wild.formats._joint_map`.

    Raises:
        InputError: no such file, one of no format that is read, or one that does not hold what it should.
        PluginError: no format of this name, or one that needs a package that is not installed.
    """
    path = Path(path)
    joint_map = None if joints is None else str(joints)
    said = {name: value for name, value in (("video", video), ("joints", joint_map)) if value is not None}
    if format is not None:
        return make(format, **said).read(path if path.is_dir() else regular_file(path, expected=_EXPECTED))
    found = recognise(path)
    if found is None and path.is_dir():
        raise InputError(
            f"A file of poses was expected, found a folder: {path}. Give a file, or a folder of the JSON files of "
            "OpenPose or AlphaPose."
        )
    if found is None:
        raise InputError(
            f"{path} is no file of poses that is known: one ending in {_listed(suffixes(reads=True))} was expected, "
            f"of one of the formats {_listed(names())}."
        )
    return make(found.name(), **said).read(path)


def recognise(path: str | Path) -> type[Format] | None:
    """The format of a file or a folder: by its content, else by its name's end; None where it is of none.

    Raises:
        InputError: no such file, or one that does not open.
        PluginError: a package is missing that such files are read with.
    """
    path = Path(path)
    if not path.is_dir():
        regular_file(path, expected=_EXPECTED)
    kinds = [kind for kind in map(load, names()) if kind.reads]
    with guarded(path, expected=_EXPECTED):
        preview = Preview(path)
        by_content = [kind for kind in kinds if kind.recognises(preview)]
    by_name = [kind for kind in kinds if path.suffix.lower() in kind.suffixes and not preview.is_folder]
    # Of several that end alike, the one that is also written: it says best what is wrong.
    return next(iter(by_content or sorted(by_name, key=lambda kind: not kind.writes)), None)


def write(poses: Poses, path: str | Path, format: str | Format | None = None) -> None:
    """Write poses into a file, which appears whole or not at all.

    Args:
        poses: What to write.
        path: Its end names the format.
        format: The format by name, as "csv:layout=wide" or as an object, where the name's end does not say enough.

    Raises:
        InputError: a name that ends as no file of poses does, or as another format's files do.
        OutputError: the file cannot be written.
        PluginError: no format of this name.
    """
    path = Path(path)
    writer_for(path, format).write(poses, path)


def writer_for(
    path: Path,
    format: str | Format | None = None,
    *,
    space: str = "",
    up: str = "",
    units: str = "",
    preset: str = "",
) -> Format:
    """The format that a file is written in, known before there is anything to write; arguments as of `write`.

    Args:
        path: The file.
        format: The format, where the name's end does not say enough.
        space: "camera" or "world", for formats that bring poses into one; others write what they are given.
        up: Which axis points up, where the format's custom is another.
        units: What they are, where the format's custom is another.
        preset: The program whose names the format is to use, where it has a choice.

    Raises:
        InputError: see `write`; axes, units or a preset for a format that has no choice of them.
    """
    suffix = path.suffix.lower()
    by_suffix = writers_by_suffix()
    made = None if format is None else make(format)
    if made is None:
        if suffix not in by_suffix:
            raise InputError(f"A file name ending in {_listed(sorted(by_suffix))} was expected, found {path.name}.")
        made = by_suffix[suffix]()
    elif suffix in by_suffix and suffix not in made.suffixes:
        raise InputError(f"{path.name} does not end as {made.title} does; name it {path.stem}{made.suffixes[0]}.")
    return _told(made, space=space if made.written_space else "", up=up, units=units, preset=preset)


def _told(made: Format, **changed: str) -> Format:
    """A format with some of its settings changed; empty ones stay as they are."""
    asked: dict[str, Any] = {name: value for name, value in changed.items() if value}
    known = settings.defaults_of(type(made))
    for name in asked:
        if name not in known:
            raise InputError(f"Files of {made.title} have no choice of {name}; leave it out, or take another format.")
    return dataclasses.replace(made, **asked) if asked else made  # type: ignore[type-var]


def _listed(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
