"""Damaged files, made from sound ones: the same for the same seed, whatever the machine.

    for damage, content in fuzz.mutations(sound, seed=1, count=200):
        ...  # reading it succeeds or raises Pose3DError; `damage` says what was done

Archives (.npz, .pt) are damaged as a whole, where their checksums notice, and within a member that is packed again with
a right checksum, so that what lies behind is reached too.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Callable, Iterator

_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?")
# Numbers that stand for counts, sizes and offsets once they are read.
_ODD_NUMBERS = (b"0", b"-1", b"1", b"3", b"255", b"65536", b"2147483648", b"9223372036854775807", b"1" + b"0" * 30,
                b"1e308", b"nan", b"-0.5", b"null", b'"x"', b"[]")  # fmt: skip
_ODD_BYTES = tuple(
    value.to_bytes(size, "little") for size in (2, 4, 8) for value in (0, 1, 2 ** (8 * size - 1), 2 ** (8 * size) - 1)
)

Mutator = Callable[[bytes, random.Random], bytes]


def flip_a_bit(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :]


def flip_bytes(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randrange(1, 17)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut_off(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def take_out(content: bytes, chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    return content[:start] + content[end:]


def zero_out(content: bytes, chance: random.Random) -> bytes:
    start, end = _span(content, chance)
    return content[:start] + bytes(end - start) + content[end:]


def splice(content: bytes, chance: random.Random) -> bytes:
    """A part of it once more, at another place."""
    start, end = _span(content, chance)
    at = chance.randrange(len(content))
    return content[:at] + content[start:end] + content[at:]


def change_a_number(content: bytes, chance: random.Random) -> bytes:
    """A number written in digits becomes another; most of them stand in headers and texts."""
    found = list(_NUMBER.finditer(content))
    if not found:
        return flip_a_bit(content, chance)
    number = chance.choice(found)
    return content[: number.start()] + chance.choice(_ODD_NUMBERS) + content[number.end() :]


def change_a_binary_number(content: bytes, chance: random.Random) -> bytes:
    value = chance.choice(_ODD_BYTES)
    at = chance.randrange(max(1, len(content) - len(value)))
    return content[:at] + value + content[at + len(value) :]


def within_a_member(content: bytes, chance: random.Random) -> bytes:
    """Damage in one member of an archive that is packed anew, so that its checksum is right."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    chosen = chance.randrange(len(members))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, (info, data) in enumerate(members):
            if number == chosen and data:
                data = chance.choice(_PLAIN)(data, chance)
            archive.writestr(info, data, compress_type=info.compress_type)
    return packed.getvalue()


def without_a_member(content: bytes, chance: random.Random) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    del members[chance.randrange(len(members))]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for info, data in members:
            archive.writestr(info, data, compress_type=info.compress_type)
    return packed.getvalue()


_PLAIN: tuple[Mutator, ...] = (
    flip_a_bit,
    flip_bytes,
    cut_off,
    take_out,
    zero_out,
    splice,
    change_a_number,
    change_a_binary_number,
)
# Damage behind the checksum is the likelier one to reach what nobody thought of.
_ARCHIVE: tuple[Mutator, ...] = (*_PLAIN, without_a_member, *(within_a_member,) * len(_PLAIN))


def mutations(content: bytes, *, seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Damaged copies of a file.

    Args:
        content: The sound file, not empty.
        seed: The same seed gives the same copies.
        count: How many.

    Yields:
        What was done, with the number that it has among them, and the damaged content.
    """
    mutators = _ARCHIVE if zipfile.is_zipfile(io.BytesIO(content)) else _PLAIN
    for number in range(count):
        chance = random.Random(f"{seed} {number}")
        mutator = chance.choice(mutators)
        yield f"{number}: {mutator.__name__}", mutator(content, chance)


def _span(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(len(content))
    return start, min(len(content), start + 1 + int(chance.random() ** 3 * len(content) / 2))
