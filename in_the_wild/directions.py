"""Directions, and the rotations that they tell: frames of two of them, the shortest turn from one to another.

Arrays of numpy's alone. It knows nothing about bodies.
"""

from __future__ import annotations

import numpy as np


def unit(vectors: np.ndarray) -> np.ndarray:
    """(..., 3) of length 1; one of no length stays as it is."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    directions: np.ndarray = vectors / np.where(length > 0, length, 1)
    return directions


def across(vectors: np.ndarray, along: np.ndarray) -> np.ndarray:
    """The part of vectors (..., 3) that is at right angles to unit vectors, as directions; any such where none is."""
    part = vectors - (vectors * along).sum(axis=-1, keepdims=True) * along
    # Where nothing is left, the coordinate axis that is furthest from `along` will do.
    spare = np.eye(3)[np.abs(along).argmin(axis=-1)]
    spare = spare - (spare * along).sum(axis=-1, keepdims=True) * along
    return unit(np.where(np.linalg.norm(part, axis=-1, keepdims=True) > 1e-9, part, spare))


def frames(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Rotations (..., 3, 3) whose first column is a direction and whose second lies as near to another as it can.

    Args:
        first: (..., 3) unit vectors.
        second: (..., 3), of any length.
    """
    second = across(second, first)
    return np.stack([first, second, np.cross(first, second)], axis=-1)


def shortest(start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The rotations (..., 3, 3) by the smallest angle from unit vectors to others; half a turn has no such axis."""
    start, end = np.broadcast_arrays(start, end)
    axis = np.cross(start, end)
    cosine = (start * end).sum(axis=-1)[..., None, None]
    x, y, z = np.moveaxis(axis, -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(*x.shape, 3, 3)
    turn: np.ndarray = np.eye(3) + cross + cross @ cross / np.maximum(1 + cosine, 1e-9)
    return turn
