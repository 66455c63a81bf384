"""Draw a training run's log as a picture."""

from __future__ import annotations

import csv
from pathlib import Path

from in_the_wild.files import whole_file

# What a log has beside the errors.
_OTHERS = {"step", "loss", "learning_rate", "seconds"}


def draw(log: Path, picture: Path) -> None:
    """Draw loss, learning rate and held-out errors of a `log.csv` over the steps.

    Raises:
        OutputError: the picture cannot be written.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with log.open() as file:
        rows = list(csv.DictReader(file))
    steps = [int(row["step"]) for row in rows]
    columns = {name: [float(row[name]) for row in rows] for name in rows[0]}
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(11, 4), layout="constrained")
    # A single point would not be seen as a line.
    marker = "o" if len(rows) == 1 else ""
    (loss,) = left.plot(steps, columns["loss"], color="black", marker=marker, label="training loss")
    left.set(xlabel="step", ylabel="training loss", yscale="log")
    rates = left.twinx()
    (rate,) = rates.plot(
        steps, columns["learning_rate"], color="tab:orange", marker=marker, linestyle=":", label="learning rate"
    )
    rates.set(ylabel="learning rate", ylim=(0, 1.1 * max(columns["learning_rate"])))
    rates.yaxis.label.set_color("tab:orange")
    rates.tick_params(axis="y", colors="tab:orange")
    rates.ticklabel_format(axis="y", style="sci", scilimits=(0, 0))
    left.legend(handles=[loss, rate], loc="upper right")
    errors = [name for name in columns if name not in _OTHERS]
    for name in errors:
        # What needs no training is the same at every step, and drawn as such.
        values = columns[name]
        constant = len(set(values)) == 1 < len(values)
        right.plot(steps, values, label=name, marker=marker, linestyle="--" if constant else "-")
    best = min(range(len(rows)), key=lambda row: columns[errors[0]][row])
    lowest = columns[errors[0]][best]
    right.plot(steps[best], lowest, "o", color="tab:red", label=f"best: {lowest:.4g} at step {steps[best]}")
    # Early errors are many times the later ones and would flatten what matters.
    right.set(xlabel="step", ylabel="held-out error", ylim=(0, 3 * lowest or None))
    right.legend(loc="upper right")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    with whole_file(picture) as file:
        figure.savefig(file, format="png", dpi=120)
    pyplot.close(figure)
