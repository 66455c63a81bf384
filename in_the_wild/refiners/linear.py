"""Fills missing frames by straight lines in time, and does nothing else.

The plain baseline for keypoints that were looked for in some frames only. Every refiner that fills frames should be
better than this one.
"""

from __future__ import annotations

from in_the_wild.interpolation import interpolate
from in_the_wild.poses import Poses
from in_the_wild.refiners._tracks import filled
from in_the_wild.refiners.base import Refiner


class Linear(Refiner):
    """Straight lines between the frames in which a joint was seen.

    Values that were seen stay as they are. Filled rows have their neighbours' scores; a joint that was not seen in a
    row keeps its score of 0.
    """

    fills = True
    smooths = False

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: a row for every frame from first to last."""
        return filled(person, interpolate)
