"""What every kind of plot promises: results in, and whatever of them it shows drawn on matplotlib's axes.

Most kinds show something over time, and say with `OverTime` no more than what that is. It knows nothing about files,
nor how results are read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from in_the_wild.measures.curves import Curves
from in_the_wild.plots._lines import Series, draw_series, in_panels
from in_the_wild.poses import Poses

# Draws one panel of a figure.
Draw = Callable[[Axes], None]


@dataclass(frozen=True)
class Drawn:
    """What is drawn.

    Attributes:
        results: The people who are shown, by the name of the result.
        of: Joints, or what else a kind names; empty for the kind's own choice.
        truth: What results are compared with.
    """

    results: Mapping[str, Poses]
    of: tuple[str, ...] = ()
    truth: Poses | None = field(default=None)


class Plot(ABC):
    """One kind of plot.

    Attributes:
        needs_truth: Whether there is nothing to draw without truth.
    """

    needs_truth: ClassVar[bool] = False

    @abstractmethod
    def draw(self, axes: Axes, drawn: Drawn) -> None:
        """Draw everything on one pair of axes.

        Raises:
            InputError: results of which this cannot be drawn.
        """

    def panels(self, drawn: Drawn) -> Sequence[Draw]:
        """What a figure shows in panels below each other, those of a time sharing it; usually one alone.

        Raises:
            InputError: see `draw`.
        """
        return [lambda axes: self.draw(axes, drawn)]

    def height(self, width: float, drawn: Drawn, panels: int) -> float:
        """Inches that a figure of this width and so many panels is high."""
        return 0.62 * min(width, 4.4) + 0.4


class OverTime(Plot):
    """A kind that shows something over the time of the video.

    Attributes:
        quantity: What the values are: "Speed".
        usual: The joints that are shown where nobody names any.
        limits: Lowest and highest value that the axis shows; None finds them.
    """

    quantity: ClassVar[str]
    usual: ClassVar[tuple[str, ...]]
    limits: ClassVar[tuple[float, float] | None] = None

    @abstractmethod
    def curves(self, poses: Poses, of: str) -> Curves:
        """Everybody's values of one joint, or of what else may be named.

        Returns:
            Named by what they are of the joint: "x", "flexion"; "" where there is but one thing.

        Raises:
            InputError: no such joint, or poses that lack what is needed.
        """

    def subject(self, poses: Poses, of: str) -> str:
        """What the values are of, as a name; the joint itself, usually."""
        return of

    def mark(self, axes: Axes, series: Series, line: Line2D, drawn: Drawn) -> None:
        """Show what happens along one line that is drawn; nothing, usually."""

    def draw(self, axes: Axes, drawn: Drawn) -> None:
        """See `Plot.draw`."""
        self._draw_panel(axes, self.series(drawn), drawn)

    def panels(self, drawn: Drawn) -> Sequence[Draw]:
        """A panel for what is of one joint, of both its sides; see `Plot.panels`."""

        def panel(series: Sequence[Series], above: Sequence[Series]) -> Draw:
            return lambda axes: self._draw_panel(axes, series, drawn, above)

        panels = in_panels(self.series(drawn))
        return [panel(*pair) for pair in zip(panels, [[], *panels], strict=False)]

    def _draw_panel(self, axes: Axes, series: Sequence[Series], drawn: Drawn, above: Sequence[Series] = ()) -> None:
        draw_series(axes, series, self.quantity, limits=self.limits, above=above)
        for one, line in zip(series, axes.lines[-len(series) :], strict=True):
            self.mark(axes, one, line, drawn)

    def height(self, width: float, drawn: Drawn, panels: int) -> float:
        """See `Plot.height`."""
        return 0.55 + panels * (0.42 * min(width, 4.4) if panels == 1 else 0.32 * min(width, 4.0))

    def series(self, drawn: Drawn) -> list[Series]:
        """All lines.

        Raises:
            InputError: see `curves`.
        """
        found = []
        for of in drawn.of or self.usual:
            for name, poses in drawn.results.items():
                curves = self.curves(poses, of)
                for person in curves.persons:
                    found += [
                        Series(name, person, self.subject(poses, of), part, curves.unit, curves.seconds, values)
                        for part, values in curves.person(person).items()
                    ]
        return found
