"""People to draw: one who stands, in the world and in a picture, and where a picture shows their colours."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17, Skeleton
from in_the_wild.video.read import Frame

FPS = 25.0
# A person standing at the origin, facing the video's camera (which looks along +y): their left is at +x.
STANDING = {
    "pelvis": (0.0, 0.0, 0.95),
    "spine": (0.0, 0.0, 1.18),
    "thorax": (0.0, 0.0, 1.43),
    "neck": (0.0, -0.05, 1.55),
    "head": (0.0, 0.0, 1.67),
    "left_hip": (0.13, 0.0, 0.95),
    "left_knee": (0.15, 0.0, 0.51),
    "left_ankle": (0.16, 0.0, 0.08),
    "left_shoulder": (0.16, 0.0, 1.41),
    "left_elbow": (0.35, 0.0, 1.2),
    "left_wrist": (0.5, 0.0, 1.0),
}


def standing(x: float = 0.0, y: float = 0.0, *, turned: bool = False) -> np.ndarray:
    """(17, 3) world metres; `turned` shows the camera their back."""
    mirrored = {name.replace("left", "right"): (-px, py, pz) for name, (px, py, pz) in STANDING.items()}
    both = mirrored | STANDING
    points = np.array([both[joint] for joint in HUMAN36M17.joints])
    if turned:
        points = points * (-1, -1, 1)
    return points + np.array([x, y, 0.0])


def source(frames: int, *, width: int = 640, height: int = 480) -> Source:
    return Source("clip.mp4", width, height, FPS, np.arange(frames) / FPS)


def world(*people: list[np.ndarray], scores: np.ndarray | None = None, video: Source | None = None) -> Poses:
    """One list of (17, 3) per person, one entry per frame."""
    points = np.concatenate([np.stack(person) for person in people])
    frame = np.concatenate([np.arange(len(person)) for person in people])
    person = np.repeat(np.arange(len(people)), [len(person) for person in people])
    scores = np.ones(points.shape[:2]) if scores is None else scores
    return Poses(points, scores, frame, person, HUMAN36M17, "world", video or source(int(frame.max()) + 1))


def nobody_in(video: Source) -> Poses:
    return Poses.empty(skeleton=HUMAN36M17, space="world", video=video)


def picture_poses(points: np.ndarray, video: Source, *, skeleton: Skeleton = HUMAN36M17, score: float = 1.0) -> Poses:
    """One person, the same (J, 2) pixels in every frame."""
    n = video.frames
    scores = np.full((n, len(skeleton)), score)
    return Poses(np.stack([points] * n), scores, np.arange(n), np.zeros(n), skeleton, "image", video)


def on_picture(points: np.ndarray, *, width: float, height: float) -> np.ndarray:
    """A simple picture of a standing person: (J, 2) pixels, feet near the bottom."""
    return np.stack([width / 2 + 0.4 * height * points[:, 0], 0.9 * height - 0.45 * height * points[:, 2]], axis=1)


def orange(image: np.ndarray) -> np.ndarray:
    r, _, b = np.moveaxis(image.astype(int), -1, 0)
    return r - b > 70


def blue(image: np.ndarray) -> np.ndarray:
    r, _, b = np.moveaxis(image.astype(int), -1, 0)
    return b - r > 70


def middle(mask: np.ndarray) -> tuple[float, float]:
    assert mask.any()
    rows, columns = np.nonzero(mask)
    return float(columns.mean()), float(rows.mean())


def pixel(image: np.ndarray, at: np.ndarray) -> np.ndarray:
    x, y = np.rint(at).astype(int)
    return image[y, x].astype(int)


def frames_of(video: Source, count: int | None = None) -> Iterator[Frame]:
    for i in range(video.frames if count is None else count):
        yield Frame(i, i / FPS, np.full((video.height, video.width, 3), 120, dtype=np.uint8))
