"""How a batch is shown: a line for every worker and one for all clips, or clip after clip where one worker does them.

It knows nothing about what the workers do, nor where they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from in_the_wild.progress import FRAMES, Pace, printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from in_the_wild.batch.crew import Crew
    from in_the_wild.batch.outcome import Outcome
    from pose3d_cli.terminal.base import Voice

_ALL = "all clips"


@contextmanager
def one_by_one(voice: Voice) -> Iterator[Crew]:
    """Every clip as if it were alone."""
    with ExitStack() as opened:
        yield _OneByOne(voice, opened)


class _OneByOne:
    """One worker."""

    def __init__(self, voice: Voice, opened: ExitStack) -> None:
        self._voice, self._opened = voice, opened
        self._clip: str | None = None

    def at(self, worker: int, clip: str, stage: str, done: int, total: int | None) -> None:
        """See `Crew`."""
        if clip != self._clip:
            self._clip, self._report = clip, self._opened.enter_context(self._voice.listening(clip))
        self._report(stage, done, total)

    def note(self, sentence: str) -> None:
        """See `Crew`."""
        self._voice.note(sentence)

    def finished(self, outcome: Outcome) -> None:
        """See `Crew`."""
        self._opened.close()
        self._clip = None


@contextmanager
def rows(console: Console, *, workers: int, clips: int) -> Iterator[Crew]:
    """A line for every worker and one for all clips, on a terminal."""
    from rich.progress import BarColumn, Progress, TextColumn

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]}", markup=False),
    )
    with Progress(*columns, console=console) as shown:
        yield _Rows(shown, workers, clips)


class _Rows:
    """Of rich's progress display."""

    def __init__(self, shown: Progress, workers: int, clips: int) -> None:
        self._shown = shown
        self._workers = [shown.add_task("", total=None, count="", visible=False) for _ in range(workers)]
        self._all = shown.add_task(_ALL, total=clips, count=f"0/{clips}")
        self._tally = Tally(clips)
        self._paces: dict[int, tuple[str, Pace]] = {}

    def at(self, worker: int, clip: str, stage: str, done: int, total: int | None) -> None:
        """See `Crew`."""
        title = printable(f"{clip} {stage}", self._shown.console.encoding)
        if worker not in self._paces or self._paces[worker][0] != title:
            self._paces[worker] = title, Pace(done)
        pace = self._paces[worker][1]
        pace.at(done)
        rate = "" if pace.rate is None else f"  {pace.rate:.1f} {FRAMES}/s"
        known = None if total is None else max(total, done)
        count = f"{done}{'' if known is None else f'/{known}'} {FRAMES}{rate}"
        self._shown.update(
            self._workers[worker], description=title, total=known, completed=done, count=count, visible=True
        )

    def note(self, sentence: str) -> None:
        """See `Crew`."""
        self._shown.console.print(printable(sentence, self._shown.console.encoding), markup=False, soft_wrap=True)

    def finished(self, outcome: Outcome) -> None:
        """See `Crew`."""
        self._tally.add(outcome)
        self._shown.update(self._all, completed=self._tally.done, count=self._tally.said)


class NotesAlone:
    """Hears how far the workers are, and repeats nothing but notes."""

    def __init__(self, voice: Voice) -> None:
        self._voice = voice

    def at(self, worker: int, clip: str, stage: str, done: int, total: int | None) -> None:
        """Nobody looks."""

    def note(self, sentence: str) -> None:
        """See `Crew`."""
        self._voice.note(sentence)

    def finished(self, outcome: Outcome) -> None:
        """Is told in the summary."""


class Tally:
    """How many clips are finished, and how long the rest will take."""

    def __init__(self, clips: int) -> None:
        self.clips = clips
        self.done = self.failed = self._kept = 0
        self._pace = Pace(0)

    def add(self, outcome: Outcome) -> None:
        """Another one."""
        self.done += 1
        self.failed += outcome.status == "failed"
        self._kept += outcome.status == "kept"
        self._pace.at(self.done - self._kept)  # those of an earlier run say nothing about how long the others take

    @property
    def seconds_left(self) -> float | None:
        """Until all are finished; None where nobody knows yet."""
        return self._pace.left(self.clips - self._kept)

    @property
    def said(self) -> str:
        """All of it, for people."""
        left = self.seconds_left
        failed = f", {self.failed} failed" if self.failed else ""
        rest = "" if left is None or self.done == self.clips else f"  {timedelta(seconds=round(left))} left"
        return f"{self.done}/{self.clips}{failed}{rest}"


class Told(NotesAlone):
    """The same in lines, for logs: of every stage that a worker begins, and of every clip that is finished."""

    def __init__(self, voice: Voice, clips: int) -> None:
        super().__init__(voice)
        self._tally = Tally(clips)
        self._begun: dict[int, str] = {}

    def at(self, worker: int, clip: str, stage: str, done: int, total: int | None) -> None:
        """See `Crew`."""
        now = f"{clip}: {stage}"
        if self._begun.get(worker) != now:
            self._begun[worker] = now
            self._voice.detail(f"worker {worker + 1}: {now}" + (f", {total} {FRAMES}" if total else ""))

    def finished(self, outcome: Outcome) -> None:
        """See `Crew`."""
        self._tally.add(outcome)
        self._voice.detail(f"{outcome.name} {outcome.status}; {_ALL} {self._tally.said}")
