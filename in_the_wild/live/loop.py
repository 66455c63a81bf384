"""From a camera to figures, as long as it goes on: reading this file is reading what live is.

    newest picture -> detect -> who is who -> the frame that lies the latency before -> lift -> into the world

Every picture that the machine gets to is looked at; those that came meanwhile are dropped, and counted. A figure is
lifted by what came up to `latency` seconds after its picture, and so is shown that much later, and by the time that
the work takes: both are in its delay.

It knows nothing about pages, files and the terminal.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import numpy as np

from in_the_wild.appearance import appearance
from in_the_wild.detectors.base import Detector
from in_the_wild.live.causal import CausalLifter
from in_the_wild.live.newest import Newest
from in_the_wild.live.source import Camera, Picture, pictures
from in_the_wild.live.whose import Look, Whose
from in_the_wild.poses import Poses, Source
from in_the_wild.selection import EVERYBODY, Selection
from in_the_wild.steps.choose import choose
from in_the_wild.video.footage import Video

_WHO_S = 2.0  # seconds over which people are tracked, and may be lost
_SCENE_S = 10.0  # seconds of figures by whose balance and feet the scene stands
_RATE_S = 2.0  # seconds over which figures a second are counted
_INSTANT = 1e-6  # seconds


@dataclass(frozen=True)
class Figures:
    """What is shown of one picture.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        keypoints: Everybody in it, image space, with ids; one frame.
        poses: Those who were chosen, camera space; one frame.
        world: The same in the world, as far as it is known by then.
        there_at: When the picture was there, on the clock of `time.monotonic`.
        ready_at: When the figures were.
        rate: Figures a second of late; 0 where there are too few to tell.
        dropped: Pictures that nobody looked at, so far.
    """

    image: np.ndarray
    keypoints: Poses
    poses: Poses
    world: Poses
    there_at: float
    ready_at: float
    rate: float
    dropped: int

    @property
    def time(self) -> float:
        """Seconds of the picture since the first one."""
        return float(self.keypoints.video.timestamps[0])

    @property
    def delay(self) -> float:
        """Seconds from the picture to the figures."""
        return self.ready_at - self.there_at


def watch(
    source: Camera | Video, detector: Detector, lifter: CausalLifter, selection: Selection = EVERYBODY
) -> Generator[Figures, None, None]:
    """Show what comes from a source until it ends; the caller may stop at any time by closing the generator.

    Args:
        source: What is looked at.
        detector: Is reset first.
        lifter: A new one.
        selection: Whom to lift, of those seen in the last seconds.

    Raises:
        VideoError: the source cannot be opened, gives no picture, or none any more.
    """
    detector.reset()
    newest = Newest(pictures(source))
    stage: _Stage | None = None
    with closing(iter(newest)) as coming:
        for picture in coming:
            if stage is None:
                stage = _Stage(source.name, picture, detector, lifter, selection)
            stage.look(picture)
            yield from stage.due(picture.time - lifter.latency, newest.dropped)
        if stage is not None:
            yield from stage.due(np.inf, newest.dropped)


@dataclass(frozen=True)
class _Seen:
    """A picture that was looked at and is not shown yet."""

    picture: Picture
    image: np.ndarray


class _Stage:
    """All that is known while a source is watched."""

    def __init__(
        self, name: str, first: Picture, detector: Detector, lifter: CausalLifter, selection: Selection
    ) -> None:
        self._detector, self._lifter, self._selection = detector, lifter, selection
        memory = max(_WHO_S + lifter.latency, lifter.memory)
        self._whose = Whose(detector.skeleton, (first.width, first.height), memory=memory, name=name)
        self._waiting: deque[_Seen] = deque()
        self._shown: deque[Poses] = deque()
        self._ready: deque[float] = deque()

    def look(self, picture: Picture) -> None:
        """See who is in a picture."""
        image = picture.image()
        found = self._detector(image, picture.time)
        colours = appearance(image, found.keypoints, found.scores, skeleton=self._detector.skeleton)
        self._whose.add(Look(picture.time, replace(found, appearance=colours)))
        self._waiting.append(_Seen(picture, image))

    def due(self, until: float, dropped: int) -> Iterator[Figures]:
        """The figures of all pictures up to a time that were not shown yet, by all that was seen by now."""
        frames = [one for one in self._waiting if one.picture.time <= until + _INSTANT]
        if not frames:
            return
        tracked = self._whose.poses()
        recent = self._chosen(tracked)
        for seen in frames:
            self._waiting.popleft()
            frame = int(np.searchsorted(tracked.video.timestamps, seen.picture.time - _INSTANT))
            self._whose.keep(tracked, frame)
            everybody = _only(tracked.rows((tracked.frame == frame) & (tracked.person_id >= 0)), frame)
            poses = _only(self._lifter.lift(recent, [frame]), frame)
            yield self._figures(seen, everybody, poses, dropped)

    def _chosen(self, tracked: Poses) -> Poses:
        """The rows of the people who are lifted."""
        known = tracked.rows(tracked.person_id >= 0)
        if self._selection.ids is not None:
            return known.rows(np.isin(known.person_id, self._selection.ids))
        return choose(known, self._selection)

    def _figures(self, seen: _Seen, everybody: Poses, poses: Poses, dropped: int) -> Figures:
        """What is shown of a picture, in a scene that stands by what was shown lately."""
        moment = seen.picture.time
        self._shown.append(poses)
        while moment - self._shown[0].video.timestamps[0] > _SCENE_S:
            self._shown.popleft()
        scene = joined(list(self._shown)).world()
        newest = len(self._shown) - 1
        world = _only(scene.rows(scene.frame == newest), newest)
        now = time.monotonic()
        self._ready.append(now)
        while now - self._ready[0] > _RATE_S:
            self._ready.popleft()
        rate = (len(self._ready) - 1) / max(now - self._ready[0], _INSTANT)
        return Figures(seen.image, everybody, poses, world, seen.picture.there_at, now, rate, dropped)


def joined(parts: list[Poses]) -> Poses:
    """Poses of stretches that follow each other, as those of one video; at least one."""
    first = parts[0]
    times = np.concatenate([part.video.timestamps for part in parts])
    begins = np.cumsum([0, *(part.video.frames for part in parts)])
    fps = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else first.video.fps
    rooted = [part for part in parts if part.root is not None]
    return Poses(
        keypoints=np.concatenate([part.keypoints for part in parts]),
        scores=np.concatenate([part.scores for part in parts]),
        frame=np.concatenate([part.frame + begin for part, begin in zip(parts, begins, strict=False)]),
        person_id=np.concatenate([part.person_id for part in parts]),
        skeleton=first.skeleton,
        space=first.space,
        video=replace(first.video, fps=fps, timestamps=times),
        root=np.concatenate([np.asarray(part.root) for part in rooted]) if rooted else None,
        root_source=rooted[0].root_source if rooted else "",
        meta=first.meta,
    )


def _only(poses: Poses, frame: int) -> Poses:
    """Poses of a frame as those of a video that has this frame alone."""
    video = Source(
        poses.video.path,
        poses.video.width,
        poses.video.height,
        poses.video.fps,
        poses.video.timestamps[frame : frame + 1],
    )
    return poses.replace(video=video, frame=np.zeros(len(poses), int))
