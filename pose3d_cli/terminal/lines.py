r"""Speaking to programs: one JSON object a line on the standard output, each with what it is as "event".

    progress  of, stage, done, total, unit, rate (a second), seconds_left; null where nobody knows yet
    warning   message
    error     message
    note      message: what is going on, with --verbose every step
    result    what came of one input: input, folder, files, persons, frames, seconds, warnings, error
    text      message: a line of the answer
    table     title, rows: objects by the table's headings

    {"event": "progress", "of": "clip.mp4", "stage": "detect", "done": 120, "total": 276, "unit": "frames", ...}

Numbers are numbers; what a table leaves empty is null. Progress comes at the beginning and the end of a stage, and
twice a second between.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from in_the_wild.progress import FRAMES, Display, Pace
from pose3d_cli.terminal.base import Voice

if TYPE_CHECKING:
    from in_the_wild.batch.crew import Crew
    from in_the_wild.batch.outcome import Outcome

_BETWEEN = 0.5  # seconds between two lines about one stage
_UNKNOWN = ("", "–")  # what tables have where there is no number


class Lines(Voice):
    """For programs."""

    def __init__(self, quiet: bool = False) -> None:
        self._quiet = quiet

    def error(self, sentence: str) -> None:
        """Told as "error"."""
        tell("error", message=sentence)

    def stopped(self, sentence: str) -> None:
        """Told as "error"."""
        self.error(sentence)

    def warning(self, sentence: str) -> None:
        """Told as "warning"."""
        tell("warning", message=sentence)

    def note(self, sentence: str) -> None:
        """Told as "note"."""
        if not self._quiet:
            tell("note", message=sentence)

    def detail(self, sentence: str) -> None:
        """Told as "note"."""
        tell("note", message=sentence)

    def aside(self, sentence: str) -> None:
        """Told as "note"."""
        self.note(sentence)

    def text(self, line: str) -> None:
        """Told as "text"."""
        tell("text", message=line)

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
        """Told as "table"; of tables without headings each row is a list."""
        if not any(columns):
            tell("table", title=title, rows=[list(row) for row in rows])
            return
        named = [
            {column: number(cell) if column in numbers else cell for column, cell in zip(columns, row, strict=True)}
            for row in rows
        ]
        tell("table", title=title, rows=named)

    def summary(self, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
        """Was told as "result", input by input."""

    def result(self, facts: Mapping[str, Any]) -> None:
        """Told as "result"."""
        tell("result", **facts)

    @contextmanager
    def listening(self, title: str = "", *, unit: str = FRAMES) -> Iterator[Display]:
        """Told as "progress"."""
        progress = _Progress(self, title, unit, silent=self._quiet)
        yield progress
        progress.finish()

    @contextmanager
    def together(self, *, workers: int, clips: int) -> Iterator[Crew]:
        """Told as "progress", of each clip and of all."""
        side_by_side = _SideBySide(self, clips, silent=self._quiet)
        yield side_by_side
        side_by_side.finish()


class _SideBySide:
    """How far several jobs are that go on at the same time, and how many are finished."""

    def __init__(self, voice: Lines, clips: int, *, silent: bool) -> None:
        self._voice, self._silent = voice, silent
        self._clips, self._finished = clips, 0
        self._all = _Progress(voice, "", "clips", silent=silent or clips == 1)
        self._workers: dict[int, tuple[str, _Progress]] = {}

    def at(self, worker: int, clip: str, stage: str, done: int, total: int | None) -> None:
        """See `Crew`."""
        if worker not in self._workers or self._workers[worker][0] != clip:
            self._end(worker)
            self._workers[worker] = clip, _Progress(self._voice, clip, FRAMES, silent=self._silent)
        self._workers[worker][1](stage, done, total)

    def note(self, sentence: str) -> None:
        """See `Crew`."""
        self._voice.note(sentence)

    def finished(self, outcome: Outcome) -> None:
        """See `Crew`."""
        for worker in [worker for worker, (clip, _) in self._workers.items() if clip == outcome.name]:
            self._end(worker)
        self._finished += 1
        self._all("clips", self._finished, self._clips)

    def finish(self) -> None:
        """All stages are over."""
        for worker in list(self._workers):
            self._end(worker)
        self._all.finish()

    def _end(self, worker: int) -> None:
        if worker in self._workers:
            self._workers.pop(worker)[1].finish()


class _Progress:
    """How far one job is."""

    def __init__(self, voice: Lines, title: str, unit: str, *, silent: bool) -> None:
        self._voice, self._title, self._unit, self._silent = voice, title, unit, silent
        self._stage = ""
        self._total: int | None = None
        self._pace = Pace(0)
        self._told = (-1, 0.0)  # done, and when

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        if stage != self._stage:
            self.finish()
            self._stage, self._pace = stage, Pace(done)
            self._told = (-1, -_BETWEEN)
        self._total = None if total is None else max(total, done)
        self._pace.at(done)
        if time.monotonic() - self._told[1] >= _BETWEEN or self._told[0] < 0:
            self._tell()

    def note(self, line: str) -> None:
        """A line that stays."""
        self._voice.note(line)

    def finish(self) -> None:
        """The last stage is over, whatever number was promised."""
        if self._stage and self._told[0] != self._pace.done:
            self._tell()

    def _tell(self) -> None:
        self._told = (self._pace.done, time.monotonic())
        if self._silent:
            return
        rate, left = self._pace.rate, self._pace.left(self._total)
        tell(
            "progress", of=self._title, stage=self._stage, done=self._pace.done, total=self._total, unit=self._unit,
            rate=None if rate is None else round(rate, 2), seconds_left=None if left is None else round(left, 1),
        )  # fmt: skip


def tell(event: str, **facts: Any) -> None:
    """Write one line, at once."""
    sys.stdout.write(json.dumps({"event": event, **facts}) + "\n")
    sys.stdout.flush()


def number(cell: str) -> float | int | str | None:
    """What a cell of a column of numbers holds.

    >>> number("1,234"), number("0.5"), number(""), number("failed")
    (1234, 0.5, None, 'failed')
    """
    if cell in _UNKNOWN:
        return None
    plain = cell.replace(",", "")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return cell
