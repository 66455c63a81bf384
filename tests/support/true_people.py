"""The mannequins of a scene as poses in the world, without any error, and with the feet noted that stand."""

from __future__ import annotations

from functools import cache

import numpy as np

from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.synthetic import clips

# Metres a second below which an ankle stands.
_STANDS = 0.25


def walker() -> Poses:
    """One person who walks for 3.2 seconds, reaches down, turns and sits down."""
    return of_clip("walker")


@cache
def of_clip(name: str) -> Poses:
    """The one person of a clip."""
    scene = clips.scene(name)
    truth = scene.truth()
    joints = (truth["joints_camera"][:, 0] - truth["t"]) @ truth["R"]
    count = len(joints)
    ankles = HUMAN36M17.indices("left_ankle", "right_ankle")
    speed = np.linalg.norm(np.gradient(joints[:, ankles], truth["time"], axis=0), axis=-1)
    standing = {HUMAN36M17.joints[j]: _runs(speed[:, at] < _STANDS) for at, j in enumerate(ankles)}
    return Poses(
        keypoints=joints, scores=np.ones((count, 17)), frame=np.arange(count), person_id=np.zeros(count),
        skeleton=HUMAN36M17, space="world", video=Source(f"{name}.mp4", 640, 480, float(truth["fps"]), truth["time"]),
        meta={"whole_clip": {"0": {"standing": standing}}},
    )  # fmt: skip


def _runs(stands: np.ndarray) -> list[list[int]]:
    """Frames (first, last) of each run."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], stands, [False]]).astype(int)))
    return [[int(begin), int(end) - 1] for begin, end in edges.reshape(-1, 2)]
