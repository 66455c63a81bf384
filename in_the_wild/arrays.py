"""Arrays of .npz and .npy files: headers are checked before anything is read, and pickles are never opened.

A file asks for memory by what its headers say. Here they may say no more than the file can hold: `_RATIO` times its own
size, which packed arrays of real numbers stay far below, or `_FLOOR` bytes where that is more.

It knows nothing about what the arrays mean.
"""

from __future__ import annotations

import math
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
from numpy.lib import format as npy

from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file

Value = TypeVar("Value")

_RATIO = 100
_FLOOR = 64 << 20
# What numpy packs with; others could unpack to far more than is asked of them at once.
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Booleans, numbers, texts and bytes; no objects, which are pickles, and no records.
_PLAIN = "biufcSU"


def load_npz(path: str | Path, *, expected: str = "an .npz file of plain arrays") -> dict[str, np.ndarray]:
    """Every array of an .npz file by name.

    Args:
        path: The file.
        expected: What it should be, with its article, for errors.

    Raises:
        InputError: no such file, a damaged one, one of another kind, with pickles, or that asks for too much memory.
    """
    return members(regular_file(path, expected=expected), _member, expected=expected)


def members(
    path: Path, read: Callable[[zipfile.ZipFile, zipfile.ZipInfo], Value], *, expected: str
) -> dict[str, Value]:
    """What is read of every array of an .npz file, by name; see `load_npz`, which also says what is raised."""
    with guarded(path, expected=expected), zipfile.ZipFile(path) as archive:
        arrays = [info for info in archive.infolist() if info.filename.endswith(".npy")]
        _check_sizes(path, arrays)
        found = {info.filename.removesuffix(".npy"): read(archive, info) for info in arrays}
    if not found:
        raise InputError(f"{path} holds no arrays: {expected} was expected; get it again.")
    return found


def load_npy(path: str | Path, *, expected: str = "a .npy file of plain numbers", mapped: bool = False) -> np.ndarray:
    """The array of a .npy file.

    Args:
        path: The file.
        expected: What it should be, with its article, for errors.
        mapped: Leave it on the disk: what is used of it is read then.

    Raises:
        InputError: no such file, a damaged one, or one of another kind.
    """
    path = regular_file(path, expected=expected)
    with guarded(path, expected=expected):
        with path.open("rb") as file:
            shape, dtype = read_header(file)
            check_fits(shape, dtype, path.stat().st_size - file.tell())
        found: np.ndarray = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    return found


def most_bytes(path: Path) -> int:
    """How many bytes a file may unpack to."""
    return max(_FLOOR, _RATIO * path.stat().st_size)


def _check_sizes(path: Path, members: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive whose members would unpack to far more than it is itself.

    Raises:
        ValueError: it would, or a member is not packed as numpy packs.
    """
    bound = most_bytes(path)
    asked = sum(info.file_size for info in members)
    if asked > bound:
        raise ValueError(f"it would unpack to {asked} bytes")
    if any(info.compress_type not in _PACKED for info in members):
        raise ValueError("it is not packed as numpy packs")


def read_header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """Shape and type of the array that a .npy file holds; the file stands behind its header then.

    Raises:
        ValueError: no .npy file, or a shape that no array has.
    """
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # odd headers make Python's parser talk
        shape, _, dtype = read(file)
    if any(type(length) is not int or length < 0 for length in shape):
        raise ValueError(f"an array of shape {shape}")
    return shape, dtype


def check_fits(shape: tuple[int, ...], dtype: np.dtype[Any], size: int) -> None:
    """Refuse an array that does not fill exactly the bytes that it has, or that is no plain one.

    Raises:
        ValueError: it does not, or is not.
    """
    if dtype.kind not in _PLAIN or dtype.hasobject:
        raise ValueError(f"values of type {dtype}")
    # Empty texts take no room, so that any number of them would fit.
    if not dtype.itemsize and math.prod(shape) > max(size, 1):
        raise ValueError(f"{math.prod(shape)} empty texts")
    if math.prod(shape) * dtype.itemsize != size:
        raise ValueError(f"an array of shape {shape} of {dtype} in {size} bytes")


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> np.ndarray:
    with archive.open(info) as file:
        shape, dtype = read_header(file)
        check_fits(shape, dtype, info.file_size - file.tell())
    with archive.open(info) as file:
        found: np.ndarray = npy.read_array(file, allow_pickle=False)
        if file.read(1):  # to its end, where the checksum is compared
            raise ValueError("more than an array")
    return found
