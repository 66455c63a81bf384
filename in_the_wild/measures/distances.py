"""How far two results' joints are apart: motion capture, another program's joints, or another run of this one.

Poses are compared at the times of the first, on the joints that both skeletons have, relative to the middle of the
hips. It knows nothing about means and protocols.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses

_HIPS = ("left_hip", "right_hip")
_FEWEST = 3  # joints and more, so that a pose can be turned onto another
_SAME_TIME = 0.5  # of a step between frames: what is further apart in time is not compared


@dataclass(frozen=True)
class Pairs:
    """One person's joints in two results at the same times, relative to the middle of the hips.

    Attributes:
        joints: Those that both have, K.
        rows: (N,) of the first result's, those that are compared.
        others: (N,) of the other's, at the same times.
        ours: (N, K, 3) metres.
        theirs: (N, K, 3) metres; in axes of their own where the spaces differ.
    """

    joints: tuple[str, ...]
    rows: np.ndarray = field(repr=False)
    others: np.ndarray = field(repr=False)
    ours: np.ndarray = field(repr=False)
    theirs: np.ndarray = field(repr=False)

    @property
    def distances(self) -> np.ndarray:
        """(N, K) metres."""
        apart: np.ndarray = np.linalg.norm(self.ours - self.theirs, axis=-1)
        return apart


def paired(ours: Poses, theirs: Poses, *, every: bool = False) -> Pairs:
    """Bring two results of one person together.

    Args:
        ours: Rows of one person by rising frame.
        theirs: The same of the other.
        every: Compare every frame of the result of the higher rate, those between the other's frames with the nearest
            of these, instead of those alone that are nearly of the same time.

    Raises:
        InputError: keypoints in the picture, too few joints that both have, or no time at which both are.
    """
    for one in (ours, theirs):
        if one.space == "image":
            raise InputError(f"3D poses were expected, found keypoints in the picture of {one.video.path}; lift them.")
    joints = tuple(joint for joint in ours.joints if joint in theirs.joints)
    if len(joints) < _FEWEST or not set(_HIPS) <= set(joints):
        raise InputError(
            f"Hips and another joint that both have were expected, found {', '.join(joints) or 'none'}; the skeletons "
            f"are {ours.skeleton.name} and {theirs.skeleton.name}."
        )
    rates = ours.video.fps, theirs.video.fps
    mine, other = _same_times(ours, theirs, within=_SAME_TIME / (min(rates) if every else max(rates)))
    return Pairs(joints, mine, other, from_hips(ours, mine, joints), from_hips(theirs, other, joints))


def _same_times(ours: Poses, theirs: Poses, *, within: float) -> tuple[np.ndarray, np.ndarray]:
    """Rows of both (N,), (N,) that are of the same time but for so many seconds."""
    if not (len(ours) and len(theirs)):
        raise InputError("People to compare were expected in both results, found nobody in one of them.")
    after = np.clip(np.searchsorted(theirs.seconds, ours.seconds), 1, max(len(theirs) - 1, 1))
    before, after = after - 1, np.minimum(after, len(theirs) - 1)
    closer = ours.seconds - theirs.seconds[before] <= theirs.seconds[after] - ours.seconds
    nearest = np.where(closer, before, after)
    apart = np.abs(theirs.seconds[nearest] - ours.seconds)
    mine = np.flatnonzero(apart <= within + 1e-6)
    if not len(mine):
        spans = " and ".join(f"{one.seconds[0]:.2f} to {one.seconds[-1]:.2f} seconds" for one in (ours, theirs))
        raise InputError(f"A time at which both people are was expected, found {spans}.")
    return mine, nearest[mine]


def from_hips(poses: Poses, rows: np.ndarray, joints: Sequence[str]) -> np.ndarray:
    """Joints of some rows, (N, K, 3) metres relative to the middle of the hips."""
    return poses.keypoints[rows][:, poses.skeleton.indices(*joints)] - middle_of_hips(poses, rows)


def middle_of_hips(poses: Poses, rows: np.ndarray) -> np.ndarray:
    """Where the middle of the hips is in some rows, (N, 1, 3) metres, float64."""
    hips = poses.keypoints[rows][:, poses.skeleton.indices(*_HIPS)].astype(np.float64)
    return hips.mean(axis=1, keepdims=True)
