"""Damaged files, made from sound ones: the same for the same seed, whatever the machine.

    for damage, content in fuzz.mutations(sound, seed=1, count=200):
        ...  # reading it succeeds or raises Pose3DError; `damage` says what was done

Archives (.npz, .pt) are damaged as a whole, where their checksums notice, and within a member that is packed again with
a right checksum, so that what lies behind is reached too; texts in their numbers, words and lines, arrays in what their
headers say of them.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from random import Random

Damage = Callable[[bytes, Random], bytes]

_LONGEST = 4096  # bytes that one piece of damage covers
_NUMBER = re.compile(rb"-?\d+\.?\d*(?:[eE][-+]?\d+)?")
_WORD = re.compile(rb"[A-Za-z_][A-Za-z_0-9]*")
# What stands where a number, or a word, was expected.
_ODD = (
    b"0", b"-1", b"1", b"3", b"1e308", b"-1e308", b"1e999", b"NaN", b"Infinity", b"99999999999999999999",
    b"4294967296", b"0.5", b'""', b'"x"', b"null", b"true", b"[]", b"{}", b"[[1]]", b"-0", b"\xff", b"\xc3\xa9", b" ",
)  # fmt: skip
_DEEP = (b"[" * 3000, b'{"a":' * 2000, b"- " * 2000, b"(" * 500, b"\n  " * 50)


def mutations(content: bytes, *, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Damaged copies of a file.

    Args:
        content: The sound file.
        seed: The same seed gives the same copies.
        count: How many.

    Yields:
        What was done, with the number that it has among them, and the damaged content.
    """
    for number in range(count):
        damage, copy = damaged(content, Random(f"{seed} {number}"))
        yield f"{number}: {damage}", copy


def damaged(content: bytes, rng: Random) -> tuple[str, bytes]:
    """A file with one to three pieces of damage.

    Returns:
        What was done, and the damaged content.
    """
    done = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        damage = rng.choice(_fitting(content))
        done.append(damage.__name__.strip("_").replace("_", " "))
        content = damage(content, rng)
    return ", ".join(done), content


def _fitting(data: bytes) -> Sequence[Damage]:
    """Bytes alone find what is wrong with containers; what is in them needs damage that leaves the container whole."""
    if data.startswith(b"PK\x03\x04"):
        return (*_ON_BYTES, *([_member_damaged] * 2 * len(_ON_BYTES)), _member_lost, _member_renamed, _members_swapped)
    if data.startswith(b"\x93NUMPY"):
        return (*_ON_BYTES, *([_array_header] * len(_ON_BYTES)))
    if _is_text(data):
        return (*_ON_BYTES, *([_odd_number, _odd_word, _line_lost, _line_doubled] * 3), _nested)
    return _ON_BYTES


def _is_text(data: bytes) -> bool:
    return b"\0" not in data[:1024] and data[:1024].isascii()


def _span(data: bytes, rng: Random) -> tuple[int, int]:
    """Where a piece of damage starts and ends; every second one is near the start, where headers are."""
    start = rng.randrange(min(len(data), 512) if rng.random() < 0.5 else len(data)) if data else 0
    return start, min(len(data), start + 1 + int(_LONGEST ** rng.random()))


def _bit_turned(data: bytes, rng: Random) -> bytes:
    start, _ = _span(data, rng)
    return data[:start] + bytes(byte ^ (1 << rng.randrange(8)) for byte in data[start : start + 1]) + data[start + 1 :]


def _extreme(data: bytes, rng: Random) -> bytes:
    """A 1, 2, 4 or 8 byte number becomes its least or its greatest."""
    start, _ = _span(data, rng)
    extreme = rng.choice(
        (b"\0", b"\xff", b"\x7f\xff\xff\xff\xff\xff\xff\xff", b"\xff\xff\xff\xff\xff\xff\xff\x7f", b"\x80\0")
    )
    count = min(rng.choice((1, 2, 4, 8)), len(data) - start)
    return data[:start] + (extreme * 8)[:count] + data[start + count :]


def _zeroed(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng)
    return data[:start] + bytes(end - start) + data[end:]


def _shaken(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng)
    return data[:start] + rng.randbytes(end - start) + data[end:]


def _lost(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng)
    return data[:start] + data[end:]


def _doubled(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng)
    return data[:end] + data[start:]


def _cut_off(data: bytes, rng: Random) -> bytes:
    return data[: _span(data, rng)[0]]


def _foreign(data: bytes, rng: Random) -> bytes:
    """Another kind of file under this one's name, or what was there goes on after it."""
    other = rng.choice(
        (
            b"",
            b"\0",
            b"PK\x03\x04",
            b"\x80\x02}q\0.",
            b"\x93NUMPY\x01\0",
            b"{}",
            b"<html>",
            b"\xef\xbb\xbf",
            b"\xff\xfe",
        )
    )
    return other + data if rng.random() < 0.5 else other


_ON_BYTES: tuple[Damage, ...] = (
    _bit_turned, _bit_turned, _extreme, _extreme, _zeroed, _shaken, _lost, _doubled, _cut_off, _foreign,
)  # fmt: skip


def _members(data: bytes) -> list[tuple[zipfile.ZipInfo, bytes]]:
    """What a zip archive holds; nothing where it is damaged already."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(member, archive.read(member)) for member in archive.infolist()]
    except Exception:  # whatever earlier damage leads to
        return []


def _archive(members: Sequence[tuple[str, int, bytes]]) -> bytes:
    """A sound archive: its checksums are right, whatever its members hold."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, compression, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=compression)
    return written.getvalue()


def _plain(members: Sequence[tuple[zipfile.ZipInfo, bytes]]) -> list[tuple[str, int, bytes]]:
    return [(member.filename, member.compress_type, content) for member, content in members]


def _member_damaged(data: bytes, rng: Random) -> bytes:
    members = _plain(_members(data))
    if not members:
        return data
    i = rng.randrange(len(members))
    name, compression, content = members[i]
    members[i] = name, compression, rng.choice(_fitting(content))(content, rng)
    return _archive(members)


def _member_lost(data: bytes, rng: Random) -> bytes:
    members = _plain(_members(data))
    if members:
        del members[rng.randrange(len(members))]
    return _archive(members)


def _member_renamed(data: bytes, rng: Random) -> bytes:
    members = _plain(_members(data))
    if members:
        i = rng.randrange(len(members))
        members[i] = (rng.choice(("x.npy", "../x", "", "é", "x" * 200)), *members[i][1:])
    return _archive(members)


def _members_swapped(data: bytes, rng: Random) -> bytes:
    members = _plain(_members(data))
    if members:
        i, j = rng.randrange(len(members)), rng.randrange(len(members))
        members[i] = (*members[i][:2], members[j][2])
    return _archive(members)


def _array_header(data: bytes, rng: Random) -> bytes:
    """A .npy file that says another shape, type or order than it holds."""
    shape = rng.choice(
        (b"(3,)", b"()", b"(0,)", b"(1, 1, 1)", b"(99999999999,)", b"(-1,)", b"(1000000, 1000000)", b"(2.5,)")
    )
    kind = rng.choice(
        (b"<f8", b"|O", b"<U4", b"|b1", b"<c16", b"<M8[s]", b"|V7", b"<i1", b"<f2", b">i8", b"|S99999999")
    )
    changed = rng.choice(
        (
            lambda: re.sub(rb"\([^)]*\)", shape, data, count=1),
            lambda: re.sub(rb"'descr': '[^']*'", b"'descr': '" + kind + b"'", data, count=1),
            lambda: data.replace(b"False", b"True ", 1),
            lambda: data.replace(b"shape", b"shale", 1),
        )
    )()
    # The header's length is said before it, and its end filled up: it keeps its place when as long as before.
    short = len(data) - len(changed)
    end = changed.find(b"\n")
    return changed[:end] + b" " * max(0, short) + changed[end:]


def _replaced(pattern: re.Pattern[bytes], data: bytes, rng: Random) -> bytes:
    found = list(pattern.finditer(data))
    if not found:
        return data
    one = rng.choice(found)
    return data[: one.start()] + rng.choice(_ODD) + data[one.end() :]


def _odd_number(data: bytes, rng: Random) -> bytes:
    return _replaced(_NUMBER, data, rng)


def _odd_word(data: bytes, rng: Random) -> bytes:
    return _replaced(_WORD, data, rng)


def _line_lost(data: bytes, rng: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if lines:
        del lines[rng.randrange(len(lines))]
    return b"".join(lines)


def _line_doubled(data: bytes, rng: Random) -> bytes:
    lines = data.splitlines(keepends=True)
    if lines:
        lines.insert(rng.randrange(len(lines)), rng.choice(lines))
    return b"".join(lines)


def _nested(data: bytes, rng: Random) -> bytes:
    start, _ = _span(data, rng)
    return data[:start] + rng.choice(_DEEP) + data[start:]
