"""Whether people stand upright in a video, or the video lies on its side and nothing in it says so.

It knows nothing about videos: what counts is where shoulders are from hips.
"""

from __future__ import annotations

import numpy as np

from in_the_wild.poses import Poses

_TRUNK = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
_SURE = 0.3  # score from which a joint counts
_FEWEST = 10  # rows that tell anything: some do sports on the floor, for a moment
_HARDLY = 0.1  # share of upright rows below which nobody stands
_MOST = 0.7  # share of the rows that point to one side


def wanted_turn(poses: Poses) -> int:
    """Degrees counter-clockwise by which pictures have to be turned for most people in them to stand: 0 if they do.

    It is 0 too where heads point to no side in particular.

    Args:
        poses: Keypoints in the picture.
    """
    trunk = list(poses.skeleton.indices(*_TRUNK))
    sure = (poses.scores[:, trunk] >= _SURE).all(axis=1)
    points = poses.keypoints[sure][:, trunk]  # (N, 4, 2)
    if len(points) < _FEWEST:
        return 0
    x, y = (points[:, :2].mean(axis=1) - points[:, 2:].mean(axis=1)).T
    # How far a head is turned clockwise from the top of the picture, in quarters of a turn.
    quarters = np.rint(np.degrees(np.arctan2(x, -y)) / 90).astype(int) % 4
    shares = np.bincount(quarters, minlength=4) / len(quarters)
    side = int(shares[1:].argmax()) + 1
    return 90 * side if shares[0] < _HARDLY and shares[side] >= _MOST else 0
