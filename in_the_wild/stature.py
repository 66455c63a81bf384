"""Stature: how tall people are by their bones.

It knows nothing about files and refiners.
"""

from __future__ import annotations

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.skeletons import Skeleton

# By how much people are taller than their bones from ankle to hip and pelvis to head, as ankles are above the soles:
# the median of motion capture.
_TALLER = 1.03
_TOPS = ("head_top", "head")


def stature(joints: np.ndarray, skeleton: Skeleton) -> float:
    """Metres from the soles to the top of the head of somebody who stands straight, by the bones.

    Args:
        joints: (T, J, 3) metres, whatever the pose.
        skeleton: With a head, hips, knees and ankles.

    Raises:
        InputError: joints without these.
    """
    top = next((joint for joint in _TOPS if joint in skeleton.joints), "")
    legs = [[f"{side}_{joint}" for joint in ("hip", "knee", "ankle")] for side in ("left", "right")]
    missing = {joint for leg in legs for joint in leg} - set(skeleton.joints)
    if missing or not top:
        lacks = ", ".join(sorted(missing)) or "a head"
        raise InputError(
            f"How tall somebody is, is told by head, hips, knees and ankles; {skeleton.name} lacks {lacks}."
        )
    trunk = [top]
    while (above := skeleton.parent_indices[skeleton.index(trunk[-1])]) >= 0:
        trunk.append(skeleton.joints[above])
    leg = sum(_length(joints, skeleton, one) for one in legs) / 2
    return _TALLER * (_length(joints, skeleton, trunk) + leg)


def _length(joints: np.ndarray, skeleton: Skeleton, chain: list[str]) -> float:
    """Metres along the bones from joint to joint, each its median over the frames."""
    bones = np.diff(joints[:, skeleton.indices(*chain)], axis=1)
    return float(np.median(np.linalg.norm(bones, axis=2), axis=0).sum())
