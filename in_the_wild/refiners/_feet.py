"""Feet: which of them stand.

That is told before a clip is solved, by what was seen of them, and again while it is solved, by where they are. A foot
whose keypoint hardly moves across the view for a while stands for sure. Noise hides most of the others, so that any
foot is held the more, the slower it is in space: a weight that falls with its speed as that of Geman and McClure does
with an error. How slow is slow depends on how unsteadily the foot is seen.

    Black and Rangarajan, "On the Unification of Line Processes, Outlier Rejection, and Robust Statistics with
    Applications in Early Vision", IJCV 1996: such weights decide what belongs to a model while it is fitted

It knows nothing about how a clip is solved.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import binary_opening, gaussian_filter1d

from in_the_wild.refiners._clip import Clip, Sight
from in_the_wild.skeletons import Skeleton

_ACROSS = 0.25  # metres a second, across the view, below which a foot stands
_STANDS_S = 0.15  # for so many seconds
_SEEN_SMOOTHING_S, _DEPTH_SMOOTHING_S, _SMOOTHING_S = 0.04, 0.2, 0.06
# Metres a second at which a foot in space is held a quarter as much as one that rests: at least, by how many times its
# keypoint's unsteadiness, and at most.
_SLOW, _UNSTEADY, _FASTEST = 0.08, 1.0, 0.25
_UNSTEADY_S = 0.04  # seconds over which unsteadiness is measured
_QUIET = 25  # percent of the frames, the quietest, that tell it: in others feet truly change their speed
_LIFTED = 0.1  # metres above the other foot at which a foot is held a quarter as much
_RESTS = 0.1  # metres a second in space below which a foot stood, once a clip is solved


@dataclass(frozen=True)
class Feet:
    """What was seen of a person's feet.

    Attributes:
        joints: Which of the skeleton's joints they are, F.
        seen: (T, F) whether they were seen.
        standing: (T, F) whether they hardly move across the view, for a while.
        slow: (F,) metres a second at which each is held a quarter as much as one that rests.
    """

    joints: list[int]
    seen: np.ndarray
    standing: np.ndarray
    slow: np.ndarray

    def part(self, frames: slice) -> Feet:
        """Some of the frames."""
        return replace(self, seen=self.seen[frames], standing=self.standing[frames])

    def stillness(self, positions: np.ndarray, time: np.ndarray, up: np.ndarray | None) -> np.ndarray:
        """(T - 1, F) from 0 to 1, how much each foot stands from a frame to the next one.

        Args:
            positions: (T, J, 3) metres.
            time: (T,) seconds.
            up: (3,) where it is known.
        """
        steps = np.diff(time)
        paths = _smooth(positions[:, self.joints], time)
        speed = np.linalg.norm(np.diff(paths, axis=0), axis=2) / steps[:, None]
        lifted = _lifted(paths, up)
        doubt = (speed / self.slow) ** 2 + ((lifted[1:] + lifted[:-1]) / 2 / _LIFTED) ** 2
        held = (self.seen[1:] & self.seen[:-1]) / (1 + doubt) ** 2
        return np.maximum(held, self.standing[1:] & self.standing[:-1])

    def rested(self, positions: np.ndarray, time: np.ndarray, up: np.ndarray | None) -> np.ndarray:
        """(T, F) whether each foot stood for a while, once a clip is solved; see `stillness`."""
        if not self.joints or len(time) < 2:
            return np.zeros_like(self.standing)
        paths = _smooth(positions[:, self.joints], time)
        speed = np.linalg.norm(np.gradient(paths, time, axis=0), axis=2)
        slow = (speed < _RESTS) & (_lifted(paths, up) < _LIFTED) & self.seen
        return np.stack([_lasting(one, time) for one in slow.T], axis=1)


def feet_of(clip: Clip) -> Feet:
    """What was seen of a clip's feet; none where nothing was seen."""
    sight = clip.sight
    joints = [] if sight is None else [j for j in _ankles(clip.skeleton) if j in sight.joints]
    if sight is None or not joints or len(clip.time) < 2:
        return Feet([], np.zeros((len(clip.time), 0), bool), np.zeros((len(clip.time), 0), bool), np.zeros(0))
    columns = [list(sight.joints).index(j) for j in joints]
    seen = sight.weights[:, columns] > 0
    distance = clip.root[:, 2] if sight.turns is None else np.linalg.norm(clip.root, axis=1)
    depth = gaussian_filter1d(distance, _DEPTH_SMOOTHING_S / clip.step)
    ways = _ways(sight, columns)  # (T, F, 2 or 3)
    speed = np.linalg.norm(np.gradient(_smooth(ways, clip.time, _SEEN_SMOOTHING_S), clip.time, axis=0), axis=2)
    slow = (speed * depth[:, None] < _ACROSS) & seen
    standing = np.stack([_lasting(one, clip.time) for one in slow.T], axis=1)
    unsteady = _UNSTEADY * _unsteadiness(ways * depth[:, None, None], seen, clip.step)
    return Feet(joints, seen, standing, np.minimum(np.hypot(_SLOW, unsteady), _FASTEST))


def contacts(paths: np.ndarray, standing: np.ndarray) -> np.ndarray:
    """(K, 3) where feet stood, the mean of each stand.

    Args:
        paths: (T, F, 3) metres.
        standing: (T, F) whether each foot stands.
    """
    places = [
        path[begin:end].mean(axis=0)
        for path, stands in zip(paths.swapaxes(0, 1), standing.T, strict=True)
        for begin, end in runs(stands)
    ]
    return np.array(places).reshape(-1, 3)


def runs(flags: np.ndarray) -> np.ndarray:
    """(R, 2) the first and one past the last of each run of flags (T,) that are set."""
    return np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(int))).reshape(-1, 2)


def _ankles(skeleton: Skeleton) -> list[int]:
    return [j for j, joint in enumerate(skeleton.joints) if joint.endswith("_ankle")]


def _ways(sight: Sight, columns: list[int]) -> np.ndarray:
    """(T, F, 2) x / z and y / z of some keypoints; for a camera that turns (T, F, 3) directions in the clip's space."""
    rays = sight.rays[:, columns]
    if sight.turns is None:
        return rays
    rays = np.concatenate([rays, np.ones((*rays.shape[:2], 1))], axis=2)
    return np.einsum("tji,tkj->tki", sight.turns, rays / np.linalg.norm(rays, axis=2, keepdims=True))


def _unsteadiness(paths: np.ndarray, seen: np.ndarray, step: float) -> np.ndarray:
    """(F,) metres a second by which the speed of paths (T, F, C) changes in frames in which they are quiet."""
    apart = max(1, round(_UNSTEADY_S / step))
    if len(paths) <= 2 * apart:
        return np.zeros(paths.shape[1])
    changes = np.linalg.norm(paths[2 * apart :] - 2 * paths[apart:-apart] + paths[: -2 * apart], axis=2)
    known = seen[2 * apart :] & seen[apart:-apart] & seen[: -2 * apart]
    quiet = [np.percentile(own[use], _QUIET) if use.any() else 0.0 for own, use in zip(changes.T, known.T, strict=True)]
    return np.array(quiet) / (apart * step)


def _smooth(values: np.ndarray, time: np.ndarray, seconds: float = _SMOOTHING_S) -> np.ndarray:
    smooth: np.ndarray = gaussian_filter1d(values, seconds / float(np.median(np.diff(time))), axis=0)
    return smooth


def _lifted(paths: np.ndarray, up: np.ndarray | None) -> np.ndarray:
    """(T, F) metres by which feet (T, F, 3) are above the lower one; 0 where nobody knows what is up."""
    if up is None:
        return np.zeros(paths.shape[:2])
    heights = paths @ up
    lifted: np.ndarray = heights - heights.min(axis=1, keepdims=True)
    return lifted


def _lasting(flags: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Flags (T,) that are set for a while; the first and the last frame go on as they are."""
    least = max(1, round(_STANDS_S / float(np.median(np.diff(time)))))
    if len(flags) <= least:
        return np.zeros_like(flags)
    long = binary_opening(np.pad(flags, least, mode="edge"), np.ones(least))[least:-least]
    lasting: np.ndarray = long & flags
    return lasting
