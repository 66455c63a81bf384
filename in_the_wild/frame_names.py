"""Which frame of a video a picture or a file is of, as its name says: `clip_000012_keypoints.json`, `frame_7.jpg`.

Names hold many numbers: a date, the 4 of "mp4", digits of a checksum. The frame is the one that rises from name to
name; where none or several do, nobody guesses. It knows nothing about what is in the files.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from pathlib import PurePath

from in_the_wild.errors import InputError, listed

# Checksums and random ids: long hexadecimal words, and those of a UUID. Digits of theirs are no numbers.
_HASH = re.compile(
    r"(?<![0-9a-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\d*[a-f])[0-9a-f]{20,})(?![0-9a-z])", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+")
# Numbers that count no frames, such as dates down to a millisecond, leave far larger holes than frames without people.
_SPARSEST = 1000


def frame_numbers(names: Sequence[str], *, where: str | PurePath) -> list[int]:
    """The number of a frame that is in each name, with folders left out.

    >>> frame_numbers(["take2_frame_7.mp4.png", "take2_frame_12.mp4.png"], where="a folder")
    [7, 12]

    Args:
        names: Of one video's frames, each once, in any order.
        where: The file or folder that has them, for errors.

    Raises:
        InputError: names that hold no number that tells frames apart, or several.
    """
    if not names:
        return []
    numbers = [_numbers(name) for name in names]
    columns = [list(column) for column in zip(*numbers, strict=False)]  # as many as every name has
    if len(names) == 1 and columns:
        return columns[-1]
    rising = [column for column in columns if all(a < b for a, b in itertools.pairwise(column))]
    # Lists that were shuffled: numbers that are all different, and not far between.
    distinct = [
        column
        for column in columns
        if len(set(column)) == len(column) and max(column) - min(column) < _SPARSEST * len(column)
    ]
    found = rising if len(rising) == 1 else distinct
    if len(found) != 1:
        said = "none" if not found else f"{len(found)} such numbers"
        raise InputError(
            f"{where}: the order of frames was expected in their names, as the one number that rises from name to "
            f"name; found {said} in {listed(list(names[:3]))}; name them 000000, 000001 and so on."
        )
    return found[0]


def _numbers(name: str) -> list[int]:
    """The numbers in a name, without its folder and what is part of a checksum."""
    own = name.replace("\\", "/").rpartition("/")[2]
    return [int(number) for number in _NUMBER.findall(_HASH.sub("", own))]
