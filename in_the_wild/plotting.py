"""Plots: results drawn by a kind of plot, on axes of the caller's or as a figure of a paper's width.

    plotting.save(plotting.figure({"before": raw, "after": poses}, ["left_knee"], what="angle"), Path("knee.pdf"))

matplotlib is imported when something is drawn. It knows nothing about what the kinds are, nor how results are read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from in_the_wild import defaults, plugins
from in_the_wild.errors import InputError
from in_the_wild.excerpt import EVERYTHING, Excerpt
from in_the_wild.poses import Poses

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from in_the_wild.plots.base import Drawn, Plot

KINDS = "in_the_wild.plots"


def axes(
    results: Mapping[str, Poses],
    of: str | Sequence[str] = (),
    *,
    what: str = defaults.PLOT,
    part: Excerpt = EVERYTHING,
    truth: Poses | None = None,
    on: Axes | None = None,
) -> Axes:
    """Draw everything on one pair of axes.

    Args:
        results: By name.
        of: A joint or several, or what else the kind names; none takes the kind's own choice.
        what: The kind.
        part: Whom, and from when to when; of several results the one seen longest in each, where nobody is named.
        truth: What results are compared with, by kinds that need it.
        on: The axes; None makes a figure as wide as one column.

    Raises:
        PluginError: no such kind, or matplotlib is not installed.
        InputError: nobody to show, or results of which this cannot be drawn.
    """
    kind, drawn = _prepared(results, of, what, part, truth)

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
    what: str = defaults.PLOT,
    part: Excerpt = EVERYTHING,
    truth: Poses | None = None,
    wide: bool = False,
) -> Figure:
    """Draw a figure, in as many panels as the kind has.

    Args:
        results, of, what, part, truth: See `axes`.
        wide: Whether it is as wide as two columns, not as one.

    Raises:
        PluginError: see `axes`.
        InputError: see `axes`.
    """
    kind, drawn = _prepared(results, of, what, part, truth)

    from in_the_wild import paper

    width = paper.TWO_COLUMNS if wide else paper.ONE_COLUMN
    with paper.style():
        panels = kind.panels(drawn)
        made = paper.new_figure(width, kind.height(width, drawn, len(panels)))
        grid = made.subplots(len(panels), sharex=True, squeeze=False)[:, 0]
        for draw, on in zip(panels, grid, strict=True):
            draw(on)
            on.label_outer()
    return made


def save(figure: Figure, path: Path) -> None:
    """Write a figure as the name's end says: .pdf, .svg or .png; see `paper.save`."""
    from in_the_wild import paper

    paper.save(figure, path)


def _prepared(
    results: Mapping[str, Poses], of: str | Sequence[str], what: str, part: Excerpt, truth: Poses | None
) -> tuple[Plot, Drawn]:
    """The kind, and what it draws."""
    kind: Plot = plugins.load(KINDS, what)()

    from in_the_wild.plots.base import Drawn

    if not results:
        raise InputError("A result to draw was expected, found none.")
    if kind.needs_truth and truth is None:
        raise InputError(f'A plot of "{what}" shows how far results are from the truth; name it: --truth, truth=...')
    # Ids of different results are of different people; and of the truth one person alone is compared.
    alone = len(results) > 1 or kind.needs_truth
    chosen = {}
    for name, poses in results.items():
        # The floor and the vertical are everybody's. What is compared stays in the space of the truth.
        world = not kind.needs_truth and (poses.space == "world" or poses.root is not None)
        taken = dataclasses.replace(part, space="world" if world else "").of(poses)
        chosen[name] = _people(name, taken, alone=alone and not part.persons)
    compared = None if truth is None else _people("the truth", truth, alone=True)
    return kind, Drawn(chosen, (of,) if isinstance(of, str) else tuple(of), compared)


def _people(name: str, poses: Poses, *, alone: bool) -> Poses:
    """The rows of everybody with an id, or of the one seen longest, by rising frame."""
    if not poses.persons:
        raise InputError(f"People with ids were expected in {name}, found none.")
    if alone:
        return poses.seen_longest()
    return Poses.join([poses.of_person(one) for one in poses.persons])
