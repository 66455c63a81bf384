"""Fills missing frames by natural cubic splines: as smooth as a curve through the seen values can be.

scipy's `CubicSpline`. Nearer to the truth than straight lines where joints were seen at about even times; where two
frames next to each other stand before a gap, their jitter sets the direction in which the gap is crossed.
"""

from __future__ import annotations

from in_the_wild.interpolation import natural_spline
from in_the_wild.poses import Poses
from in_the_wild.refiners._tracks import filled
from in_the_wild.refiners.base import Refiner


class Spline(Refiner):
    """Smooth curves through the frames in which a joint was seen.

    Values that were seen stay as they are. Filled rows have their neighbours' scores; a joint that was not seen in a
    row keeps its score of 0.
    """

    fills = True
    smooths = False

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: a row for every frame from first to last."""
        return filled(person, natural_spline)
