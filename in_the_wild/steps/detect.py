"""Detect: frames in, one row per person per frame out.

    detect(frames, detector, ...)             2D keypoints of everybody in every frame
    detect_with_world(frames, detector, ...)  the same, and the detector's own 3D beside it

Decoding runs in a thread beside the detector; both leave Python's lock while they work. A handful of pictures are in
memory at a time, whatever the length of the video.

It knows nothing about who is who (track), nor which detector and which kind of file these are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

import numpy as np

from in_the_wild.detectors.base import Detection, Detector
from in_the_wild.errors import InputError
from in_the_wild.poses import SPACES, Poses, Source
from in_the_wild.prefetch import prefetch

_FRAMES_AHEAD = 4


class FrameLike(Protocol):
    """One picture of a video: its number from 0, seconds since the first picture, (H, W, 3) uint8 RGB."""

    @property
    def index(self) -> int:  # noqa: D102
        ...

    @property
    def time(self) -> float:  # noqa: D102
        ...

    @property
    def image(self) -> np.ndarray:  # noqa: D102
        ...


def detect(
    frames: Iterable[FrameLike],
    detector: Detector,
    *,
    path: str,
    width: int,
    height: int,
    fps: float,
    every: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Poses:
    """Find the people in every frame of a video, or in every so many-th.

    Args:
        frames: All frames of the video in order. Those that are not looked at need no picture, see
            `VideoReader.pictures`.
        detector: Finds the people in one picture; it is reset first.
        path: The video's name, as the result shall give it.
        width: Picture width in pixels as displayed.
        height: Picture height in pixels as displayed.
        fps: Average frame rate.
        every: Look at frames 0, N, 2N ... and at the last one. The others have no rows.
        progress: Called after every frame with the number of frames done.

    Returns:
        Poses in image space, person -1, rows by rising frame; without rows where nobody was found.

    Raises:
        InputError: frames that are not numbered 0, 1, 2 ... or whose times do not rise; an `every` below 1.
        Anything that reading the frames raises.
    """
    found, video = _run(
        frames, detector, path=path, width=width, height=height, fps=fps, every=every, progress=progress
    )
    return _table(found, [detection.keypoints for detection in found], "image", video, detector)


def detect_with_world(
    frames: Iterable[FrameLike],
    detector: Detector,
    *,
    path: str,
    width: int,
    height: int,
    fps: float,
    every: int = 1,
    progress: Callable[[int], None] | None = None,
) -> tuple[Poses, Poses]:
    """Like `detect`, with the 3D that the detector itself makes.

    Returns:
        The poses in image space, and the same rows in camera space: metres, the middle of the hips at 0.

    Raises:
        InputError: as `detect`; or a detector that has no 3D of its own.
    """
    found, video = _run(
        frames, detector, path=path, width=width, height=height, fps=fps, every=every, progress=progress
    )
    worlds = []
    for detection in found:
        if detection.world is None:
            raise InputError(f"The detector {detector.name} gives no 3D of its own; use detect() for its keypoints.")
        worlds.append(detection.world)
    poses = _table(found, [detection.keypoints for detection in found], "image", video, detector)
    return poses, _table(found, worlds, "camera", video, detector)


def _run(
    frames: Iterable[FrameLike],
    detector: Detector,
    *,
    path: str,
    width: int,
    height: int,
    fps: float,
    every: int,
    progress: Callable[[int], None] | None,
) -> tuple[list[Detection], Source]:
    """The detector's answer for every frame, and the video with the times that the frames had."""
    if every < 1:
        raise InputError(f"Every first frame or fewer can be looked at, found every={every}.")
    detector.reset()
    found: list[Detection] = []
    times: list[float] = []
    nobody = _nobody(len(detector.skeleton))
    last: FrameLike | None = None
    # Closing the generator here, whatever happens, ends its thread before this function does.
    ahead = prefetch(frames, _FRAMES_AHEAD)
    try:
        for frame in ahead:
            if frame.index != len(found):
                raise InputError(
                    f"Frames must come in order, all of them: expected number {len(found)}, found {frame.index}."
                )
            last = frame
            found.append(nobody if frame.index % every else detector(frame.image, frame.time))
            times.append(frame.time)
            if progress is not None:
                progress(len(found))
        if last is not None and last.index % every:
            found[-1] = detector(last.image, last.time)
    finally:
        ahead.close()
    return found, Source(path=path, width=width, height=height, fps=fps, timestamps=np.array(times))


def _nobody(joints: int) -> Detection:
    """What stands for a frame that was not looked at."""
    return Detection(
        keypoints=np.zeros((0, joints, 2), np.float32),
        scores=np.zeros((0, joints), np.float32),
        world=np.zeros((0, joints, 3), np.float32),
    )


def _table(found: list[Detection], points: list[np.ndarray], space: str, video: Source, detector: Detector) -> Poses:
    """One row per person per frame of these points, (P, J, 2) or (P, J, 3) for each frame."""
    joints = len(detector.skeleton)
    people = [len(detection.scores) for detection in found]
    nobody = np.zeros((0, joints, SPACES[space]), dtype=np.float32)
    return Poses(
        keypoints=np.concatenate([nobody, *points]),
        scores=np.concatenate([nobody[..., 0], *(detection.scores for detection in found)]),
        frame=np.repeat(np.arange(len(found)), people),
        person_id=np.full(sum(people), -1),
        skeleton=detector.skeleton,
        space=space,
        video=video,
        meta={"detector": dict(detector.settings)},
    )
