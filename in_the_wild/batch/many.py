"""A batch: clips through an engine, those of another run once more at the end, and a report of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from in_the_wild.batch import index, report
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.crew import NOBODY, Crew
from in_the_wild.batch.engines.base import Engine, Work
from in_the_wild.batch.outcome import Outcome
from in_the_wild.batch.recipe import Recipe, loaded
from in_the_wild.batch.work import work
from in_the_wild.errors import OutputError
from in_the_wild.files import refuse_overwriting
from in_the_wild.keypoints import Keypoints
from in_the_wild.pipeline import files_of
from in_the_wild.result import Output, result_folders
from in_the_wild.video.footage import Video


def clips_of(
    given: Sequence[Video | Keypoints], output: Output | None, *, resumes: bool = True, skip_existing: bool = False
) -> list[Clip]:
    """One clip for each input, with a folder of its own; the rest is said of all, see `Clip`."""
    folders = result_folders(given)
    outputs = [None if output is None else replace(output, folder=output.folder / name) for name in folders]
    return [
        Clip(one, own, resumes=resumes, skip_existing=skip_existing) for one, own in zip(given, outputs, strict=True)
    ]


def run(clips: Sequence[Clip], recipe: Recipe, engine: Engine, crew: Crew = NOBODY) -> Iterator[Outcome]:
    """What comes of each clip, as soon as it is known; those that another run works on come last.

    Args:
        clips: Each with another folder.
        recipe: How they are worked on.
        engine: Where.
        crew: Told how far everybody is.

    Raises:
        Pose3DError: what is wrong for all clips.
    """
    for outcome in _outcomes(clips, recipe, engine, crew):
        crew.finished(outcome)
        yield outcome


def _outcomes(clips: Sequence[Clip], recipe: Recipe, engine: Engine, crew: Crew) -> Iterator[Outcome]:
    files = [file for clip in clips for file in clip.given.files]
    sound = []
    for clip in clips:
        refused = _refused(clip, files)
        if refused is None:
            sound.append(clip)
        else:
            yield refused
    how = Work(partial(loaded, recipe), work)
    busy = set()
    for outcome in engine.run(sound, how, crew) if sound else ():
        if outcome.status == "busy":
            busy.add(outcome.folder)
        else:
            yield outcome
    if busy:
        yield from engine.run([replace(clip, waits=True) for clip in sound if clip.folder in busy], how, crew)


def in_order(clips: Sequence[Clip], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Outcomes in the order of their clips, not of their ends."""
    places = {clip.folder: place for place, clip in enumerate(clips)}
    return sorted(outcomes, key=lambda outcome: places[outcome.folder])


def finish(outcomes: Sequence[Outcome], folder: Path) -> list[Path]:
    """Write the report of a batch and its page.

    Args:
        outcomes: In the order of the rows.
        folder: Where the clips' own folders are.

    Raises:
        OutputError: they cannot be written.
    """
    return [report.write(outcomes, folder), index.write(outcomes, folder)]


def _refused(clip: Clip, files: Sequence[Path]) -> Outcome | None:
    """What came of a clip whose results would be written over an input."""
    try:
        for file in () if clip.output is None else files_of(clip.output):
            refuse_overwriting(file, files)
    except OutputError as error:
        return Outcome.without_result(clip, str(error))
    return None
