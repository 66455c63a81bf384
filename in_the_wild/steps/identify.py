"""Identify: keypoints that were found before in, the same with ids out: their own, or those that tracking gives.

It knows nothing about where keypoints come from.
"""

from __future__ import annotations

from pathlib import Path

from in_the_wild.cuts import CutDetector
from in_the_wild.poses import Poses
from in_the_wild.steps.track import track
from in_the_wild.video.footage import Video
from in_the_wild.video.read import VideoReader


def identify(found: Poses, *, video: str | Path | Video | None = None) -> tuple[Poses, list[str]]:
    """Give keypoints ids where they have none.

    Args:
        found: In image space.
        video: Where its cuts end tracks; it is read where there is something to track.

    Returns:
        The keypoints, and sentences on what was left out.

    Raises:
        VideoError: the video cannot be read.
    """
    name, without = found.video.path, int((found.person_id < 0).sum())
    if not without:
        return found, []
    if found.persons:
        told = f"{without} of {len(found)} poses in {name} have no id beside others that have one; they are left out."
        return found.rows(found.person_id >= 0), [told]
    tracked = track(found, cuts=[] if video is None else _cuts(found, video))
    lost = len(found) - len(tracked)
    told = f"{lost} of {len(found)} poses in {name} are left out by tracking: doubles, and ghosts of a moment."
    return tracked, [told] if lost else []


def _cuts(found: Poses, video: str | Path | Video) -> list[int]:
    """The frames of a video with which another shot begins."""
    detector = CutDetector()
    for frame in VideoReader(video).pictures(on_demand=True, thumbnails=True):
        detector.add(frame.thumbnail)
    return detector.cuts(found)
