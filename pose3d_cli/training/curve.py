"""Draw a training run's log as a picture."""

from __future__ import annotations

import csv
from pathlib import Path

from in_the_wild.files import whole_file


def draw(log: Path, picture: Path) -> None:
    """Draw loss and held-out errors of a `log.csv` over the steps.

    Raises:
        OutputError: the picture cannot be written.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with log.open() as file:
        rows = list(csv.DictReader(file))
    steps = [int(row["step"]) for row in rows]
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    left.plot(steps, [float(row["loss"]) for row in rows], color="tab:gray")
    left.set(xlabel="step", ylabel="training loss", yscale="log")
    errors = [name for name in rows[0] if name not in ("step", "loss", "learning_rate", "seconds")]
    for name in errors:
        # What needs no training is the same at every step, and drawn as such.
        values = [float(row[name]) for row in rows]
        right.plot(steps, values, label=name, linestyle="--" if len(set(values)) == 1 < len(values) else "-")
    lowest = min(float(row[errors[0]]) for row in rows)
    # Early errors are many times the later ones and would flatten what matters.
    right.set(xlabel="step", ylabel="held-out error", ylim=(0, 3 * lowest))
    right.legend()
    for axes in (left, right):
        axes.grid(alpha=0.3)
    with whole_file(picture) as file:
        figure.savefig(file, format="png", dpi=120)
    pyplot.close(figure)
