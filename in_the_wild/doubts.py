"""Doubts: what looks at a video say of each other, and so where a detector must look in between.

A motion between two looks shows in those around: a look off the straight line between its neighbours is of somebody
fast, or wrong. It knows nothing about when looks are due, nor what fills the frames between.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from in_the_wild.detectors.base import Detection

# How far the least certain quarter of a person's joints may be from straight lines between the looks before and after,
# in half diagonals of the person's box. Walking at 12 looks a second is at 0.035, boxing in one look of ten above.
_BENT = 0.1
_FALLEN = 0.7  # of the mean score before and after, below which scores have fallen
_SEEN = 0.3  # a joint of a lower score says nothing of how far a look may be believed
_FEWEST = 4  # joints by which a look is judged
_SMALL = 0.5  # of the largest person's size, below which somebody in the background is not worth another look
_APART = 1.0  # mean distance of two poses, in the same size, beyond which they are two people's


@dataclass(frozen=True)
class Look:
    """What a detector found in one frame.

    Attributes:
        frame: Its number.
        time: Its seconds.
        found: Whom.
    """

    frame: int
    time: float
    found: Detection


def is_doubtful(before: Look, look: Look, after: Look) -> bool:
    """Whether somebody is elsewhere than the looks around tell, or scores less: fast there, or seen wrongly."""
    poses = _poses(look)
    largest = max((pose.size for pose in poses), default=0.0)
    for pose in poses:
        if pose.size < _SMALL * largest:
            continue
        earlier, later = _same_person(before, pose), _same_person(after, pose)
        if earlier is not None and later is not None:
            mean = min(earlier.scores.mean(), later.scores.mean())
            if pose.scores.mean() < _FALLEN * mean or _bend(earlier, pose, later) > _BENT:
                return True
    return False


def believed(look: Look, around: tuple[Look, Look, Look, Look]) -> Look:
    """A look without people whom it alone sees where they are not.

    Args:
        look: The look.
        around: The two looks before and the two after it. Where they tell of one motion without the look, and of
            another with it, the look is wrong.
    """
    kept = []
    for pose in _poses(look):
        at = [_same_person(other, pose) for other in around]
        first, before, after, last = at
        wrong = (
            first is not None and before is not None and after is not None and last is not None
            and _bend(before, pose, after) > _BENT
            and max(_bend(first, before, after), _bend(before, after, last)) <= _BENT
        )  # fmt: skip
        kept.append(not wrong)
    return look if all(kept) else replace(look, found=look.found.only(np.array(kept)))


@dataclass(frozen=True)
class _Pose:
    """One person in one look: seconds, (J, 2) pixels, (J,) scores."""

    time: float
    keypoints: np.ndarray
    scores: np.ndarray

    @property
    def size(self) -> float:
        """Half the diagonal of the box."""
        return max(float(np.linalg.norm(np.ptp(self.keypoints, axis=0))) / 2, 1.0)


def _poses(look: Look) -> list[_Pose]:
    return [_Pose(look.time, *both) for both in zip(look.found.keypoints, look.found.scores, strict=True)]


def _same_person(look: Look, pose: _Pose) -> _Pose | None:
    """The nearest person in another look, if near enough to be the same."""
    others = _poses(look)
    if not others:
        return None
    distances = [float(np.linalg.norm(other.keypoints - pose.keypoints, axis=1).mean()) for other in others]
    nearest = int(np.argmin(distances))
    return others[nearest] if distances[nearest] < _APART * pose.size else None


def _bend(before: _Pose, pose: _Pose, after: _Pose) -> float:
    """How far a pose is off the straight line between two others, in sizes: the worst quarter of its joints."""
    share = (pose.time - before.time) / (after.time - before.time)
    line = before.keypoints + (after.keypoints - before.keypoints) * share
    seen = np.minimum(np.minimum(before.scores, after.scores), pose.scores) >= _SEEN
    if seen.sum() < _FEWEST:
        return 0.0
    off = np.sort(np.linalg.norm(pose.keypoints - line, axis=1)[seen])[::-1]
    return float(off[: max(1, len(off) // 4)].mean()) / pose.size
