"""When the images of a film are shown: at a constant rate where they keep to one, else each at its own time.

Knows nothing about images or files.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

_CONSTANT_RATE_TOLERANCE = 1e-3  # seconds; Matroska rounds its times to 1 ms


@dataclass(frozen=True)
class Timing:
    """The times of a film's images.

    Attributes:
        fps: images per second, where times do not say otherwise.
        times: (T,) seconds of each image, increasing; None where the rate says it all.

    Raises:
        ValueError: a rate or times that make no sense.
    """

    fps: float
    times: np.ndarray | None = None

    @classmethod
    def of(cls, fps: float, times: Sequence[float] | np.ndarray | None) -> Timing:
        """The timing that a rate and, if they are known, the times of all images make."""
        return cls(fps, None if times is None else np.asarray(times, dtype=np.float64))

    def __post_init__(self) -> None:
        if not (math.isfinite(self.fps) and self.fps > 0):
            raise ValueError(f"Expected a positive number of frames per second, found {self.fps}.")
        times = self.times
        if times is not None and not (times.ndim == 1 and np.isfinite(times).all() and (np.diff(times) > 0).all()):
            raise ValueError("Expected timestamps to be a flat list of seconds that increase; found others.")

    @property
    def start(self) -> float:
        """Seconds of the first image."""
        return 0.0 if self.times is None or not len(self.times) else float(self.times[0])

    @property
    def length(self) -> float | None:
        """Seconds from the first image to the end of the last; None where the number of images is not known."""
        if self.times is None or not len(self.times):
            return None
        return float(self.times[-1] - self.times[0]) + 1.0 / self.fps

    @property
    def rate(self) -> Fraction | None:
        """The constant rate that the images keep to, fps if possible; None where it varies."""
        if self.times is None or len(self.times) < 2:
            return exact(self.fps)
        seconds = self.times - self.times[0]
        for rate in (exact(self.fps), exact((len(self.times) - 1) / seconds[-1])):
            if np.abs(np.arange(len(self.times)) / float(rate) - seconds).max() <= _CONSTANT_RATE_TOLERANCE:
                return rate
        return None

    def seconds(self, index: int) -> float:
        """When the image of this index is shown, in seconds after the first one.

        Raises:
            ValueError: there is no time for it.
        """
        if self.times is None:
            return index / self.fps
        if index >= len(self.times):
            raise ValueError(f"Expected {len(self.times)} images, one for each timestamp, found one more.")
        return float(self.times[index] - self.times[0])


def exact(fps: float) -> Fraction:
    """The fraction that a frame rate stands for: 29.97002997 is 30000/1001."""
    return Fraction(fps).limit_denominator(1001) or Fraction(fps)
