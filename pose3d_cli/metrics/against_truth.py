"""How far poses of one person are from a clip's exact truth, on joints that all skeletons have.

Several results are compared on the same frames: those in which each of them found the person and some of him is in the
picture. Positions are relative to the middle of the hips, which every skeleton gives alike.

It knows nothing about how the poses were made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from in_the_wild.arrays import load_npz
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.metrics.joints3d import acceleration_error, mpjpe, p_mpjpe

# The joints that mean the same in COCO, BlazePose, Human3.6M and MPI-INF-3DHP.
LIMB_JOINTS = tuple(
    f"{side}_{joint}"
    for joint in ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
    for side in ("left", "right")
)  # fmt: skip


@dataclass(frozen=True)
class Truth:
    """One person's true joints.

    Attributes:
        joints: (T, 17, 3) Human3.6M joints, metres in camera space.
        visible: (T,) whether some of the person is in the picture.
    """

    joints: np.ndarray
    visible: np.ndarray


@dataclass(frozen=True)
class Errors:
    """Mean errors over joints and frames.

    Attributes:
        mpjpe: Millimetres, protocol 1, with the middle of the hips brought together.
        p_mpjpe: Millimetres, protocol 2.
        acceleration: Millimetres per frame squared, over runs of three frames that are compared; NaN without any.
        frames: How many frames were compared.
    """

    mpjpe: float
    p_mpjpe: float
    acceleration: float
    frames: int


def read_truth(path: Path) -> Truth:
    """The truth file of a clip with one person, as `pose3d_cli.datasets.synthetic.clips` writes it.

    Raises:
        InputError: another kind of file, or a clip with more people.
    """
    expected = "the truth of a clip, made by pose3d_cli.datasets.synthetic.clips,"
    arrays = load_npz(path, expected=expected)
    with guarded(path, expected=expected):
        joints, visible = arrays["joints_camera"], arrays["visible"]
    if joints.shape[1] != 1:
        raise InputError(f"A clip with one person was expected, found {joints.shape[1]} people in {path}.")
    return Truth(joints=joints[:, 0], visible=visible[:, 0])


def same_person(person: Poses, everybody: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of several people's truth that of the one whom poses are of: who stands in the same direction from the camera.

    Args:
        person: Rows of one person in camera space with a root.
        everybody: (T, P, J, 3) of every frame of the video, metres in camera space, the root first.

    Returns:
        (N, J, 3) joints relative to the root, and (N,) degrees between the two directions.
    """
    root, there = np.asarray(person.root, dtype=np.float64), everybody[person.frame]  # (N, 3), (N, P, J, 3)
    cosine = np.einsum("nc,npc->np", root, there[:, :, 0])
    cosine /= np.linalg.norm(root, axis=1, keepdims=True) * np.linalg.norm(there[:, :, 0], axis=2)
    apart = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    who = int(apart.mean(axis=0).argmin())
    return there[:, who] - there[:, who, :1], apart[:, who]


def compare(results: Mapping[str, Poses], truth: Truth) -> dict[str, Errors]:
    """The errors of several results for one clip, each of them on the frames that all of them have.

    Args:
        results: By name, poses in camera space; of several people the one in most frames counts.
        truth: Of the same clip.

    Raises:
        InputError: poses of another space or another clip, or no frame that all have.
    """
    count = len(truth.joints)
    given = {name: _by_frame(name, poses, count) for name, poses in results.items()}
    common = truth.visible & np.logical_and.reduce([found for _, found in given.values()])
    if not common.any():
        raise InputError(f"There is no frame in which a person was found by all of {', '.join(results)}.")
    runs = common[:-2] & common[1:-1] & common[2:]
    target = _from_mid_hip(truth.joints[:, HUMAN36M17.indices(*LIMB_JOINTS)])
    errors = {}
    for name, (joints, _) in given.items():
        predicted = _from_mid_hip(joints)
        errors[name] = Errors(
            mpjpe=float(1000 * mpjpe(predicted[common], target[common]).mean()),
            p_mpjpe=float(1000 * p_mpjpe(predicted[common], target[common]).mean()),
            acceleration=float(1000 * acceleration_error(predicted, target)[runs].mean()) if runs.any() else math.nan,
            frames=int(common.sum()),
        )
    return errors


def _by_frame(name: str, poses: Poses, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The limbs (T, 12, 3) of the person who is in most frames, and the frames (T,) in which he was found."""
    if poses.space != "camera":
        raise InputError(f"Poses in camera space were expected, found {poses.space} space in {name}.")
    if poses.video.frames != count:
        raise InputError(f"The truth has {count} frames, the video of {name} {poses.video.frames}; give its own truth.")
    joints, found = np.zeros((count, len(LIMB_JOINTS), 3)), np.zeros(count, bool)
    if poses.persons:
        person = poses.seen_longest()
        joints[person.frame] = person.keypoints[:, poses.skeleton.indices(*LIMB_JOINTS)]
        found[person.frame] = (person.scores > 0).any(axis=1)
    return joints, found


def _from_mid_hip(joints: np.ndarray) -> np.ndarray:
    """Limbs (T, 12, 3) relative to the middle of the hips."""
    hips = [LIMB_JOINTS.index("left_hip"), LIMB_JOINTS.index("right_hip")]
    return joints - joints[:, hips].mean(axis=1, keepdims=True)
