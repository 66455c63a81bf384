"""Speaking to people: complaints and progress on the error output, answers on the standard output, by rich."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from in_the_wild.progress import FRAMES, Display, printable, showing
from pose3d_cli.terminal import crew
from pose3d_cli.terminal.base import Voice

if TYPE_CHECKING:
    from in_the_wild.batch.crew import Crew

# Columns that a table may take where nobody says how wide the page is.
_PAGE_WIDTH = 140


class People(Voice):
    """At a terminal, or reading a log."""

    def __init__(self, quiet: bool = False, verbose: bool = False) -> None:
        self._quiet, self._verbose = quiet, verbose

    def error(self, sentence: str) -> None:
        """One red line, never broken into several."""
        _print(_errors(), f"Error: {sentence}", "red")

    def stopped(self, sentence: str) -> None:
        """One red line, too, but no error."""
        _print(_errors(), sentence, "red")

    def warning(self, sentence: str) -> None:
        """One yellow line."""
        _print(_errors(), f"Warning: {sentence}", "yellow")

    def note(self, sentence: str) -> None:
        """One line, unless nobody wants to know."""
        if not self._quiet:
            _print(_errors(), sentence)

    def detail(self, sentence: str) -> None:
        """One dim line; only those who want to know are told at all."""
        _print(_errors(), sentence, "dim")

    def aside(self, sentence: str) -> None:
        """One line, unless nobody wants to know."""
        if not self._quiet:
            self.text(sentence)

    def text(self, line: str) -> None:
        """One line as it is."""
        _print(Console(), line)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
        """As wide as the page at most."""
        console = Console()
        if not console.is_terminal:
            console = Console(width=_PAGE_WIDTH)
        if title:
            console.print(Text(printable(title, console.encoding), style="bold"))
        lines = [[printable(cell, console.encoding) for cell in row] for row in rows]
        # What stands first is a name that is to be typed: it is broken only where numbers would be cut off instead.
        # Other columns of words can be broken down to their headings.
        least = sum(
            max(len(line[number]) for line in [list(columns), *lines])
            if number == 0 or column in numbers
            else len(column)
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

    def summary(self, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
        """A table, unless nobody wants to know."""
        if not self._quiet:
            self.table("", columns, rows, numbers)

    def result(self, facts: Mapping[str, Any]) -> None:
        """Is told in the summary."""

    @contextmanager
    def listening(self, title: str = "", *, unit: str = FRAMES) -> Iterator[Display]:
        """Bars at a terminal; for those who want to know every step lines, which can stand among others."""
        if not self._quiet and (self._verbose or _errors().is_terminal):
            with showing(title, unit=unit, bars=not self._verbose) as display:
                yield display
        else:
            yield _NotesAlone(self)

    @contextmanager
    def together(self, *, workers: int, clips: int) -> Iterator[Crew]:
        """A line for every worker at a terminal; lines that stay for those who want to know every step."""
        if workers == 1 and (clips == 1 or self._verbose):
            with crew.one_by_one(self) as one:
                yield one
        elif not self._quiet and not self._verbose and _errors().is_terminal:
            with crew.rows(_errors(), workers=workers, clips=clips) as shown:
                yield shown
        else:
            yield crew.Told(self, clips) if self._verbose else crew.NotesAlone(self)


class _NotesAlone:
    """Hears how far a job is, and repeats nothing but its notes."""

    def __init__(self, people: People) -> None:
        self._people = people

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """Nobody looks."""

    def note(self, line: str) -> None:
        """Show a line that stays."""
        self._people.note(line)


def _errors() -> Console:
    return Console(stderr=True, highlight=False)


def _print(console: Console, line: str, style: str = "") -> None:
    """One line as it is, never broken into several."""
    console.print(Text(printable(line, console.encoding), style=style), soft_wrap=True)
