"""One clip from a worker's hands: claimed, worked on, and told of as plain data, whatever happens."""

from __future__ import annotations

import logging
import time
import traceback
from dataclasses import replace
from functools import partial

from in_the_wild import failures, stores
from in_the_wild.batch import poster
from in_the_wild.batch.claims import claimed
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.finished import finished
from in_the_wild.batch.outcome import Outcome
from in_the_wild.errors import Pose3DError
from in_the_wild.keypoints import Keypoints
from in_the_wild.leftovers import POSTER, RECORD, remove_half_written
from in_the_wild.pipeline import Pipeline, files_of, stamp_asked
from in_the_wild.progress import Report, silent
from in_the_wild.result import Result
from in_the_wild.video.footage import Address, Video
from in_the_wild.video.record import at_hand

_log = logging.getLogger(__name__)


def kept(clip: Clip, asked: str) -> Outcome | None:
    """What an earlier run made of a clip, where that can be told without networks; None where a worker is to look.

    Args:
        clip: One that somebody may be at: of what is not finished nothing is told.
        asked: What `Recipe.digest` says.
    """
    if not clip.resumes and clip.store is None:
        return None
    try:
        outcome = finished(
            clip, lambda: stamp_asked(asked, clip.given, clip.output) if clip.given.files else "", of="asked"
        )
    except (OSError, Pose3DError):  # whoever works on it tells
        return None
    lacks_picture = outcome is not None and not outcome.has_picture and clip.store is None
    return None if lacks_picture else outcome


def work(clip: Clip, pipeline: Pipeline, report: Report = silent) -> Outcome:
    """What a clip gave, or why it gave nothing; nobody else works on its folder meanwhile.

    Args:
        clip: Whose files may be written: none of them is read by any clip of the batch.
        pipeline: With its networks loaded.
        report: Told how far it is.
    """
    began = time.monotonic()
    try:
        near = clip.near()
        if near.output is None or (near is clip and not clip.resumes):
            return Outcome.of(_run(clip, pipeline, report), time.monotonic() - began)
        with claimed(near.output.folder, wait=clip.waits) as ours:
            if not ours:
                return Outcome.without_result(clip, f"Another run works on {clip.where}.", status="busy")
            if clip.store is None:
                return _made(clip, pipeline, report, began)
            return finished(clip, partial(_stamp, clip, pipeline)) or _put(clip, near, pipeline, report, began)
    except Exception as error:  # of one clip among many, whatever it is
        return Outcome.without_result(clip, failures.sentence(error), trace=traceback.format_exc())


def _put(clip: Clip, near: Clip, pipeline: Pipeline, report: Report, began: float) -> Outcome:
    """What a clip gave whose files go to a store, in which nothing of the kind is finished."""
    assert clip.store is not None
    assert near.output is not None
    own = [file.name for file in (*files_of(near.output), near.output.folder / POSTER)]
    with stores.folder(clip.store, near.output.folder, last=RECORD, own=own):
        made = _made(near, pipeline, report, began)
    return replace(made, folder=clip.folder, store=clip.store)


def _made(clip: Clip, pipeline: Pipeline, report: Report, began: float) -> Outcome:
    """What a clip gave, or an earlier run of it, whose folder is on this machine and claimed."""
    assert clip.output is not None
    remove_half_written(files_of(clip.output))
    outcome = finished(clip, partial(_stamp, clip, pipeline))
    if outcome is None:
        outcome = Outcome.of(_run(clip, pipeline, report), time.monotonic() - began)
    picture = clip.output.folder / POSTER
    if outcome.status == "done" or not picture.is_file():
        _picture(clip)
    return replace(outcome, has_picture=picture.is_file())


def _run(clip: Clip, pipeline: Pipeline, report: Report) -> Result:
    if isinstance(clip.given, Keypoints):
        return pipeline.run_keypoints(clip.given, clip.output, report=report)
    return pipeline.run(clip.given, clip.output, report=report)


def _picture(clip: Clip) -> None:
    """A small picture of the clip; without one nothing is lost."""
    assert clip.output is not None
    video = clip.given.video if isinstance(clip.given, Keypoints) else clip.given
    try:
        poster.make(clip.output.folder, Video.of(video) if video is not None and clip.given.files else None)
    except Pose3DError as error:
        _log.info("%s has no small picture: %s", clip.name, error)


def _stamp(clip: Clip, pipeline: Pipeline) -> str:
    """That of what would be made now; a file in a store is fetched for it, of what is sent nobody can tell."""
    given = clip.given
    if isinstance(given, Video) and isinstance(given.footage, Address) and given.footage.in_store:
        with at_hand(given) as here:
            return pipeline.stamp(here, clip.output)
    return pipeline.stamp(given, clip.output) if given.files else "unknown"
