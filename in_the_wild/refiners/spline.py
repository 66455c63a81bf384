"""Fills missing frames by natural cubic splines: as smooth as a curve through the seen values can be.

scipy's `CubicSpline`. Nearer to the truth than straight lines where joints were seen at about even times; where two
frames next to each other stand before a gap, their jitter sets the direction in which the gap is crossed.
"""

from __future__ import annotations

from in_the_wild.interpolation import natural_spline
from in_the_wild.refiners._tracks import Filler


class Spline(Filler):
    """Smooth curves through the frames in which a joint was seen."""

    curve = staticmethod(natural_spline)
