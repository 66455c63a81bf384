"""A batch: clips through an engine, those of another run once more at the end, and a report of all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from in_the_wild.batch import report
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.engines.base import Crew, Engine, Work
from in_the_wild.batch.outcome import Outcome
from in_the_wild.batch.recipe import Recipe, loaded
from in_the_wild.batch.work import work
from in_the_wild.errors import OutputError
from in_the_wild.files import refuse_overwriting
from in_the_wild.keypoints import Keypoints
from in_the_wild.pipeline import files_of
from in_the_wild.result import Output, result_folders
from in_the_wild.video.footage import Video


def clips_of(given: Sequence[Video | Keypoints], output: Output | None, *, skip_existing: bool = False) -> list[Clip]:
    """One clip for each input, with a folder of its own."""
    return [
        Clip(one, None if output is None else replace(output, folder=output.folder / name), skip_existing)
        for one, name in zip(given, result_folders(given), strict=True)
    ]


def run(clips: Sequence[Clip], recipe: Recipe, engine: Engine, crew: Crew) -> Iterator[Outcome]:
    """What comes of each clip, as soon as it is known.

    Raises:
        Pose3DError: what is wrong for all clips.
    """
    files = [file for clip in clips for file in clip.given.files]
    refused = [outcome for clip in clips if (outcome := _refused(clip, files)) is not None]
    yield from refused
    spoilt = {outcome.source for outcome in refused}
    sound = [clip for clip in clips if clip.source not in spoilt]
    how = Work(partial(loaded, recipe), work)
    busy = []
    for outcome in engine.run(sound, how, crew):
        if outcome.status == "busy":
            busy.append(outcome.source)
        else:
            yield outcome
    if busy:
        yield from engine.run([replace(clip, waits=True) for clip in sound if clip.source in busy], how, crew)


def finish(clips: Sequence[Clip], outcomes: Sequence[Outcome], folder: Path) -> None:
    """Write the report of a batch, in the order of its clips.

    Raises:
        OutputError: it cannot be written.
    """
    places = {clip.source: place for place, clip in enumerate(clips)}
    report.write(sorted(outcomes, key=lambda outcome: places[outcome.source]), folder)


def _refused(clip: Clip, files: Sequence[Path]) -> Outcome | None:
    """What came of a clip whose results would be written over an input."""
    try:
        for file in () if clip.output is None else files_of(clip.output):
            refuse_overwriting(file, files)
    except OutputError as error:
        return Outcome.without_result(clip, str(error))
    return None
