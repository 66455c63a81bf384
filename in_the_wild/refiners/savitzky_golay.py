"""Savitzky-Golay filter: at every moment a polynomial fitted to the moments around it.

    Savitzky, Golay, "Smoothing and Differentiation of Data by Simplified Least Squares Procedures", Analytical
    Chemistry 1964; scipy's `savgol_filter`

It does not lag, and keeps the height of peaks better than an average does. It needs a constant frame rate; times that
are uneven are brought to the video's usual one and back by straight lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import savgol_filter

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses
from in_the_wild.refiners._tracks import evenly, frame_step, odd_window, smoothed
from in_the_wild.refiners.base import Refiner


@dataclass(frozen=True, kw_only=True)
class SavitzkyGolay(Refiner):
    """Fits a polynomial to a window around every moment.

    Args:
        window: Seconds. Tracks that are shorter have a shorter one; a window of no more frames than the polynomial has
            coefficients leaves them as they are.
        order: Of the polynomial.

    Raises:
        InputError: a window that is not above 0, or an order below 0.
    """

    window: float = 0.28
    order: int = 2

    def __post_init__(self) -> None:
        if not self.window > 0 or self.order < 0:
            raise InputError(
                f"A window above 0 seconds and an order from 0 were expected, found {self.window} and {self.order}."
            )

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: the same rows."""
        step = frame_step(person)

        def fitted(values: np.ndarray) -> np.ndarray:
            frames = odd_window(self.window / step, most=len(values))
            if frames <= self.order + 1:
                return values
            result: np.ndarray = savgol_filter(values, frames, self.order, axis=0)
            return result

        return smoothed(person, evenly(fitted, step=step))
