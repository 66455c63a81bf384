"""What tests of batches share: short clips, quick networks, a listener, and what a batch left, as bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from in_the_wild.batch import many
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.engines.base import Engine
from in_the_wild.batch.outcome import Outcome
from in_the_wild.batch.recipe import Recipe
from in_the_wild.keypoints import meant
from in_the_wild.result import Film, Output
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter

_DEMO = Path(__file__).parents[2] / "assets" / "demo.mp4"
_SMALLER = 4  # times


def make_clips(folder: Path, count: int = 4) -> Path:
    """Write so many clips of 12 pictures and more into a folder: parts of the demo, a quarter as large."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = [np.ascontiguousarray(frame.image[::_SMALLER, ::_SMALLER]) for frame in VideoReader(_DEMO)]
    for number in range(count):
        first = 10 * number % (len(pictures) - 12 - count)
        own = pictures[first : first + 12 + number]
        height, width, _ = own[0].shape
        with VideoWriter(folder / f"clip{number:02}.mp4", width=width, height=height, fps=25) as writer:
            for picture in own:
                writer.write(picture)
    return folder


def quick(weights: Path) -> Recipe:
    """The smallest networks that there are, on the processor."""
    return Recipe("pstmo", {"weights": str(weights)}, detector="movenet:model=lightning", device="cpu")


@dataclass
class Listener:
    """Whoever is told of workers, and remembers it."""

    stages: list[tuple[int, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def at(self, worker: int, clip: str, stage: str, done: int, total: int | None) -> None:
        self.stages.append((worker, clip, stage))

    def note(self, sentence: str) -> None:
        self.notes.append(sentence)

    def finished(self, outcome: Outcome) -> None:
        self.outcomes.append(outcome)


def clips_in(folder: Path, output: Path, *, film: Film = "none", skip_existing: bool = False) -> list[Clip]:
    """The videos of a folder as clips; without a film they are quick."""
    return many.clips_of(meant([folder]), Output(output, film, view=False), skip_existing=skip_existing)


def outcomes_of(clips: Sequence[Clip], recipe: Recipe, engine: Engine) -> list[Outcome]:
    """Those of a batch, in the order of its clips."""
    return many.in_order(clips, list(many.run(clips, recipe, engine)))


def arrays_in(output: Path) -> dict[str, bytes]:
    """Every array in every file of a batch, as bytes."""
    found = {}
    for file in sorted(output.rglob("*.npz")):
        with np.load(file, allow_pickle=False) as saved:
            for name in saved.files:
                found[f"{file.relative_to(output)}:{name}"] = saved[name].tobytes()
    return found
