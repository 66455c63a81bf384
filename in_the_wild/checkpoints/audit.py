"""What a file of torch asks for, found by walking through its pickles without doing anything that they say.

`torch.load(weights_only=True)` runs no code, but it believes what a file says of sizes: 386 bytes may ask for 10 GB,
and a tensor may be said to reach beyond the numbers that are there. So before torch reads a file, it is looked up here
which functions it calls, how much it wants, and whether its checksums are right.

Files of torch since 1.6 are zip archives: one pickle, and one member of raw numbers for each storage. Older ones are
five pickles, one after the other, and then the storages.

It knows nothing about networks.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

# Bytes of a number, by what torch calls its storage.
_ITEM = {
    **dict.fromkeys(("ByteStorage", "CharStorage", "BoolStorage"), 1),
    **dict.fromkeys(("HalfStorage", "BFloat16Storage", "ShortStorage"), 2),
    **dict.fromkeys(("FloatStorage", "IntStorage"), 4),
    **dict.fromkeys(("DoubleStorage", "LongStorage"), 8),
}
# Tensors may share their numbers or repeat them, but all of them together are no more than so many times the file.
_MOST = 8
_PICKLES_OF_OLD_FILES = 5
# Bytes of pickles: each may become an object of some dozen bytes, and a thousand tensors take 100,000.
_LONGEST = 4 << 20
# What torch builds strided tensors with, over the years.
_TENSORS = ("torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2")
_PARAMETER = "torch._utils._rebuild_parameter"
_DICTIONARY = "collections.OrderedDict"
# Made of what the file holds anyway.
_HARMLESS = ("torch.Size", "torch.device", "_codecs.encode")
# All that a pickled `numpy.random.RandomState` names, by the releases of numpy; VideoPose3D and MixSTE store one along.
RANDOM_STATE = (
    "numpy.random.__RandomState_ctor",  # before 1.17
    "numpy.random.mtrand.__RandomState_ctor",
    "numpy.random.mtrand.RandomState",
    "numpy.random._pickle.__randomstate_ctor",  # from 1.17 on
    "numpy.random._pickle.__bit_generator_ctor",  # from 1.24 on
    "numpy.random._mt19937.MT19937",
    "numpy.core.multiarray._reconstruct",
    "numpy._core.multiarray._reconstruct",  # from 2.0 on
    "numpy.ndarray",
    "numpy.dtype",
)


class RefusedError(Exception):
    """What a file asks for that it may not have; the message says what was found, after "found "."""


def audit(path: Path) -> None:
    """Go through a file before torch does.

    Raises:
        RefusedError: it asks for more than plain tensors and containers, or for more memory than its size allows; or
            its checksums are wrong.
        Exception: it is damaged in another way, or no file of torch.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(4) == b"PK\x03\x04":
            _audit_archive(file, size)
        else:
            file.seek(0)
            storages: dict[str, int] = {}
            for _ in range(_PICKLES_OF_OLD_FILES):
                _Walk(storages, room=_MOST * size, known=None).through(file)
            if sum(storages.values()) > size:
                raise RefusedError(f"one of {size:,} bytes that asks for {sum(storages.values()):,}")


def _audit_archive(file: IO[bytes], size: int) -> None:
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        packed = any(member.compress_type != zipfile.ZIP_STORED for member in members)
        if packed or sum(member.file_size for member in members) > size:
            raise RefusedError("an archive that unpacks to more than its size, as torch writes none")
        if (damaged := archive.testzip()) is not None:
            raise RefusedError(f"a damaged one: the checksum of {damaged} is wrong; get it again")
        names = [member.filename for member in members]
        if len(set(names)) != len(names):
            raise RefusedError("an archive with two members of one name")
        (listing,) = (name for name in names if name.count("/") == 1 and name.endswith("/data.pkl"))
        folder = f"{listing.removesuffix('data.pkl')}data/"
        known = {
            member.filename.removeprefix(folder): member.file_size
            for member in members
            if member.filename.startswith(folder)
        }
        _Walk({}, room=_MOST * size, known=known).through(io.BytesIO(archive.read(listing)))


@dataclass(frozen=True)
class _Named:
    """Something of Python's that a pickle names."""

    name: str


@dataclass(frozen=True)
class _Storage:
    """Numbers in a row, and the bytes of one."""

    count: int
    item: int


# Stands for whatever a pickle has made and nothing here depends on: a dictionary, a tensor, a state that is left out.
_MADE = object()
_DICT = object()


class _Walk:
    """A pickle's own little machine, which moves what it names from stack to stack and makes nothing of it.

    Args:
        storages: Bytes of each storage by its key; those that are met are added.
        room: Bytes that all tensors together may have.
        known: Bytes of each storage that there is, by key; None where they follow the pickle.
    """

    def __init__(self, storages: dict[str, int], *, room: int, known: Mapping[str, int] | None) -> None:
        self.storages, self.room, self.known = storages, room, known
        self.stack: list[Any] = []
        self.marked: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def through(self, file: IO[bytes]) -> None:
        """Walk to the end of the pickle that begins here.

        Raises:
            RefusedError: see `audit`.
            Exception: this is no pickle, or a damaged one.
        """
        for opcode, argument, position in pickletools.genops(file):
            if (position or 0) > _LONGEST:
                raise RefusedError("one whose listing of contents is too long for any network's")
            self._step(opcode.name, argument)

    def _step(self, opcode: str, argument: Any) -> None:
        stack = self.stack
        match opcode:
            case "BININT" | "BININT1" | "BININT2" | "LONG1" | "BINFLOAT" | "BINUNICODE" | "SHORT_BINSTRING":
                stack.append(argument)
            case "NONE" | "NEWTRUE" | "NEWFALSE":
                stack.append({"NEWTRUE": True, "NEWFALSE": False}.get(opcode))
            case "EMPTY_LIST":
                stack.append([])
            case "EMPTY_DICT":
                stack.append(_DICT)
            case "EMPTY_TUPLE":
                stack.append(())
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                start = len(stack) - int(opcode[-1])
                stack[start:] = [tuple(stack[start:])]
            case "MARK":
                self.marked.append(stack)
                self.stack = []
            case "TUPLE":
                items = self._since_mark()
                self.stack.append(tuple(items))
            case "APPEND":
                self._append([stack.pop()])
            case "APPENDS":
                self._append(self._since_mark())
            case "SETITEM":
                value, key = stack.pop(), stack.pop()
                self._set([key, value])
            case "SETITEMS":
                self._set(self._since_mark())
            case "BINPUT" | "LONG_BINPUT":
                self.memo[argument] = stack[-1]
            case "BINGET" | "LONG_BINGET":
                stack.append(self.memo[argument])
            case "GLOBAL":
                stack.append(_Named(argument.replace(" ", ".", 1)))
            case "REDUCE":
                self._call()
            case "BUILD":
                self._build()
            case "BINPERSID":
                self._load_storage()
            case "PROTO" | "STOP":
                pass
            case _:  # torch writes no others, and reads none
                raise pickle.UnpicklingError(f"opcode {opcode}")

    def _since_mark(self) -> list[Any]:
        since, self.stack = self.stack, self.marked.pop()
        return since

    def _append(self, items: list[Any]) -> None:
        if not isinstance(self.stack[-1], list):
            raise pickle.UnpicklingError("items of no list")
        self.stack[-1].extend(items)

    def _set(self, items: list[Any]) -> None:
        if self.stack[-1] is not _DICT:
            raise pickle.UnpicklingError("items of no dictionary")
        for key in items[::2]:
            _require_key(key)

    def _build(self) -> None:
        self.stack.pop()
        # An ordered dictionary's attributes, and states that are left out.
        if self.stack[-1] not in (_DICT, _MADE):
            raise RefusedError("the state of something that is no dictionary")

    def _call(self) -> None:
        arguments, called = self.stack.pop(), self.stack.pop()
        name = called.name if isinstance(called, _Named) else "something that it made itself"
        if name in _TENSORS:
            self.room -= _tensor_bytes(arguments)
            if self.room < 0:
                raise RefusedError("tensors that are many times the file")
            self.stack.append(_MADE)
        elif name == _PARAMETER:
            self.stack.append(arguments[0])
        elif name == _DICTIONARY:
            for pair in arguments[0] if arguments else ():
                _require_key(pair[0])
            self.stack.append(_DICT)
        elif name in RANDOM_STATE or name in _HARMLESS:
            self.stack.append(_MADE)
        else:
            raise RefusedError(
                f"a call of {name}, which would run code or is no plain tensor; ask its author for a state dict"
            )

    def _load_storage(self) -> None:
        kind, called, key, _, count, *view = self.stack.pop()
        item = _ITEM.get(called.name.rpartition(".")[2]) if isinstance(called, _Named) else None
        plain = kind == "storage" and isinstance(key, str) and isinstance(count, int) and count >= 0
        if item is None or not plain or any(view):
            raise RefusedError(f"numbers of a kind that no network here has ({getattr(called, 'name', called)})")
        self.storages[key] = count * item
        if self.known is not None and self.known.get(key) != count * item:
            raise RefusedError(f"a damaged one: storage {key} has not the size that is said")
        self.stack.append(_Storage(count, item))


def _require_key(key: object) -> None:
    if not isinstance(key, (str, int, float)):
        raise RefusedError("a dictionary whose keys are neither texts nor numbers")


def _tensor_bytes(arguments: tuple[Any, ...]) -> int:
    """The bytes of a tensor that lies within its storage."""
    storage, offset, size, stride, *_ = arguments
    numbers = (offset, *size, *stride)
    if not isinstance(storage, _Storage) or len(size) != len(stride) or not all(type(n) is int for n in numbers):
        raise pickle.UnpicklingError("a tensor of no numbers")
    count = math.prod(size)
    last = offset + sum((n - 1) * step for n, step in zip(size, stride, strict=True))
    if min(numbers) < 0 or (count and last >= storage.count):
        raise RefusedError("a tensor that reaches beyond the numbers that are there")
    return count * storage.item
