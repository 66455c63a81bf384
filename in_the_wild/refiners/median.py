"""Median filter: at every moment the middle one of the values around it, for each coordinate alone.

    Tukey, "Exploratory Data Analysis", 1977; scipy's `median_filter`

It takes out single wrong frames, which averages only spread, and does not lag. It needs a constant frame rate; times
that are uneven are brought to the video's usual one and back by straight lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from scipy.ndimage import median_filter

from in_the_wild.errors import InputError
from in_the_wild.poses import SPACES, Poses
from in_the_wild.refiners._tracks import evenly, frame_step, odd_window, smoothed
from in_the_wild.refiners.base import Refiner


class Median(Refiner):
    """Takes the middle value of a window around every moment; the ends are continued by their mirror image.

    Args:
        window: Seconds; never fewer than three frames.

    Raises:
        InputError: a window that is not above 0.
    """

    spaces: ClassVar[tuple[str, ...]] = tuple(SPACES)

    def __init__(self, *, window: float = 0.15) -> None:
        if not window > 0:
            raise InputError(f"A window above 0 seconds was expected, found {window}.")
        self.window = window

    @property
    def settings(self) -> Mapping[str, Any]:
        """See `Refiner.settings`."""
        return {"name": "median", "window": self.window}

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: the same rows."""
        step = frame_step(person)

        def middle(values: np.ndarray) -> np.ndarray:
            frames = odd_window(max(3, self.window / step), most=len(values))
            result: np.ndarray = median_filter(values, size=(frames, 1), mode="reflect")
            return result

        return smoothed(person, evenly(middle, step=step))
