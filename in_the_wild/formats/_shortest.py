"""Numbers of single precision as text: no more digits than tell each from its neighbours, for many at a time.

It knows nothing about files.
"""

from __future__ import annotations

import numpy as np

# So many digits behind the point are tried; what needs more is rare, and slow.
_MOST_DECIMALS = 12


def shortest(values: np.ndarray) -> np.ndarray:
    """The doubles that Python writes with no more digits than their float32 needs.

    >>> shortest(np.array([0.1, 2.5, 1e-20], np.float32)).tolist()
    [0.1, 2.5, 1e-20]

    Args:
        values: float32, finite or NaN, of any shape.
    """
    doubles = values.astype(np.float64)
    result = doubles.copy()
    left = np.isfinite(doubles)
    for decimals in range(_MOST_DECIMALS + 1):
        rounded = np.round(doubles[left], decimals)
        same = rounded.astype(np.float32) == values[left]
        at = np.flatnonzero(left)
        result.flat[at[same]] = rounded[same]
        left.flat[at[same]] = False
        if not left.any():
            return result
    result[left] = values[left].astype(np.str_).astype(np.float64)
    return result
