"""How bodies and motions of motion capture are varied: other halves, swung limbs, other proportions.

It knows nothing about cameras, nor about which windows of motion there are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.skeletons import mirror_name
from pose3d_cli.datasets.mocap.packs import BODY22


@dataclass(frozen=True)
class Bodies:
    """How bodies and motions are varied.

    Attributes:
        size: Spread of overall size (0.05: 5 %).
        bone: Spread of each pair of bones.
        hips: How much wider hips are than in the sequences, and the spread of that: motion capture puts hip joints
            closer together than Human3.6M or any detector does.
        mixed: Share of windows whose upper body comes from another sequence.
        speed: Slowest and fastest playback.
        swung: Share of windows in which limbs are swung away from where the sequence has them.
        swing: Spread in degrees of that swing for an arm, a leg, and the trunk.
    """

    size: float = 0.04
    bone: float = 0.05
    hips: tuple[float, float] = (1.0, 0.0)
    mixed: float = 0.3
    speed: tuple[float, float] = (0.75, 1.35)
    swung: float = 0.0
    swing: tuple[float, float, float] = (45.0, 25.0, 15.0)


# The joints above the pelvis, which a graft moves together.
_UPPER = BODY22.indices(
    "spine", "thorax", "neck", "head",
    "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
    "nose", "left_eye", "right_eye", "left_ear", "right_ear",
)  # fmt: skip
# How upright (cosine) both bodies must be for a graft to be a possible pose.
_UPRIGHT = 0.75


def graft_upper_body(*, legs: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """The upper bodies of some windows on the legs of others, turned about the vertical to match the hips.

    Windows where either body is not upright throughout keep their own. Shapes (B, T, 22, 3), z up.
    """
    pelvis, thorax = BODY22.index("pelvis"), BODY22.index("thorax")
    right, left = BODY22.index("right_hip"), BODY22.index("left_hip")

    def upright(body: np.ndarray) -> np.ndarray:
        trunk = body[:, :, thorax] - body[:, :, pelvis]
        return (trunk[..., 2] / np.linalg.norm(trunk, axis=-1)).min(axis=1) > _UPRIGHT

    def heading(body: np.ndarray) -> np.ndarray:
        across = body[:, :, left] - body[:, :, right]
        return np.arctan2(across[..., 1], across[..., 0])

    turn = heading(legs) - heading(upper)  # (B, T)
    offset = upper[:, :, _UPPER] - upper[:, :, pelvis, None]
    cos, sin = np.cos(turn)[..., None], np.sin(turn)[..., None]
    turned = np.stack(
        [offset[..., 0] * cos - offset[..., 1] * sin, offset[..., 0] * sin + offset[..., 1] * cos, offset[..., 2]],
        axis=-1,
    )
    grafted = legs.copy()
    grafted[:, :, _UPPER] = legs[:, :, pelvis, None] + turned
    return np.where((upright(legs) & upright(upper))[:, None, None, None], grafted, legs)


# What swings about which joint: arms about the shoulder, legs about the hip, everything above the pelvis about it.
_LIMBS = tuple(
    (BODY22.index(root), BODY22.indices(*moved), kind)
    for root, moved, kind in (
        ("left_shoulder", ("left_elbow", "left_wrist"), 0),
        ("right_shoulder", ("right_elbow", "right_wrist"), 0),
        ("left_hip", ("left_knee", "left_ankle"), 1),
        ("right_hip", ("right_knee", "right_ankle"), 1),
    )
)
# A swing varies within a window by this share of its size.
_SWAY = 0.3


def swing_limbs(joints: np.ndarray, spread: tuple[float, float, float], rng: np.random.Generator) -> np.ndarray:
    """Swing arms, legs and trunk by random rotations, each with a chance of one half: poses no sequence holds.

    A limb turns rigidly about its root, by a rotation that stays about the same within a window; elbows and knees bend
    as they did.

    Args:
        joints: (B, T, 22, 3) metres.
        spread: Degrees, for arms, legs and trunk.
        rng: Where chance comes from.
    """
    out = joints.copy()
    for root, moved, kind in ((BODY22.index("pelvis"), _UPPER, 2), *_LIMBS):
        turn = _swings(len(joints), joints.shape[1], np.radians(spread[kind]), rng)  # (B, T, 3, 3)
        offset = out[:, :, moved] - out[:, :, root, None]
        out[:, :, moved] = out[:, :, root, None] + offset @ turn.swapaxes(-1, -2)
    return out


def _swings(size: int, frames: int, spread: float, rng: np.random.Generator) -> np.ndarray:
    """Random rotations (B, T, 3, 3) that vary slowly; half of the windows are not turned."""
    start, end = rng.normal(0, spread, (2, size, 1, 3)) * rng.integers(0, 2, (size, 1, 1))
    share = np.linspace(-_SWAY, _SWAY, frames)[:, None]
    vectors = start + (end - start) * share
    return Rotation.from_rotvec(vectors.reshape(-1, 3)).as_matrix().reshape(size, frames, 3, 3)


def bone_scales(size: int, bodies: Bodies, rng: np.random.Generator) -> np.ndarray:
    """Random length factors (B, 22), one per joint for the bone that ends in it; left and right bones share one."""
    scales = np.exp(rng.normal(0, bodies.bone, (size, len(BODY22))))
    wider, spread = bodies.hips
    scales[:, BODY22.indices("left_hip", "right_hip")] *= wider * np.exp(rng.normal(0, spread, (size, 1)))
    for joint, name in enumerate(BODY22.joints):
        twin = BODY22.index(mirror_name(name))
        scales[:, max(joint, twin)] = scales[:, min(joint, twin)]
    return scales * np.exp(rng.normal(0, bodies.size, (size, 1)))


def rescale_bones(joints: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Change bone lengths, keeping every direction: joints (B, T, 22, 3), factors (B, 22)."""
    out = np.empty_like(joints)
    for joint, parent in enumerate(BODY22.parent_indices):
        if parent < 0:
            out[:, :, joint] = joints[:, :, joint]
            continue
        bone = joints[:, :, joint] - joints[:, :, parent]
        out[:, :, joint] = out[:, :, parent] + bone * scales[:, None, joint, None].astype(joints.dtype)
    return out
