"""Lines and curves between values that are known at some times: the one interpolation of library and program."""

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


def natural_spline(at: np.ndarray, known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Every column along a curve as smooth as one through all known values can be; arguments as above, K >= 2."""
    from scipy.interpolate import CubicSpline  # the lists of what there is answer without scipy

    curve: np.ndarray = CubicSpline(known, values, axis=0, bc_type="natural")(at)
    return curve
