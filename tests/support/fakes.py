"""People of known pose before a known camera, for tests: truth without a detector or a renderer."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton

FOCAL = 900.0
WIDTH, HEIGHT = 1280, 720

# A person who stands, seen from the front by a level camera: x right, y down, z away, metres from the pelvis.
_STANDING = {
    "pelvis": (0, 0, 0),
    "right_hip": (-0.1, 0, 0),
    "right_knee": (-0.11, 0.43, 0),
    "right_ankle": (-0.12, 0.86, 0.02),
    "left_hip": (0.1, 0, 0),
    "left_knee": (0.11, 0.43, 0),
    "left_ankle": (0.12, 0.86, 0.02),
    "spine": (0, -0.23, 0),
    "thorax": (0, -0.48, 0),
    "neck": (0, -0.6, -0.05),
    "head": (0, -0.72, 0),
    "left_shoulder": (0.16, -0.46, 0),
    "left_elbow": (0.22, -0.2, 0),
    "left_wrist": (0.24, 0.03, -0.08),
    "right_shoulder": (-0.16, -0.46, 0),
    "right_elbow": (-0.22, -0.2, 0),
    "right_wrist": (-0.24, 0.03, -0.08),
}
_FACE = {
    "nose": (0, -0.62, -0.1),
    "left_eye": (0.03, -0.66, -0.08),
    "right_eye": (-0.03, -0.66, -0.08),
    "left_ear": (0.07, -0.64, 0),
    "right_ear": (-0.07, -0.64, 0),
}


class Film(NamedTuple):
    """What the detector's step is told of a video before its pictures are seen."""

    path: Path
    width: int
    height: int
    fps: float


def video(frames: int, *, fps: float = 25.0, timestamps: np.ndarray | None = None) -> Source:
    times = np.arange(frames) / fps if timestamps is None else timestamps
    return Source(path="fake.mp4", width=WIDTH, height=HEIGHT, fps=fps, timestamps=times)


def poses2d(keypoints: np.ndarray, *, fps: float = 25.0) -> Poses:
    """One person's COCO keypoints (T, 17, 2), one row per frame, all certain."""
    return _one_person(keypoints, COCO17, "image", fps=fps)


def poses3d(joints: np.ndarray, root: np.ndarray, *, fps: float = 25.0) -> Poses:
    """One person's root-relative Human3.6M joints (T, 17, 3) and root (T, 3), camera space, one row per frame."""
    poses = _one_person(joints, HUMAN36M17, "camera", fps=fps)
    return poses.replace(root=root, root_source="given focal length")


def _one_person(points: np.ndarray, skeleton: Skeleton, space: str, *, fps: float) -> Poses:
    count = len(points)
    return Poses(
        keypoints=points,
        scores=np.ones((count, 17)),
        frame=np.arange(count),
        person_id=np.zeros(count),
        skeleton=skeleton,
        space=space,
        video=video(count, fps=fps),
    )


def walking(frames: int, *, fps: float = 25.0) -> tuple[np.ndarray, np.ndarray]:
    """A person who swings arms and legs and walks to the right.

    Returns:
        Human3.6M joints (T, 17, 3) relative to the root, and the root (T, 3), metres in camera space.
    """
    time = np.arange(frames) / fps
    joints = np.tile([_STANDING[name] for name in HUMAN36M17.joints], (frames, 1, 1)).astype(float)
    swing = 0.25 * np.sin(2 * np.pi * time)
    for name, sign in (("left_ankle", 1), ("right_ankle", -1), ("left_wrist", -1), ("right_wrist", 1)):
        joints[:, HUMAN36M17.index(name), 2] += sign * swing
    root = np.stack([-1 + 0.8 * time, 0 * time, 4 + 0.2 * time], axis=-1)
    return joints, root


def project(points: np.ndarray) -> np.ndarray:
    """Camera space (..., 3) metres to pixels (..., 2)."""
    return FOCAL * points[..., :2] / points[..., 2:] + np.array([WIDTH, HEIGHT]) / 2


def coco_pixels(joints: np.ndarray, root: np.ndarray) -> np.ndarray:
    """COCO keypoints (T, 17, 2) of root-relative Human3.6M joints; the face moves with the pelvis."""
    points = []
    for name in COCO17.joints:
        if name in _FACE:
            points.append(np.tile(_FACE[name], (len(joints), 1)))
        else:
            points.append(joints[:, HUMAN36M17.index(name)])
    return project(np.stack(points, axis=1) + root[:, None])
