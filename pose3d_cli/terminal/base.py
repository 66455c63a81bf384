"""What whoever speaks for the program can say."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from in_the_wild.progress import FRAMES, Display

if TYPE_CHECKING:
    from in_the_wild.batch.crew import Crew


class Voice(ABC):
    """Speaks for the program; an `in_the_wild.progress.Audience` too."""

    @abstractmethod
    def error(self, sentence: str) -> None:
        """What went wrong, and how to mend it."""

    @abstractmethod
    def stopped(self, sentence: str) -> None:
        """That the program was stopped, and what is left."""

    @abstractmethod
    def warning(self, sentence: str) -> None:
        """What the user should know."""

    @abstractmethod
    def note(self, sentence: str) -> None:
        """What is going on."""

    @abstractmethod
    def detail(self, sentence: str) -> None:
        """What is going on, for those who want to know every step."""

    @abstractmethod
    def aside(self, sentence: str) -> None:
        """What was made, or what can be done next."""

    @abstractmethod
    def text(self, line: str) -> None:
        """A line of the answer."""

    @abstractmethod
    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
        """A table of the answer; `numbers` are the headings of columns that hold numbers."""

    @abstractmethod
    def summary(self, columns: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[str]) -> None:
        """A table of what came of all inputs, for people."""

    @abstractmethod
    def result(self, facts: Mapping[str, Any]) -> None:
        """What came of one input, for programs."""

    @abstractmethod
    def listening(self, title: str = "", *, unit: str = FRAMES) -> AbstractContextManager[Display]:
        """See `in_the_wild.progress.Audience`."""

    @abstractmethod
    def together(self, *, workers: int, clips: int) -> AbstractContextManager[Crew]:
        """What is told of the workers of a batch, for as long as the block runs.

        Args:
            workers: How many there are.
            clips: How many clips there are in all.
        """
