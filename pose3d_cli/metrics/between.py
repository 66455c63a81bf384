"""How far two results are apart: motion capture, another program's joints, or another run of this one.

Poses are compared at the times of the first, on the joints that both skeletons have, relative to the middle of the
hips.

It knows nothing about files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses
from pose3d_cli.metrics.joints3d import acceleration_error, align_similarity, mpjpe, n_mpjpe, p_mpjpe

_HIPS = ("left_hip", "right_hip")
_FEWEST = 3  # joints and more, so that a pose can be turned onto another
# Frames of the other result that are further from a frame of the first than this share of its step are not compared.
_SAME_TIME = 0.5


@dataclass(frozen=True)
class Difference:
    """What two people's joints differ by, meant over the frames in which both are.

    Attributes:
        joints: Those that were compared, K.
        frames: How many were.
        mpjpe: Millimetres; NaN where the two are in different spaces, whose axes differ.
        n_mpjpe: The same after the best scale of each frame.
        p_mpjpe: Millimetres after the best scale, turn and shift of each frame.
        acceleration: Millimetres per frame squared; NaN likewise, and without three frames in a row.
        each: (K,) millimetres of each joint, after the best scale, turn and shift where the spaces differ.
    """

    joints: tuple[str, ...]
    frames: int
    mpjpe: float
    n_mpjpe: float
    p_mpjpe: float
    acceleration: float
    each: np.ndarray


def difference(ours: Poses, theirs: Poses) -> Difference:
    """Compare one person's 3D poses with another result's.

    Args:
        ours: Rows of one person by rising frame.
        theirs: The same of the other.

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
    mine, other = _same_times(ours, theirs)
    a, b = (_from_hips(one, rows, joints) for one, rows in ((ours, mine), (theirs, other)))
    aligned = float(1000 * p_mpjpe(a, b).mean())
    if ours.space != theirs.space:
        each = 1000 * np.linalg.norm(align_similarity(a, b) - b, axis=-1).mean(axis=0)
        return Difference(joints, len(mine), math.nan, math.nan, aligned, math.nan, each)
    frames = ours.frame[mine]
    runs = (np.diff(frames, n=2) == 0) & (np.diff(frames)[:-1] == 1) if len(frames) > 2 else np.zeros(0, bool)
    bent = 1000 * float(acceleration_error(a, b)[runs].mean()) if runs.any() else math.nan
    return Difference(
        joints=joints,
        frames=len(mine),
        mpjpe=float(1000 * mpjpe(a, b).mean()),
        n_mpjpe=float(1000 * n_mpjpe(a, b).mean()),
        p_mpjpe=aligned,
        acceleration=bent,
        each=1000 * np.linalg.norm(a - b, axis=-1).mean(axis=0),
    )


def _same_times(ours: Poses, theirs: Poses) -> tuple[np.ndarray, np.ndarray]:
    """Rows of both (N,), (N,) that are of the same time."""
    if not (len(ours) and len(theirs)):
        raise InputError("People to compare were expected in both results, found nobody in one of them.")
    after = np.clip(np.searchsorted(theirs.seconds, ours.seconds), 1, max(len(theirs) - 1, 1))
    before, after = after - 1, np.minimum(after, len(theirs) - 1)
    closer = ours.seconds - theirs.seconds[before] <= theirs.seconds[after] - ours.seconds
    nearest = np.where(closer, before, after)
    apart = np.abs(theirs.seconds[nearest] - ours.seconds)
    mine = np.flatnonzero(apart <= _SAME_TIME / max(ours.video.fps, theirs.video.fps) + 1e-6)
    if not len(mine):
        spans = " and ".join(f"{one.seconds[0]:.2f} to {one.seconds[-1]:.2f} seconds" for one in (ours, theirs))
        raise InputError(f"A time at which both people are was expected, found {spans}.")
    return mine, nearest[mine]


def _from_hips(poses: Poses, rows: np.ndarray, joints: tuple[str, ...]) -> np.ndarray:
    """(N, K, 3) metres relative to the middle of the hips."""
    places = poses.keypoints[rows].astype(np.float64)
    hips = places[:, poses.skeleton.indices(*_HIPS)].mean(axis=1, keepdims=True)
    return places[:, poses.skeleton.indices(*joints)] - hips
