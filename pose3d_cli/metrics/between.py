"""How far two results are apart: motion capture, another program's joints, or another run of this one.

Which joints are compared, and when, is told by `in_the_wild.measures.distances`. It knows nothing about files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from in_the_wild.measures.distances import paired
from in_the_wild.poses import Poses
from pose3d_cli.metrics.joints3d import acceleration_error, align_similarity, mpjpe, n_mpjpe, p_mpjpe


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
    pairs = paired(ours, theirs)
    joints, mine, a, b = pairs.joints, pairs.rows, pairs.ours, pairs.theirs
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
        each=1000 * pairs.distances.mean(axis=0),
    )
