"""Vectors of three numbers: unit length, what stands at right angles, and the axes of a body."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def unit_vector(vector: Array) -> Array:
    """The same direction with length 1."""
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def reject(vector: Array, direction: Array) -> Array:
    """The part of `vector` at right angles to the unit vector `direction`."""
    return vector - (vector @ direction) * direction


def frame_of(*, left: Array, up: Array) -> Array:
    """Body axes as rows: left, forward, up. Left is exact; up is made perpendicular to it."""
    left = unit_vector(left)
    up = unit_vector(reject(up, left))
    return np.stack([left, np.cross(left, up), up])
