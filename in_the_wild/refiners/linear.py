"""Fills missing frames by straight lines in time, and does nothing else.

The plain baseline for keypoints that were looked for in some frames only. Every refiner that fills frames should be
better than this one.
"""

from __future__ import annotations

from in_the_wild.interpolation import interpolate
from in_the_wild.refiners._tracks import Filler


class Linear(Filler):
    """Straight lines between the frames in which a joint was seen."""

    curve = staticmethod(interpolate)
