"""Whoever is told what the workers of a batch do: the terminal, another program, or nobody."""

from __future__ import annotations

from typing import Protocol

from in_the_wild.batch.outcome import Outcome


class Crew(Protocol):
    """Told of the workers, as they go on side by side."""

    def at(self, worker: int, clip: str, stage: str, done: int, total: int | None) -> None:
        """A worker, counted from 0, is so far with a stage of a clip; what is counted are frames."""

    def note(self, sentence: str) -> None:
        """What people should know of what is loaded."""

    def finished(self, outcome: Outcome) -> None:
        """Another clip is finished."""


class _Nobody:
    """Nobody listens."""

    def at(self, worker: int, clip: str, stage: str, done: int, total: int | None) -> None:
        """Nobody looks."""

    def note(self, sentence: str) -> None:
        """Nobody reads."""

    def finished(self, outcome: Outcome) -> None:
        """Nobody counts."""


NOBODY: Crew = _Nobody()
