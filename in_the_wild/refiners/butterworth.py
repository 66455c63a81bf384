"""Butterworth low-pass filter, run forwards and backwards: motion capture's usual smoothing, without a lag.

    Butterworth, "On the Theory of Filter Amplifiers", 1930; Winter, "Biomechanics and Motor Control of Human Movement"

scipy's `butter` designs it as second-order sections and `sosfiltfilt` runs it both ways, which squares its gain: at the
cutoff it is one half. It needs a constant frame rate; times that are uneven are brought to the video's usual one and
back by straight lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfiltfilt

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses
from in_the_wild.refiners._tracks import evenly, frame_step, smoothed
from in_the_wild.refiners.base import Refiner


@dataclass(frozen=True, kw_only=True)
class Butterworth(Refiner):
    """Takes out what is faster than a frequency.

    Args:
        cutoff: Hz. A video of at most twice as many frames a second is left as it is: there is nothing to take out.
        order: Of the filter run once; both ways it falls off twice as steeply.

    Raises:
        InputError: a cutoff that is not above 0, or an order below 1.
    """

    cutoff: float = 4.0
    order: int = 2

    def __post_init__(self) -> None:
        if not self.cutoff > 0 or self.order < 1:
            raise InputError(
                f"A cutoff above 0 Hz and an order from 1 were expected, found {self.cutoff} and {self.order}."
            )

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: the same rows."""
        step = frame_step(person)
        if self.cutoff * step >= 0.5:
            return person
        sections = butter(self.order, self.cutoff, fs=1 / step, output="sos")

        def both_ways(values: np.ndarray) -> np.ndarray:
            # Continued beyond its ends, turned about them, for three times the filter's length where there is so much.
            usual = 3 * (2 * len(sections) + 1)
            result: np.ndarray = sosfiltfilt(sections, values, axis=0, padlen=min(usual, len(values) - 1))
            return result

        return smoothed(person, evenly(both_ways, step=step))
