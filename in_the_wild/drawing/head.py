"""Where a head is, which way is up in it, and where it looks, from the joints that a skeleton has of it.

It knows nothing about how heads are drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from in_the_wild.skeletons import Skeleton

_NOSE_HEIGHT = 0.5  # share of the way from Human3.6M's neck, which lies at the nose, to its head, to a head's middle
_ABOVE_NECK = 0.65  # share of the way from the neck to the top of a head
_LEAST = 1e-3  # metres: a direction from less is none


@dataclass(frozen=True)
class Heads:
    """Heads of P people.

    Attributes:
        centre: (P, 3) metres.
        neck: (P, 3) metres, where the neck begins.
        up: (P, 3) unit vectors, from the neck to the crown.
        face: (P, 3) unit vectors at right angles to `up`; zero where nothing tells.
    """

    centre: np.ndarray
    neck: np.ndarray
    up: np.ndarray
    face: np.ndarray


def heads_of(points: np.ndarray, skeleton: Skeleton) -> Heads | None:
    """The heads of people; None for a skeleton that has no joints of one.

    Args:
        points: (P, J, 3) metres.
        skeleton: Which joints these are.
    """
    joints = {joint: points[:, j] for j, joint in enumerate(skeleton.joints)}
    shoulders = _middle(joints, "shoulder")
    neck = joints.get("thorax", joints.get("neck", shoulders))
    if neck is None:
        return None
    ears, nose, chest = _middle(joints, "ear"), joints.get("nose"), chest_forward(points, skeleton)
    if ears is not None and nose is not None:
        centre, ahead = ears, nose - ears
    elif {"thorax", "neck", "head"} <= joints.keys():
        # The neck lies before the line from the thorax to the crown.
        axis = _unit(joints["head"] - neck)
        ahead = _across(joints["neck"] - neck, axis)
        centre = joints["neck"] + _NOSE_HEIGHT * (joints["head"] - joints["neck"]) - (1 - _NOSE_HEIGHT) * ahead
    elif {"head", "head_top"} <= joints.keys():
        centre, ahead = joints["head"], chest
    else:
        top = next((joints[name] for name in ("head_top", "head", "face") if name in joints), None)
        if top is None:
            return None
        centre, ahead = neck + _ABOVE_NECK * (top - neck), chest
    up = _unit(centre - neck)
    return Heads(centre, neck, up, _unit(_across(ahead, up)))


def chest_forward(points: np.ndarray, skeleton: Skeleton) -> np.ndarray:
    """Where chests (P, J, 3) point, (P, 3): at right angles to the line of the shoulders and to that of the back."""
    joints = {joint: points[:, j] for j, joint in enumerate(skeleton.joints)}
    shoulders = _middle(joints, "shoulder")
    hips = joints.get("pelvis", _middle(joints, "hip"))
    if shoulders is None or hips is None:
        return np.zeros((len(points), 3))
    return _unit(np.cross(joints["left_shoulder"] - joints["right_shoulder"], shoulders - hips))


def _middle(joints: dict[str, np.ndarray], joint: str) -> np.ndarray | None:
    """Between a joint of the left and that of the right."""
    left, right = joints.get(f"left_{joint}"), joints.get(f"right_{joint}")
    return None if left is None or right is None else (left + right) / 2


def _across(vectors: np.ndarray, axis: np.ndarray) -> np.ndarray:
    """What is at right angles to an axis (P, 3) of vectors (P, 3)."""
    across: np.ndarray = vectors - (vectors * axis).sum(axis=-1, keepdims=True) * axis
    return across


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.where(length > _LEAST, vectors / np.maximum(length, _LEAST), 0.0)
