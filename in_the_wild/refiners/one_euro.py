"""One Euro filter: heavy smoothing of what rests, little of what moves fast.

    Casiez, Roussel, Vogel, "1 € Filter: A Simple Speed-based Low-pass Filter for Noisy Input in Interactive Systems",
    CHI 2012: exponential smoothing whose cutoff is `min_cutoff + beta * speed`, of a speed that is smoothed itself

It is made for live input and therefore lags. Here the whole track is known, so that by default it is run forwards and
backwards and both are averaged; what moves at a constant speed is then where it is. It works at any times as they are.

Two things differ from the paper. The speed is that of the point, not of each coordinate alone, so that turning the
picture changes nothing. And it is measured in sizes of the person, so that `beta` means the same in pixels and metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses
from in_the_wild.refiners._tracks import seen_points, smoothed
from in_the_wild.refiners.base import Refiner


@dataclass(frozen=True, kw_only=True)
class OneEuro(Refiner):
    """Smooths the less the faster a point moves.

    Args:
        min_cutoff: Hz, for points at rest: lower takes out more jitter.
        beta: Hz by which the cutoff rises for each size of the person per second: higher lags less. The size is the
            diagonal of the box of a person's joints, the median over the rows.
        speed_cutoff: Hz, for the speed itself (the paper's d_cutoff).
        both_ways: Average a run forwards and one backwards. Otherwise forwards alone, as live use would have to, with
            the lag that this brings.

    Raises:
        InputError: cutoffs that are not above 0, or a beta below 0.
    """

    min_cutoff: float = 2.0
    beta: float = 5.0
    speed_cutoff: float = 1.0
    both_ways: bool = True

    def __post_init__(self) -> None:
        if not (self.min_cutoff > 0 and self.speed_cutoff > 0 and self.beta >= 0):
            raise InputError(
                f"Cutoffs above 0 Hz and a beta from 0 were expected, "
                f"found {self.min_cutoff} and {self.speed_cutoff}, and {self.beta}."
            )

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: the same rows."""
        size = _size(person)

        def smooth(time: np.ndarray, values: np.ndarray) -> np.ndarray:
            forwards = self._forwards(time, values, size)
            if not self.both_ways:
                return forwards
            return (forwards + self._forwards(-time[::-1], values[::-1], size)[::-1]) / 2

        return smoothed(person, smooth)

    def _forwards(self, time: np.ndarray, values: np.ndarray, size: float) -> np.ndarray:
        """The filter as it is published: times (K,), values (K, C) -> (K, C)."""
        result = np.empty_like(values)
        result[0] = values[0]
        velocity = np.zeros(values.shape[1])
        for k, seconds in enumerate(np.diff(time), start=1):
            measured = (values[k] - result[k - 1]) / seconds
            velocity += _share(self.speed_cutoff, seconds) * (measured - velocity)
            cutoff = self.min_cutoff + self.beta * float(np.linalg.norm(velocity)) / size
            result[k] = result[k - 1] + _share(cutoff, seconds) * (values[k] - result[k - 1])
        return result


def _share(cutoff: float, seconds: float) -> float:
    """How much a new value counts in exponential smoothing (the paper's alpha)."""
    return 1 / (1 + 1 / (2 * np.pi * cutoff * seconds))


def _size(person: Poses) -> float:
    """The median diagonal of the boxes of a person's joints, in the unit of the poses; above 0."""
    seen = seen_points(person)[..., None]
    enough = seen[..., 0].sum(axis=1) >= 2
    if not enough.any():
        return 1.0
    low = np.where(seen, person.keypoints, np.inf).min(axis=1)[enough]
    high = np.where(seen, person.keypoints, -np.inf).max(axis=1)[enough]
    return max(float(np.median(np.linalg.norm(high - low, axis=1))), 1e-6)
