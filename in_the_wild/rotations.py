"""Rotations as six numbers, which do not jump."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation


def to_6d(rotations: np.ndarray) -> np.ndarray:
    """Rotations in axis-angle form (..., 3), radians -> (..., 6): the matrix's first two columns, row by row.

    Zhou et al., "On the Continuity of Rotation Representations in Neural Networks", CVPR 2019: six numbers do not jump
    where the angle passes half a turn, so they can be interpolated. The order is that of MixSynthFormer's authors
    (`lib/utils/geometry_utils.py`, numpy_rotmat_to_6d).
    """
    matrices = Rotation.from_rotvec(np.reshape(rotations, (-1, 3))).as_matrix()  # (R, 3, 3)
    return matrices[..., :2].reshape(*np.shape(rotations)[:-1], 6)


def from_6d(columns: np.ndarray) -> np.ndarray:
    """The inverse of `to_6d`, for any six numbers that say two directions: (..., 6) -> (..., 3), radians."""
    first, second = np.moveaxis(np.reshape(columns, (-1, 3, 2)).astype(np.float64), -1, 0)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    second -= (first * second).sum(axis=-1, keepdims=True) * first
    second /= np.linalg.norm(second, axis=-1, keepdims=True)
    matrices = np.stack([first, second, np.cross(first, second)], axis=-1)
    return Rotation.from_matrix(matrices).as_rotvec().reshape(*np.shape(columns)[:-1], 3)
