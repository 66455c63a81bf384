"""A preview of what a path holds: enough to tell which format it is of, read once, and never more than its beginning.

It knows nothing about which formats there are.
"""

from __future__ import annotations

import json
import re
import zipfile
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from in_the_wild.plugins import back_end

# How much of a file is read, bytes: many records of any format.
HEAD = 1 << 16
# How many names of a folder are looked at, and how deep JSON may be nested.
_MOST_NAMES = 1000
_DEEPEST = 64
_ARCHIVE, _HDF5 = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n"
# What tells where values of a JSON text end: a string is passed over as a whole, also one that breaks off.
_MARK = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)|[\[\]{},]', re.DOTALL)
_CLOSING = {"[": "]", "{": "}"}


class Preview:
    """A file or a folder, of which every part is read when it is first asked for.

    Attributes:
        path: Where it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @cached_property
    def is_folder(self) -> bool:
        """Whether this is a folder."""
        return self.path.is_dir()

    @cached_property
    def head(self) -> bytes:
        """The first `HEAD` bytes, all of a shorter file; nothing of a folder.

        Raises:
            OSError: the file does not open.
        """
        if self.is_folder:
            return b""
        with self.path.open("rb") as file:
            return file.read(HEAD)

    @cached_property
    def text(self) -> str:
        """The head as text, for tables; empty where it is none."""
        try:
            return "" if b"\0" in self.head else self.head.decode("utf-8-sig", errors="ignore")
        except UnicodeError:
            return ""

    @cached_property
    def json(self) -> Any:
        """The data that the head stands for, if it is JSON: the first of long lists; None where it is none."""
        return beginning_of_json(self.text) if self.text.lstrip()[:1] in ("[", "{") else None

    @cached_property
    def record(self) -> Any:
        """The first item of a JSON list, or the JSON itself; an empty dictionary where that is no object."""
        first = self.json[0] if isinstance(self.json, list) and self.json else self.json
        return first if isinstance(first, dict) else {}

    @cached_property
    def arrays(self) -> frozenset[str]:
        """Names of the arrays in an .npz file; none of another one, or of a damaged one, whose reader says how."""
        if not self.head.startswith(_ARCHIVE):
            return frozenset()
        try:
            with zipfile.ZipFile(self.path) as archive:
                return frozenset(name.removesuffix(".npy") for name in archive.namelist())
        except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
            return frozenset()

    @cached_property
    def groups(self) -> frozenset[str]:
        """Names of what lies at the top of an HDF5 file; none of another one, or of a damaged one.

        Raises:
            PluginError: nothing is installed that reads HDF5.
        """
        if not self.head.startswith(_HDF5):
            return frozenset()
        h5py = back_end("h5py", install="h5py")
        try:
            with h5py.File(self.path, "r") as file:
                return frozenset(file)
        except (OSError, ValueError, RuntimeError, KeyError):
            return frozenset()

    @cached_property
    def files(self) -> list[Path]:
        """Files of a folder, the first of its names in order, without those that are hidden."""
        if not self.is_folder:
            return []
        some = islice((path for path in self.path.iterdir() if not path.name.startswith(".")), _MOST_NAMES)
        return sorted(path for path in some if path.is_file())

    @cached_property
    def first_json(self) -> Preview | None:
        """The first JSON file of a folder, where it is a folder of such files alone or nearly so."""
        found = [path for path in self.files if path.suffix.lower() == ".json"]
        return Preview(found[0]) if found and 2 * len(found) > len(self.files) else None


def beginning_of_json(text: str) -> Any:
    """The data that the beginning of a JSON text stands for, as if its lists and objects ended there.

    >>> beginning_of_json('[{"frame": 1, "people": [2, 3'), beginning_of_json("[1, 2]")
    ([{'frame': 1, 'people': [2]}], [1, 2])

    Returns:
        None where it is no JSON.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    open_groups: list[str] = []
    end, closing = 0, ""
    for mark in _MARK.finditer(text):
        sign = mark.group()
        if sign in _CLOSING:
            open_groups.append(_CLOSING[sign])
        elif sign in ("]", "}") and open_groups:
            open_groups.pop()
        if len(open_groups) > _DEEPEST:
            return None
        if sign in ("[", "{", ","):
            end, closing = mark.end() - (sign == ","), "".join(reversed(open_groups))
    try:
        return json.loads(text[:end] + closing)
    except (ValueError, RecursionError):
        return None
