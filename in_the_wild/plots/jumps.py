"""Jumps, as `pose3d measure` tells them: heights over time, and above them when people fly and how high."""

from __future__ import annotations

from typing import ClassVar

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from in_the_wild.measures import paths
from in_the_wild.measures.curves import Curves
from in_the_wild.measures.jumps import jumps
from in_the_wild.plots._lines import Series
from in_the_wild.plots.base import Drawn, OverTime
from in_the_wild.poses import Poses

_BAND = 0.16  # opacity
_ROOM = 0.12  # of the axis above the curves, for what is written there


class Jumps(OverTime):
    """The height of the pelvis, by which jumps are found, or of joints that are named; a band from take-off to landing.

    The figure on a band is the height by the pelvis's rise, in centimetres.
    """

    quantity: ClassVar[str] = "Height"
    usual: ClassVar[tuple[str, ...]] = ("pelvis",)

    def curves(self, poses: Poses, of: str) -> Curves:
        """See `OverTime.curves`."""
        found = paths.heights(poses)
        poses.skeleton.index(of)
        values = {person: found.person(person)[f"{of}_height"][:, None] for person in found.persons}
        return Curves(found.seconds, ("",), found.unit, values)

    def mark(self, axes: Axes, series: Series, line: Line2D, drawn: Drawn) -> None:
        """See `OverTime.mark`."""
        axes.margins(y=_ROOM)
        for jump in jumps(drawn.results[series.result])[series.person]:
            axes.axvspan(jump.takeoff, jump.landing, color=line.get_color(), alpha=_BAND, linewidth=0)
            axes.annotate(
                f"{100 * jump.height_by_rise:.0f} cm", ((jump.takeoff + jump.landing) / 2, 1), (0, -2),
                xycoords=("data", "axes fraction"), textcoords="offset points", ha="center", va="top", fontsize=6.5,
                color=line.get_color(),
            )  # fmt: skip
