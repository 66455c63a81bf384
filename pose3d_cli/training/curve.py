"""Draw a training run's log as a picture."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from in_the_wild.look import LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# What a log has beside the errors.
_OTHERS = {"step", "loss", "learning_rate", "seconds"}
_HEIGHT = 2.7  # inches


def draw(log: Path, picture: Path) -> None:
    """Draw loss, learning rate and held-out errors of a `log.csv` over the steps.

    Raises:
        OutputError: the picture cannot be written.
    """
    from in_the_wild import paper

    with log.open() as file:
        rows = list(csv.DictReader(file))
    columns = {name: [float(row[name]) for row in rows] for name in rows[0]}
    with paper.style():
        figure = paper.new_figure(paper.TWO_COLUMNS, _HEIGHT)
        left, right = figure.subplots(1, 2)
        # A single point would not be seen as a line.
        marker = "o" if len(rows) == 1 else ""
        _draw_loss(left, columns, marker)
        _draw_errors(right, columns, marker)
    paper.save(figure, picture)


def _draw_loss(axes: Axes, columns: Mapping[str, Sequence[float]], marker: str) -> None:
    """The loss, and the learning rate on an axis of its own."""
    from in_the_wild import paper

    steps = columns["step"]
    (loss,) = axes.plot(steps, columns["loss"], color=paper.rgb(LIGHT.text), marker=marker, label="training loss")
    axes.set(title="Training", xlabel="Step", ylabel="Training loss", yscale="log")
    rates, colour = axes.twinx(), paper.rgb(LIGHT.sides["left"])
    (rate,) = rates.plot(
        steps, columns["learning_rate"], color=colour, marker=marker, linestyle=":", label="learning rate"
    )
    rates.set(ylabel="Learning rate", ylim=(0, 1.1 * max(columns["learning_rate"])))
    rates.yaxis.label.set_color(colour)
    rates.tick_params(axis="y", colors=colour, labelcolor=colour)
    rates.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
    rates.spines["right"].set_visible(True)
    rates.grid(visible=False)
    axes.legend(handles=[loss, rate], loc="upper right")


def _draw_errors(axes: Axes, columns: Mapping[str, Sequence[float]], marker: str) -> None:
    """Held-out errors, and where the first of them is lowest."""
    from in_the_wild import paper

    steps = columns["step"]
    errors = [name for name in columns if name not in _OTHERS]
    for name in errors:
        # What needs no training is the same at every step, and drawn as such.
        values = columns[name]
        constant = len(set(values)) == 1 < len(values)
        axes.plot(steps, values, label=name, marker=marker, linestyle="--" if constant else "-")
    lowest = min(columns[errors[0]])
    best = steps[list(columns[errors[0]]).index(lowest)]
    label = f"best: {lowest:.4g} at step {best:.0f}"
    axes.plot(best, lowest, "o", color=paper.rgb(LIGHT.warning), markersize=4, label=label)
    # Early errors are many times the later ones and would flatten what matters.
    axes.set(title="Held-out", xlabel="Step", ylabel="Held-out error", ylim=(0, 3 * lowest or None))
    axes.legend(loc="upper right")
