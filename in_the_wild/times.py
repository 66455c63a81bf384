"""Times as people type them: seconds, or hours, minutes and seconds between colons.

It knows nothing about what happens at a time.
"""

from __future__ import annotations

import re

from in_the_wild.errors import InputError

_TIME = re.compile(r"(?:(?:(?P<hours>\d+):)?(?P<minutes>\d+):)?(?P<seconds>\d+(?:\.\d*)?|\.\d+)")


def parse_time(text: str) -> float:
    """The seconds that a text says.

    >>> parse_time("90.5"), parse_time("1:30.5"), parse_time("0:01:30.5")
    (90.5, 90.5, 90.5)

    Raises:
        InputError: a text that is no time, or one with more than 59 minutes or seconds behind a colon.
    """
    found = _TIME.fullmatch(text.strip())
    hours, minutes = (int((found and found[part]) or 0) for part in ("hours", "minutes"))
    seconds = float(found["seconds"]) if found else 0.0
    behind_colons = [seconds] * (":" in text) + [minutes] * (text.count(":") > 1)
    if found is None or any(value >= 60 for value in behind_colons):
        raise InputError(f'A time in seconds or h:mm:ss was expected, such as 90.5 or 1:30.5, found "{text}".')
    return hours * 3600 + minutes * 60 + seconds
