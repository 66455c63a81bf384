"""Balance: people stay over their feet, and so tell where up is.

Nobody falls for long: over a while the centre of mass is above the middle of the feet, whatever trunk and arms do. The
trunk alone is a worse plumb line, as dancers and those who bend down show.

    de Leva, "Adjustments to Zatsiorsky-Seluyanov's segment inertia parameters", Journal of Biomechanics 29, 1996

It knows nothing about cameras: joints are in any space whose units are metres.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from in_the_wild.skeletons import Skeleton

# Segments between two joints: where along them their mass is, and its share of the body's (de Leva, mean of men and
# women; feet are with the shanks, hands with the forearms).
_LIMBS = (
    ("hip", "knee", 0.39, 0.145),
    ("knee", "ankle", 0.50, 0.058),
    ("shoulder", "elbow", 0.57, 0.026),
    ("elbow", "wrist", 0.58, 0.021),
)
_TRUNK, _TRUNK_AT = 0.43, 0.50  # share of the mass, and how far up from hips to shoulders
_HEAD, _HEAD_AT = 0.07, 0.25  # likewise, and how far beyond the shoulders, in lengths of the trunk
# Metres by which people stand before their ankles: about half of a foot.
_BEFORE_ANKLES = 0.06
# Standard deviation, seconds, of the while over which people balance; what share of the lean is put right; the lean,
# radians, from which somebody does not stand.
_WHILE_S, _SHARE, _FARTHEST = 1.0, 0.5, np.radians(35)
_SHORTEST = 1e-6  # metres
_JOINTS = tuple(f"{side}_{joint}" for joint in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")
                for side in ("left", "right"))  # fmt: skip


def can_tell(skeleton: Skeleton) -> bool:
    """Whether a skeleton has the joints that balance is told by."""
    return set(_JOINTS) <= set(skeleton.joints)


def centre_of_mass(joints: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """(T, 3) of joints (T, J, 3), metres."""
    hips, shoulders = (_middle(joints, skeleton, joint) for joint in ("hip", "shoulder"))
    total = _TRUNK * (hips + _TRUNK_AT * (shoulders - hips)) + _HEAD * (shoulders + _HEAD_AT * (shoulders - hips))
    mass = _TRUNK + _HEAD
    for upper, lower, along, share in _LIMBS:
        for side in ("left", "right"):
            a, b = (joints[:, skeleton.index(f"{side}_{joint}")] for joint in (upper, lower))
            total = total + share * (a + along * (b - a))
            mass += share
    centre: np.ndarray = total / mass
    return centre


def plumb_lines(joints: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """(T, 3) from the middle of the feet to the centre of mass, which over a while points up, metres.

    Args:
        joints: (T, J, 3) metres.
        skeleton: See `can_tell`.
    """
    upwards = centre_of_mass(joints, skeleton) - _middle(joints, skeleton, "ankle")
    across = joints[:, skeleton.index("right_hip")] - joints[:, skeleton.index("left_hip")]
    forward = np.cross(upwards, across)
    length = np.linalg.norm(forward, axis=1, keepdims=True)
    return upwards - _BEFORE_ANKLES * forward / np.maximum(length, 1e-9)


def _middle(joints: np.ndarray, skeleton: Skeleton, joint: str) -> np.ndarray:
    """(T, 3) between the left and the right of a pair of joints."""
    pair: np.ndarray = joints[:, skeleton.indices(f"left_{joint}", f"right_{joint}")].mean(axis=1)
    return pair


def uprighted(joints: np.ndarray, skeleton: Skeleton, up: np.ndarray, *, step: float) -> np.ndarray:
    """Bodies turned about their root halfway to where they balance, second by second.

    How far a body leans towards a camera or away is what is told worst of it. Halfway is best: turned all the way,
    clips of known truth were as far off as before, to the other side.

    Args:
        joints: (T, J, 3) metres, relative to the root or not.
        skeleton: See `can_tell`.
        up: (3,) unit direction.
        step: Seconds that a frame usually lasts.
    """
    lines = gaussian_filter1d(plumb_lines(joints, skeleton), _WHILE_S / step, axis=0, mode="nearest")
    length = np.linalg.norm(lines, axis=1, keepdims=True)
    lines = np.where(length > _SHORTEST, lines / np.maximum(length, _SHORTEST), up)
    axis = np.cross(lines, up)
    sine = np.linalg.norm(axis, axis=1)
    angle = np.arctan2(sine, lines @ up)
    # Who lies, or hangs by the hands, does not balance.
    angle = np.where(angle < _FARTHEST, angle, 0)
    turns = Rotation.from_rotvec(axis * (_SHARE * angle / np.maximum(sine, _SHORTEST))[:, None]).as_matrix()
    root = joints[:, [skeleton.root]]
    turned: np.ndarray = np.einsum("tij,tkj->tki", turns, joints - root) + root
    return turned
