"""Arrays of .npz and .npy files, pickled ones included, without running anything that a pickle asks for.

Many data sets are given away as `np.savez` of dictionaries, which numpy pickles, and a pickle may call any function of
any package when it is opened. Here one may ask for numpy's arrays, types and scalars and for ordered dictionaries only.
It gets our own stand-ins for numpy's, which believe all that a file says of a type: where one denies that it is of
objects, bytes would pass for pointers. Pickles of Python 2 and 3 and of numpy 1 and 2 read the same.

It knows nothing about what the arrays mean.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import re
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from in_the_wild.arrays import check_fits, members, read_header
from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file

# Booleans, numbers, texts, bytes and objects; no records.
_PLAIN_TYPE = re.compile(r"[biufcSUO]\d*")
# What the pickle's own machine makes room for by a number in it.
_COUNTING = ("FRAME", "PUT", "BINPUT", "LONG_BINPUT")
# How many bytes may be made by calls: these, and so many times the file's own.
_FLOOR = 1 << 20
_CALLED = 8


def load(path: Path) -> dict[str, Any]:
    """Every array of an .npz file by name.

    A pickled array without dimensions, which `np.savez` makes of a dictionary, comes as the dictionary. Arrays within
    pickles are read-only.

    Raises:
        InputError: no .npz file, a damaged one, one that asks for too much memory, or one with a pickle that asks for
            more than data.
    """
    expected = "an .npz file of numpy"
    regular_file(path, expected=expected)
    return members(path, partial(_member, path), expected=expected)


def load_array(path: Path) -> Any:
    """What a .npy file holds: its array, or what is pickled in one without dimensions.

    Raises:
        InputError: no .npy file, a damaged one, or a pickle that asks for more than data.
    """
    expected = "a .npy file of numpy"
    regular_file(path, expected=expected)
    with guarded(path, expected=expected), _nothing_hostile(path), path.open("rb") as file:
        return _array(file, path.stat().st_size)


def loads(data: bytes) -> Any:
    """What a pickle stands for that some other kind of file holds.

    Raises:
        UnpicklingError: it is damaged, asks for too much memory, or for more than data.
    """
    _check_sizes_within(io.BytesIO(data), len(data))
    return _in_place(_Unpickler(io.BytesIO(data), len(data)).load(), {})


@contextmanager
def _nothing_hostile(path: Path) -> Iterator[None]:
    try:
        yield
    except _HostileError as error:
        raise InputError(
            f"{path} is not read: plain arrays, lists and dictionaries were expected, found {error}, which could run "
            "code when opened; get the file from its authors."
        ) from error


def _member(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Any:
    with _nothing_hostile(path), archive.open(info) as file:
        return _array(file, info.file_size)


def _array(file: IO[bytes], size: int) -> Any:
    """What a .npy file of so many bytes holds."""
    shape, dtype = read_header(file)
    if not dtype.hasobject:
        check_fits(shape, dtype, size - file.tell())
        file.seek(0)
        return npy.read_array(file, allow_pickle=False)
    begin = file.tell()
    _check_sizes_within(file, size - begin)
    file.seek(begin)
    value = _in_place(_Unpickler(file, size).load(), {})
    return value[()] if isinstance(value, np.ndarray) and shape == () else value


def _check_sizes_within(file: IO[bytes], size: int) -> None:
    """Refuse a pickle that asks for more memory than its bytes can fill, before anything makes room for it."""
    for opcode, argument, _ in pickletools.genops(_Rest(file, size)):  # type: ignore[arg-type]
        if opcode.name in _COUNTING and int(argument or 0) > size:
            raise pickle.UnpicklingError(f"{opcode.name} of {argument} in {size} bytes")


class _Rest:
    """So many bytes of a file, which nobody is asked for more than."""

    def __init__(self, file: IO[bytes], size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int) -> bytes:
        """The next bytes, fewer at the end."""
        return self._counted(self._file.read(min(size, self._left)))

    def readline(self) -> bytes:
        """The bytes up to the end of the line."""
        return self._counted(self._file.readline(self._left))

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        return data


class _HostileError(pickle.UnpicklingError):
    """A pickle asks for what is no data; the message is its name."""


class _Unpickler(pickle.Unpickler):
    """Reads a pickle of arrays and plain containers.

    Args:
        file: Stands where the pickle begins.
        size: Bytes of the file. What is made of them by calls, which may name the same bytes again and again, has a
            bound that follows from it.
    """

    def __init__(self, file: IO[bytes], size: int) -> None:
        super().__init__(file, encoding="latin1")
        self._room = _FLOOR + _CALLED * size

    def _spend(self, size: int) -> None:
        self._room -= size
        if self._room < 0:
            raise pickle.UnpicklingError("far more data than the file holds")

    def find_class(self, module: str, name: str) -> Any:
        # Bound methods, for a pickle can change the attributes of classes and functions that it is given.
        allowed = {
            "numpy.core.multiarray._reconstruct": self._reconstruct,
            "numpy.core.multiarray.scalar": self._scalar,
            "numpy.dtype": self._type,
            "numpy.ndarray": "ndarray",  # what _reconstruct is told to make
            "_codecs.encode": self._encode,
            "__builtin__.bytes": self._no_bytes,
            "collections.OrderedDict": self._ordered,
        }
        asked = f"{module}.{name}"
        known = re.sub(r"^numpy\._core\.", "numpy.core.", asked)
        if known not in allowed:
            raise _HostileError(asked)
        return allowed[known]

    def _reconstruct(self, *arguments: object) -> _Array:
        del arguments  # all that matters comes with the state
        return _Array(self._spend)

    def _type(self, code: str, *copying: object) -> _Type:
        del copying
        return _Type(code)

    def _scalar(self, kind: _Type, data: bytes | str) -> Any:
        self._spend(len(data))
        return _values((), kind.value, data)[()]

    def _encode(self, text: str, encoding: str) -> bytes:
        # Numpy before 1.15 writes protocol 2, which has bytes only so, and always as latin1.
        del encoding
        self._spend(len(text))
        return text.encode("latin1")

    def _ordered(self, *pairs: list[Any]) -> OrderedDict[Any, Any]:
        self._spend(sum(map(len, pairs)))
        return OrderedDict(*pairs)

    def _no_bytes(self) -> bytes:
        # The same protocol's empty bytes.
        return b""


class _Type:
    """Stands for a numpy.dtype while a pickle is read."""

    def __init__(self, code: str) -> None:
        if not _PLAIN_TYPE.fullmatch(code):
            raise pickle.UnpicklingError(f"type {code}")
        self.value = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the byte order from numpy's state; all else of a plain type is in its code."""
        _, order, subarray, names, members, *_ = state
        if not subarray is names is members is None:
            raise pickle.UnpicklingError("type of a record")
        self.value = self.value.newbyteorder(order)


class _Array:
    """Stands for a numpy.ndarray while a pickle is read; `spend` hears of the bytes that it takes."""

    def __init__(self, spend: Callable[[int], None]) -> None:
        self._spend = spend
        self.value = np.empty(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        """Take the values from numpy's state."""
        *_, shape, kind, fortran, data = state
        self._spend(len(data))
        if not kind.value.hasobject:
            self.value = _values(shape, kind.value, data, order="F" if fortran else "C")
            return
        if not isinstance(data, list) or len(data) != math.prod(shape):
            raise pickle.UnpicklingError("array of objects without its objects")
        # Objects come in C order, whatever order they were kept in.
        self.value = np.empty(shape, object)
        flat = self.value.reshape(-1)
        for i, one in enumerate(data):
            flat[i] = one


def _values(shape: tuple[int, ...], dtype: np.dtype[Any], data: bytes | str, *, order: Any = "C") -> np.ndarray:
    # Python 2's bytes come as text.
    raw = data.encode("latin1") if isinstance(data, str) else data
    check_fits(shape, dtype, len(raw))
    return np.ndarray(shape, dtype, buffer=raw, order=order)


def _in_place(value: Any, done: dict[int, tuple[Any, Any]]) -> Any:
    """The same value with arrays and types where something stands for them, in containers of any depth.

    Args:
        value: From the pickle; lists, dictionaries and arrays of objects are changed in place.
        done: What was met before and what became of it, by id; kept alive, for the ids of what is gone are given again.
    """
    if not isinstance(value, _Array | _Type | list | dict | tuple):
        return value
    if id(value) in done:
        return done[id(value)][1]
    result = value.value if isinstance(value, _Array | _Type) else value
    done[id(value)] = value, result
    if isinstance(result, list):
        result[:] = [_in_place(one, done) for one in result]
    elif isinstance(result, dict):
        result.update({key: _in_place(one, done) for key, one in result.items()})
    elif isinstance(result, tuple):
        result = tuple(_in_place(one, done) for one in result)
        done[id(value)] = value, result
    elif isinstance(result, np.ndarray) and result.dtype.hasobject:
        flat = result.reshape(-1)
        for i, one in enumerate(flat.tolist()):
            flat[i] = _in_place(one, done)
    return result
