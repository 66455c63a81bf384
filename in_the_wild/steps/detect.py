"""Detect: frames in, one row per person per frame out.

Decoding runs in a thread beside the detector; both leave Python's lock while they work. A handful of pictures are in
memory at a time, whatever the length of the video.

It knows nothing about who is who (track), nor which detector and which kind of file these are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol

import numpy as np

from in_the_wild.detectors.base import Detection, Detector
from in_the_wild.errors import InputError
from in_the_wild.poses import SPACES, Poses, Source
from in_the_wild.prefetch import prefetch

_FRAMES_AHEAD = 4


def _silent(done: int) -> None:
    """Nobody listens."""


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


class About(Protocol):
    """What is known of a video before its pictures are seen; `in_the_wild.video.probe.VideoInfo` is one."""

    @property
    def path(self) -> Path:  # noqa: D102
        ...

    @property
    def width(self) -> int:  # noqa: D102
        ...

    @property
    def height(self) -> int:  # noqa: D102
        ...

    @property
    def fps(self) -> float:  # noqa: D102
        ...


@dataclass(frozen=True)
class Finder:
    """A detector, and how often it looks.

    Attributes:
        detector: Finds the people in one picture.
        every: It looks at frames 0, N, 2N ... and at the last one.

    Raises:
        InputError: an `every` below 1.
    """

    detector: Detector
    every: int = 1

    def __post_init__(self) -> None:
        if self.every < 1:
            raise InputError(f"Every first frame or fewer can be looked at, found every={self.every}.")

    def __enter__(self) -> Finder:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.detector.close()

    def find(
        self,
        frames: Iterable[FrameLike],
        about: About,
        *,
        own_3d: bool = False,
        progress: Callable[[int], None] = _silent,
    ) -> tuple[Poses, Poses | None]:
        """Find the people in a video's frames.

        Args:
            frames: All frames of the video in order. Those that are not looked at need no picture, see
                `VideoReader.pictures`. The detector is reset first.
            about: The video.
            own_3d: Whether the detector's own 3D is wanted, which costs nothing extra where it has one.
            progress: Called after every frame with the number of frames done.

        Returns:
            Poses in image space, person -1, rows by rising frame, without rows where nobody was found. And where it is
            wanted, the detector's own 3D: the same rows in camera space, metres, the middle of the hips at 0.

        Raises:
            InputError: frames that are not numbered 0, 1, 2 ... or whose times do not rise; or a detector that has no
                3D of its own where that is wanted.
            Anything that reading the frames raises.
        """
        found, times = self._look(frames, progress)
        video = Source(
            path=about.path.name, width=about.width, height=about.height, fps=about.fps, timestamps=np.array(times)
        )
        poses = _table(found, [detection.keypoints for detection in found], "image", video, self.detector)
        if not own_3d:
            return poses, None
        worlds = [detection.world for detection in found if detection.world is not None]
        if len(worlds) < len(found):
            raise InputError(f"The detector {self.detector.name} gives no 3D of its own; take its keypoints alone.")
        return poses, _table(found, worlds, "camera", video, self.detector)

    def _look(
        self, frames: Iterable[FrameLike], progress: Callable[[int], None]
    ) -> tuple[list[Detection], list[float]]:
        """The detector's answer for every frame, and the times that the frames had."""
        self.detector.reset()
        found: list[Detection] = []
        times: list[float] = []
        nobody = _nobody(len(self.detector.skeleton))
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
                found.append(nobody if frame.index % self.every else self.detector(frame.image, frame.time))
                times.append(frame.time)
                progress(len(found))
            if last is not None and last.index % self.every:
                found[-1] = self.detector(last.image, last.time)
        finally:
            ahead.close()
        return found, times


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
