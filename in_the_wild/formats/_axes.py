"""Axes and units of files: which way is up, and how long one unit is.

    camera space     up=y: x right, y up, z towards the camera      up=z: x right, y away, z up
    world space      up=y: x right, y up, z towards the camera      up=z: x right, y away, z up; the floor is at 0

All are right-handed. What the program itself keeps is in metres, x right, y down, z away in camera space, and z up in
world space. It knows nothing about files.
"""

from __future__ import annotations

import numpy as np

from in_the_wild.errors import InputError

# What one unit is, in metres.
METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}
UPS = ("y", "z")
MOTION_SPACES = ("camera", "world")

# Rows are the file's axes in ours; each is a rotation, whose inverse is its transpose. Without an axis they are ours.
_TURNS = {
    ("camera", ""): np.eye(3),
    ("world", ""): np.eye(3),
    ("camera", "y"): np.array([[1.0, 0, 0], [0, -1, 0], [0, 0, -1]]),
    ("camera", "z"): np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    ("world", "y"): np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),
    ("world", "z"): np.eye(3),
}


def check(*, space: str, up: str, units: str) -> None:
    """Refuse what is none of the spaces, axes and units that motion is written in.

    Raises:
        InputError: one of them is not.
    """
    known = {"space": (space, MOTION_SPACES), "up": (up, UPS), "units": (units, tuple(METRES))}
    for name, (value, values) in known.items():
        if value not in values:
            raise InputError(f'For {name} one of {", ".join(values)} was expected, found "{value}".')


def to_file(points: np.ndarray, *, space: str, up: str, units: str) -> np.ndarray:
    """Our points (..., 3), metres in a space, as a file has them."""
    return points @ _TURNS[space, up].T.astype(points.dtype) / points.dtype.type(METRES[units])


def from_file(points: np.ndarray, *, space: str, up: str, units: str) -> np.ndarray:
    """The inverse of `to_file`."""
    return points @ _TURNS[space, up].astype(points.dtype) * points.dtype.type(METRES[units])
