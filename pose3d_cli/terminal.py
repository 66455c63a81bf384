"""What is seen on a terminal: errors, warnings, progress, tables.

Progress and complaints go to the error output, tables to the standard output. On a terminal progress is bars; anywhere
else it is plain lines, few enough for a log file.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

# Seconds between two plain lines about one stage.
_BETWEEN_LINES = 5.0
# Columns that a table may take where nobody says how wide the page is.
_PAGE_WIDTH = 140


class Report(Protocol):
    """Told how far the stages of a job are."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """One step further: the stage's name, what is done, and of how many (None where nobody knows yet)."""

    def note(self, line: str) -> None:
        """Show a line that stays."""

    def finish(self) -> None:
        """The last stage is over, whatever number was promised."""


class Errors(Protocol):
    """Errors of 3D joints, in millimetres and frames."""

    @property
    def frames(self) -> int: ...  # noqa: D102
    @property
    def mpjpe(self) -> float: ...  # noqa: D102
    @property
    def p_mpjpe(self) -> float: ...  # noqa: D102
    @property
    def n_mpjpe(self) -> float: ...  # noqa: D102
    @property
    def mpjve(self) -> float: ...  # noqa: D102
    @property
    def acceleration(self) -> float: ...  # noqa: D102


def complain(line: str) -> None:
    """One red line on the error output, never broken into several."""
    _errors().print(Text(line, style="red"), soft_wrap=True)


def warn(line: str) -> None:
    """One yellow line on the error output."""
    _errors().print(Text(f"Warning: {line}", style="yellow"), soft_wrap=True)


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
    if title:
        console.print(Text(title, style="bold"))
    lines = [[str(cell) for cell in row] for row in rows]
    # What stands first is a name that is to be typed: it is broken only where numbers would be cut off instead. Other
    # columns of words can be broken down to their headings.
    least = sum(
        max(len(line[number]) for line in [list(columns), *lines]) if number == 0 or column in numbers else len(column)
        for number, column in enumerate(columns)
    )
    fits = least + 3 * len(columns) + 1 <= console.width
    shown = Table()
    for number, column in enumerate(columns):
        right = column in numbers
        whole = right or (number == 0 and fits)
        shown.add_column(column, justify="right" if right else "left", no_wrap=whole, overflow="fold")
    for line in lines:
        shown.add_row(*map(Text, line))
    console.print(shown)


def errors_table(rows: Mapping[str, Errors], *, title: str = "") -> None:
    """The errors of several parts of a test, by name, under a title if there is one."""
    numbers = ("frames", "MPJPE mm", "P-MPJPE mm", "N-MPJPE mm", "MPJVE mm/frame", "acceleration mm/frame²")
    table(
        title,
        ("", *numbers),
        [
            (name, one.frames, *(f"{value:.1f}" for value in (one.mpjpe, one.p_mpjpe, one.n_mpjpe)),
             *(f"{value:.2f}" for value in (one.mpjve, one.acceleration)))
            for name, one in rows.items()
        ],
        numbers=numbers,
    )  # fmt: skip


@contextmanager
def progress(title: str, *, unit: str = "frames") -> Iterator[Report]:
    """Show how far the stages of one job are, for as long as the block runs.

    Args:
        title: What is worked on.
        unit: What is counted.
    """
    console = _errors()
    if not console.is_terminal:
        lines = _Lines(title, unit)
        yield lines
        lines.finish()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        _Count(unit),
        TimeRemainingColumn(elapsed_when_finished=True),
    )
    with Progress(*columns, console=console) as shown:
        bars = _Bars(title, shown)
        yield bars
        bars.finish()


@contextmanager
def stage_progress(stage: str, *, total: int, unit: str = "views") -> Iterator[Callable[[int], None]]:
    """Show how far a job of one stage is; what is yielded takes the number that is done."""
    with progress("", unit=unit) as report:
        report(stage, 0, total)
        yield lambda done: report(stage, done, total)


class Training:
    """Told of every step of a training run, and of every evaluation."""

    def __init__(self, report: Report, total: int) -> None:
        self._report = report
        self._total = total
        self._step = 0
        self._loss = float("nan")

    def step(self, step: int, loss: float) -> None:
        """So many steps are done, the last with this loss."""
        self._step, self._loss = step, loss
        self._report("train", step, self._total)

    def check(self, mpjpe: float, p_mpjpe: float) -> None:
        """Held-out errors in millimetres."""
        self._report.note(
            f"step {self._step}: loss {self._loss:.4f}, held-out MPJPE {mpjpe:.1f} mm, P-MPJPE {p_mpjpe:.1f} mm"
        )

    def compare(self, errors: Mapping[str, float]) -> None:
        """Held-out errors by name, those of other means among them."""
        said = ", ".join(f"{name} {value:.4g}" for name, value in errors.items())
        self._report.note(f"step {self._step}: loss {self._loss:.5f}, held-out {said}")


@contextmanager
def training_progress(*, total: int) -> Iterator[Training]:
    """Show how far a training run of so many steps is."""
    with progress("", unit="steps") as report:
        yield Training(report, total)


def _errors() -> Console:
    return Console(stderr=True, highlight=False)


class _Count(ProgressColumn):
    """What is done, of how many, and how many a second."""

    def __init__(self, unit: str) -> None:
        super().__init__(table_column=Column(no_wrap=True))
        self._unit = unit

    def render(self, task: Task) -> Text:
        """The column's text for one stage."""
        of = "" if task.total is None else f"/{task.total:.0f}"
        speed = task.finished_speed or task.speed
        rate = f"  {speed:.1f} {self._unit}/s" if speed else ""
        return Text(f"{task.completed:.0f}{of} {self._unit}{rate}")


class _Bars:
    """A bar for every stage, on a terminal."""

    def __init__(self, title: str, shown: Progress) -> None:
        self._title = title
        self._shown = shown
        self._stage = ""
        self._bar: TaskID | None = None
        self._done = 0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        # A header may promise fewer frames than there are.
        known = None if total is None else max(total, done)
        if self._bar is None or stage != self._stage:
            self.finish()
            self._stage = stage
            self._bar = self._shown.add_task(f"{self._title} {stage}".strip(), total=known, completed=done)
        self._done = done
        self._shown.update(self._bar, completed=done, total=known)

    def note(self, line: str) -> None:
        """Show a line above the bars."""
        self._shown.console.print(Text(line), soft_wrap=True)

    def finish(self) -> None:
        """The last stage is over, whatever number was promised."""
        if self._bar is not None:
            self._shown.update(self._bar, completed=self._done, total=self._done)


class _Lines:
    """A line at the start and the end of every stage, and one now and then between."""

    def __init__(self, title: str, unit: str) -> None:
        self._title = f"{title}: " if title else ""
        self._unit = unit
        self._stage = ""
        self._first = self._done = 0
        self._began = self._reported = self._spoke = 0.0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self.finish()
            self._stage, self._first, self._began, self._spoke = stage, done, now, now
            self.note(f"{self._title}{stage}" + (f", {total} {self._unit}" if total else ""))
        self._done, self._reported = done, now
        if now - self._spoke >= _BETWEEN_LINES:
            self._spoke = now
            of = f"/{total}" if total is not None else ""
            left = ""
            if total is not None and done > self._first:
                left = f", {max(0, total - done) * (now - self._began) / (done - self._first):.0f} s left"
            self.note(f"{self._title}{stage} {done}{of} {self._unit}{self._rate()}{left}")

    def note(self, line: str) -> None:
        """Show a line."""
        _errors().print(Text(line), soft_wrap=True)

    def finish(self) -> None:
        """The last stage is over."""
        if self._stage:
            seconds = self._reported - self._began
            self.note(f"{self._title}{self._stage} done: {self._done} {self._unit} in {seconds:.1f} s{self._rate()}")

    def _rate(self) -> str:
        seconds, count = self._reported - self._began, self._done - self._first
        return f", {count / seconds:.1f} {self._unit}/s" if count and seconds > 0 else ""
