"""Joints as data: every skeleton's names, parents, edges and left/right pairs.

Nothing else in the project lists joint numbers: a joint is asked for by name (`skeleton.index("left_knee")`), a mirror
image by `skeleton.flip`. Sides are the person's own, never the viewer's.

Sources: COCO keypoints (cocodataset.org), Human3.6M as reduced to 17 joints by VideoPose3D (shoulders hang on the
thorax), MPI-INF-3DHP in the order of its own evaluation script, HumanEva-I in VideoPose3D's order, MediaPipe's
BlazePose topology, Halpe-FullBody with 26 keypoints (AlphaPose), OpenPose's BODY_25, the 14 joints of Leeds Sports Pose
(Johnson and Everingham, BMVC 2010) that 3DPW and AIST++ are scored on, JHMDB's puppet (Jhuang et al., ICCV 2013), MPII
Human Pose in the order of Newell et al.'s stacked hourglass.
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


def _skeleton(
    name: str,
    tree: dict[str, str | None],
    extra_edges: tuple[tuple[str, str], ...] = (),
    hidden_edges: tuple[tuple[str, str], ...] = (),
) -> Skeleton:
    return Skeleton(name, tuple(tree), tuple(tree.values()), extra_edges, hidden_edges)


_COCO_TREE: dict[str, str | None] = {
    "nose": None,
    "left_eye": "nose",
    "right_eye": "nose",
    "left_ear": "left_eye",
    "right_ear": "right_eye",
    "left_shoulder": "nose",
    "right_shoulder": "nose",
    "left_elbow": "left_shoulder",
    "right_elbow": "right_shoulder",
    "left_wrist": "left_elbow",
    "right_wrist": "right_elbow",
    "left_hip": "left_shoulder",
    "right_hip": "right_shoulder",
    "left_knee": "left_hip",
    "right_knee": "right_hip",
    "left_ankle": "left_knee",
    "right_ankle": "right_knee",
}
_NO_NECK = (("nose", "left_shoulder"), ("nose", "right_shoulder"))
_TORSO = (("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"))

COCO17 = _skeleton("coco17", _COCO_TREE, extra_edges=_TORSO, hidden_edges=_NO_NECK)

HUMAN36M17 = _skeleton(
    "human36m17",
    {
        "pelvis": None,
        "right_hip": "pelvis",
        "right_knee": "right_hip",
        "right_ankle": "right_knee",
        "left_hip": "pelvis",
        "left_knee": "left_hip",
        "left_ankle": "left_knee",
        "spine": "pelvis",
        "thorax": "spine",
        "neck": "thorax",
        "head": "neck",
        "left_shoulder": "thorax",
        "left_elbow": "left_shoulder",
        "left_wrist": "left_elbow",
        "right_shoulder": "thorax",
        "right_elbow": "right_shoulder",
        "right_wrist": "right_elbow",
    },
)

# What P-STMO and STCFormer lift 16 keypoints of a stacked hourglass to: without the neck, which lies before the head.
HUMAN36M16 = _skeleton(
    "human36m16",
    {
        joint: "thorax" if joint == "head" else parent
        for joint, parent in zip(HUMAN36M17.joints, HUMAN36M17.parents, strict=True)
        if joint != "neck"
    },
)

MPI_INF_3DHP17 = _skeleton(
    "mpi_inf_3dhp17",
    {
        "head_top": "neck",
        "neck": "spine",
        "right_shoulder": "neck",
        "right_elbow": "right_shoulder",
        "right_wrist": "right_elbow",
        "left_shoulder": "neck",
        "left_elbow": "left_shoulder",
        "left_wrist": "left_elbow",
        "right_hip": "pelvis",
        "right_knee": "right_hip",
        "right_ankle": "right_knee",
        "left_hip": "pelvis",
        "left_knee": "left_hip",
        "left_ankle": "left_knee",
        "pelvis": None,
        "spine": "pelvis",
        "head": "neck",
    },
    extra_edges=(("head", "head_top"),),
    hidden_edges=(("neck", "head_top"),),
)

HUMANEVA15 = _skeleton(
    "humaneva15",
    {
        "pelvis": None,
        "thorax": "pelvis",
        "left_shoulder": "thorax",
        "left_elbow": "left_shoulder",
        "left_wrist": "left_elbow",
        "right_shoulder": "thorax",
        "right_elbow": "right_shoulder",
        "right_wrist": "right_elbow",
        "left_hip": "pelvis",
        "left_knee": "left_hip",
        "left_ankle": "left_knee",
        "right_hip": "pelvis",
        "right_knee": "right_hip",
        "right_ankle": "right_knee",
        "head": "thorax",
    },
)

MPII16 = _skeleton(
    "mpii16",
    {
        "right_ankle": "right_knee",
        "right_knee": "right_hip",
        "right_hip": "pelvis",
        "left_hip": "pelvis",
        "left_knee": "left_hip",
        "left_ankle": "left_knee",
        "pelvis": None,
        "thorax": "pelvis",
        "neck": "thorax",
        "head_top": "neck",
        "right_wrist": "right_elbow",
        "right_elbow": "right_shoulder",
        "right_shoulder": "thorax",
        "left_shoulder": "thorax",
        "left_elbow": "left_shoulder",
        "left_wrist": "left_elbow",
    },
)

BLAZEPOSE33 = _skeleton(
    "blazepose33",
    {
        "nose": None,
        "left_eye_inner": "nose",
        "left_eye": "left_eye_inner",
        "left_eye_outer": "left_eye",
        "right_eye_inner": "nose",
        "right_eye": "right_eye_inner",
        "right_eye_outer": "right_eye",
        "left_ear": "left_eye_outer",
        "right_ear": "right_eye_outer",
        "mouth_left": "nose",
        "mouth_right": "nose",
        "left_shoulder": "nose",
        "right_shoulder": "nose",
        "left_elbow": "left_shoulder",
        "right_elbow": "right_shoulder",
        "left_wrist": "left_elbow",
        "right_wrist": "right_elbow",
        "left_pinky": "left_wrist",
        "right_pinky": "right_wrist",
        "left_index": "left_wrist",
        "right_index": "right_wrist",
        "left_thumb": "left_wrist",
        "right_thumb": "right_wrist",
        "left_hip": "left_shoulder",
        "right_hip": "right_shoulder",
        "left_knee": "left_hip",
        "right_knee": "right_hip",
        "left_ankle": "left_knee",
        "right_ankle": "right_knee",
        "left_heel": "left_ankle",
        "right_heel": "right_ankle",
        "left_foot_index": "left_ankle",
        "right_foot_index": "right_ankle",
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
    {
        **_COCO_TREE,
        "nose": "neck",
        "left_shoulder": "neck",
        "right_shoulder": "neck",
        "left_hip": "pelvis",
        "right_hip": "pelvis",
        "head": "nose",
        "neck": "pelvis",
        "pelvis": None,
        "left_big_toe": "left_ankle",
        "right_big_toe": "right_ankle",
        "left_small_toe": "left_ankle",
        "right_small_toe": "right_ankle",
        "left_heel": "left_ankle",
        "right_heel": "right_ankle",
    },
    extra_edges=(("neck", "head"),),
    hidden_edges=(("nose", "head"),),
)

BODY25 = _skeleton(
    "body25",
    {
        "nose": "neck",
        "neck": "pelvis",
        "right_shoulder": "neck",
        "right_elbow": "right_shoulder",
        "right_wrist": "right_elbow",
        "left_shoulder": "neck",
        "left_elbow": "left_shoulder",
        "left_wrist": "left_elbow",
        "pelvis": None,
        "right_hip": "pelvis",
        "right_knee": "right_hip",
        "right_ankle": "right_knee",
        "left_hip": "pelvis",
        "left_knee": "left_hip",
        "left_ankle": "left_knee",
        "right_eye": "nose",
        "left_eye": "nose",
        "right_ear": "right_eye",
        "left_ear": "left_eye",
        "left_big_toe": "left_ankle",
        "left_small_toe": "left_ankle",
        "left_heel": "left_ankle",
        "right_big_toe": "right_ankle",
        "right_small_toe": "right_ankle",
        "right_heel": "right_ankle",
    },
)

# Nothing stands between the hips: see `Skeleton.centre`.
LSP14 = _skeleton(
    "lsp14",
    {
        "right_ankle": "right_knee",
        "right_knee": "right_hip",
        "right_hip": "neck",
        "left_hip": "neck",
        "left_knee": "left_hip",
        "left_ankle": "left_knee",
        "right_wrist": "right_elbow",
        "right_elbow": "right_shoulder",
        "right_shoulder": "neck",
        "left_shoulder": "neck",
        "left_elbow": "left_shoulder",
        "left_wrist": "left_elbow",
        "neck": None,
        "head_top": "neck",
    },
    extra_edges=_TORSO,
    hidden_edges=(("neck", "right_hip"), ("neck", "left_hip")),
)

JHMDB15 = _skeleton(
    "jhmdb15",
    {
        "neck": "belly",
        "belly": None,
        "face": "neck",
        "right_shoulder": "neck",
        "left_shoulder": "neck",
        "right_hip": "belly",
        "left_hip": "belly",
        "right_elbow": "right_shoulder",
        "left_elbow": "left_shoulder",
        "right_knee": "right_hip",
        "left_knee": "left_hip",
        "right_wrist": "right_elbow",
        "left_wrist": "left_elbow",
        "right_ankle": "right_knee",
        "left_ankle": "left_knee",
    },
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
