"""How pictures for papers look: the widths of columns, type, lines and colours; every plot is drawn in this one style.

    with paper.style():
        figure = paper.new_figure(paper.ONE_COLUMN, 2.4)
        ...
    paper.save(figure, Path("knee.pdf"))

Colours and type are those of `look` on a light ground. Pyplot, which looks for a window system and keeps every figure
that it makes, is never imported. Fonts go into PDF files as they are, and into SVG files as outlines, so that both look
the same everywhere; a figure keeps to that whoever saves it.

It knows nothing about what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from in_the_wild.errors import InputError
from in_the_wild.files import whole_file
from in_the_wild.look import LIGHT, PLOT_FONT, Colour

# Inches: 89 and 183 mm, which the columns of Nature, IEEE and Elsevier differ from by less than 2 mm.
ONE_COLUMN, TWO_COLUMNS = 89 / 25.4, 183 / 25.4
SUFFIXES = (".pdf", ".png", ".svg")
DPI = 300  # of what is made of pixels
# Of a legend: points that a line of it is high, inches of a handle with its space, and inches of a letter.
_LEGEND_LINE, _HANDLE, _LETTER = 10.5, 0.48, 0.058
# Lines that differ where colours do not; the first is the usual one.
LINE_STYLES: Sequence[Any] = ("-", (0, (4, 1.6)), (0, (1, 1.2)), (0, (5, 1.4, 1, 1.4)))


def rgb(colour: Colour) -> tuple[float, float, float]:
    """A colour of `look` as matplotlib takes it.

    >>> rgb((255, 0, 51))
    (1.0, 0.0, 0.2)
    """
    red, green, blue = (value / 255 for value in colour)
    return red, green, blue


_TEXT, _QUIET, _GRID = rgb(LIGHT.text), rgb(LIGHT.quiet), rgb(LIGHT.grid)
_STYLE: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": [PLOT_FONT],
    "font.size": 7.5,
    "text.color": _TEXT,
    "axes.titlesize": 8,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 5,
    "axes.labelsize": 7.5,
    "axes.labelcolor": _TEXT,
    "axes.edgecolor": _QUIET,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.prop_cycle": cycler(color=[rgb(one) for one in LIGHT.results]),
    "grid.color": _GRID,
    "grid.linewidth": 0.4,
    "lines.linewidth": 1.1,
    "lines.solid_joinstyle": "round",
    "xtick.color": _QUIET,
    "xtick.labelcolor": _TEXT,
    "xtick.labelsize": 7,
    "xtick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.color": _QUIET,
    "ytick.labelcolor": _TEXT,
    "ytick.labelsize": 7,
    "ytick.major.width": 0.6,
    "ytick.major.size": 2.5,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "legend.handlelength": 1.8,
    "legend.columnspacing": 1.4,
    "legend.borderaxespad": 0.2,
    "image.cmap": "viridis",
    "figure.dpi": 150,
    "savefig.dpi": DPI,
    # TrueType as it is: journals refuse Type 3, which matplotlib writes otherwise.
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "path",
    # The same picture is the same file.
    "svg.hashsalt": "pose3d",
}


@contextmanager
def style() -> Iterator[None]:
    """Whatever is drawn in the block has the style; what others draw keeps theirs."""
    with mpl.rc_context(_STYLE):
        yield


class PaperFigure(Figure):
    """A figure that is saved in the style, whoever saves it."""

    def savefig(self, fname: Any, *arguments: Any, **settings: Any) -> None:
        """See matplotlib's."""
        with style():
            super().savefig(fname, *arguments, **settings)


def new_figure(width: float, height: float) -> PaperFigure:
    """An empty figure of so many inches, whose parts find their places themselves."""
    figure = PaperFigure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def width_of(axes: Axes) -> float:
    """Inches that the figure of some axes is wide."""
    assert axes.figure is not None
    return float(axes.figure.bbox.width / axes.figure.dpi)


def title_above(axes: Axes, title: str, *, legend: bool = False, beside: float = 0.5) -> None:
    """A title above the axes, and between them, where it is wanted, a legend in as many columns as there is room for.

    Args:
        axes: With lines that have labels.
        title: May be empty.
        legend: Whether there is a legend.
        beside: Inches of the figure's width that labels beside the axes take.
    """
    lines = 0
    if legend:
        labels = axes.get_legend_handles_labels()[1]
        widest = _HANDLE + _LETTER * max(map(len, labels))
        columns = max(1, min(len(labels), int((width_of(axes) - beside) / widest)))
        lines = -(-len(labels) // columns)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0, borderpad=0.3)
    axes.set_title(title, pad=_STYLE["axes.titlepad"] + _LEGEND_LINE * lines)


def check_name(path: Path) -> None:
    """Find out before the work whether a file's name says how it is written.

    Raises:
        InputError: it does not.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"A name that ends in {', '.join(SUFFIXES)} was expected for a picture, found {path}.")


def save(figure: Figure, path: Path) -> None:
    """Write a figure, whole or not at all; the name's end says how.

    Raises:
        InputError: an end that stands for nothing.
        OutputError: the file cannot be written.
    """
    check_name(path)
    with whole_file(path) as file:
        write(figure, file, path.suffix.lower().removeprefix("."))


def write(figure: Figure, file: IO[bytes], kind: str) -> None:
    """Write a figure as "pdf", "png" or "svg" into a file that is open, without the time of day."""
    undated = {"pdf": {"CreationDate": None}, "svg": {"Date": None}}
    with style():
        figure.savefig(file, format=kind, metadata=undated.get(kind))
