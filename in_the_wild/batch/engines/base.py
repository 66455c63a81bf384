"""What every engine promises: clips in, and what came of each as soon as it is known.

An engine has workers, each of which loads the networks once and then works on one clip after the other. A worker that
dies loses its clip alone. Engines know nothing about poses: what is loaded and what is done is handed to them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, ClassVar

from in_the_wild.batch.clip import Clip
from in_the_wild.batch.crew import Crew
from in_the_wild.batch.outcome import Outcome
from in_the_wild.progress import Report

Tell = Callable[[str], None]
# What becomes of a clip whose worker died: it is given to a fresh one, so often in all.
TRIES = 2


@dataclass(frozen=True)
class Task:
    """A clip, and how many workers died over it.

    Attributes:
        clip: What is to be done.
        deaths: Of workers.
    """

    clip: Clip
    deaths: int = 0

    def after_death(self, mend: str, *, counts: bool = True) -> Task | Outcome:
        """The clip for a fresh worker, or that it has no result, where workers died over it too often.

        Args:
            mend: What people may do about it.
            counts: Whether the clip may be the reason of the death.
        """
        deaths = self.deaths + counts
        if deaths < TRIES:
            return Task(self.clip, deaths)
        return Outcome.without_result(self.clip, f"The worker died {deaths} times over {self.clip.name}; {mend}")


@dataclass(frozen=True)
class Work:
    """What a worker does; it can be pickled, as it holds functions of modules, or `functools.partial` of them.

    Attributes:
        load: The networks, for as long as the block lasts; told what people should know of it.
        do: What is done with one clip: the clip, the networks, and who is told how far it is. It raises nothing.
    """

    load: Callable[[Tell], AbstractContextManager[Any]]
    do: Callable[[Clip, Any, Report], Outcome]


class Engine(ABC):
    """Where clips are worked on.

    Attributes:
        name: The plug-in's file name.
        jobs: How many workers there are.
    """

    name: ClassVar[str]
    jobs: int

    @abstractmethod
    def run(self, clips: Sequence[Clip], work: Work, crew: Crew) -> Generator[Outcome, None, None]:
        """Work on all clips, in any order.

        Closing the generator, or an exception such as Ctrl-C's within it, ends the workers.

        Args:
            clips: None of them twice.
            work: What is done with each.
            crew: Told how far everybody is.

        Yields:
            One outcome for each clip, as soon as it is known.

        Raises:
            Pose3DError: what is wrong for all clips: networks that cannot be loaded, workers that cannot be had.
        """
