"""Clean: tracked keypoints in, the same without swaps of left and right and without single joints that jumped, out.

What a detector did not look at goes along splines through what it looked at, so that faults are looked for in looks
alone, and the frames between follow what was mended. What is well stays as it is, to the last bit.

It knows nothing about detectors.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.ndimage import maximum_filter1d, median_filter

from in_the_wild.interpolation import interpolate, natural_spline
from in_the_wild.outliers import JointLooks, outliers
from in_the_wild.poses import Poses
from in_the_wild.progress import More, nobody
from in_the_wild.skeletons import Skeleton, mirror_name
from in_the_wild.swaps import swapped_runs

NOTE = "cleaned"
Reason = Literal["swapped", "outlier"]
# The first and the last frame, a joint or a part of the body, and what was wrong.
Mended = tuple[int, int, str, Reason]

_GUESSED = 0.1  # the most that a joint scores which was put where the looks around say
_NAMED = 3  # swaps of a person that are told one by one
_TOGETHER_S = 0.3  # seconds between looks at a person beyond which they say nothing of each other
_SIZE_LOOKS = 9  # looks that a person's size is the median of
_BEND_LOOKS = 3  # looks beyond a change up to which a spline is another one


@dataclass(frozen=True)
class _Part:
    """What is swapped as a whole.

    Attributes:
        name: What it is called.
        judged: The joints of a side that all detectors have, by which a swap is found.
        more: What else is swapped with them; None is everything.
    """

    name: str
    judged: tuple[str, ...]
    more: tuple[str, ...] | None


_ARMS = _Part("arms", ("elbow", "wrist"), ("pinky", "index", "thumb"))
_LEGS = _Part("legs", ("knee", "ankle"), ("heel", "foot_index", "big_toe", "small_toe"))
_BODY = _Part("body", ("shoulder", "hip", *_ARMS.judged, *_LEGS.judged), None)


def clean(poses: Poses, *, progress: More = nobody) -> Poses:
    """Put left and right of everybody where they belong, and single joints that jumped where they were going.

    Args:
        poses: Tracked keypoints in image space; the note "looks" says which frames were looked at, all without it.
        progress: Told how many more rows are done.

    Returns:
        The same rows. Where something was changed, the note "cleaned" says what: by person a list of `Mended`.
    """
    keypoints, scores = poses.keypoints.copy(), poses.scores.copy()
    notes: dict[str, list[list[int | str]]] = {}
    for person in poses.persons:
        rows = np.flatnonzero(poses.person_id == person)
        rows = rows[np.argsort(poses.frame[rows], kind="stable")]
        for stretch in _stretches(poses, rows):
            track = _Stretch(poses, stretch)
            mended = track.mend(progress)
            if mended:
                keypoints[stretch], scores[stretch] = track.pixels, track.scores
                notes.setdefault(str(person), []).extend(list(one) for one in mended)
    return poses.replace(keypoints=keypoints, scores=scores).with_meta(**{NOTE: notes}) if notes else poses


def told(poses: Poses) -> list[str]:
    """A sentence on what cleaning changed; none where it changed nothing."""
    parts = []
    for person, mended in poses.meta.get(NOTE, {}).items():
        swaps = [f"{_frames(first, last)} ({part})" for first, last, part, reason in mended if reason == "swapped"]
        if swaps:
            more = f" and {len(swaps) - _NAMED} times more" if len(swaps) > _NAMED else ""
            parts.append(f"left and right were swapped in {', '.join(swaps[:_NAMED])}{more} of person {person}")
        jumps = sum(reason == "outlier" for *_, reason in mended)
        if jumps:
            parts.append(f"single joints of person {person} jumped {'once' if jumps == 1 else f'{jumps} times'}")
    said = "; ".join(parts)
    return [f"{said[0].upper()}{said[1:]}; all this is put right."] if said else []


def joints_of(part: str, skeleton: Skeleton) -> list[str]:
    """The joints that something mended is about, which is called so in a `Mended`; none that a skeleton lacks."""
    more = next((one for one in (_ARMS, _LEGS, _BODY) if one.name == part), None)
    if more is None:
        return [part] if part in skeleton.joints else []
    left, right = _pairs(skeleton, None if more.more is None else (*more.judged, *more.more))
    return [skeleton.joints[j] for j in (*left, *right)]


def counted(poses: Poses) -> dict[str, int]:
    """How many times cleaning changed something, by what was wrong."""
    return dict(Counter(reason for mended in poses.meta.get(NOTE, {}).values() for *_, reason in mended))


def _frames(first: int, last: int) -> str:
    return f"frame {first}" if first == last else f"frames {first}-{last}"


def _stretches(poses: Poses, rows: np.ndarray) -> Iterator[np.ndarray]:
    """A person's rows from the first look to the last, apart where looks are further apart."""
    looks = np.flatnonzero(_looked(poses, rows))
    breaks = np.flatnonzero(np.diff(poses.seconds[rows[looks]]) > _TOGETHER_S) + 1
    for part in np.split(looks, breaks):
        if len(part):
            yield rows[part[0] : part[-1] + 1]


def _looked(poses: Poses, rows: np.ndarray) -> np.ndarray:
    looks = poses.meta.get("looks")
    return np.ones(len(rows), bool) if looks is None else np.isin(poses.frame[rows], looks)


class _Stretch:
    """One person from look to look, as it is mended: `pixels` (T, J, 2) and `scores` (T, J) of some rows."""

    def __init__(self, poses: Poses, rows: np.ndarray) -> None:
        self.pixels, self.scores = poses.keypoints[rows].astype(np.float64), poses.scores[rows].astype(np.float64)
        self._frame, self._seconds = poses.frame[rows], poses.seconds[rows]
        self._skeleton = poses.skeleton
        self._looks = np.flatnonzero(_looked(poses, rows))
        self._changed = np.zeros(self.scores.shape, bool)
        seen = (self.scores[self._looks] > 0)[..., None]
        # Corners of the box of what was seen.
        low = np.where(seen, self.pixels[self._looks], np.inf).min(axis=1)
        high = np.where(seen, self.pixels[self._looks], -np.inf).max(axis=1)
        half = np.linalg.norm(np.maximum(high - low, 0), axis=1) / 2
        self._size = np.maximum(median_filter(half, size=_SIZE_LOOKS, mode="nearest"), 1.0)[:, None, None]

    def mend(self, progress: More = nobody) -> list[Mended]:
        """Mend what is wrong, and say what it was; told how many more rows are done."""
        sweeps = [self._unswap(_BODY), self._unswap(_LEGS), self._unswap(_ARMS), self._interpolate_outliers()]
        mended: list[Mended] = []
        for sweep in sweeps:
            mended += sweep
            progress(len(self._frame) / len(sweeps))
        if mended:
            self._follow()
        return mended

    def _unswap(self, part: _Part) -> Iterator[Mended]:
        left, right = _pairs(self._skeleton, part.judged)
        pixels, scores = self.pixels[self._looks], self.scores[self._looks]
        across = (pixels[:, left] - pixels[:, right]) / self._size
        weights = np.minimum(scores[:, left], scores[:, right])
        one, other = _pairs(self._skeleton, None if part.more is None else (*part.judged, *part.more))
        runs = swapped_runs(across, weights, self._seconds[self._looks], facing=part is _BODY)
        for first, last in runs:
            rows = self._looks[first : last + 1, None]
            for values in (self.pixels, self.scores):
                values[rows, one + other] = values[rows, other + one]
            self._changed[rows, one + other] = True
            yield int(self._frame[rows[0, 0]]), int(self._frame[rows[-1, 0]]), part.name, "swapped"

    def _interpolate_outliers(self) -> Iterator[Mended]:
        at = self._looks
        found = outliers(JointLooks(self.pixels[at] / self._size, self.scores[at], self._seconds[at]))
        for joint in np.flatnonzero(found.any(axis=0)):
            wrong, known = at[found[:, joint]], at[~found[:, joint] & (self.scores[at, joint] > 0)]
            curve = natural_spline(self._seconds[wrong], self._seconds[known], self.pixels[known, joint])
            self.pixels[wrong, joint] = curve
            self.scores[wrong, joint] = np.minimum(self.scores[wrong, joint], _GUESSED)
            self._changed[wrong, joint] = True
            edges = np.flatnonzero(np.diff(found[:, joint], prepend=False, append=False))
            for first, after in zip(edges[::2], edges[1::2], strict=True):
                name = self._skeleton.joints[joint]
                yield int(self._frame[at[first]]), int(self._frame[at[after - 1]]), name, "outlier"

    def _follow(self) -> None:
        """Let the frames between looks follow the joints that were mended, near to where they were."""
        at = self._looks
        between = np.setdiff1d(np.arange(len(self._frame)), at)
        place = np.searchsorted(at, between)
        for joint in np.flatnonzero(self._changed.any(axis=0)):
            known = at[self.scores[at, joint] > 0]
            near = maximum_filter1d(self._changed[at, joint], 2 * _BEND_LOOKS + 1)
            rows = between[near[place] | near[place - 1]]
            rows = rows[(rows > known[0]) & (rows < known[-1])]
            if len(rows):
                self.pixels[rows, joint] = natural_spline(
                    self._seconds[rows], self._seconds[known], self.pixels[known, joint]
                )
                self.scores[rows, joint] = interpolate(
                    self._seconds[rows], self._seconds[at], self.scores[at, joint, None]
                )[:, 0]


def _pairs(skeleton: Skeleton, joints: tuple[str, ...] | None) -> tuple[list[int], list[int]]:
    """Positions of the left and the right ones of these joints that the skeleton has; None means of all."""
    left = [
        name
        for name in skeleton.joints
        if skeleton.side(skeleton.index(name)) == "left" and (joints is None or name.removeprefix("left_") in joints)
    ]
    return skeleton.indices(*left), skeleton.indices(*map(mirror_name, left))
