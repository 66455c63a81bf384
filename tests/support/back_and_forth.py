"""A clip played there and back again, as long as one likes: nothing jumps, and what happens is known."""

import numpy as np


def frames(period: int, count: int) -> np.ndarray:
    """(count,) which frame of a clip of `period` frames is shown in each frame.

    >>> frames(3, 7)
    array([0, 1, 2, 1, 0, 1, 2])
    """
    back: np.ndarray = period - 1 - np.abs(np.arange(count) % (2 * period - 2) - (period - 1))
    return back
