"""Walking people whose paths are known, as a detector finds them: keypoints in a table, without ids."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17

WIDTH, HEIGHT = 1280, 720

# A standing person, 1 from eyes to ankles: x to the right of the middle, y down from the eyes.
STANDING = {
    "nose": (0, 0.03), "left_eye": (0.02, 0), "right_eye": (-0.02, 0), "left_ear": (0.05, 0.02),
    "right_ear": (-0.05, 0.02), "left_shoulder": (0.11, 0.17), "right_shoulder": (-0.11, 0.17),
    "left_elbow": (0.15, 0.36), "right_elbow": (-0.15, 0.36), "left_wrist": (0.16, 0.52), "right_wrist": (-0.16, 0.52),
    "left_hip": (0.08, 0.51), "right_hip": (-0.08, 0.51), "left_knee": (0.09, 0.75), "right_knee": (-0.09, 0.75),
    "left_ankle": (0.09, 1.0), "right_ankle": (-0.09, 1.0),
}  # fmt: skip

Path = Callable[[float], float]


def pose(x: float, y: float, height: float, swing: float) -> np.ndarray:
    """(17, 2) pixels of a person whose limbs swing."""
    points = np.array([STANDING[joint] for joint in COCO17.joints])
    for joint, reach in {"knee": 0.07, "ankle": 0.15, "elbow": -0.05, "wrist": -0.12}.items():
        points[COCO17.index(f"left_{joint}"), 0] += reach * np.sin(swing)
        points[COCO17.index(f"right_{joint}"), 0] -= reach * np.sin(swing)
    return np.array([x, y]) + height * points


def walker(
    times: np.ndarray, x: Path, *, y: float = 200, height: float = 300, seen: Callable[[float], bool] = lambda _: True
) -> dict[int, np.ndarray]:
    """Keypoints of a walking person by frame, for the times at which they are seen inside the picture."""
    return {
        frame: pose(x(time), y, height, 6 * time + y)
        for frame, time in enumerate(times)
        if seen(time) and -20 < x(time) < WIDTH + 20
    }


def table(times: np.ndarray, people: list[dict[int, np.ndarray]], *, noise: float = 1.5) -> tuple[Poses, np.ndarray]:
    """Poses of these people in a random order of rows, with pixel noise; and whose each row is."""
    random = np.random.default_rng(1)
    rows = [(frame, who, points) for who, person in enumerate(people) for frame, points in person.items()]
    rows = [rows[i] for i in random.permutation(len(rows))]
    keypoints = np.array([points for _, _, points in rows]).reshape(-1, len(COCO17), 2)
    keypoints = keypoints + random.normal(scale=noise, size=keypoints.shape)
    inside = ((keypoints >= 0) & (keypoints < (WIDTH, HEIGHT))).all(axis=-1)
    poses = Poses(
        keypoints=keypoints,
        scores=np.where(inside, 0.9, 0.0),
        frame=np.array([frame for frame, _, _ in rows], dtype=int),
        person_id=np.full(len(rows), -1),
        skeleton=COCO17,
        space="image",
        video=Source(path="walkers", width=WIDTH, height=HEIGHT, fps=30.0, timestamps=times),
    )
    return poses, np.array([who for _, who, _ in rows], dtype=int)


def seconds(duration: float, fps: float = 30.0) -> np.ndarray:
    return np.arange(round(duration * fps)) / fps
