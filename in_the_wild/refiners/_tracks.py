"""What the classical refiners share: one person's points over time, as they were seen.

A point is a joint, or the root where a path of it comes along. In a picture a keypoint of score 0 was not seen; in 3D
every joint is an estimate from the whole body, so that a row was seen or not as one. What was not seen never counts: it
is put on the straight line between the times at which the point was seen, or where the nearest of them is.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import numpy as np

from in_the_wild.interpolation import interpolate
from in_the_wild.poses import Poses
from in_the_wild.refiners.base import Refiner

# Times (K,), rising, and values (K, C) of one point where it was seen, K >= 2 -> (K, C).
Smooth = Callable[[np.ndarray, np.ndarray], np.ndarray]
# Values (T, C) of one point a constant time apart, T >= 2 -> (T, C).
Filter = Callable[[np.ndarray], np.ndarray]
# Times (T,) to know one point at, and times (K,) and values (K, C) where it was seen -> (T, C).
Curve = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def seen_points(person: Poses) -> np.ndarray:
    """(N, J) which joints of each row were seen."""
    if person.space == "image":
        return person.scores > 0
    return np.repeat((person.scores > 0).any(axis=1, keepdims=True), len(person.skeleton), axis=1)


def smoothed(person: Poses, smooth: Smooth) -> Poses:
    """One person's rows with every point smoothed over the rows in which it was seen.

    Args:
        person: Rows of one person by rising frame.
        smooth: What is done with a point.

    Returns:
        The same rows with the same scores.
    """

    def whole(time: np.ndarray, known: np.ndarray, values: np.ndarray) -> np.ndarray:
        return interpolate(time, known, smooth(known, values))

    return _at_rows(person, np.ones(len(person), bool), whole)


def filled(person: Poses, curve: Curve) -> Poses:
    """One person's rows with those of missing frames added.

    A row in which nothing was seen is a missing frame too. Values that were seen stay as they are.

    Args:
        person: Rows of one person by rising frame.
        curve: What a point does between the times at which it was seen.

    Returns:
        A row for every frame from first to last; filled ones have their neighbours' scores. (Lower ones would tell a
            lifter that its keypoints are guesses: at half of them, with four of five frames filled in, its error grows
            by a sixth.)
    """
    frame = np.arange(person.frame[0], person.frame[-1] + 1)
    rows = np.searchsorted(frame, person.frame)
    seen = (person.scores > 0).any(axis=1)

    def spread(values: np.ndarray) -> np.ndarray:
        """Rows (N, ...) at their places among all frames (T, ...), zeros elsewhere."""
        table = np.zeros((len(frame), *values.shape[1:]), values.dtype)
        table[rows] = values
        return table

    table = person.replace(
        keypoints=spread(person.keypoints),
        scores=spread(person.scores),
        frame=frame,
        person_id=np.full(len(frame), person.person_id[0]),
        root=None if person.root is None else spread(person.root),
    )

    def whole(time: np.ndarray, known: np.ndarray, values: np.ndarray) -> np.ndarray:
        result = curve(np.clip(time, known[0], known[-1]), known, values)
        result[np.isin(time, known)] = values
        return result

    result = _at_rows(table, spread(np.ones(len(person), bool)), whole)
    if not seen.any():
        return result
    scores, missing = spread(person.scores), ~spread(seen)
    scores[missing] = interpolate(result.seconds[missing], person.seconds[seen], person.scores[seen])
    return result.replace(scores=scores)


class Filler(Refiner):
    """Lets every point follow a curve between the times at which it was seen.

    Values that were seen stay as they are. Filled rows have their neighbours' scores; a joint that was not seen in a
    row keeps its score of 0.
    """

    fills = True
    smooths = False

    @staticmethod
    @abstractmethod
    def curve(at: np.ndarray, known: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Where a point is at times (T,), from times (K,) and values (K, C) where it was seen -> (T, C)."""

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: a row for every frame from first to last."""
        return filled(person, self.curve)


def evenly(filter_: Filter, *, step: float) -> Smooth:
    """Run a filter that needs a constant frame rate on any times: there and back by straight lines.

    Where the times are even already, they are taken as they are.

    Args:
        filter_: The filter.
        step: Seconds from one value to the next, about.
    """

    def smooth(time: np.ndarray, values: np.ndarray) -> np.ndarray:
        steps = max(1, round((time[-1] - time[0]) / step))
        grid = np.linspace(time[0], time[-1], steps + 1)
        if len(grid) == len(time) and np.abs(grid - time).max() < 1e-3 * step:
            return filter_(values)
        return interpolate(time, grid, filter_(interpolate(grid, time, values)))

    return smooth


def frame_step(person: Poses) -> float:
    """Seconds that a frame of the video usually lasts, also where a person has few rows."""
    times = person.video.timestamps
    return float(np.median(np.diff(times))) if len(times) > 1 else 1 / person.video.fps


def odd_window(frames: float, *, most: int) -> int:
    """The odd number of frames nearest to this one, at least 1 and at most so many."""
    nearest = 2 * round((frames - 1) / 2) + 1
    return max(1, min(nearest, most - (1 - most % 2)))


def _at_rows(person: Poses, given: np.ndarray, whole: Curve) -> Poses:
    """Put every point where `whole` says, from the times at which it was seen and its values then.

    Args:
        person: N rows of one person.
        given: (N,) False for rows that hold no values yet.
        whole: Times (N,) of all rows, times (K,) and values (K, C) where the point was seen, K >= 2 -> (N, C).

    Returns:
        The same rows. A point that was seen once stays there; one that never was is where it was given.
    """

    def points(values: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """(N, K, C) values of K points that were seen (N, K) -> (N, K, C)."""
        result = values.astype(np.float64)
        for k in range(values.shape[1]):
            known = seen[:, k] if seen[:, k].any() else given
            curve = whole if (known & seen[:, k]).sum() > 1 else interpolate
            result[:, k] = curve(person.seconds, person.seconds[known], result[known, k])
        return result

    seen = seen_points(person)
    root = person.root
    if root is not None:
        root = points(root[:, None], seen.any(axis=1, keepdims=True))[:, 0]
    return person.replace(keypoints=points(person.keypoints, seen), root=root)
