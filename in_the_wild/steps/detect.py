"""Detect: frames in, one row per person per frame out.

Decoding runs in a thread beside the detector; both leave Python's lock while they work. A handful of pictures are in
memory at a time, whatever the length of the video.

It knows nothing about who is who (track), nor which detector and which kind of file these are.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Protocol

import numpy as np

from in_the_wild.appearance import COLOURS, appearance
from in_the_wild.camera_tracking import CameraTracker
from in_the_wild.cuts import CutDetector
from in_the_wild.detectors.base import Detection, Detector
from in_the_wild.doubts import Look, believed, is_doubtful
from in_the_wild.errors import InputError
from in_the_wild.looks import USUAL, Looks
from in_the_wild.poses import SPACES, Poses, Source
from in_the_wild.prefetch import prefetch

_FRAMES_AHEAD = 4
# Frames after one by which it is known whether another shot begins with it.
_UNTIL_A_CUT_IS_KNOWN = 4


def _silent(done: int) -> None:
    """Nobody listens."""


class FrameLike(Protocol):
    """One picture of a video: its number from 0, seconds since the first picture, (H, W, 3) uint8 RGB; a thumbnail.

    Thumbnails are of the same size for all frames, or empty for all: then no cuts are told.
    """

    @property
    def index(self) -> int:  # noqa: D102
        ...

    @property
    def time(self) -> float:  # noqa: D102
        ...

    @property
    def image(self) -> np.ndarray:  # noqa: D102
        ...

    @property
    def thumbnail(self) -> np.ndarray:  # noqa: D102
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
class Sightings:
    """Whom a detector saw in a video, before anybody tells who is who.

    Attributes:
        poses: In image space, person -1, rows by rising frame, without rows where nobody was found. Their notes say
            which frames were looked at ("looks"), with which of them another shot begins ("cuts"), and how the camera
            moved, if it did (`in_the_wild.camera_motion`).
        appearance: (N, C) the colours of each row, see `in_the_wild.appearance`.
        own_3d: The detector's own 3D, where it is wanted: the same rows in camera space, metres, the middle of the
            hips at 0.
    """

    poses: Poses
    appearance: np.ndarray
    own_3d: Poses | None = None


@dataclass(frozen=True)
class Finder:
    """A detector, and when it looks.

    Attributes:
        detector: Finds the people in one picture.
        looks: When it looks.
    """

    detector: Detector
    looks: Looks = USUAL

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
    ) -> Sightings:
        """Find the people in a video's frames.

        Args:
            frames: All frames of the video in order. The detector is reset first.
            about: The video.
            own_3d: Whether the detector's own 3D is wanted, which costs nothing extra where it has one.
            progress: Called after every frame with the number of frames done.

        Raises:
            InputError: frames that are not numbered 0, 1, 2 ... or whose times do not rise; or a detector that has no
                3D of its own where that is wanted.
            Anything that reading the frames raises.
        """
        watch = _Watch(self.detector, self.looks, period=1 / about.fps)
        # Closing the generator here, whatever happens, ends its thread before this function does.
        ahead = prefetch(frames, _FRAMES_AHEAD)
        try:
            for frame in ahead:
                watch.add(frame)
                progress(len(watch.times))
            watch.end()
        finally:
            ahead.close()
        looks = [watch.found[frame] for frame in sorted(watch.found)]
        video = Source(
            path=about.path.name,
            width=about.width,
            height=about.height,
            fps=about.fps,
            timestamps=np.array(watch.times),
        )
        poses = _table(looks, [look.found.keypoints for look in looks], "image", video, self.detector)
        poses = poses.with_meta(looks=[look.frame for look in looks], cuts=watch.cut_detector.cuts(poses))
        poses = poses.with_meta(**watch.camera.notes())
        known = [look.found.appearance for look in looks if look.found.appearance is not None]
        colours = np.concatenate([np.zeros((0, COLOURS), np.float32), *known])
        if not own_3d:
            return Sightings(poses, colours)
        worlds = [look.found.world for look in looks if look.found.world is not None]
        if len(worlds) < len(looks):
            raise InputError(f"The detector {self.detector.name} gives no 3D of its own; take its keypoints alone.")
        return Sightings(poses, colours, _table(looks, worlds, "camera", video, self.detector))


class _Watch:
    """One pass over the frames of a video: looks when it is time, at both sides of cuts, and in between where in doubt.

    Attributes:
        found: The looks taken, by frame.
        times: Seconds of all frames so far.
        cut_detector: Has seen the thumbnails of all of them.
        camera: Has seen the looks that were due.
    """

    def __init__(self, detector: Detector, looks: Looks, *, period: float) -> None:
        detector.reset()
        self.found: dict[int, Look] = {}
        self.times: list[float] = []
        self.cut_detector = CutDetector()
        self.camera = CameraTracker()
        self._detector, self._looks, self._period = detector, looks, period
        self._waiting: deque[FrameLike] = deque()  # not looked at yet: whether they begin a shot is not known
        self._recent: list[FrameLike] = []  # since the look before the last one: those that may be looked at later
        self._shot: list[int] = []  # the frames of this shot that were looked at when it was time

    def add(self, frame: FrameLike) -> None:
        """The next frame."""
        if frame.index != len(self.times):
            raise InputError(
                f"Frames must come in order, all of them: expected number {len(self.times)}, found {frame.index}."
            )
        self.times.append(frame.time)
        self._waiting.append(frame)
        if frame.thumbnail.size:
            self.cut_detector.add(frame.thumbnail)
        if not frame.thumbnail.size or len(self._waiting) > _UNTIL_A_CUT_IS_KNOWN:
            self._go_on()

    def end(self) -> None:
        """No more frames."""
        while self._waiting:
            self._go_on()
        self._end_of_shot()

    def _go_on(self) -> None:
        """Look at the frame that has waited longest, if it is time."""
        frame = self._waiting.popleft()
        if frame.thumbnail.size and self.cut_detector.is_hard_cut(frame.index):
            self._end_of_shot()
            self._detector.reset()
            self.camera.cut()
            self._recent, self._shot = [], []
        if not self._looks.adaptive:
            self._recent.clear()
        self._recent.append(frame)
        last = self._shot[-1] if self._shot else None
        if last is None or self._looks.due(
            frames=frame.index - last, seconds=frame.time - self.times[last], period=self._period
        ):
            self._look(frame)

    def _end_of_shot(self) -> None:
        """Look at the last frame of a shot."""
        if self._recent and self._recent[-1].index not in self.found:
            self._look(self._recent[-1])

    def _look(self, frame: FrameLike) -> None:
        """A look that was due, and others in between if the one before it turns out to be doubtful."""
        self.found[frame.index] = self._seen(frame, self._detector)
        self._shot.append(frame.index)
        if self._looks.adaptive and len(self._shot) > 2:
            before, look, after = (self.found[index] for index in self._shot[-3:])
            if is_doubtful(before, look, after):
                self._look_around(before, look, after)
        since = self._shot[-2] if self._looks.adaptive and len(self._shot) > 1 else frame.index
        self._recent = [one for one in self._recent if one.index >= since]

    def _look_around(self, before: Look, look: Look, after: Look) -> None:
        """Look between a look and its neighbours; what it says wrongly is left out."""
        between = [self._look_between(*pair) for pair in ((before, look), (look, after))]
        if between[0] is not None and between[1] is not None:
            self.found[look.frame] = believed(look, (before, between[0], between[1], after))

    def _look_between(self, before: Look, after: Look) -> Look | None:
        """Look at the middle frame between two looks, if there is any; a look that is there already is taken."""
        middle = (before.frame + after.frame) // 2
        if middle == before.frame:
            return None
        if middle not in self.found:
            frame = next(one for one in self._recent if one.index == middle)
            self.found[middle] = self._seen(frame, self._detector.look_back)
        return self.found[middle]

    def _seen(self, frame: FrameLike, look: Callable[[np.ndarray, float], Detection]) -> Look:
        """What a look at a frame shows, with people's colours."""
        image = frame.image
        found = look(image, frame.time)
        self.camera.add(frame.time, image, found.keypoints)
        colours = appearance(image, found.keypoints, found.scores, skeleton=self._detector.skeleton)
        return Look(frame.index, frame.time, replace(found, appearance=colours))


def _table(looks: list[Look], points: list[np.ndarray], space: str, video: Source, detector: Detector) -> Poses:
    """One row per person per look of these points, (P, J, 2) or (P, J, 3) for each look."""
    joints = len(detector.skeleton)
    people = [len(look.found.scores) for look in looks]
    nobody = np.zeros((0, joints, SPACES[space]), dtype=np.float32)
    return Poses(
        keypoints=np.concatenate([nobody, *points]),
        scores=np.concatenate([nobody[..., 0], *(look.found.scores for look in looks)]),
        frame=np.repeat([look.frame for look in looks], people).astype(int),
        person_id=np.full(sum(people), -1),
        skeleton=detector.skeleton,
        space=space,
        video=video,
        meta={"detector": dict(detector.settings)},
    )
