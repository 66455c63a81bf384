"""Repetitions, as `pose3d measure` counts them: the angle or height that repeats, and where each one turns."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.measures import paths
from in_the_wild.measures.angles import angles
from in_the_wild.measures.curves import Curves
from in_the_wild.measures.repetitions import repetitions
from in_the_wild.plots._lines import Series
from in_the_wild.plots.base import Drawn, OverTime
from in_the_wild.poses import Poses

_BAND = 0.12  # opacity
_ROOM = 0.12  # of the axis above and below the curves, for numbers


class Repetitions(OverTime):
    """`left_knee_flexion`, or a height such as `pelvis_height`; without a name the angle that repeats.

    A band spans each repetition from start to end, a dot is where it turns, with its number.
    """

    quantity: ClassVar[str] = "Repetitions"
    usual: ClassVar[tuple[str, ...]] = ("",)

    def curves(self, poses: Poses, of: str) -> Curves:
        """See `OverTime.curves`."""
        measured = [angles(poses), paths.heights(poses)]
        names = [name for curves in measured for name in curves.names]
        name = of or self._repeating(poses)
        if name not in names:
            raise InputError(f'There is no angle or height "{name}". {did_you_mean(name, names)}')
        (curves,) = (one for one in measured if name in one.names)
        values = {person: curves.person(person)[name][:, None] for person in curves.persons}
        return Curves(curves.seconds, (name.rpartition("_")[2],), curves.unit, values)

    def subject(self, poses: Poses, of: str) -> str:
        """See `OverTime.subject`: that of "left_knee_flexion" is the left knee."""
        return (of or self._repeating(poses)).rpartition("_")[0]

    def mark(self, axes: Axes, series: Series, line: Line2D, drawn: Drawn) -> None:
        """See `OverTime.mark`."""
        axes.margins(y=_ROOM)
        counted = repetitions(drawn.results[series.result], f"{series.joint}_{series.part}")[series.person]
        for number, one in enumerate(counted.each, start=1):
            axes.axvspan(one.start, one.end, color=line.get_color(), alpha=_BAND, linewidth=0)
            known = np.isfinite(series.values)
            at = (one.turn, float(np.interp(one.turn, series.seconds[known], series.values[known])))
            axes.plot(*at, "o", color=line.get_color(), markersize=2.6)
            axes.annotate(
                str(number), at, (0, 3), textcoords="offset points", ha="center", fontsize=6.5, color=line.get_color()
            )

    @staticmethod
    def _repeating(poses: Poses) -> str:
        """The curve that repeats most, of whoever it is.

        Raises:
            InputError: nothing repeats.
        """
        found = max(repetitions(poses).values(), key=len)
        if not found.of:
            raise InputError(
                f"Nothing repeats three times in {poses.video.path}; name an angle or a height, such as "
                "left_knee_flexion."
            )
        return found.of
