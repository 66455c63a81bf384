"""Errors of single frames and joints: what all figures, tables and pictures of an evaluation are made of.

Two ways to count are kept beside each other. "Released" is as the authors' released scripts count: predictions as they
are, or with the root put to zero, and every answer of the network. "Whole" puts the root to zero and counts every frame
once. Both come from the same predictions.

It knows nothing about actions, averages or files.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from in_the_wild.skeletons import Skeleton
from pose3d_cli.datasets.lifting import Predicted
from pose3d_cli.metrics.joints3d import acceleration_error, align_similarity, mpjve, n_mpjpe


@dataclass(frozen=True)
class Errors:
    """Errors of N answers for one sequence, in millimetres.

    Attributes:
        joints: (N, J) of each joint.
        aligned: (N, J) after the best similarity of each frame.
        scaled: (N,) mean of the joints after the best scale of each frame.
        velocity: (V,) mean of the joints, of the difference between two answers; per frame.
        acceleration: (A,) likewise of the second difference; per frame squared.
    """

    joints: np.ndarray
    aligned: np.ndarray
    scaled: np.ndarray
    velocity: np.ndarray
    acceleration: np.ndarray

    def __len__(self) -> int:
        return len(self.joints)


@dataclass(frozen=True)
class Frame:
    """One frame, to be looked at.

    Attributes:
        sequence: Name of its sequence.
        number: Which frame of it.
        error: MPJPE, millimetres.
        joints: (J, 3) metres from the root, predicted, the root at zero.
        truth: (J, 3) likewise, true.
        quaternion: (w, x, y, z) that turns camera space into the world; None: not known.
    """

    sequence: str
    number: int
    error: float
    joints: np.ndarray = field(repr=False)
    truth: np.ndarray = field(repr=False)
    quaternion: tuple[float, ...] | None = None


@dataclass(frozen=True)
class Measured:
    """The errors of one sequence.

    Attributes:
        name: Of the sequence.
        subject: Who.
        action: What, with the number of the take.
        camera: Its camera's name.
        fps: Frames per second.
        frames: (N,) the frames that the errors of the whole are of, rising.
        activity: (N,) what is done in them, where the set says so.
        released: As the scripts of the network's authors count.
        whole: Every frame once, the root at zero.
        worst: Its worst frames, at least a second apart.
        joints: (N, J, 3) metres from the root as `whole` has them; None unless asked for.
        truth: (N, J, 3) likewise.
    """

    name: str
    subject: str
    action: str
    camera: str
    fps: float
    frames: np.ndarray = field(repr=False)
    activity: np.ndarray | None = field(repr=False)
    released: Errors = field(repr=False)
    whole: Errors = field(repr=False)
    worst: tuple[Frame, ...] = field(repr=False)
    joints: np.ndarray | None = field(default=None, repr=False)
    truth: np.ndarray | None = field(default=None, repr=False)


def measure(
    predicted: Predicted, skeleton: Skeleton, *, zero_root: bool, worst: int = 6, keep: bool = False
) -> Measured:
    """The errors of a lifted sequence.

    Args:
        predicted: Joints and truth; with frames that are there twice, the earlier answer counts in the whole, as
            MixSTE's `run.py` puts a sequence together.
        skeleton: Of its joints.
        zero_root: Whether the network's authors put the predicted root to zero before they count.
        worst: How many of the worst frames are kept.
        keep: Whether all joints are.
    """
    sequence = predicted.sequence
    rooted = predicted.joints.copy()
    rooted[:, skeleton.root] = 0
    frames, first = np.unique(predicted.frames, return_index=True)
    joints, truth = rooted[first], predicted.truth[first]
    whole = errors(joints, truth, frames)
    as_they_are = rooted if zero_root else predicted.joints
    once = len(frames) == len(predicted.frames)
    released = (
        whole
        if once and zero_root and (np.diff(frames) == 1).all()
        else errors(as_they_are, predicted.truth, np.arange(len(as_they_are)))
    )
    means = whole.joints.mean(axis=1)
    return Measured(
        name=sequence.name,
        subject=sequence.subject,
        action=sequence.action,
        camera=sequence.camera.name,
        fps=sequence.fps,
        frames=frames,
        activity=None if sequence.activity is None else np.asarray(sequence.activity)[frames],
        released=released,
        whole=whole,
        worst=tuple(
            Frame(
                sequence=sequence.name,
                number=int(frames[i]),
                error=float(means[i]),
                joints=joints[i],
                truth=truth[i],
                quaternion=sequence.camera.quaternion,
            )
            for i in _worst_moments(means, frames, count=worst, gap=sequence.fps)
        ),
        joints=joints if keep else None,
        truth=truth if keep else None,
    )


def errors(joints: np.ndarray, truth: np.ndarray, frames: np.ndarray) -> Errors:
    """Errors of joints (N, J, 3) in metres; differences are taken between neighbours in `frames` (N,) alone."""
    joints, truth = joints * 1e3, truth * 1e3
    follows = np.diff(frames) == 1  # (N - 1,)
    return Errors(
        joints=np.linalg.norm(joints - truth, axis=-1).astype(np.float32),
        aligned=np.linalg.norm(align_similarity(joints, truth) - truth, axis=-1).astype(np.float32),
        scaled=n_mpjpe(joints, truth),
        velocity=mpjve(joints, truth)[follows],
        acceleration=acceleration_error(joints, truth)[follows[:-1] & follows[1:]],
    )


def worst_frames(parts: Sequence[Measured], *, count: int) -> list[Frame]:
    """The worst frames of all sequences, the worst first."""
    return heapq.nlargest(count, (frame for part in parts for frame in part.worst), key=lambda frame: frame.error)


def _worst_moments(means: np.ndarray, frames: np.ndarray, *, count: int, gap: float) -> list[int]:
    """Where the largest means (N,) stand, none of them nearer than `gap` frames to a larger one."""
    chosen: list[int] = []
    for i in np.argsort(-means, kind="stable"):
        if len(chosen) == count:
            break
        if all(abs(frames[i] - frames[other]) >= gap for other in chosen):
            chosen.append(int(i))
    return chosen
