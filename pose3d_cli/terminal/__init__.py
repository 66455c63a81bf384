"""What the program says: errors, warnings, progress, tables; to people at a terminal, or to other programs.

Commands call the functions here, and one manner holds for all of them from the moment the command line is read:

                  error output                       standard output
    usual         errors, warnings, notes, progress  answers, asides
    --quiet       errors, warnings                   answers
    --verbose     and what is done, step by step     answers, asides
    --json        nothing                            one JSON object a line for all of it, see `lines`

Progress is for eyes: where the error output is no terminal, only --verbose shows it. What is shown is text, whatever it
looks like: brackets are no markup, and what the output cannot encode stands there with backslashes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from in_the_wild.progress import FRAMES, Display

if TYPE_CHECKING:
    from pose3d_cli.terminal.base import Voice

# What the library and the program say of each step, for those who ask.
_LOGS = ("in_the_wild", "pose3d_cli")


@dataclass(frozen=True)
class Manner:
    """How the program speaks.

    Attributes:
        quiet: Neither progress nor asides; only answers, warnings and errors.
        verbose: What is done, step by step, too.
        json: To a program: one JSON object a line.
    """

    quiet: bool = False
    verbose: bool = False
    json: bool = False


_manner = Manner()


class _Told(logging.Handler):
    """Says what is logged."""

    def emit(self, record: logging.LogRecord) -> None:
        voice().detail(record.getMessage())


_told = _Told()


def speak(manner: Manner) -> None:
    """From now on speak in this manner."""
    global _manner
    _manner = manner
    for name in _LOGS:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO if manner.verbose else logging.NOTSET)
        logger.removeHandler(_told)
        if manner.verbose:
            logger.addHandler(_told)


def to_a_program() -> bool:
    """Whether another program listens."""
    return _manner.json


def voice() -> Voice:
    """Who speaks; whom a long job tells how far it is."""
    if _manner.json:
        from pose3d_cli.terminal.lines import Lines

        return Lines(_manner.quiet)
    from pose3d_cli.terminal.people import People

    return People(_manner.quiet, _manner.verbose)


def complain(sentence: str) -> None:
    """Say what went wrong."""
    voice().error(sentence)


def stopped(sentence: str) -> None:
    """Say that the user, or the system, has stopped the program, and what is left."""
    voice().stopped(sentence)


def warn(sentence: str) -> None:
    """Say what the user should know."""
    voice().warning(sentence)


def note(sentence: str) -> None:
    """Say what is going on, besides the answer."""
    voice().note(sentence)


def aside(sentence: str) -> None:
    """Say beside the answer what was made, or what can be done next."""
    voice().aside(sentence)


def say(line: str) -> None:
    """Answer in a line."""
    voice().text(line)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> None:
    """Answer in a table.

    Args:
        title: Above it; may be empty.
        columns: Headings.
        rows: Cells, shown as text.
        numbers: Headings of the columns that hold numbers.
    """
    voice().table(title, columns, [[str(cell) for cell in row] for row in rows], numbers)


def result(facts: Mapping[str, Any]) -> None:
    """Tell a program what came of one input; people get a table of all at the end."""
    voice().result(facts)


def summary(columns: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: Sequence[str] = ()) -> None:
    """A table at the end of what came of all inputs, for people who want to know."""
    voice().summary(columns, [[str(cell) for cell in row] for row in rows], numbers)


@contextmanager
def stage_progress(stage: str, *, total: int, unit: str = "views") -> Iterator[Callable[[int], None]]:
    """Show how far a job of one stage is; what is yielded takes the number that is done."""
    with voice().listening(unit=unit) as report:
        report(stage, 0, total)
        yield lambda done: report(stage, done, total)


@contextmanager
def at_work(stage: str, *, total: int, unit: str = FRAMES) -> Iterator[None]:
    """Show a job of one stage of which nobody can tell how far it is."""
    with voice().listening(unit=unit) as report:
        report(stage, 0, total)
        yield
        report(stage, total, total)


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
    with voice().listening(unit="steps") as report:
        yield Training(report, total)
