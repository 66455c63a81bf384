"""Joints whose bones keep their lengths, worked out without rotations: what a fitted figure is compared with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.rig import BONES, PARENTS, RiggedMotion, forward_kinematics
from in_the_wild.skeletons import HUMAN36M17, mirror_name

_BONES = tuple((p, j) for j, p in zip(HUMAN36M17.joints, HUMAN36M17.parents, strict=True) if p is not None)


def constant_bones(joints: np.ndarray) -> np.ndarray:
    """(T, 17, 3) with every bone as long as its median over the clip and both sides, each pointing where it did.

    The pelvis is the middle of the hips.
    """
    at = {joint: joints[:, j] for j, joint in enumerate(HUMAN36M17.joints)}
    at["pelvis"] = (at["left_hip"] + at["right_hip"]) / 2
    moved = {"pelvis": at["pelvis"]}
    left = list(_BONES)
    while left:
        parent, joint = left.pop(0)
        if parent not in moved:
            left.append((parent, joint))
            continue
        pair = {(parent, joint), (mirror_name(parent), mirror_name(joint))}
        length = np.median([np.linalg.norm(at[end] - at[start], axis=1) for start, end in sorted(pair)])
        way = at[joint] - at[parent]
        moved[joint] = moved[parent] + length * way / np.linalg.norm(way, axis=1, keepdims=True)
    return np.stack([moved[joint] for joint in HUMAN36M17.joints], axis=1)


def joints_of(motion: RiggedMotion) -> np.ndarray:
    """The joints (T, 17, 3) of Human3.6M in a figure."""
    starts, ends = forward_kinematics(motion)
    places: Mapping[str, np.ndarray] = {bone.end: ends[:, b] for b, bone in enumerate(BONES)}
    places = {**places, **{bone.start: starts[:, b] for b, bone in enumerate(BONES)}}
    return np.stack([places[joint] for joint in HUMAN36M17.joints], axis=1)


def sharpest_turns(rotations: np.ndarray) -> np.ndarray:
    """(T - 2,) degrees: the largest second difference of any bone's turn in the world.

    Args:
        rotations: (T, B, 3, 3) from bones to the world.
    """
    steps = rotations[1:] @ np.swapaxes(rotations[:-1], -1, -2)
    return _largest_second_difference(_rotation_vectors(steps))


def sharpest_directions(joints: np.ndarray) -> np.ndarray:
    """(T - 2,) degrees: the same of the directions between joints (T, 17, 3), which rotations must have at least."""
    index = HUMAN36M17.index
    ways = np.stack([joints[:, index(joint)] - joints[:, index(parent)] for parent, joint in _BONES], axis=1)
    ways /= np.linalg.norm(ways, axis=-1, keepdims=True)
    axis = np.cross(ways[:-1], ways[1:])
    sine = np.linalg.norm(axis, axis=-1, keepdims=True)
    angle = np.arctan2(sine, (ways[:-1] * ways[1:]).sum(axis=-1, keepdims=True))
    return _largest_second_difference(axis / np.maximum(sine, 1e-12) * angle)


def world_rotations(motion: RiggedMotion) -> np.ndarray:
    """(T, B, 3, 3) from each bone at rest to the world."""
    turned: list[np.ndarray] = []
    for b, parent in enumerate(PARENTS):
        own = Rotation.from_quat(motion.rotations[:, b]).as_matrix()
        turned.append(own if parent < 0 else turned[parent] @ own)
    return np.stack(turned, axis=1)


def _rotation_vectors(matrices: np.ndarray) -> np.ndarray:
    return Rotation.from_matrix(matrices.reshape(-1, 3, 3)).as_rotvec().reshape(*matrices.shape[:-2], 3)


def _largest_second_difference(steps: np.ndarray) -> np.ndarray:
    return np.degrees(np.linalg.norm(np.diff(steps, axis=0), axis=-1).max(axis=1))
