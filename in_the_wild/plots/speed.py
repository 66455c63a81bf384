"""How fast joints move through the world, in whatever direction."""

from __future__ import annotations

from typing import ClassVar

from in_the_wild.measures import paths
from in_the_wild.measures.curves import Curves
from in_the_wild.plots.base import OverTime
from in_the_wild.poses import Poses


class Speed(OverTime):
    """Central differences over the video's own timestamps; nothing is smoothed."""

    quantity: ClassVar[str] = "Speed"
    usual: ClassVar[tuple[str, ...]] = ("left_wrist", "right_wrist")

    def curves(self, poses: Poses, of: str) -> Curves:
        """See `OverTime.curves`."""
        found = paths.speeds(poses)
        poses.skeleton.index(of)
        values = {person: found.person(person)[f"{of}_speed"][:, None] for person in found.persons}
        return Curves(found.seconds, ("",), found.unit, values)
