"""People of constant bones in 3D whose joints turn, for tests of files of motion: any skeleton, gaps and rates."""

from __future__ import annotations

import dataclasses

import numpy as np
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17, SKELETONS

# A person who stands with arms at the sides: where each joint is from its parent, metres, x right, y down, z away.
_BONES = {
    "pelvis": (0, 0, 0), "right_hip": (-0.12, 0, 0), "left_hip": (0.12, 0, 0), "right_knee": (0, 0.43, 0),
    "left_knee": (0, 0.43, 0), "right_ankle": (0, 0.41, 0.02), "left_ankle": (0, 0.41, 0.02), "spine": (0, -0.23, 0),
    "thorax": (0, -0.25, 0), "neck": (0, -0.1, -0.03), "head": (0, -0.12, 0.03), "left_shoulder": (0.16, 0.02, 0),
    "right_shoulder": (-0.16, 0.02, 0), "left_elbow": (0.02, 0.28, 0), "right_elbow": (-0.02, 0.28, 0),
    "left_wrist": (0, 0.24, -0.04), "right_wrist": (0, 0.24, -0.04),
}  # fmt: skip


def body(seconds: np.ndarray, seed: int, *, most: float = 0.6) -> np.ndarray:
    """Joints (T, 17, 3) of Human3.6M about the pelvis, metres in camera space; every joint swings, no bone stretches.

    Args:
        seconds: (T,).
        seed: Of a motion like no other.
        most: How far a joint turns from rest, radians.
    """
    chance = np.random.default_rng(seed)
    count = len(HUMAN36M17)
    axis = chance.normal(size=(count, 3))
    axis /= np.linalg.norm(axis, axis=1, keepdims=True)
    speed, phase = chance.uniform(0.5, 5, count), chance.uniform(0, 6, count)
    angle = most * np.sin(np.outer(seconds, speed) + phase)  # (T, J)
    turned: list[Rotation] = []
    joints = np.zeros((len(seconds), count, 3))
    order = [HUMAN36M17.index(name) for name in _BONES]  # parents first
    turned = [Rotation.identity(len(seconds))] * count
    for j in sorted(order, key=_depth):
        own = Rotation.from_rotvec(angle[:, j, None] * axis[j])
        parent = HUMAN36M17.parent_indices[j]
        if parent >= 0:
            joints[:, j] = joints[:, parent] + turned[parent].apply(np.array(_BONES[HUMAN36M17.joints[j]]))
            own = turned[parent] * own
        turned[j] = own
    return joints


def _depth(joint: int) -> int:
    parent = HUMAN36M17.parent_indices[joint]
    return 0 if parent < 0 else 1 + _depth(parent)


def person(seconds: np.ndarray, *, who: int, frames: np.ndarray, seed: int = 0) -> Poses:
    """One person of camera space with a path, with rows in some frames of a video with these timestamps."""
    path = np.stack([0.5 * np.sin(seconds + seed), 0.02 * seconds, 4 + 0.3 * np.cos(seconds)], axis=-1)
    fps = (len(seconds) - 1) / (seconds[-1] - seconds[0]) if len(seconds) > 1 else 30.0
    return Poses(
        keypoints=body(seconds, seed)[frames],
        scores=np.full((len(frames), 17), 0.9),
        frame=frames,
        person_id=np.full(len(frames), who),
        skeleton=SKELETONS["human36m17"],
        space="camera",
        video=Source(path="bodies.mp4", width=1280, height=720, fps=fps, timestamps=seconds),
        root=path[frames],
        root_source="given focal length",
    )


@st.composite
def bodies(draw: st.DrawFn) -> Poses:
    """One to three people in up to forty frames at any usual rate, with gaps."""
    rate = draw(st.sampled_from([10.0, 23.976, 25.0, 29.97, 30.0, 50.0, 59.94, 120.0]))
    seconds = np.arange(draw(st.integers(1, 40))) / rate
    ids = sorted(draw(st.sets(st.integers(0, 99), min_size=1, max_size=3)))
    every = np.arange(len(seconds))
    people = []
    for who in ids:
        there = draw(st.one_of(st.just(set(every.tolist())), st.sets(st.sampled_from(every.tolist()), min_size=1)))
        people.append(person(seconds, who=who, frames=np.array(sorted(there)), seed=draw(st.integers(0, 1000))))
    poses = Poses.join(people)
    return poses.replace(video=dataclasses.replace(poses.video, fps=rate))
