"""The scale and place of a clip's scene: where people stand on the floor, and the nearest camera that sees them all.

Knows nothing about drawing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import ConvexHull

from in_the_wild.drawing.view import View3D, camera_axes
from in_the_wild.poses import Poses

_USUAL = (0.5, 99.5)  # percentiles: positions outside are taken for outliers when the scale is chosen
_FARTHEST = 1000.0  # metres from the middle of all poses
_ROOM_FOR_LABEL = 0.15  # metres kept free above the people

_TURN = np.linspace(0.0, 2 * np.pi, 73)[:-1]
CIRCLE = np.stack([np.cos(_TURN), np.sin(_TURN)], axis=1)  # (72, 2)


@dataclass(frozen=True)
class Stage:
    """The scale and place of a clip's scene.

    Attributes:
        centres: (T, 2) metres, the floor's middle in each frame.
        radius: Metres of the round floor.
        eye_level: Height in metres of the point that the camera turns about.
        distance: Metres from that point to the camera.
        centre_y: Pixels from the top at which that point appears.
    """

    centres: np.ndarray
    radius: float
    eye_level: float
    distance: float
    centre_y: float

    @classmethod
    def around(cls, points: np.ndarray, centres: np.ndarray, frame: np.ndarray, view: View3D) -> Stage:
        """The nearest camera that keeps the floor and (all but outliers of) the people in the picture all the time."""
        flat = (points - np.pad(centres[frame], ((0, 0), (0, 1)))[:, None]).reshape(-1, 3)
        if not len(flat):
            flat = np.array([[0.0, 0.0, 1.8]])
        # One wild estimate of a root must not shrink everything else.
        low, high = np.percentile(flat, _USUAL, axis=0) + np.array([[-0.15], [0.15]])
        flat = np.clip(flat, low, high)
        on_floor = cv2.convexHull(flat[:, :2].astype(np.float32))
        (x, y), reach = cv2.minEnclosingCircle(on_floor)
        radius, middle = max(0.8, reach + 0.3), np.array([x, y, 0.0])
        rim = np.pad(radius * CIRCLE, ((0, 0), (0, 1)))
        body = flat - middle
        if len(body) > 100:
            body = body[ConvexHull(body, qhull_options="QJ").vertices]  # QJ: also for points in one plane
        above = body + np.array([0.0, 0.0, _ROOM_FOR_LABEL])
        eye_level = max(0.9, float(high[2]) / 2)
        cloud = np.concatenate([rim, body, above]) - (0.0, 0.0, eye_level)
        sweep = np.radians(view.angle + view.turn * np.linspace(-1, 1, 13))
        seen = np.stack([cloud @ camera_axes(a, math.radians(view.elevation)).T for a in sweep]).reshape(-1, 3)
        distance, top, bottom = _fit(seen, width=0.93 * view.size / view.focal, height=0.85 * view.size / view.focal)
        # The scene hangs in the middle of what the texts at the top and bottom leave free.
        centre_y = 0.505 * view.size - view.focal * (top + bottom) / 2
        return cls(centres + middle[:2], radius, eye_level, distance, centre_y)


def _fit(seen: np.ndarray, *, width: float, height: float) -> tuple[float, float, float]:
    """The least distance from which points fit.

    Args:
        seen: (K, 3) metres right, down and away, from the point that the camera looks at.
        width, height: Of the picture, in units of the focal length.

    Returns:
        The distance, and the highest and lowest point at that distance in units of the focal length.
    """

    def span(distance: float) -> tuple[float, float, float]:
        flat = seen[:, :2] / (seen[:, 2:] + distance)
        return 2 * float(np.abs(flat[:, 0]).max()), float(flat[:, 1].min()), float(flat[:, 1].max())

    near = 1.0 - float(seen[:, 2].min())
    far = near + 4 * float(np.abs(seen).max()) / min(width, height)
    for _ in range(40):
        distance = (near + far) / 2
        across, top, bottom = span(distance)
        near, far = (near, distance) if across <= width and bottom - top <= height else (distance, far)
    _, top, bottom = span(far)
    return far, top, bottom


def within_reach(poses: Poses) -> np.ndarray:
    """Which poses (N,) lie near enough to the others to be shown with them; those a kilometre off are mistakes."""
    if not len(poses):
        return np.ones(0, dtype=bool)
    places = poses.keypoints.astype(np.float64)
    return np.abs(places - np.median(places, axis=(0, 1))).max(axis=(1, 2)) < _FARTHEST


def placed(poses: Poses, left_to_right: tuple[int, ...]) -> np.ndarray:
    """World keypoints (N, J, 3), people side by side where all of their roots lie in one place."""
    points = poses.keypoints.astype(np.float64)
    roots = points[:, poses.skeleton.root, :2]
    people = sorted(poses.persons, key=lambda p: (left_to_right.index(p) if p in left_to_right else math.inf, p))
    if len(people) < 2 or (roots.max(axis=0) - roots.min(axis=0)).max() > 0.01:
        return points
    for place, person in enumerate(people):
        points[poses.person_id == person, :, 0] += (place - (len(people) - 1) / 2) * 1.3
    return points


def smooth_centres(poses: Poses, points: np.ndarray) -> np.ndarray:
    """Where the people are on the floor, (T, 2) metres, smoothed over about a second and going on through gaps."""
    frames = poses.video.frames
    count = np.bincount(poses.frame, minlength=frames)
    known = np.flatnonzero(count)
    centres = np.empty((frames, 2))
    for axis in (0, 1):
        total = np.bincount(poses.frame, weights=points[:, :, axis].mean(axis=1), minlength=frames)
        centres[:, axis] = np.interp(np.arange(frames), known, total[known] / count[known])
    centres = np.clip(centres, *np.percentile(centres[known], _USUAL, axis=0))
    return gaussian_filter1d(centres, sigma=0.6 * poses.video.fps, axis=0, mode="nearest")
