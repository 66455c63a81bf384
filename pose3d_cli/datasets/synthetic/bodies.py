"""How bodies and motions of motion capture are varied: other halves, swung and bent limbs, seats, other proportions.

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
        shoulders: How much wider shoulders are, and the spread of that: detectors put them closer together.
        mixed: Share of windows whose upper body comes from another sequence.
        speed: Slowest and fastest playback.
        swung: Share of windows in which limbs are swung away from where the sequence has them.
        swing: Spread in degrees of that swing for an arm, a leg, and the trunk.
        bent: Share of windows in which elbows and knees are bent more, or less, than in the sequences.
        bend: Spread in degrees of that for an elbow and a knee.
        seated: Share of windows whose legs are those of somebody who sits or kneels.
    """

    size: float = 0.04
    bone: float = 0.05
    hips: tuple[float, float] = (1.0, 0.0)
    shoulders: tuple[float, float] = (1.0, 0.0)
    mixed: float = 0.3
    speed: tuple[float, float] = (0.75, 1.35)
    swung: float = 0.0
    swing: tuple[float, float, float] = (45.0, 25.0, 15.0)
    bent: float = 0.0
    bend: tuple[float, float] = (40.0, 25.0)
    seated: float = 0.0


# The joints above the pelvis, which a graft moves together.
_UPPER = BODY22.indices(
    "spine", "thorax", "neck", "head",
    "left_shoulder", "left_elbow", "left_wrist", "right_shoulder", "right_elbow", "right_wrist",
    "nose", "left_eye", "right_eye", "left_ear", "right_ear",
)  # fmt: skip
# How upright (cosine) bodies must be for a graft, or for sitting, to be a possible pose.
_UPRIGHT = 0.75


def graft_upper_body(*, legs: np.ndarray, upper: np.ndarray) -> np.ndarray:
    """The upper bodies of some windows on the legs of others, turned about the vertical to match the hips.

    Windows where either body is not upright throughout keep their own. Shapes (B, T, 22, 3), z up.
    """
    pelvis = BODY22.index("pelvis")
    right, left = BODY22.index("right_hip"), BODY22.index("left_hip")

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
    return np.where((_is_upright(legs) & _is_upright(upper))[:, None, None, None], grafted, legs)


def _is_upright(joints: np.ndarray) -> np.ndarray:
    """(B,) whether the trunk is upright throughout a window."""
    trunk = joints[:, :, BODY22.index("thorax")] - joints[:, :, BODY22.index("pelvis")]
    found: np.ndarray = (trunk[..., 2] / np.linalg.norm(trunk, axis=-1)).min(axis=1) > _UPRIGHT
    return found


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


# What bends: root, joint, end, and which spread is its.
_HINGES = tuple(
    (*BODY22.indices(f"{side}_{root}", f"{side}_{joint}", f"{side}_{end}"), kind)
    for side in ("left", "right")
    for root, joint, end, kind in (("shoulder", "elbow", "wrist", 0), ("hip", "knee", "ankle", 1))
)
# Degrees: the most that an elbow or a knee bends; below the second, the axis of a straight limb is too uncertain to
# bend it about, and from the third on it is not.
_MOST_BENT, _STRAIGHT, _BENT = 150.0, 8.0, 20.0


def bend_limbs(joints: np.ndarray, spread: tuple[float, float], rng: np.random.Generator) -> np.ndarray:
    """Bend elbows and knees more, or less, each with a chance of one half, about the axes that they bend about.

    Those that are straight anywhere in a window stay as they are.

    Args:
        joints: (B, T, 22, 3) metres.
        spread: Degrees, for elbows and knees.
        rng: Where chance comes from.
    """
    out = joints.copy()
    for root, joint, end, kind in _HINGES:
        upper, lower = out[:, :, joint] - out[:, :, root], out[:, :, end] - out[:, :, joint]
        axis = np.cross(upper, lower)  # (B, T, 3)
        sine = np.linalg.norm(axis, axis=-1)
        angle = np.degrees(np.arctan2(sine, (upper * lower).sum(axis=-1)))  # (B, T), 0 where straight
        certain = np.clip((angle.min(axis=1) - _STRAIGHT) / (_BENT - _STRAIGHT), 0, 1)
        more = rng.normal(0, spread[kind], len(out)) * rng.integers(0, 2, len(out)) * certain
        turn = np.radians(np.clip(angle + more[:, None], np.minimum(angle, _STRAIGHT), _MOST_BENT) - angle)[..., None]
        across = np.cross(axis / np.maximum(sine, 1e-9)[..., None], lower)
        out[:, :, end] = out[:, :, joint] + lower * np.cos(turn) + across * np.sin(turn)
    return out


# Ways to sit: how far the thigh is raised from level and the shin swung forward from hanging down, degrees, and how
# often: on a chair, on the heels, on the floor with legs ahead, kneeling upright.
_SEATS = np.array([(0.0, 0.0), (-15.0, -95.0), (0.0, 75.0), (-82.0, -88.0)])
_SEATS_OFTEN = (0.64, 0.12, 0.12, 0.12)
# Spreads about them, and of a thigh turned outwards.
_SEAT_SPREAD, _SPLAY = (14.0, 16.0), (8.0, 14.0)
# How often a leg does something else than the other.
_UNLIKE = 0.2


def seat(joints: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Give upright bodies the legs of people who sit or kneel; others keep theirs.

    Args:
        joints: (B, T, 22, 3) metres, z up; where the floor is does not count.
        rng: Where chance comes from.
    """
    size = len(joints)
    out = joints.copy()
    left = out[:, :, BODY22.index("left_hip")] - out[:, :, BODY22.index("right_hip")]
    left[..., 2] = 0
    left /= np.maximum(np.linalg.norm(left, axis=-1, keepdims=True), 1e-9)
    up = np.array([0.0, 0.0, 1.0])
    ahead = np.cross(left, up)
    way = rng.choice(len(_SEATS), size, p=_SEATS_OFTEN)
    for side, outwards in (("left", left), ("right", -left)):
        other = rng.choice(len(_SEATS), size, p=_SEATS_OFTEN)
        means = _SEATS[np.where(rng.random(size) < _UNLIKE, other, way)]  # (B, 2)
        raised, swung = np.radians(means + rng.normal(0, _SEAT_SPREAD, (size, 2))).T[..., None, None]
        splayed = np.radians(rng.normal(*_SPLAY, size))[:, None, None]
        level = ahead * np.cos(splayed) + outwards * np.sin(splayed)
        hip, knee, ankle = BODY22.indices(f"{side}_hip", f"{side}_knee", f"{side}_ankle")
        thigh, shin = (
            np.linalg.norm(joints[:, :, b] - joints[:, :, a], axis=-1, keepdims=True)
            for a, b in ((hip, knee), (knee, ankle))
        )
        out[:, :, knee] = out[:, :, hip] + thigh * (level * np.cos(raised) + up * np.sin(raised))
        out[:, :, ankle] = out[:, :, knee] + shin * (level * np.sin(swung) - up * np.cos(swung))
    return np.where(_is_upright(joints)[:, None, None, None], out, joints)


def bone_scales(size: int, bodies: Bodies, rng: np.random.Generator) -> np.ndarray:
    """Random length factors (B, 22), one per joint for the bone that ends in it; left and right bones share one."""
    scales = np.exp(rng.normal(0, bodies.bone, (size, len(BODY22))))
    wider, spread = bodies.hips
    scales[:, BODY22.indices("left_hip", "right_hip")] *= wider * np.exp(rng.normal(0, spread, (size, 1)))
    wider, spread = bodies.shoulders
    if spread:
        scales[:, BODY22.indices("left_shoulder", "right_shoulder")] *= wider * np.exp(rng.normal(0, spread, (size, 1)))
    for joint, name in enumerate(BODY22.joints):
        twin = BODY22.index(mirror_name(name))
        scales[:, max(joint, twin)] = scales[:, min(joint, twin)]
    return scales * np.exp(rng.normal(0, bodies.size, (size, 1)))
