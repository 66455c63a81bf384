"""Rotations over time in forms that do not jump: six numbers, quaternions, Euler angles.

Quaternions are (x, y, z, w), as scipy's. It knows nothing about bodies and files.
"""

from __future__ import annotations

import warnings

import numpy as np
from scipy.spatial.transform import Rotation, Slerp


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


def continuous_quaternions(matrices: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Rotations (T, 3, 3) as quaternions (T, 4), each with that of its two signs which is nearer to the one before.

    Args:
        matrices: The rotations.
        known: (K,) the frames that count, rising. Those between them turn the shortest way at a constant speed; those
            before and after are as the first and the last.
    """
    turns = Rotation.from_matrix(matrices[known])
    if len(known) < len(matrices):
        at = np.clip(np.arange(len(matrices)), known[0], known[-1])
        turns = Slerp(known, turns)(at) if len(known) > 1 else turns[np.zeros_like(at)]
    quaternions = turns.as_quat()
    swaps = (quaternions[1:] * quaternions[:-1]).sum(axis=1) < 0
    signs = np.where(np.concatenate([[False], swaps]).cumsum() % 2, -1.0, 1.0)
    continuous: np.ndarray = quaternions * signs[:, None]
    return continuous


def continuous_euler(quaternions: np.ndarray, order: str) -> np.ndarray:
    """Rotations over time as Euler angles that follow each other as closely as the three numbers can.

    Every rotation has two triples, (a, b, c) and (a + 180, 180 - b, c + 180), and each angle any number of whole turns.
    The triple that a path through gimbal lock continues is found by comparing neighbours; as comparing two of one kind
    is the same as comparing two of the other, this needs no loop over time.

    Args:
        quaternions: (T, 4).
        order: Three different letters, such as "ZXY": each turn is about an axis that those before it have moved.

    Returns:
        (T, 3) degrees, in the order of the letters.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # in gimbal lock, which is said at length, any of the triples will do
        angles = Rotation.from_quat(quaternions).as_euler(order.upper(), degrees=True)
    other = np.stack([angles[:, 0] + 180, 180 - angles[:, 1], angles[:, 2] + 180], axis=1)
    same, swapped = (np.abs(_wrapped(later[1:] - angles[:-1])).sum(axis=1) for later in (angles, other))
    is_other = np.concatenate([[False], swapped < same]).cumsum() % 2 == 1
    chosen = np.where(is_other[:, None], other, angles)
    return np.unwrap(chosen, axis=0, period=360)


def _wrapped(degrees: np.ndarray) -> np.ndarray:
    return (degrees + 180) % 360 - 180
