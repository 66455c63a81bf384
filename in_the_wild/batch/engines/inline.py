"""Clip after clip, in this very process."""

from __future__ import annotations

from collections.abc import Generator, Sequence

from in_the_wild.batch.clip import Clip
from in_the_wild.batch.crew import Crew
from in_the_wild.batch.engines.base import Engine, Work
from in_the_wild.batch.outcome import Outcome


class Inline(Engine):
    """One worker, which is whoever asks."""

    name = "inline"

    def __init__(self, *, jobs: int = 1) -> None:
        self.jobs = 1

    def run(self, clips: Sequence[Clip], work: Work, crew: Crew) -> Generator[Outcome, None, None]:
        """See `Engine.run`; clips come in their order."""
        with work.load(crew.note) as models:
            for clip in clips:
                yield work.do(clip, models, lambda *far, name=clip.name: crew.at(0, name, *far))
