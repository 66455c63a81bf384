"""How far a result is from the truth in each frame, and the truth brought to where the result stands.

Poses are compared at the same times, on the joints that both skeletons have, relative to the middle of the hips. Where
the axes of the two differ, as those of motion capture do, one turn for the whole clip brings them together.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.measures.distances import from_hips, middle_of_hips, paired
from in_the_wild.poses import Poses


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
        InputError: somebody is nowhere, too few joints that both have, or no time at which both are.
    """
    ours, theirs, drawn = (one.seen_longest() for one in (poses, truth, world))
    pairs = paired(ours, theirs, every=True)
    shown = from_hips(drawn, pairs.rows, pairs.joints)
    turn = np.eye(3) if ours.space == theirs.space else _turn(pairs.ours, pairs.theirs)
    frames = ours.frame[pairs.rows]
    errors = np.full(poses.video.frames, np.nan)
    errors[frames] = 1000 * np.linalg.norm(pairs.ours - pairs.theirs @ turn.T, axis=-1).mean(axis=1)
    every = from_hips(theirs, pairs.others, theirs.joints) @ (_turn(shown, pairs.ours) @ turn).T
    brought = Poses(
        every + middle_of_hips(drawn, pairs.rows), theirs.scores[pairs.others], frames, np.full(len(frames), -1),
        theirs.skeleton, "world", world.video,
    )  # fmt: skip
    return errors, brought


def _turn(to: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The rotation (3, 3) that brings points (N, K, 3) nearest to others."""
    turn: np.ndarray = Rotation.align_vectors(to.reshape(-1, 3), points.reshape(-1, 3))[0].as_matrix()
    return turn
