"""How far a result is from the truth in each frame, and the truth brought to where the result stands.

Poses are compared at the same times, on the joints that both skeletons have, relative to the middle of the hips. Where
the axes of the two differ, as those of motion capture do, one turn for the whole clip brings them together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses

_HIPS = ("left_hip", "right_hip")
_FEWEST = 3  # joints and more, so that a pose can be turned onto another
_SAME_TIME = 0.5  # of the longer step between frames: times that are further apart are not compared


def deviation(poses: Poses, truth: Poses, *, world: Poses) -> tuple[np.ndarray, Poses]:
    """Compare the person who is in most frames of each.

    Args:
        poses: A result in camera or world space.
        truth: 3D poses in any space.
        world: The result as it is drawn, in world space.

    Returns:
        (T,) millimetres in each frame of the result's video, the mean over joints, NaN where either has nobody; and
        the truth's poses at the drawn result's hips, in its frames.

    Raises:
        InputError: too few joints that both have, or no time at which both have somebody.
    """
    ours, theirs, drawn = _longest(poses), _longest(truth), _longest(world)
    joints = [joint for joint in ours.joints if joint in theirs.joints]
    if len(joints) < _FEWEST or not set(_HIPS) <= set(joints):
        raise InputError(
            f"Hips and another joint that result and truth have were expected, found {', '.join(joints) or 'none'}; "
            f"the skeletons are {ours.skeleton.name} and {theirs.skeleton.name}."
        )
    mine, other = _same_times(ours, theirs)
    given, _ = _from_hips(ours, mine, joints)
    shown, hips = _from_hips(drawn, mine, joints)
    true, _ = _from_hips(theirs, other, joints)
    turn = np.eye(3) if ours.space == theirs.space else _turn(given, true)
    errors = np.full(poses.video.frames, np.nan)
    errors[ours.frame[mine]] = 1000 * np.linalg.norm(given - true @ turn.T, axis=-1).mean(axis=1)
    every, _ = _from_hips(theirs, other, theirs.joints)
    brought = Poses(
        every @ (_turn(shown, given) @ turn).T + hips, theirs.scores[other], ours.frame[mine], np.full(len(mine), -1),
        theirs.skeleton, "world", world.video,
    )  # fmt: skip
    return errors, brought


def _turn(to: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The rotation (3, 3) that brings points (N, K, 3) nearest to others."""
    turn: np.ndarray = Rotation.align_vectors(to.reshape(-1, 3), points.reshape(-1, 3))[0].as_matrix()
    return turn


def _longest(poses: Poses) -> Poses:
    """The person who is in most frames, by rising frame."""
    if not poses.persons:
        raise InputError(f"Somebody to compare was expected in {poses.video.path}, found nobody with an id.")
    person = poses.of_person(max(poses.persons, key=lambda one: int((poses.person_id == one).sum())))
    return person.rows(np.argsort(person.frame, kind="stable"))


def _same_times(ours: Poses, theirs: Poses) -> tuple[np.ndarray, np.ndarray]:
    """Rows of both, (N,) and (N,), that are of the same time."""
    after = np.clip(np.searchsorted(theirs.seconds, ours.seconds), 1, max(len(theirs) - 1, 1))
    before, after = after - 1, np.minimum(after, len(theirs) - 1)
    closer = ours.seconds - theirs.seconds[before] <= theirs.seconds[after] - ours.seconds
    nearest = np.where(closer, before, after)
    apart = np.abs(theirs.seconds[nearest] - ours.seconds)
    mine = np.flatnonzero(apart <= _SAME_TIME / min(ours.video.fps, theirs.video.fps) + 1e-6)
    if not len(mine):
        raise InputError(f"Truth at the times of {ours.video.path} was expected, found none; give that of this clip.")
    return mine, nearest[mine]


def _from_hips(poses: Poses, rows: np.ndarray, joints: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Joints (N, K, 3) in metres relative to the middle of the hips, and that, (N, 1, 3)."""
    places = poses.keypoints[rows].astype(np.float64)
    hips = places[:, poses.skeleton.indices(*_HIPS)].mean(axis=1, keepdims=True)
    return places[:, poses.skeleton.indices(*joints)] - hips, hips
