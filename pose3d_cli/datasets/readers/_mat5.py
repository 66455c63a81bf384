"""Variables of MATLAB's .mat files of version 5 to 7, numbers and cells of numbers, read within bounds.

A file is a header of 128 bytes and elements, each a type, a length and as many bytes, padded to 8; a variable is an
element of elements: flags, dimensions, name and numbers (MATLAB's "MAT-File Format"). Variables of version 7 are packed
by zlib. Other readers trust what a length says, and damaged files end the whole program there.

It knows nothing about what the variables mean.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection, Iterator

import numpy as np

Variable = np.ndarray | list[np.ndarray]

_HEADER = 128
# How elements hold numbers, by type.
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_MATRIX, _PACKED = 14, 15
# What variables are of, by class; their numbers may lie in the file in a smaller type.
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_CELL, _LOGICAL, _COMPLEX = 1, 0x0200, 0x0800


def read(content: bytes, names: Collection[str], *, bound: int) -> dict[str, Variable]:
    """Some variables: arrays of numbers, or lists of them, column by column, where MATLAB has cells.

    Args:
        content: The file.
        names: Of the variables; those that are not there are left out.
        bound: Bytes that they may unpack to.

    Raises:
        ValueError: no such file, a damaged one, or one whose variables are no real numbers.
    """
    order = {b"IM": "<", b"MI": ">"}.get(content[126:_HEADER], "")
    if not order:
        raise ValueError("no header of such a file")
    found: dict[str, Variable] = {}
    for kind, data in _elements(content[_HEADER:], order):
        if kind == _PACKED:
            unpacker = zlib.decompressobj()
            data = unpacker.decompress(data, bound)
            if not unpacker.eof:
                raise ValueError(f"a variable of more than {bound} bytes, or one that is cut short")
            bound -= len(data)
            ((kind, data),) = _elements(data, order)
        if kind != _MATRIX:
            raise ValueError(f"an element of type {kind}")
        name = _name(data, order)
        if name in names:
            found[name] = _variable(list(_elements(data, order)), order)
    return found


def _elements(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Type and bytes of the elements that follow each other."""
    at = 0
    while at < len(data):
        kind, length = (int(value) for value in np.frombuffer(data, f"{order}u4", 2, at))
        if kind >> 16:  # a small element: length and type in four bytes, the data in the other four
            kind, length, start, after = kind & 0xFFFF, kind >> 16, at + 4, at + 8
        else:
            start = at + 8
            # Packed elements are not padded.
            after = start + length + (0 if kind == _PACKED else -length % 8)
        if start + length > len(data):
            raise ValueError("an element that is cut short")
        yield kind, data[start : start + length]
        at = after


def _name(data: bytes, order: str) -> str:
    """Of the variable in the bytes of an element of elements."""
    parts = _elements(data, order)
    next(parts)  # its flags
    next(parts)  # its dimensions
    return next(parts)[1].decode("latin1")


def _variable(parts: list[tuple[int, bytes]], order: str) -> Variable:
    (_, flags), (_, dimensions), _, *rest = parts
    flag = int(np.frombuffer(flags, f"{order}u4", 1)[0])
    shape = tuple(int(size) for size in np.frombuffer(dimensions, f"{order}i4"))
    if min(shape, default=-1) < 0:
        raise ValueError(f"dimensions {shape}")
    if flag & 0xFF == _CELL:
        if len(rest) != math.prod(shape):
            raise ValueError(f"{len(rest)} of {math.prod(shape)} cells")
        cells = [_variable(list(_elements(data, order)), order) for _, data in rest]
        if any(isinstance(cell, list) for cell in cells):
            raise ValueError("cells within cells")
        return [cell for cell in cells if isinstance(cell, np.ndarray)]
    if flag & _COMPLEX or flag & 0xFF not in _CLASSES or len(rest) != 1:
        raise ValueError(f"a variable of class {flag & 0xFF} where real numbers were expected")
    kind, data = rest[0]
    values = np.frombuffer(data, order + _NUMBERS[kind])
    if len(values) != math.prod(shape):
        raise ValueError(f"{len(values)} numbers where {shape} say {math.prod(shape)}")
    target = "?" if flag & _LOGICAL else _CLASSES[flag & 0xFF]
    return values.astype(target).reshape(shape, order="F")
