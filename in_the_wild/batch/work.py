"""One clip from a worker's hands: claimed, worked on, and told of as plain data, whatever happens."""

from __future__ import annotations

import logging
import time
import traceback
from functools import partial

from in_the_wild import failures
from in_the_wild.batch import poster
from in_the_wild.batch.claims import claimed
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.finished import finished
from in_the_wild.batch.outcome import Outcome
from in_the_wild.errors import Pose3DError
from in_the_wild.keypoints import Keypoints
from in_the_wild.leftovers import POSTER, remove_half_written
from in_the_wild.pipeline import Pipeline, files_of
from in_the_wild.progress import Report, silent
from in_the_wild.result import Result
from in_the_wild.video.footage import Video

_log = logging.getLogger(__name__)


def work(clip: Clip, pipeline: Pipeline, report: Report = silent) -> Outcome:
    """What a clip gave, or why it gave nothing; nobody else works on its folder meanwhile.

    Args:
        clip: Whose files may be written: none of them is read by any clip of the batch.
        pipeline: With its networks loaded.
        report: Told how far it is.
    """
    began = time.monotonic()
    try:
        if not clip.resumes or clip.output is None:
            return Outcome.of(_run(clip, pipeline, report), time.monotonic() - began)
        with claimed(clip.output.folder, wait=clip.waits) as ours:
            if not ours:
                return Outcome.without_result(clip, f"Another run works on {clip.output.folder}.", status="busy")
            remove_half_written(files_of(clip.output))
            earlier = finished(clip, partial(_stamp, clip, pipeline))
            if earlier is None:
                result = _run(clip, pipeline, report)
            if earlier is None or not (clip.output.folder / POSTER).is_file():
                _picture(clip)
            return earlier or Outcome.of(result, time.monotonic() - began)
    except Exception as error:  # of one clip among many, whatever it is
        return Outcome.without_result(clip, failures.sentence(error), trace=traceback.format_exc())


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
    """That of what would be made now; of what comes from a network nobody can tell whether it is the same."""
    if not clip.given.files:
        return "unknown"
    return pipeline.stamp(clip.given, clip.output)
