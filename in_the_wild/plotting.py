"""Plots: results drawn by a kind of plot, on axes of the caller's or as a figure of a paper's width.

    plotting.figure({"before": raw, "after": poses}, ["left_knee"], what="angle", width=paper.TWO_COLUMNS)

It knows nothing about what the kinds are, nor about files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from in_the_wild import plugins
from in_the_wild.errors import InputError
from in_the_wild.poses import Poses

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from in_the_wild.plots.base import Drawn, Plot

KINDS = "in_the_wild.plots"
USUAL = "path"


def axes(
    results: Mapping[str, Poses],
    of: str | Sequence[str] = (),
    *,
    what: str = USUAL,
    persons: Sequence[int] = (),
    truth: Poses | None = None,
    on: Axes | None = None,
) -> Axes:
    """Draw everything on one pair of axes.

    Args:
        results: By name.
        of: A joint or several, or what else the kind names; none takes the kind's own choice.
        what: The kind.
        persons: Ids of those who are shown; none means everybody, or of several results the one seen longest in each.
        truth: What results are compared with, by kinds that need it.
        on: The axes; None makes a figure as wide as one column.

    Raises:
        PluginError: no such kind, or matplotlib is not installed.
        InputError: nobody to show, or results of which this cannot be drawn.
    """
    kind, drawn = _prepared(results, of, what, persons, truth)

    from in_the_wild import paper

    if on is not None:
        kind.draw(on, drawn)
        return on
    with paper.style():
        made = paper.new_figure(paper.ONE_COLUMN, kind.height(paper.ONE_COLUMN, drawn, 1))
        drawn_on: Axes = made.subplots()
        kind.draw(drawn_on, drawn)
    return drawn_on


def figure(
    results: Mapping[str, Poses],
    of: str | Sequence[str] = (),
    *,
    what: str = USUAL,
    persons: Sequence[int] = (),
    truth: Poses | None = None,
    width: float | None = None,
) -> Figure:
    """Draw a figure, in as many panels as the kind has.

    Args:
        results, of, what, persons, truth: See `axes`.
        width: Inches; None takes one column.

    Raises:
        PluginError: see `axes`.
        InputError: see `axes`.
    """
    kind, drawn = _prepared(results, of, what, persons, truth)

    from in_the_wild import paper

    width = paper.ONE_COLUMN if width is None else width
    with paper.style():
        panels = kind.panels(drawn)
        made = paper.new_figure(width, kind.height(width, drawn, len(panels)))
        grid = made.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
        for draw, on in zip(panels, grid, strict=True):
            draw(on)
            on.label_outer()
    return made


def _prepared(
    results: Mapping[str, Poses], of: str | Sequence[str], what: str, persons: Sequence[int], truth: Poses | None
) -> tuple[Plot, Drawn]:
    """The kind, and what it draws."""
    kind: Plot = plugins.load(KINDS, what)()

    from in_the_wild.plots.base import Drawn

    if not results:
        raise InputError("A result to draw was expected, found none.")
    if kind.needs_truth and truth is None:
        raise InputError(f'A plot of "{what}" needs the truth to compare with; give it, as another result is given.')
    # Ids of different results are of different people; and of the truth one person alone is compared.
    alone = len(results) > 1 or kind.needs_truth
    chosen = {name: _people(name, poses, persons, alone=alone) for name, poses in results.items()}
    compared = None if truth is None else _people("the truth", truth, (), alone=True)
    return kind, Drawn(chosen, (of,) if isinstance(of, str) else tuple(of), compared)


def _people(name: str, poses: Poses, persons: Sequence[int], *, alone: bool) -> Poses:
    """The rows of those who are shown, by person and rising frame."""
    if not poses.persons:
        raise InputError(f"People with ids were expected in {name}, found none.")
    unknown = [one for one in persons if one not in poses.persons]
    if unknown:
        raise InputError(
            f"There is no person {unknown[0]} in {name}; the ids are {', '.join(map(str, poses.persons))}."
        )
    if not persons and alone:
        persons = [max(poses.persons, key=lambda one: int((poses.person_id == one).sum()))]
    return Poses.join([poses.of_person(one) for one in persons or poses.persons])
