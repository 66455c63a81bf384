"""Kinds of poses that are rare in motion capture or hard to lift, told from the true joints.

It knows nothing about what is measured of them.
"""

from __future__ import annotations

import numpy as np

from in_the_wild.skeletons import HUMAN36M17

# A pose may be of several kinds; the first are those of none of the others.
KINDS = ("upright", "hips low", "trunk bent", "arm overhead", "back turned")

# Hips are low where they stand above the lower ankle by less than this share of the leg.
_LOW = 0.75
# A trunk is bent by more than this from upright, degrees.
_BENT = 35.0
# A back is turned within this of straight away from the camera, degrees.
_TURNED = 60.0


def tell(joints: np.ndarray, up: np.ndarray) -> dict[str, np.ndarray]:
    """Which poses are of which kind.

    Args:
        joints: (T, 17, 3) of Human3.6M in camera space, metres.
        up: (3,) which way is up there.

    Returns:
        (T,) by kind.
    """

    def at(name: str) -> np.ndarray:
        return np.asarray(joints[:, HUMAN36M17.index(name)])

    def bone(a: str, b: str) -> np.ndarray:
        return np.asarray(np.linalg.norm(at(b) - at(a), axis=-1))

    height = joints @ up  # (T, 17)
    ankles = height[:, HUMAN36M17.indices("left_ankle", "right_ankle")].min(axis=1)
    wrists = height[:, HUMAN36M17.indices("left_wrist", "right_wrist")].max(axis=1)
    leg = bone("left_hip", "left_knee") + bone("left_knee", "left_ankle")
    trunk = at("thorax") - at("pelvis")
    lean = np.degrees(np.arccos(np.clip(trunk @ up / np.linalg.norm(trunk, axis=-1), -1, 1)))
    forward = np.cross(at("left_hip") - at("right_hip"), trunk)
    away = np.degrees(np.arccos(np.clip(forward[:, 2] / np.linalg.norm(forward, axis=-1), -1, 1)))
    found = {
        "hips low": height[:, HUMAN36M17.root] - ankles < _LOW * leg,
        "trunk bent": lean > _BENT,
        "arm overhead": wrists > height[:, HUMAN36M17.index("head")],
        "back turned": away < _TURNED,
    }
    return {"upright": ~np.any(list(found.values()), axis=0), **found}
