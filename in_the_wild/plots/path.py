"""Where joints are: metres in the world, or pixels in the picture."""

from __future__ import annotations

from typing import ClassVar

from in_the_wild.measures.curves import Curves
from in_the_wild.plots.base import OverTime
from in_the_wild.poses import Poses


class Path(OverTime):
    """x to the right of the video's camera, y away from it, z up from the floor; in the picture x right and y down."""

    quantity: ClassVar[str] = "Position"
    usual: ClassVar[tuple[str, ...]] = ("left_wrist", "right_wrist")

    def curves(self, poses: Poses, of: str) -> Curves:
        """See `OverTime.curves`."""
        placed = poses if poses.space == "image" else poses.world()
        values = {person: placed.person(person)[of].astype(float) for person in placed.persons}
        unit = "m" if placed.units == "metres" else placed.units
        return Curves(placed.video.timestamps, ("x", "y", "z")[: placed.keypoints.shape[-1]], unit, values)
