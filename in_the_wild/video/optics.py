"""What a file's metadata say of the lens that filmed it: the focal length by its 35 mm equivalent.

Phones and cameras write it: photographs in EXIF, films in QuickTime's keys. It knows nothing about pictures and pixels.
"""

from __future__ import annotations

from collections.abc import Mapping

# How libav names it, whatever stands before: EXIF's tag 0xA405, and Apple's key.
_NAMES = ("focallengthin35mmfilm", "camera.focal_length.35mm_equivalent")
_SHORTEST, _LONGEST = 4.0, 2000.0  # millimetres of lenses that there are


def equivalent_focal(*metadata: Mapping[str, str]) -> float | None:
    """The 35 mm equivalent in the first metadata that say it, millimetres.

    >>> equivalent_focal({}, {"ExifIFD/FocalLengthIn35mmFilm": "   28"})
    28.0
    """
    for one in metadata:
        for key, value in one.items():
            if key.lower().endswith(_NAMES) and _SHORTEST <= (found := _number(value)) <= _LONGEST:
                return found
    return None


def _number(value: str) -> float:
    """A number, also one that is written as a fraction; 0 for what is none."""
    above, _, below = value.partition("/")
    try:
        return float(above) / float(below or 1)
    except (ValueError, ZeroDivisionError):
        return 0.0
