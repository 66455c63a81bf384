"""Outliers: looks at one person in which a single joint is elsewhere for a moment, and comes back.

A Hampel identifier (Hampel, JASA 1974) on innovations: a joint is compared with where the looks before and after a few
say that it should be, and this with how far it usually is from there. What the whole body does, or the camera, is taken
off; a joint that scores less than around is believed less. Where the looks around do not agree, as in a fast motion,
nothing is an outlier.

It knows nothing about detectors or skeletons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

_LONGEST_S = 0.4  # seconds from the look before an outlier to the one after it
_WINDOW_S = 1.2  # seconds around a look that say what is usual
_DEVIATIONS = 6.0  # of the usual innovation, beyond which a joint is elsewhere
_NEAREST = 0.25  # sizes of the person that a joint must be off in any case
_SURE = 0.4  # of how far a joint is off: the looks around may not differ by more in what they expect
_LEAST_TRUST = 0.5  # a score that fell makes both bounds smaller, but not below this share
_AT_ONCE = 2000  # runs of looks that are computed together: memory
_NORMAL = 1.4826  # standard deviations in a median absolute deviation of a normal distribution


@dataclass(frozen=True)
class JointLooks:
    """How one person was seen.

    Attributes:
        points: (K, J, 2) in sizes of the person.
        scores: (K, J); 0 was not seen.
        seconds: (K,) of the looks, rising.
    """

    points: np.ndarray
    scores: np.ndarray
    seconds: np.ndarray


def outliers(looks: JointLooks) -> np.ndarray:
    """Find what single joints did not do.

    Args:
        looks: At one person.

    Returns:
        (K, J) which joints are elsewhere in which looks; never in the first two or the last two.
    """
    count = len(looks.seconds)
    found = np.zeros(looks.scores.shape, bool)
    if count < 5:
        return found
    farthest = _farthest(looks)
    for length in range(1, count - 3):
        spans = looks.seconds[length + 2 : -1] - looks.seconds[1 : -length - 2]
        if (spans > _LONGEST_S).all():
            break
        for first in _starts(count, length):
            off, unsure = _innovations(looks, first, length)
            rows = first[:, None] + 2 + np.arange(length)
            away = (off > farthest[rows]).all(axis=1) & (unsure < _SURE * off.min(axis=1))
            for start, joint in np.argwhere(away & (spans[first] <= _LONGEST_S)[:, None]):
                found[rows[start], joint] = True
    return found


def _starts(count: int, length: int) -> list[np.ndarray]:
    """Of all runs of so many looks with two before and two after them the first of these, some thousand at a time."""
    starts = np.arange(count - length - 3)
    return np.array_split(starts, -(-len(starts) // _AT_ONCE))


def _innovations(looks: JointLooks, first: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """How far the joints of so many looks in a row are from what the two looks before and the two after them say.

    What is nearest counts: where the two before were going, where the two after come from, or the line between.

    Args:
        looks: At one person.
        first: (R,) the first of the two looks before each run.
        length: Looks in a run.

    Returns:
        (R, length, J) sizes; 0 where a joint was not seen in all of these looks. And (R, J) how far the looks before
        and after a run are from what each other say.
    """
    before, after, last = first + 1, first + length + 2, first + length + 3
    rows = first[:, None] + 2 + np.arange(length)

    def off(at: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """How far joints in looks (K', L) are from the line through two others (K'); the body's median is taken off."""
        time, points = looks.seconds, looks.points
        share = (time[at] - time[one][:, None]) / (time[other] - time[one])[:, None]
        expected = points[one][:, None] + (points[other] - points[one])[:, None] * share[..., None, None]
        away = points[at] - expected
        own: np.ndarray = np.linalg.norm(away - np.median(away, axis=2, keepdims=True), axis=3)
        return own

    nearest = np.min([off(rows, first, before), off(rows, before, after), off(rows, after, last)], axis=0)
    unsure = np.maximum(off(after[:, None], first, before), off(before[:, None], after, last))[:, 0]
    around = np.concatenate([np.stack([first, before, after, last], axis=1), rows], axis=1)
    return nearest * (looks.scores[around] > 0).all(axis=1)[:, None], unsure


def _farthest(looks: JointLooks) -> np.ndarray:
    """(K, J) sizes that a joint may be off."""
    window = max(5, round(_WINDOW_S / float(np.median(np.diff(looks.seconds)))))
    alone = np.concatenate([_innovations(looks, first, 1)[0][:, 0] for first in _starts(len(looks.seconds), 1)])
    alone = np.pad(alone, ((2, 2), (0, 0)), mode="edge")
    usual = _NORMAL * median_filter(alone, size=(window, 1), mode="nearest")
    level = median_filter(looks.scores, size=(window, 1), mode="nearest")
    trust = np.clip(looks.scores / np.maximum(level, 1e-9), _LEAST_TRUST, 1)
    farthest: np.ndarray = np.maximum(_NEAREST, _DEVIATIONS * usual) * trust
    return farthest
