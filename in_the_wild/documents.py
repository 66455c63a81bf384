"""JSON, YAML and TOML: text files of plain data, read with loaders that run nothing, within bounds.

A document may be `_DEPTH` groups deep, and a YAML one may use `_ALIASES` aliases: a few hundred bytes of either could
otherwise stand for more values than any memory holds.

It knows nothing about what the values mean.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from in_the_wild.errors import InputError, Pose3DError
from in_the_wild.files import guarded, regular_file

_DEPTH = 64
_ALIASES = 20
# Of settings that people write; tables of numbers come as JSON, which is read a hundred times faster.
_LONGEST_SETTINGS = 1 << 20
_LONGEST_JSON = 1 << 30


def load(path: str | Path, *, expected: str, error: type[Pose3DError] = InputError) -> Any:
    """The data in a file whose name ends in one of `SUFFIXES`.

    Args:
        path: The file.
        expected: What it should be, with its article, for errors: "a configuration".
        error: What is raised.

    Returns:
        Dictionaries, lists, numbers, text, booleans and None; from YAML and TOML also dates.

    Raises:
        InputError: no such file, or one that does not hold such data.
    """
    path = regular_file(path, expected=expected, error=error)
    with guarded(path, expected=expected, error=error):
        parse = _PARSERS[path.suffix.lower()]
        longest = _LONGEST_JSON if parse is parse_json else _LONGEST_SETTINGS
        with path.open("rb") as file:
            return parse(_whole(file, longest))


def load_bytes(path: str | Path, *, expected: str) -> bytes:
    """The text of a file of settings, for who finds out its language by what it says; see `load`."""
    path = regular_file(path, expected=expected)
    with guarded(path, expected=expected), path.open("rb") as file:
        return _whole(file, _LONGEST_SETTINGS)


def load_json(path: str | Path, *, expected: str, error: type[Pose3DError] = InputError) -> Any:
    """The data in a JSON file, whatever its name; see `load`."""
    path = regular_file(path, expected=expected, error=error)
    with guarded(path, expected=expected, error=error), path.open("rb") as file:
        return parse_json(_whole(file, _LONGEST_JSON))


def parse_json(text: bytes | str) -> Any:
    """The data that a JSON text stands for.

    Raises:
        ValueError: it is none, or nested too deep.
        RecursionError: it is nested far too deep.
    """
    return _within_bounds(json.loads(text))


def parse_yaml(text: bytes) -> Any:
    """The data that a YAML text stands for.

    Raises:
        Exception: of its parser, whatever it is; `files.guarded` makes one sentence of it.
    """
    import yaml

    class Loader(yaml.SafeLoader):
        """Makes plain data alone, and counts aliases."""

        aliases = 0

        def compose_node(self, parent: Any, index: Any) -> Any:
            if self.check_event(yaml.AliasEvent):
                self.aliases += 1
                if self.aliases > _ALIASES:
                    raise ValueError(f"more than {_ALIASES} aliases")
            return super().compose_node(parent, index)

    return _within_bounds(yaml.load(text, Loader))


def parse_toml(text: bytes) -> Any:
    """The data that a TOML text stands for.

    Raises:
        ValueError: it is none, or nested too deep.
    """
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return _within_bounds(tomllib.loads(text.decode("utf-8")))


_PARSERS: dict[str, Callable[[bytes], Any]] = {
    ".json": parse_json,
    ".toml": parse_toml,
    ".yaml": parse_yaml,
    ".yml": parse_yaml,
}
# How the names of files end that `load` reads.
SUFFIXES = tuple(_PARSERS)


def _whole(file: IO[bytes], longest: int) -> bytes:
    if file.seek(0, os.SEEK_END) > longest:
        raise ValueError(f"more than {longest >> 20} MB")
    file.seek(0)
    return file.read()


def _within_bounds(data: Any) -> Any:
    """The same data, unless it is nested too deep or holds itself."""
    level = [data]
    for _ in range(_DEPTH):
        groups = [one for one in level if isinstance(one, (dict, list))]
        level = [inner for one in groups for inner in (one.values() if isinstance(one, dict) else one)]
        if not level:
            return data
    raise ValueError(f"more than {_DEPTH} groups within each other")
