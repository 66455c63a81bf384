"""An excerpt of poses: whose, from when to when, how many a second, in which space. The choice is made before any file.

    Excerpt(persons=(0,), start=1.0, end=2.5, fps=60, space="world").of(poses)

The frames of an excerpt are those of the chosen time alone, counted from 0; their timestamps stay the video's own, so
that an excerpt from second 10 begins at second 10. It knows nothing about files and formats.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from in_the_wild import frame_notes
from in_the_wild.errors import InputError
from in_the_wild.interpolation import interpolate, natural_spline
from in_the_wild.poses import Poses, Source

# Between two rows of a person that are further apart nobody knows where the person was: seconds, and steps from row to
# row, for results that have few rows a second.
_LONGEST_BRIDGE, _MOST_STEPS = 0.2, 1.5
# Time is measured to this, seconds.
_INSTANT = 1e-6
_FASTEST = 1000.0


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """What is taken of poses; the usual is all of it, as it is.

    Attributes:
        persons: Ids; none means everybody.
        start: Seconds of the first frame; None from the beginning.
        end: Seconds of the last frame, included; None to the end.
        fps: Frames a second, resampled; None keeps the video's own frames.
        space: "camera" or "world"; "" keeps that of the poses.

    Raises:
        InputError: values that choose nothing.
    """

    persons: tuple[int, ...] = ()
    start: float | None = None
    end: float | None = None
    fps: float | None = None
    space: str = ""

    def __post_init__(self) -> None:
        if self.fps is not None and not 0 < self.fps <= _FASTEST:
            raise InputError(f"Frames a second above 0 and up to {_FASTEST:.0f} were expected, found {self.fps:g}.")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise InputError(f"An end after the start was expected, found {self.start:g} to {self.end:g} seconds.")
        if self.space not in ("", "camera", "world"):
            raise InputError(f'Space camera or world was expected, found "{self.space}".')

    def of(self, poses: Poses) -> Poses:
        """The excerpt of some poses.

        The floor and the vertical of world space are found from all of them first, so that excerpts of one scene fit
        together.

        Raises:
            InputError: an id that nobody has, a time that the video does not have, or a space that cannot be reached.
        """
        chosen = _in_space(poses, self.space)
        if self.persons:
            chosen = _of_persons(chosen, self.persons)
        if self.start is not None or self.end is not None:
            chosen = trimmed(chosen, start=self.start, end=self.end)
        return chosen if self.fps is None else resampled(chosen, self.fps)


EVERYTHING = Excerpt()


def _in_space(poses: Poses, space: str) -> Poses:
    if space in ("", poses.space):
        return poses
    if poses.space == "image":
        raise InputError(
            f"3D joints were expected, found keypoints in the picture of {poses.video.path}; lift them first."
        )
    if space == "camera":
        raise InputError("Joints in the world have left camera space; give those that a run or lift made, poses3d.npz.")
    return poses.world()


def _of_persons(poses: Poses, persons: tuple[int, ...]) -> Poses:
    if missing := [str(person) for person in persons if person not in poses.persons]:
        known = ", ".join(map(str, poses.persons)) or "none"
        raise InputError(f"{poses.video.path} has no person {', '.join(missing)}. Known: {known}.")
    return poses.rows(np.isin(poses.person_id, persons))


def trimmed(poses: Poses, *, start: float | None, end: float | None) -> Poses:
    """The frames from one time to another, both included, and their rows; None stands for the beginning or the end.

    Raises:
        InputError: there is no frame in that time.
    """
    times = poses.video.timestamps
    first = 0 if start is None else int(np.searchsorted(times, start - _INSTANT))
    behind = len(times) if end is None else int(np.searchsorted(times, end + _INSTANT))
    if first >= behind:
        whole = f"{times[0]:.2f} to {times[-1]:.2f} seconds" if len(times) else "no frames"
        raise InputError(f"{poses.video.path} has no frame in the chosen time; it has {whole}.")
    rows = poses.rows((poses.frame >= first) & (poses.frame < behind))
    video = dataclasses.replace(poses.video, timestamps=times[first:behind])
    return rows.replace(
        frame=rows.frame - first,
        video=video,
        error_mm=rows.error_mm,
        reasons=rows.reasons,
        meta=frame_notes.renumbered(poses.meta, by=-first, frames=behind - first),
    )


def resampled(poses: Poses, fps: float) -> Poses:
    """Poses at a constant rate: splines through a person's rows, straight lines in the picture.

    Gaps stay gaps: nothing is put between rows that are far apart, nor before a person's first row and after the last.
    What was not seen on one side or the other of a new frame has a score of 0 there.

    Args:
        poses: Of people with ids; rows without one cannot be followed in time.
        fps: Frames a second.

    Raises:
        InputError: rows without ids.
    """
    if (poses.person_id < 0).any():
        raise InputError("Poses without ids cannot be followed in time; track them first: pose3d detect does.")
    video = dataclasses.replace(poses.video, fps=fps, timestamps=_even_times(poses.video, fps))
    empty = Poses.empty(skeleton=poses.skeleton, space=poses.space, video=video)
    if poses.root is not None:
        empty = empty.replace(root=np.zeros((0, 3)), root_source=poses.root_source)
    if poses.error_mm is not None:
        empty = empty.replace(error_mm=np.zeros((0, len(poses.skeleton))))
    if poses.reasons is not None:
        empty = empty.replace(reasons=np.zeros((0, len(poses.skeleton))))
    runs = [run for person in poses.persons for run in _runs(poses.of_person(person))]
    made = Poses.join([empty, *(_run_at(run, video) for run in runs)])
    return made.replace(meta={**frame_notes.without(poses.meta), "resampled_from_fps": poses.video.fps})


def _even_times(video: Source, fps: float) -> np.ndarray:
    """Times a constant step apart over all of a video, the first of them that of its first frame."""
    if not video.frames:
        return np.zeros(0)
    first, last = video.timestamps[[0, -1]]
    times: np.ndarray = first + np.arange(int((last - first + _INSTANT) * fps) + 1) / fps
    return times


def _runs(person: Poses) -> list[Poses]:
    """One person's rows, apart where there is a gap between them."""
    steps = np.diff(person.seconds)
    bridge = max(_LONGEST_BRIDGE, _MOST_STEPS * float(np.median(steps)) if len(steps) else 0.0)
    return person.runs(bridge)


def _run_at(run: Poses, video: Source) -> Poses:
    """A run's rows at those frames of a video that lie within it."""
    known = run.seconds
    frame = np.flatnonzero((video.timestamps >= known[0] - _INSTANT) & (video.timestamps <= known[-1] + _INSTANT))
    at = np.clip(video.timestamps[frame], known[0], known[-1])
    curve = interpolate if run.space == "image" or len(known) < 3 else natural_spline

    def moved(paths: np.ndarray) -> np.ndarray:
        """Paths (K, P, C) at the new times; one after the other, as all splines of an hour take much memory."""
        paths = paths.astype(np.float64)
        return np.stack([curve(at, known, paths[:, p]) for p in range(paths.shape[1])], axis=1)

    return run.replace(
        keypoints=moved(run.keypoints),
        scores=_scores_at(at, known, run.scores),
        frame=frame,
        person_id=np.full(len(frame), run.person_id[0]),
        video=video,
        root=None if run.root is None else moved(run.root[:, None])[:, 0],
        error_mm=None if run.error_mm is None else interpolate(at, known, run.error_mm),
        reasons=None
        if run.reasons is None
        else run.reasons[np.rint(np.interp(at, known, range(len(known)))).astype(int)],
    )


def _scores_at(at: np.ndarray, known: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """(T, J) scores between those (K, J) of the rows before and after; 0 where one of the two is."""
    before = np.searchsorted(known, at + _INSTANT, side="right") - 1
    after = np.minimum(np.searchsorted(known, at - _INSTANT), len(known) - 1)
    seen = (scores[before] > 0) & (scores[after] > 0)
    between: np.ndarray = np.where(seen, interpolate(at, known, scores), 0)
    return between
