"""Fills missing frames by straight lines in time, and does nothing else.

The plain baseline for keypoints that were looked for in some frames only. Every refiner that fills frames should be
better than this one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from in_the_wild.interpolation import interpolate
from in_the_wild.poses import SPACES, Poses
from in_the_wild.refiners._tracks import filled
from in_the_wild.refiners.base import Refiner


class Linear(Refiner):
    """Straight lines between the frames in which a joint was seen.

    Values that were seen stay as they are. Filled rows have their neighbours' scores; a joint that was not seen in a
    row keeps its score of 0.
    """

    spaces: ClassVar[tuple[str, ...]] = tuple(SPACES)
    fills = True
    smooths = False

    @property
    def settings(self) -> Mapping[str, Any]:
        """See `Refiner.settings`."""
        return {"name": "linear"}

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: a row for every frame from first to last."""
        return filled(person, interpolate)
