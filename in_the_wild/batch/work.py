"""One clip from a worker's hands: claimed, worked on, and told of as plain data, whatever happens."""

from __future__ import annotations

import traceback

from in_the_wild import failures
from in_the_wild.batch.claims import claimed
from in_the_wild.batch.clip import Clip
from in_the_wild.batch.outcome import Outcome
from in_the_wild.keypoints import Keypoints
from in_the_wild.pipeline import Pipeline
from in_the_wild.progress import Report, silent
from in_the_wild.result import Result


def work(clip: Clip, pipeline: Pipeline, report: Report = silent) -> Outcome:
    """What a clip gave, or why it gave nothing; nobody else works on its folder meanwhile.

    Args:
        clip: Whose files may be written: none of them is read by any clip of the batch.
        pipeline: With its networks loaded.
        report: Told how far it is.
    """
    try:
        with claimed(clip.folder, wait=clip.waits) as ours:
            if not ours:
                return Outcome.without_result(
                    clip, f"Another run works on {clip.folder} at this moment; wait for it.", status="busy"
                )
            return _outcome(clip, _run(clip, pipeline, report))
    except Exception as error:  # of one clip among many, whatever it is
        return Outcome.without_result(clip, failures.sentence(error), trace=traceback.format_exc())


def _run(clip: Clip, pipeline: Pipeline, report: Report) -> Result:
    if isinstance(clip.given, Keypoints):
        return pipeline.run_keypoints(clip.given, clip.output, report=report)
    return pipeline.run(clip.given, clip.output, report=report)


def _outcome(clip: Clip, result: Result) -> Outcome:
    return Outcome(
        source=clip.source,
        name=clip.name,
        folder=result.folder,
        status="done",
        frames=result.frames,
        people=tuple(result.persons),
        seconds=dict(result.seconds),
        files=tuple(result.files),
        warnings=tuple(result.warnings),
    )
