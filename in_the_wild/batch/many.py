"""A batch: clips through an engine, those of another run once more at the end, and a report of all."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from in_the_wild import plugins, stores
from in_the_wild.batch import index, report
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.crew import NOBODY, Crew
from in_the_wild.batch.engines.base import Engine, Work
from in_the_wild.batch.outcome import Outcome
from in_the_wild.batch.recipe import Recipe, loaded
from in_the_wild.batch.work import kept, work
from in_the_wild.errors import OutputError
from in_the_wild.files import make_writable, refuse_overwriting
from in_the_wild.keypoints import Keypoints, meant
from in_the_wild.pipeline import files_of
from in_the_wild.result import Output, result_folders
from in_the_wild.video.footage import Video

ENGINES = "in_the_wild.batch.engines"
# Device and number of a file.
_Identity = tuple[int, int]


def run_many(
    videos: Sequence[str | Path | Video | Keypoints],
    output: str | Path | Output,
    recipe: Recipe | None = None,
    *,
    jobs: int | None = None,
    skip_existing: bool = False,
    crew: Crew = NOBODY,
) -> list[Outcome]:
    """Turn many videos of people into files of 3D poses, several at a time, as `pose3d run --jobs` does.

    Other processes are started by importing the program that calls this, so it must be called under
    `if __name__ == "__main__":`. Killed and called again, it goes on where it was.

    Args:
        videos: See `in_the_wild.run`.
        output: A folder, which gets one of its own for each video, `report.csv` and `index.html`, or the address of
            one in a store ("s3://bucket/out"); an `Output` says more.
        recipe: How they are worked on; None takes the usual lifter and detector.
        jobs: How many at a time; None takes as many as cores and memory allow.
        skip_existing: Whether every finished result is kept, whatever it was made of and how.
        crew: Told how far everybody is.

    Returns:
        What came of each, in their order. Whatever happens to one of them, the others are done.

    Raises:
        Pose3DError: what is wrong for all of them.
    """
    where = output if isinstance(output, Output) else Output.at(output)
    clips = clips_of(meant(videos), where, skip_existing=skip_existing)
    engine = plugins.load(ENGINES, "inline" if jobs == 1 else "processes")(jobs=jobs)
    outcomes = in_order(clips, list(run(clips, recipe or Recipe(), engine, crew)))
    finish(outcomes, where)
    return outcomes


def clips_of(
    given: Sequence[Video | Keypoints], output: Output | None, *, resumes: bool = True, skip_existing: bool = False
) -> list[Clip]:
    """One clip for each input, with a folder of its own; the rest is said of all, see `Clip`."""
    folders = result_folders(given)
    outputs = [None if output is None else output.within(name) for name in folders]
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
    if len(clips) > 1:  # or every one of them would say so
        for root in {clip.folder.parent for clip in clips if clip.folder is not None and clip.store is None}:
            make_writable(root)
    for address in {clip.store.rpartition("/")[0] for clip in clips if clip.store is not None}:
        stores.make_writable(address)
    read = {identity: file for clip in clips for file in clip.given.files if (identity := _identity(file)) is not None}
    sources = {clip.source for clip in clips}
    sound = []
    for clip in clips:
        refused = _refused(clip, read) if clip.store is None else _refused_in_store(clip, sources)
        if refused is None:
            sound.append(clip)
        else:
            yield refused
    asked = recipe.digest()
    waiting = []
    for clip in sound:
        earlier = kept(clip, asked)
        if earlier is None:
            waiting.append(clip)
        else:
            yield earlier
    busy = set()
    for outcome in engine.run(waiting, how(recipe), crew) if waiting else ():
        if outcome.status == "busy":
            busy.add(outcome.folder)
        else:
            yield outcome
    if busy:
        yield from engine.run([replace(clip, waits=True) for clip in waiting if clip.folder in busy], how(recipe), crew)


def how(recipe: Recipe) -> Work:
    """What workers do by a recipe."""
    return Work(partial(loaded, recipe), work)


def in_order(clips: Sequence[Clip], outcomes: Sequence[Outcome]) -> list[Outcome]:
    """Outcomes in the order of their clips, not of their ends."""
    places = {clip.folder: place for place, clip in enumerate(clips)}
    return sorted(outcomes, key=lambda outcome: places[outcome.folder])


def finish(outcomes: Sequence[Outcome], output: Output) -> None:
    """Write the report of a batch and its page.

    Args:
        outcomes: In the order of the rows.
        output: Where the clips' own folders are.

    Raises:
        OutputError: they cannot be written.
    """
    with stores.at_hand(output.folder, output.store) as folder:
        for file in (report.write(outcomes, folder), index.write(outcomes, folder)):
            if output.store is not None:
                stores.put(file, f"{output.store}/{file.name}")


def _refused(clip: Clip, read: Mapping[_Identity, Path]) -> Outcome | None:
    """What came of a clip whose results would be written over an input."""
    for file in () if clip.output is None else files_of(clip.output):
        identity = _identity(file)
        if identity is not None and identity in read:
            try:
                refuse_overwriting(file, [read[identity]])
            except OutputError as error:
                return Outcome.without_result(clip, str(error))
    return None


def _refused_in_store(clip: Clip, sources: Container[str]) -> Outcome | None:
    """The same, where results go to a store."""
    assert clip.output is not None
    for file in files_of(clip.output):
        address = f"{clip.output.where}/{file.name}"
        if address in sources:
            return Outcome.without_result(clip, f"{address} would be written over the input; choose another folder.")
    return None


def _identity(file: Path) -> _Identity | None:
    """What tells a file from others, whatever it is called; None of one that is not there."""
    try:
        found = file.stat()
    except (OSError, ValueError):  # ValueError: a name that no file has
        return None
    return found.st_dev, found.st_ino
