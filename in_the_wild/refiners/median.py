"""Median filter: at every moment the middle one of the values around it, for each coordinate alone.

    Tukey, "Exploratory Data Analysis", 1977; scipy's `median_filter`

It takes out single wrong frames, which averages only spread, and does not lag. It needs a constant frame rate; times
that are uneven are brought to the video's usual one and back by straight lines.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses
from in_the_wild.refiners._tracks import evenly, frame_step, odd_window, smoothed
from in_the_wild.refiners.base import Refiner


@dataclass(frozen=True, kw_only=True)
class Median(Refiner):
    """Takes the middle value of a window around every moment; the ends are continued by their mirror image.

    Args:
        window: Seconds; never fewer than three frames.

    Raises:
        InputError: a window that is not above 0.
    """

    window: float = 0.15

    def __post_init__(self) -> None:
        if not self.window > 0:
            raise InputError(f"A window above 0 seconds was expected, found {self.window}.")

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: the same rows."""
        step = frame_step(person)

        def middle(values: np.ndarray) -> np.ndarray:
            frames = odd_window(max(3, self.window / step), most=len(values))
            result: np.ndarray = median_filter(values, size=(frames, 1), mode="reflect")
            return result

        return smoothed(person, evenly(middle, step=step))
