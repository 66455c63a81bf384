"""The figure that moves in files for animation: bones, how they stand at rest, and where they are when they turn.

At rest it stands in a T-pose, spine and head as people carry them, and looks along -y, its left towards +x. All bones
are upright at rest, that is, their axes are the world's, so that a bone's rotation is what turned it away from there.

Metres, z up. It knows nothing about where motion comes from, nor about files.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from in_the_wild.directions import unit

LEFT, FORWARD, DOWN = np.array([1.0, 0, 0]), np.array([0, -1.0, 0]), np.array([0, 0, -1.0])


@dataclass(frozen=True)
class Bone:
    """A bone at rest.

    Attributes:
        name: Such as "left_thigh".
        parent: The bone that it moves with; "" for the root.
        start: The point about which it turns.
        end: The point that it leads to.
        direction: From start to end at rest.
        length: Metres, of an adult.
    """

    name: str
    parent: str
    start: str
    end: str
    direction: tuple[float, float, float]
    length: float


def _limbs(side: str) -> tuple[Bone, ...]:
    out = 1.0 if side == "left" else -1.0
    arm, leg = (out, 0.0, 0.0), (0.0, 0.0, -1.0)
    return (
        Bone(f"{side}_shoulder", "chest", "thorax", f"{side}_shoulder", (0.985 * out, 0.08, -0.155), 0.19),
        Bone(f"{side}_upper_arm", f"{side}_shoulder", f"{side}_shoulder", f"{side}_elbow", arm, 0.29),
        Bone(f"{side}_forearm", f"{side}_upper_arm", f"{side}_elbow", f"{side}_wrist", arm, 0.25),
        Bone(f"{side}_hand", f"{side}_forearm", f"{side}_wrist", f"{side}_fingertips", arm, 0.18),
        Bone(f"{side}_thigh", "hips", f"{side}_hip", f"{side}_knee", leg, 0.4),
        Bone(f"{side}_shin", f"{side}_thigh", f"{side}_knee", f"{side}_ankle", leg, 0.43),
        Bone(f"{side}_foot", f"{side}_shin", f"{side}_ankle", f"{side}_toes", (0.0, -0.95, -0.31), 0.2),
    )


# Parents first. The trunk's directions, and lengths, are medians of upright frames of CMU's recordings; hands and feet
# are of Drillis and Contini's proportions (1966).
BONES: tuple[Bone, ...] = (
    Bone("hips", "", "pelvis", "pelvis", (0.0, 0.0, 1.0), 0.0),
    Bone("spine", "hips", "pelvis", "spine", (0.0, 0.15, 0.99), 0.22),
    Bone("chest", "spine", "spine", "thorax", (0.0, -0.07, 1.0), 0.33),
    Bone("neck", "chest", "thorax", "neck", (0.0, -0.42, 0.91), 0.13),
    Bone("head", "neck", "neck", "head", (0.0, 0.19, 0.98), 0.125),
    *_limbs("left"),
    *_limbs("right"),
)
NAMES = tuple(bone.name for bone in BONES)
PARENTS = tuple(NAMES.index(bone.parent) if bone.parent else -1 for bone in BONES)
REST = {bone.name: unit(np.array(bone.direction)) for bone in BONES}
# Half the distance between an adult's hips, metres.
HALF_HIPS = 0.092


@dataclass(frozen=True)
class Rig:
    """A person's figure at rest.

    Attributes:
        offsets: (B, 3) metres from the start of each bone's parent to its own; the root's is 0.
        ends: (B, 3) metres from each bone's start to its end.
    """

    offsets: np.ndarray
    ends: np.ndarray

    @classmethod
    def of_lengths(cls, lengths: dict[str, float], half_hips: float) -> Rig:
        """The figure with bones of these lengths, metres."""
        ends = np.array([REST[bone.name] * lengths.get(bone.name, 0.0) for bone in BONES])
        offsets = np.zeros_like(ends)
        for b, (bone, parent) in enumerate(zip(BONES, PARENTS, strict=True)):
            if bone.start in ("left_hip", "right_hip"):
                offsets[b] = LEFT * (half_hips if bone.start == "left_hip" else -half_hips)
            elif parent >= 0 and bone.start == BONES[parent].end:
                offsets[b] = ends[parent]
        return cls(offsets, ends)


@dataclass(frozen=True)
class RiggedMotion:
    """A figure in motion.

    Attributes:
        rig: The figure.
        root: (T, 3) metres, where the hips are.
        rotations: (T, B, 4) of each bone against its parent; quaternions (x, y, z, w) that do not jump.
    """

    rig: Rig
    root: np.ndarray
    rotations: np.ndarray

    def in_axes(self, turn: np.ndarray, scale: float = 1.0) -> RiggedMotion:
        """The same motion in other axes, by a rotation (3, 3), and other units, so many to the metre."""
        turned = scale * turn.T
        return RiggedMotion(
            rig=Rig(self.rig.offsets @ turned, self.rig.ends @ turned),
            root=self.root @ turned,
            rotations=np.concatenate([self.rotations[..., :3] @ turn.T, self.rotations[..., 3:]], axis=-1),
        )


def forward_kinematics(motion: RiggedMotion) -> tuple[np.ndarray, np.ndarray]:
    """Where the bones of a moving figure are.

    Returns:
        Their starts (T, B, 3) and their ends (T, B, 3), metres.
    """
    from scipy.spatial.transform import Rotation  # the lists of what there is answer without scipy

    starts, ends = np.empty((2, len(motion.root), len(BONES), 3))
    turned: list[Rotation] = []
    for b, parent in enumerate(PARENTS):
        own = Rotation.from_quat(motion.rotations[:, b])
        turned.append(own if parent < 0 else turned[parent] * own)
        offset = motion.rig.offsets[b]
        starts[:, b] = motion.root if parent < 0 else starts[:, parent] + turned[parent].apply(offset)
        ends[:, b] = starts[:, b] + turned[b].apply(motion.rig.ends[b])
    return starts, ends
