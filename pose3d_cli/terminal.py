"""What is seen on a terminal: errors, warnings, progress, tables.

Progress and complaints go to the error output, tables to the standard output. On a terminal progress is bars; anywhere
else it is plain lines, few enough for a log file.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

# Seconds between two plain lines about one stage.
_BETWEEN_LINES = 5.0
# Columns that a table may take where nobody says how wide the page is.
_PAGE_WIDTH = 140


class Report(Protocol):
    """Told how far a stage is: its name, what is done, and of how many (None where nobody knows yet)."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """One step further."""


def complain(line: str) -> None:
    """One red line on the error output, never broken into several."""
    _errors().print(Text(line, style="red"), soft_wrap=True)


def warn(line: str) -> None:
    """One yellow line on the error output."""
    _errors().print(Text(f"Warning: {line}", style="yellow"), soft_wrap=True)


def note(line: str) -> None:
    """One line on the error output."""
    _errors().print(Text(line), soft_wrap=True)


def say(line: str) -> None:
    """One line on the standard output."""
    Console().print(Text(line), soft_wrap=True)


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
    shown = Table(title=title or None, title_justify="left")
    for column in columns:
        right = column in numbers
        shown.add_column(column, justify="right" if right else "left", no_wrap=right, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(str(cell)) for cell in row))
    console.print(shown)


@contextmanager
def progress(title: str) -> Iterator[Report]:
    """Show how far the stages of one job are, for as long as the block runs.

    Args:
        title: What is worked on.
    """
    console = _errors()
    if console.is_terminal:
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            _Count(),
            TimeRemainingColumn(elapsed_when_finished=True),
        )
        with Progress(*columns, console=console) as shown:
            bars = _Bars(title, shown)
            yield bars
            bars.finish()
    else:
        lines = _Lines(title)
        yield lines
        lines.finish()


def _errors() -> Console:
    return Console(stderr=True, highlight=False)


def _rate(done: int, seconds: float) -> str:
    return f"{done / seconds:.1f} frames/s" if done and seconds > 0 else ""


class _Count(ProgressColumn):
    """Frames done, of how many, and how many a second."""

    def render(self, task: Task) -> Text:
        """The column's text for one stage."""
        total = "" if task.total is None else f"/{task.total:.0f}"
        rate = _rate(int(task.completed), (task.finished_time if task.finished else task.elapsed) or 0)
        return Text(f"{task.completed:.0f}{total} frames  {rate}")


class _Bars:
    """A bar for every stage, on a terminal."""

    def __init__(self, title: str, shown: Progress) -> None:
        self._title = title
        self._shown = shown
        self._stage = ""
        self._bar: TaskID | None = None
        self._done = 0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if self._bar is None or stage != self._stage:
            self.finish()
            self._stage = stage
            self._bar = self._shown.add_task(f"{self._title}  {stage}", total=total)
        self._done = done
        # A header may promise fewer frames than there are.
        known = None if total is None else max(total, done)
        self._shown.update(self._bar, completed=done, total=known)

    def finish(self) -> None:
        """The stage is over, whatever number of frames was promised."""
        if self._bar is not None:
            self._shown.update(self._bar, completed=self._done, total=self._done)


class _Lines:
    """A line at the start and the end of every stage, and one now and then between."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._stage = ""
        self._done = 0
        self._began = self._reported = self._spoke = 0.0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self.finish()
            self._stage, self._began, self._spoke = stage, now, now
            note(f"{self._title}: {stage}" + (f", {total} frames" if total else ""))
        self._done, self._reported = done, now
        if now - self._spoke >= _BETWEEN_LINES:
            self._spoke = now
            rate = _rate(done, now - self._began)
            left = ""
            if total is not None and done:
                left = f", {max(0.0, (total - done) * (now - self._began) / done):.0f} s left"
            of = f"/{total}" if total is not None else ""
            note(f"{self._title}: {stage} {done}{of} frames, {rate}{left}")

    def finish(self) -> None:
        """The stage is over."""
        if self._stage:
            seconds = self._reported - self._began
            note(
                f"{self._title}: {self._stage} done, {self._done} frames in {seconds:.1f} s, {_rate(self._done, seconds)}"
            )
