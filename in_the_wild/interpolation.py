"""Straight lines between values that are known at some times: the one interpolation of the library and the program."""

from __future__ import annotations

import numpy as np


def interpolate(at: np.ndarray, known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Linear interpolation of every column.

    Args:
        at: (T,) where values are wanted.
        known: (K,) where they are known, rising, K >= 1.
        values: (K, C) there.

    Returns:
        (T, C), float64; the nearest known one beyond the ends.
    """
    return np.stack([np.interp(at, known, column) for column in values.T], axis=-1)
