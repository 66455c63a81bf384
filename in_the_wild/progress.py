"""How far a long job is: told to nobody, to a function of the caller's, to an audience, or shown by rich.

    with reporting(True, "clip.mp4") as report:
        report("detect", 12, 60)

Shown on a terminal or in a notebook are bars; anywhere else plain lines, few enough for a log file. What is counted are
things that people know, frames of the video first of all. It is the one place of the library that writes to the error
output, when it is asked to, and rich is imported only then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

# What is counted, where nobody says another thing.
FRAMES = "frames"
# Seconds between two plain lines about one stage.
_BETWEEN_LINES = 5.0


# Told one step further: a stage's name, what is done, and of how many (None where nobody knows yet).
Report: TypeAlias = Callable[[str, int, int | None], None]


# Told how many more are done, whole ones or parts.
More: TypeAlias = Callable[[float], None]


class Display(Protocol):
    """A report that people read."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """One step further."""

    def note(self, line: str) -> None:
        """Show a line that stays."""


@runtime_checkable
class Audience(Protocol):
    """Whoever is told of one job after the other, such as the terminal or another program."""

    def listening(self, title: str = "", *, unit: str = FRAMES) -> AbstractContextManager[Display]:
        """What is told how far one job is, for as long as the block runs.

        Args:
            title: What is worked on.
            unit: What is counted.
        """


class Pace:
    """How fast a stage goes, from how far it was when."""

    def __init__(self, done: int) -> None:
        self._first, self._began = done, time.monotonic()
        self.done, self.seconds = done, 0.0

    def at(self, done: int) -> None:
        """The stage is so far now."""
        self.done, self.seconds = done, time.monotonic() - self._began

    @property
    def rate(self) -> float | None:
        """Things done a second; None before anything is."""
        count = self.done - self._first
        return count / self.seconds if count > 0 and self.seconds > 0 else None

    def left(self, total: int | None) -> float | None:
        """Seconds until all are done; None where nobody knows."""
        if total is None or self.rate is None:
            return None
        return max(0, total - self.done) / self.rate


@contextmanager
def reporting(progress: bool | Report | Audience | None, title: str = "") -> Iterator[Report]:
    """Whom a job tells how far it is, for as long as the block runs.

    Args:
        progress: True shows it, a function is called with stage, done and total, an audience listens; False and None
            tell nobody.
        title: What is worked on, shown before every stage.
    """
    if progress is True:
        with showing(title) as display:
            yield display
    elif isinstance(progress, Audience):
        with progress.listening(title) as display:
            yield display
    else:
        yield progress or silent


@contextmanager
def counting(report: Report, stage: str, total: int) -> Iterator[More]:
    """A stage of so many things: told when it begins and ends, and in between by calls with how many more are done."""
    done = 0.0

    def more(count: float) -> None:
        nonlocal done
        done = min(total, done + count)
        report(stage, int(done), total)

    report(stage, 0, total)
    yield more
    report(stage, total, total)


@contextmanager
def showing(title: str = "", *, unit: str = FRAMES, bars: bool | None = None) -> Iterator[Display]:
    """Show how far the stages of one job are, for as long as the block runs.

    Args:
        title: What is worked on, shown before every stage.
        unit: What is counted.
        bars: Whether bars are shown, or lines; None lets it depend on where it is shown.
    """
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    title = printable(title, console.encoding)
    if not (console.is_terminal or console.is_jupyter if bars is None else bars):
        lines = _Lines(console, title, unit)
        yield lines
        lines.finish()
        return

    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.table import Column

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]}", markup=False, table_column=Column(no_wrap=True)),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console) as shown:
        display = _Bars(shown, title, unit)
        yield display
        display.finish()


def printable(text: str, encoding: str) -> str:
    r"""The text with what an output cannot encode as backslash escapes: file names need not be UTF-8.

    >>> printable("caf\udce9.mp4", "utf-8")
    'caf\\udce9.mp4'
    """
    return text.encode(encoding, "backslashreplace").decode(encoding)


def silent(stage: str, done: int, total: int | None) -> None:
    """Nobody listens."""


def nobody(count: float) -> None:
    """The same, of how many more are done."""


class _Bars:
    """A bar for every stage."""

    def __init__(self, shown: Progress, title: str, unit: str) -> None:
        self._shown, self._title, self._unit = shown, title, unit
        self._stage = ""
        self._pace = Pace(0)

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        # A header may promise fewer frames than there are.
        known = None if total is None else max(total, done)
        if stage != self._stage:
            self.finish()
            self._stage, self._pace = stage, Pace(done)
            self._shown.add_task(f"{self._title} {stage}".strip(), total=known, count="")
        self._pace.at(done)
        self._update(known)

    def note(self, line: str) -> None:
        """Show a line above the bars."""
        _print(self._shown.console, line)

    def finish(self) -> None:
        """The last stage is over, whatever number was promised."""
        if self._stage:
            self._update(self._pace.done)

    def _update(self, total: int | None) -> None:
        task = self._shown.tasks[-1]
        of = "" if total is None else f"/{total}"
        rate = "" if self._pace.rate is None else f"  {self._pace.rate:.1f} {self._unit}/s"
        count = f"{self._pace.done}{of} {self._unit}{rate}"
        self._shown.update(task.id, completed=self._pace.done, total=total, count=count)


class _Lines:
    """A line at the start and the end of every stage, and one now and then between."""

    def __init__(self, console: Console, title: str, unit: str) -> None:
        self._console, self._unit = console, unit
        self._title = f"{title}: " if title else ""
        self._stage = ""
        self._pace = Pace(0)
        self._spoke = 0.0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if stage != self._stage:
            self.finish()
            self._stage, self._pace, self._spoke = stage, Pace(done), 0.0
            self.note(f"{self._title}{stage}" + (f", {total} {self._unit}" if total else ""))
        pace = self._pace
        pace.at(done)
        if pace.seconds - self._spoke >= _BETWEEN_LINES:
            self._spoke = pace.seconds
            of = f"/{total}" if total is not None else ""
            left = pace.left(total)
            rest = "" if left is None else f", {left:.0f} s left"
            self.note(f"{self._title}{stage} {done}{of} {self._unit}{self._rate()}{rest}")

    def note(self, line: str) -> None:
        """Show a line."""
        _print(self._console, line)

    def finish(self) -> None:
        """The last stage is over."""
        if self._stage:
            pace = self._pace
            took = f"{pace.done} {self._unit} in {pace.seconds:.1f} s{self._rate()}"
            self.note(f"{self._title}{self._stage} done: {took}")

    def _rate(self) -> str:
        rate = self._pace.rate
        return "" if rate is None else f", {rate:.1f} {self._unit}/s"


def _print(console: Console, line: str) -> None:
    """One line as it is: no markup, never broken into several."""
    from rich.text import Text

    console.print(Text(printable(line, console.encoding)), soft_wrap=True)
