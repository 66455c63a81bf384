"""Joints as data: every skeleton's names, parents, edges and left/right pairs.

Nothing else in the project lists joint numbers: a joint is asked for by name (`skeleton.index("left_knee")`), a mirror
image by `skeleton.flip`. Sides are the person's own, never the viewer's.

Sources: COCO keypoints (cocodataset.org), Human3.6M as reduced to 17 joints by VideoPose3D (shoulders hang on the
thorax), MPI-INF-3DHP in the order of its own evaluation script, HumanEva-I in VideoPose3D's order, MediaPipe's
BlazePose topology, Halpe-FullBody with 26 keypoints (AlphaPose), OpenPose's BODY_25 and COCO models, the 14 joints of
Leeds Sports Pose (Johnson and Everingham, BMVC 2010) that 3DPW and AIST++ are scored on, JHMDB's puppet (Jhuang et al.,
ICCV 2013), MPII Human Pose in the order of Newell et al.'s stacked hourglass.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from in_the_wild.errors import SkeletonError, did_you_mean

# Of numpy's or of torch's, neither of which is needed here.
Points = TypeVar("Points", bound=Any)


@dataclass(frozen=True)
class Skeleton:
    """A named, ordered set of joints.

    Attributes:
        name: What users type, such as "coco17".
        joints: Joint names in array order.
        parents: For each joint the name of its parent, None for the root. Always one tree.
        edges: Pairs of joints to draw; the tree's own bones unless the field draws other ones.
    """

    name: str
    joints: tuple[str, ...]
    parents: tuple[str | None, ...]
    extra_edges: tuple[tuple[str, str], ...] = ()
    hidden_edges: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.joints)

    @cached_property
    def _index(self) -> dict[str, int]:
        return {joint: j for j, joint in enumerate(self.joints)}

    def index(self, joint: str) -> int:
        """Array position of a joint.

        Raises:
            SkeletonError: the skeleton has no joint of this name.
        """
        if joint not in self._index:
            raise SkeletonError(f'{self.name} has no joint "{joint}". {did_you_mean(joint, self.joints)}')
        return self._index[joint]

    def indices(self, *joints: str) -> list[int]:
        """Array positions of several joints."""
        return [self.index(joint) for joint in joints]

    @property
    def root(self) -> int:
        """Array position of the joint that has no parent."""
        return self.parents.index(None)

    @cached_property
    def centre(self) -> tuple[int, ...]:
        """Positions of the joints in whose middle joints are centred: the pelvis, else both hips, else the root."""
        if "pelvis" in self._index:
            return (self.index("pelvis"),)
        hips = ("right_hip", "left_hip")
        return tuple(self.indices(*hips)) if set(hips) <= self._index.keys() else (self.root,)

    @cached_property
    def parent_indices(self) -> tuple[int, ...]:
        """For each joint the position of its parent, -1 for the root."""
        return tuple(-1 if parent is None else self.index(parent) for parent in self.parents)

    @cached_property
    def edges(self) -> tuple[tuple[int, int], ...]:
        """Pairs (from, to) of joint positions to draw, parents first."""
        tree = [(p, j) for j, p in zip(self.joints, self.parents, strict=True) if p is not None]
        drawn = [edge for edge in tree if edge not in self.hidden_edges] + list(self.extra_edges)
        return tuple((self.index(a), self.index(b)) for a, b in drawn)

    @cached_property
    def flip(self) -> tuple[int, ...]:
        """The permutation of a mirror image: `mirrored[..., j, :] = original[..., flip[j], :]`."""
        return tuple(self.index(mirror_name(joint)) for joint in self.joints)

    def side(self, joint: int) -> str:
        """Return "left", "right" or "middle" for a joint position."""
        match = _SIDE.search(self.joints[joint])
        return match.group() if match else "middle"


_SIDE = re.compile(r"left|right")


def mirror_name(joint: str) -> str:
    """The name of the joint on the other side; a middle joint is its own mirror.

    >>> mirror_name("left_knee"), mirror_name("pelvis")
    ('right_knee', 'pelvis')
    """
    return _SIDE.sub(lambda side: "right" if side.group() == "left" else "left", joint)


def mirror(points: Points, flip: Sequence[int]) -> Points:
    """Mirror points at x = 0: x is negated and left swapped with right.

    Args:
        points: (..., J, C) with x first, an array or a tensor.
        flip: The skeleton's `flip`.

    Returns:
        A copy of the same shape.
    """
    mirrored = points[..., list(flip), :]
    mirrored[..., 0] *= -1
    return mirrored


# The bones that all skeletons share which have their joints, of both sides.
_LIMBS = {
    f"{side}_{joint}": f"{side}_{parent}"
    for side in ("left", "right")
    for parent, joints in {
        "shoulder": ("elbow",),
        "elbow": ("wrist",),
        "hip": ("knee",),
        "knee": ("ankle",),
        "ankle": ("heel", "big_toe", "small_toe"),
    }.items()
    for joint in joints
}
_Edges = tuple[tuple[str, str], ...]


def _skeleton(
    name: str, joints: str, *, extra_edges: _Edges = (), hidden_edges: _Edges = (), **children: str
) -> Skeleton:
    """A skeleton of its joints in the order of arrays, and of what hangs on each of them besides the limbs."""
    above = {child: parent for parent, hanging in children.items() for child in hanging.split()}
    names = tuple(joints.split())
    return Skeleton(name, names, tuple((_LIMBS | above).get(joint) for joint in names), extra_edges, hidden_edges)


_NO_NECK = (("nose", "left_shoulder"), ("nose", "right_shoulder"))
_TORSO = (("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"))

COCO17 = _skeleton(
    "coco17",
    "nose left_eye right_eye left_ear right_ear left_shoulder right_shoulder left_elbow right_elbow left_wrist "
    "right_wrist left_hip right_hip left_knee right_knee left_ankle right_ankle",
    nose="left_eye right_eye left_shoulder right_shoulder",
    left_eye="left_ear",
    right_eye="right_ear",
    left_shoulder="left_hip",
    right_shoulder="right_hip",
    extra_edges=_TORSO,
    hidden_edges=_NO_NECK,
)

HUMAN36M17 = _skeleton(
    "human36m17",
    "pelvis right_hip right_knee right_ankle left_hip left_knee left_ankle spine thorax neck head left_shoulder "
    "left_elbow left_wrist right_shoulder right_elbow right_wrist",
    pelvis="right_hip left_hip spine",
    spine="thorax",
    thorax="neck left_shoulder right_shoulder",
    neck="head",
)

# What P-STMO and STCFormer lift 16 keypoints of a stacked hourglass to: without the neck, which lies before the head.
HUMAN36M16 = _skeleton(
    "human36m16",
    " ".join(joint for joint in HUMAN36M17.joints if joint != "neck"),
    pelvis="right_hip left_hip spine",
    spine="thorax",
    thorax="head left_shoulder right_shoulder",
)

MPI_INF_3DHP17 = _skeleton(
    "mpi_inf_3dhp17",
    "head_top neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist right_hip right_knee "
    "right_ankle left_hip left_knee left_ankle pelvis spine head",
    pelvis="right_hip left_hip spine",
    spine="neck",
    neck="head_top head right_shoulder left_shoulder",
    extra_edges=(("head", "head_top"),),
    hidden_edges=(("neck", "head_top"),),
)

HUMANEVA15 = _skeleton(
    "humaneva15",
    "pelvis thorax left_shoulder left_elbow left_wrist right_shoulder right_elbow right_wrist left_hip left_knee "
    "left_ankle right_hip right_knee right_ankle head",
    pelvis="thorax left_hip right_hip",
    thorax="left_shoulder right_shoulder head",
)

MPII16 = _skeleton(
    "mpii16",
    "right_ankle right_knee right_hip left_hip left_knee left_ankle pelvis thorax neck head_top right_wrist "
    "right_elbow right_shoulder left_shoulder left_elbow left_wrist",
    pelvis="right_hip left_hip thorax",
    thorax="neck right_shoulder left_shoulder",
    neck="head_top",
)

BLAZEPOSE33 = _skeleton(
    "blazepose33",
    "nose left_eye_inner left_eye left_eye_outer right_eye_inner right_eye right_eye_outer left_ear right_ear "
    "mouth_left mouth_right left_shoulder right_shoulder left_elbow right_elbow left_wrist right_wrist left_pinky "
    "right_pinky left_index right_index left_thumb right_thumb left_hip right_hip left_knee right_knee left_ankle "
    "right_ankle left_heel right_heel left_foot_index right_foot_index",
    nose="left_eye_inner right_eye_inner mouth_left mouth_right left_shoulder right_shoulder",
    **{
        f"{side}_{parent}": " ".join(f"{side}_{child}" for child in children.split())
        for side in ("left", "right")
        for parent, children in {
            "eye_inner": "eye",
            "eye": "eye_outer",
            "eye_outer": "ear",
            "shoulder": "hip",
            "wrist": "pinky index thumb",
            "ankle": "foot_index",
        }.items()
    },
    extra_edges=(
        *_TORSO,
        ("mouth_left", "mouth_right"),
        ("left_heel", "left_foot_index"),
        ("right_heel", "right_foot_index"),
    ),
    hidden_edges=(*_NO_NECK, ("nose", "mouth_left"), ("nose", "mouth_right")),
)

HALPE26 = _skeleton(
    "halpe26",
    f"{' '.join(COCO17.joints)} head neck pelvis left_big_toe right_big_toe left_small_toe right_small_toe left_heel "
    "right_heel",
    pelvis="left_hip right_hip neck",
    neck="nose left_shoulder right_shoulder",
    nose="left_eye right_eye head",
    left_eye="left_ear",
    right_eye="right_ear",
    extra_edges=(("neck", "head"),),
    hidden_edges=(("nose", "head"),),
)

BODY25 = _skeleton(
    "body25",
    "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist pelvis right_hip right_knee "
    "right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear left_ear left_big_toe left_small_toe "
    "left_heel right_big_toe right_small_toe right_heel",
    pelvis="neck right_hip left_hip",
    neck="nose right_shoulder left_shoulder",
    nose="right_eye left_eye",
    right_eye="right_ear",
    left_eye="left_ear",
)

# OpenPose's COCO model: COCO's keypoints in another order, and a neck between the shoulders.
COCO18 = _skeleton(
    "coco18",
    "nose neck right_shoulder right_elbow right_wrist left_shoulder left_elbow left_wrist right_hip right_knee "
    "right_ankle left_hip left_knee left_ankle right_eye left_eye right_ear left_ear",
    neck="nose right_shoulder left_shoulder right_hip left_hip",
    nose="right_eye left_eye",
    right_eye="right_ear",
    left_eye="left_ear",
)

# Nothing stands between the hips: see `Skeleton.centre`.
LSP14 = _skeleton(
    "lsp14",
    "right_ankle right_knee right_hip left_hip left_knee left_ankle right_wrist right_elbow right_shoulder "
    "left_shoulder left_elbow left_wrist neck head_top",
    neck="right_hip left_hip right_shoulder left_shoulder head_top",
    extra_edges=_TORSO,
    hidden_edges=(("neck", "right_hip"), ("neck", "left_hip")),
)

JHMDB15 = _skeleton(
    "jhmdb15",
    "neck belly face right_shoulder left_shoulder right_hip left_hip right_elbow left_elbow right_knee left_knee "
    "right_wrist left_wrist right_ankle left_ankle",
    belly="neck right_hip left_hip",
    neck="face right_shoulder left_shoulder",
)

SKELETONS: dict[str, Skeleton] = {
    skeleton.name: skeleton
    for skeleton in (
        COCO17,
        HUMAN36M17,
        HUMAN36M16,
        MPI_INF_3DHP17,
        HUMANEVA15,
        MPII16,
        BLAZEPOSE33,
        HALPE26,
        BODY25,
        COCO18,
        LSP14,
        JHMDB15,
    )
}


def get_skeleton(name: str) -> Skeleton:
    """Look a skeleton up by name.

    Raises:
        SkeletonError: no skeleton of this name.
    """
    if name not in SKELETONS:
        raise SkeletonError(f'There is no skeleton "{name}". {did_you_mean(name, SKELETONS)}')
    return SKELETONS[name]
