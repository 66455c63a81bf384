"""What tracking measures: how alike two detections are, and how a tracklet moves.

A tracklet is a list of detections of one person by rising frame, one per frame at most, found without doubt; a track is
made of tracklets. Similarity is OKS, object keypoint similarity (COCO keypoint evaluation), or IoU, intersection over
union of boxes; motion is a constant velocity that fades.

It knows nothing about how detections become tracklets and tracklets tracks.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from in_the_wild.poses import Poses

# Positions of detections in their table, by rising frame.
Tracklet = list[int]

# How far keypoints of one person lie apart when people mark them twice, in units of the square root of the person's
# area (COCO keypoint evaluation); extended to joints that COCO does not have. The first word that is part of a name
# counts.
_SIGMAS = {
    "nose": 0.026,
    "eye": 0.025,
    "mouth": 0.03,
    "ear": 0.035,
    "head": 0.05,
    "shoulder": 0.079,
    "elbow": 0.072,
    "wrist": 0.062,
    "pinky": 0.07,
    "index": 0.07,
    "thumb": 0.07,
    "hip": 0.107,
    "pelvis": 0.107,
    "knee": 0.087,
    "ankle": 0.089,
    "heel": 0.089,
    "foot": 0.089,
    "toe": 0.089,
}
_OTHER_SIGMA = 0.079
_TRUNK = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")

_SEEN = 0.1  # a joint of a lower score does not count for the size of a person
_ASTRAY = 1.0  # so many sizes a second a person who is not seen may get off the way that was expected
_ASTRAY_AT_ANY_VELOCITY = 2.0  # the same where the velocity is not known
_VELOCITY_S = 0.3  # seconds at the end of a tracklet that its velocity is measured over
_SIZE_S = 1.0  # seconds at the end of a tracklet that its size is measured over
_SIZE_SPREAD = 0.7  # how much the logarithm of a person's size varies: arms up, crouching
_COLOUR_SPREAD = 12.0  # L*a*b* units that one person's colours differ by from second to second
_COLOUR_WEIGHTS = (0.5, 1.0, 1.0)  # of L*, a* and b*: light differs from place to place
MEETING = 0.1  # IoU from which two people meet
UNBROKEN_S = 0.15  # seconds that a tracklet may lack detections
_UNBROKEN_LOOKS, _UNBROKEN_LOOKS_S = 3, 0.3  # looks from the last detection to the next, in at most so many seconds
_EDGE = 0.02  # of the picture's size: a box that is nearer to an edge touches it
_SLOWING_S = 1.0  # time constant of a lost person's velocity


def looks_of(poses: Poses) -> np.ndarray:
    """(F,) The frames that a detector looked at, as its table of poses tells.

    That is under "looks" in its meta, or under "every", which stands for every so many-th frame and the last.
    """
    frames = np.arange(poses.video.frames)
    regular = np.concatenate([frames[:: poses.meta.get("every", 1)], frames[-1:]])
    return np.unique(np.asarray(poses.meta.get("looks", regular), dtype=int))


@dataclass(frozen=True)
class Detections:
    """The detections of a video, one in each row, and what tracking needs of them.

    Attributes:
        keypoints: (N, J, 2) pixels.
        scores: (N, J).
        sigmas: (J,) OKS's constant of each joint.
        frame: (N,).
        time: (N,) seconds.
        unbroken_since: (N,) seconds: a tracklet that was seen then, or later, goes on with each detection unbroken.
        seconds: (N,) how long it is from each detection's frame to the next one looked at.
        centre: (N, 2) pixels: the middle of the trunk.
        size: (N,) pixels: half the diagonal of the box, about the root of a person's area.
        box: (N, 4) pixels: left, top, right, bottom of the joints that are seen.
        area: (N,) square pixels of the box inside the picture.
        width: Picture width in pixels.
        height: Picture height in pixels.
        look: (N,) the number of the look that each was found at.
        at_edge: (N,) whether each touches an edge of the picture.
        crowded: (N,) whether somebody else in the frame is so near that either may hide the other.
        colours: (N, C) what `in_the_wild.appearance` says of each, NaN where it cannot tell.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    sigmas: np.ndarray
    frame: np.ndarray
    time: np.ndarray
    unbroken_since: np.ndarray
    seconds: np.ndarray
    centre: np.ndarray
    size: np.ndarray
    box: np.ndarray
    area: np.ndarray
    width: int
    height: int
    look: np.ndarray
    at_edge: np.ndarray
    crowded: np.ndarray
    colours: np.ndarray

    @classmethod
    def of(cls, poses: Poses, looks: np.ndarray | None = None, appearance: np.ndarray | None = None) -> Detections:
        """Measure poses in image space.

        Args:
            poses: Whom a detector found.
            looks: (F,) frames that it looked at, None for every frame. Those that poses are of count in any case.
            appearance: (N, C) their colours, see `in_the_wild.appearance`; None where nobody looked.
        """
        video, skeleton = poses.video, poses.skeleton
        looked_at = np.arange(video.frames) if looks is None else np.union1d(looks, poses.frame).astype(int)
        place = np.searchsorted(looked_at, poses.frame)
        # The last frame is as long as one on average.
        seconds = np.diff(video.timestamps[looked_at], append=video.timestamps[-1:] + 1 / video.fps)
        keypoints = poses.keypoints.astype(np.float64)
        scores = poses.scores.astype(np.float64)
        # Poses of which hardly anything is seen are measured by their guesses too.
        seen = scores >= _SEEN
        seen[seen.sum(axis=1) < 3] = True
        low = np.where(seen[..., None], keypoints, np.inf).min(axis=1)
        high = np.where(seen[..., None], keypoints, -np.inf).max(axis=1)
        picture = np.array([video.width, video.height], dtype=np.float64)
        inside = np.clip(high, 0, picture) - np.clip(low, 0, picture)
        trunk = [skeleton.index(joint) for joint in _TRUNK if joint in skeleton.joints] or list(range(len(skeleton)))
        weights = scores[:, trunk, None] + 1e-3
        box = np.concatenate([low, high], axis=1)
        return cls(
            keypoints=keypoints,
            scores=scores,
            sigmas=np.array([_sigma(joint) for joint in skeleton.joints]),
            frame=poses.frame,
            time=poses.seconds,
            unbroken_since=_unbroken_since(video.timestamps[looked_at])[place],
            seconds=seconds[place],
            centre=(keypoints[:, trunk] * weights).sum(axis=1) / weights.sum(axis=1),
            size=np.maximum(np.linalg.norm(high - low, axis=1) / 2, 1.0),
            box=box,
            area=inside.prod(axis=1),
            width=video.width,
            height=video.height,
            look=place,
            at_edge=((low <= _EDGE * picture) | (high >= (1 - _EDGE) * picture)).any(axis=1),
            crowded=_crowded(box, poses.frame),
            colours=np.full((len(poses), 0), np.nan) if appearance is None else appearance,
        )

    def by_frame(self, rows: Iterable[int]) -> list[list[int]]:
        """Detections by frame, frames rising."""
        found: dict[int, list[int]] = {}
        for row in rows:
            found.setdefault(int(self.frame[row]), []).append(row)
        return [found[frame] for frame in sorted(found)]

    # ------------------------------------------------------------------------------------------- of two detections

    def oks(
        self,
        a: Sequence[int],
        b: Sequence[int],
        *,
        moved: np.ndarray | float = 0.0,
        astray: np.ndarray | float = 0.0,
    ) -> np.ndarray:
        """Object keypoint similarity of every detection of `a` with every one of `b`.

        Args:
            a: A detections.
            b: B detections.
            moved: (A, 2) pixels that a's keypoints are moved by before.
            astray: (A,) sizes that a's keypoints may be off as a whole.

        Returns:
            (A, B) in [0, 1].
        """
        moved, astray = np.broadcast_to(moved, (len(a), 2)), np.broadcast_to(astray, len(a))
        offset = (self.keypoints[a] + moved[:, None])[:, None] - self.keypoints[b][None]  # (A, B, J, 2)
        size = (self.size[a][:, None] + self.size[b][None]) / 2
        spread = size[..., None] * (2 * self.sigmas + astray[:, None, None])  # (A, B, J)
        alike = np.exp(-(offset**2).sum(axis=-1) / (2 * spread**2))
        weights = self.scores[a][:, None] * self.scores[b][None] + 1e-2
        return (alike * weights).sum(axis=-1) / weights.sum(axis=-1)

    def iou(self, a: Sequence[int], b: Sequence[int], *, moved: np.ndarray | float = 0.0) -> np.ndarray:
        """(A, B) intersection over union of every box of `a`, moved by (A, 2) pixels, with every box of `b`."""
        return _iou(self.box[a] + np.tile(np.broadcast_to(moved, (len(a), 2)), 2), self.box[b])

    def affinity(self, a: Sequence[int], b: Sequence[int], *, velocity: np.ndarray) -> np.ndarray:
        """(A, B) in [0, 1]: how well the people of `a`, going on at (A, 2) pixels per second, are those of `b`.

        All of `b` must be of one frame. It may be before a's. A velocity of NaN is one that is not known.
        """
        seconds = self.time[b[0]] - self.time[a]  # (A,)
        slowed = np.sign(seconds) * _SLOWING_S * (1 - np.exp(-np.abs(seconds) / _SLOWING_S))
        known = np.isfinite(velocity).all(axis=1)  # (A,)
        moved = np.where(known[:, None], velocity, 0) * slowed[:, None]
        astray = np.where(known, _ASTRAY, _ASTRAY_AT_ANY_VELOCITY) * np.abs(seconds)
        return np.maximum(self.oks(a, b, moved=moved, astray=astray), self.iou(a, b, moved=moved))

    # ----------------------------------------------------------------------------------------------- of a tracklet

    def duration(self, tracklet: Tracklet) -> float:
        """Seconds in which it has detections."""
        return float(self.seconds[tracklet].sum())

    def share_found(self, tracklet: Tracklet) -> float:
        """In (0, 1]: of the looks from its first to its last detection, at how many it was found.

        Looks while somebody may have been hidden by others, or outside the picture, do not count.
        """
        looks = np.diff(self.look[tracklet])
        excused = self.crowded[tracklet] | self.at_edge[tracklet]
        missed = looks[~(excused[1:] | excused[:-1])] - 1
        return len(tracklet) / (len(tracklet) + float(missed.sum()))

    def presence(self, tracklet: Tracklet) -> float:
        """Square pixels times seconds that somebody takes up."""
        return float((self.area[tracklet] * self.seconds[tracklet]).sum())

    def spans(self, tracklets: Sequence[Tracklet]) -> tuple[np.ndarray, np.ndarray]:
        """Seconds at which each begins and ends."""
        return self.time[[rows[0] for rows in tracklets]], self.time[[rows[-1] for rows in tracklets]]

    def earlier(self, tracklet: Tracklet, time: float) -> Tracklet:
        """What of it is before a time in seconds."""
        if self.time[tracklet[-1]] < time:
            return tracklet
        return [row for row in tracklet if self.time[row] < time]

    def last_velocity(self, tracklet: Tracklet) -> np.ndarray:
        """(2,) pixels per second at the end of a tracklet, NaN where it is too short to tell."""
        return self._velocity(max(self._ending(tracklet, _VELOCITY_S), tracklet[-3:], key=len))

    def first_velocity(self, tracklet: Tracklet) -> np.ndarray:
        """(2,) pixels per second at the beginning of a tracklet, NaN where it is too short to tell."""
        return self._velocity(max(self._beginning(tracklet, _VELOCITY_S), tracklet[:3], key=len))

    def size_affinity(self, before: Tracklet, after: Tracklet) -> float:
        """In [0, 1]: 1 for the same size, 0.85 for a factor of 1.5, 0.38 for one of 2.7."""
        sizes = [
            np.median(self.size[rows]) for rows in (self._ending(before, _SIZE_S), self._beginning(after, _SIZE_S))
        ]
        return float(np.exp(-((np.log(sizes[0] / sizes[1]) / _SIZE_SPREAD) ** 2) / 2))

    def colours_of(self, tracklet: Tracklet) -> np.ndarray:
        """(C,) medians over where nobody else is near, or else over all; NaN where nothing is known."""
        alone = [row for row in tracklet if not self.crowded[row]]
        colours = self.colours[alone or tracklet]
        known = ~np.isnan(colours).all(axis=0)
        medians = np.full(colours.shape[1], np.nan)
        medians[known] = np.nanmedian(colours[:, known], axis=0)
        return medians

    def _ending(self, tracklet: Tracklet, seconds: float) -> Tracklet:
        """The detections in the last so many seconds."""
        since = self.time[tracklet[-1]] - seconds
        return list(itertools.takewhile(lambda row: self.time[row] >= since, reversed(tracklet)))[::-1]

    def _beginning(self, tracklet: Tracklet, seconds: float) -> Tracklet:
        """The detections in the first so many seconds."""
        until = self.time[tracklet[0]] + seconds
        return list(itertools.takewhile(lambda row: self.time[row] <= until, tracklet))

    def _velocity(self, rows: Tracklet) -> np.ndarray:
        """The slope of a straight line through the centres."""
        time = self.time[rows] - self.time[rows].mean()
        if time[-1] - time[0] < _VELOCITY_S / 2:
            return np.full(2, np.nan)
        return time @ self.centre[rows] / (time @ time)


def colour_affinity(a: np.ndarray, b: np.ndarray) -> float:
    """In [0, 1]: 1 for the same colours (C,) or unknown ones, 0.6 for a difference of 12, 0.14 for one of 24."""
    differences = np.linalg.norm((a - b).reshape(-1, 3) * _COLOUR_WEIGHTS, axis=1)
    known = np.isfinite(differences)
    if not known.any():
        return 1.0
    return float(np.exp(-((differences[known].mean() / _COLOUR_SPREAD) ** 2) / 2))


def _iou(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(A, B) intersection over union of boxes (A, 4) and (B, 4)."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = (high - low).clip(0).prod(axis=-1)
    areas = [(box[:, 2:] - box[:, :2]).prod(axis=-1) for box in (a, b)]
    return common / (areas[0][:, None] + areas[1][None] - common + 1e-9)


def _unbroken_since(time: np.ndarray) -> np.ndarray:
    """(F,) seconds, for looks at times (F,), at which a person was seen last who was not lost.

    That is a few looks ago, if they are close together; and one look ago, however far apart they are.
    """
    number = np.arange(len(time))
    few, one = time[np.maximum(number - _UNBROKEN_LOOKS, 0)], time[np.maximum(number - 1, 0)]
    return np.minimum(np.maximum(few, time - _UNBROKEN_LOOKS_S), np.minimum(one, time - UNBROKEN_S))


def _crowded(box: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """(N,) whether another box of the same frame overlaps each of (N, 4)."""
    crowded = np.zeros(len(box), dtype=bool)
    for rows in np.split(np.argsort(frame, kind="stable"), np.flatnonzero(np.diff(np.sort(frame))) + 1):
        overlap = _iou(box[rows], box[rows])
        np.fill_diagonal(overlap, 0)
        crowded[rows] = overlap.max(axis=1, initial=0) >= MEETING
    return crowded


def _sigma(joint: str) -> float:
    return next((sigma for word, sigma in _SIGMAS.items() if word in joint), _OTHER_SIGMA)
