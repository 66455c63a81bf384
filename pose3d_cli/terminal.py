"""What is seen on a terminal: errors, warnings, progress, tables.

Progress and complaints go to the error output, tables to the standard output. What is shown is text, whatever it looks
like: brackets are no markup, and what the output cannot encode stands there with backslashes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table
from rich.text import Text

from in_the_wild.progress import Display, printable, showing

# Columns that a table may take where nobody says how wide the page is.
_PAGE_WIDTH = 140


def complain(line: str) -> None:
    """One red line on the error output, never broken into several."""
    _print(_errors(), line, "red")


def warn(line: str) -> None:
    """One yellow line on the error output."""
    _print(_errors(), f"Warning: {line}", "yellow")


def say(line: str) -> None:
    """One line on the standard output."""
    _print(Console(), line)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> None:
    """A table on the standard output.

    Args:
        title: Above it; may be empty.
        columns: Headings.
        rows: Cells, shown as text.
        numbers: Headings of the columns that are aligned to the right.
    """
    console = Console()
    if not console.is_terminal:
        console = Console(width=_PAGE_WIDTH)
    if title:
        console.print(Text(printable(title, console.encoding), style="bold"))
    lines = [[printable(str(cell), console.encoding) for cell in row] for row in rows]
    # What stands first is a name that is to be typed: it is broken only where numbers would be cut off instead. Other
    # columns of words can be broken down to their headings.
    least = sum(
        max(len(line[number]) for line in [list(columns), *lines]) if number == 0 or column in numbers else len(column)
        for number, column in enumerate(columns)
    )
    fits = least + 3 * len(columns) + 1 <= console.width
    shown = Table(show_header=any(columns))
    for number, column in enumerate(columns):
        right = column in numbers
        whole = right or (number == 0 and fits)
        shown.add_column(column, justify="right" if right else "left", no_wrap=whole, overflow="fold")
    for line in lines:
        shown.add_row(*map(Text, line))
    console.print(shown)


@contextmanager
def stage_progress(stage: str, *, total: int, unit: str = "views") -> Iterator[Callable[[int], None]]:
    """Show how far a job of one stage is; what is yielded takes the number that is done."""
    with showing(unit=unit) as report:
        report(stage, 0, total)
        yield lambda done: report(stage, done, total)


class Training:
    """Told of every step of a training run, and of every evaluation."""

    def __init__(self, report: Display, total: int) -> None:
        self._report = report
        self._total = total
        self._step = 0
        self._loss = float("nan")

    def step(self, step: int, loss: float) -> None:
        """So many steps are done, the last with this loss."""
        self._step, self._loss = step, loss
        self._report("train", step, self._total)

    def check(self, errors: Mapping[str, float]) -> None:
        """Held-out errors by name, those of other means among them."""
        said = ", ".join(f"{name} {value:.4g}" for name, value in errors.items())
        self._report.note(f"step {self._step}: loss {self._loss:.5f}, held-out {said}")


@contextmanager
def training_progress(*, total: int) -> Iterator[Training]:
    """Show how far a training run of so many steps is."""
    with showing(unit="steps") as report:
        yield Training(report, total)


def _errors() -> Console:
    return Console(stderr=True, highlight=False)


def _print(console: Console, line: str, style: str = "") -> None:
    """One line as it is, never broken into several."""
    console.print(Text(printable(line, console.encoding), style=style), soft_wrap=True)
