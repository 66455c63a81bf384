"""The camera of a clip: the nearest that keeps the people in a panel, still or going along with them; and the floor.

Knows nothing about drawing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial import ConvexHull

from in_the_wild.drawing.view import Pinhole, View3D, camera_axes
from in_the_wild.poses import Poses, Source

_USUAL = (0.5, 99.5)  # percentiles: positions outside are taken for outliers when the scale is chosen
_FARTHEST = 1000.0  # metres from the middle of all poses
_MOST_POINTS = 200_000  # that a scale is chosen by
_ABOVE_HEAD = 0.3  # metres from the highest joint to the end of an id's label
_AROUND_FEET = 0.2  # metres of floor about the people that shall be seen
_FLOOR_MARGIN = 0.45  # metres of floor about the people that there are at least
_SPACINGS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)  # metres between the floor's lines
_MOST_SQUARES = 10
_PERSON = 1.7  # metres
# Share of a panel's height below which people are too small: the camera then goes along with them.
_TOO_SMALL = 0.3
# Shares of a panel that stay free for texts and air: left and right, top, bottom.
_MARGINS = (0.04, 0.085, 0.085)


@dataclass(frozen=True)
class Stage:
    """The camera of a clip, and the floor about its people.

    Attributes:
        view: What was asked for.
        size: Width and height of the panel in pixels.
        centres: (T, 2) metres: where over the floor the camera looks in each frame; (1, 2) where it keeps still.
        target_height: Metres above the floor of the point that it looks at and turns about.
        distance: Metres from that point to the camera.
        centre: Pixels at which that point appears.
        floor: Metres from `centres` to the floor's edges: least x, most x, least y, most y.
        spacing: Metres between the floor's lines.
    """

    view: View3D
    size: tuple[int, int]
    centres: np.ndarray
    target_height: float
    distance: float
    centre: tuple[float, float]
    floor: tuple[float, float, float, float]
    spacing: float

    @property
    def still(self) -> bool:
        """Whether every frame has the same camera."""
        return len(self.centres) == 1 and self.view.turn == 0

    @classmethod
    def around(cls, points: np.ndarray, frame: np.ndarray, video: Source, view: View3D, size: tuple[int, int]) -> Stage:
        """The nearest camera that keeps people in the panel all the time: a still one, if they are not too small in it.

        Args:
            points: (N, J, 3) world metres, where people are drawn.
            frame: (N,) which frames they are of.
            video: Whose frames those are.
            view: What is asked for.
            size: Width and height of the panel in pixels.
        """
        still = _framed(points, np.zeros((1, 2)), view, size)
        wanted = view.follow if len(points) else False
        if wanted is None:
            wanted = _PERSON * view.focal(size) / still.distance < _TOO_SMALL * size[1]
        if not wanted:
            return still
        centres = _smooth_centres(points, frame, video)
        moving = _framed(points - np.pad(centres[frame], ((0, 0), (0, 1)))[:, None], centres, view, size)
        return moving if view.follow or moving.distance < 0.75 * still.distance else still

    def camera(self, frame: int, seconds: float) -> Pinhole:
        """The camera of a frame."""
        x, y = self.centres[min(frame, len(self.centres) - 1)]
        return Pinhole(
            target=np.array([x, y, self.target_height]),
            angle=self.view.angle_at(seconds),
            elevation=math.radians(self.view.elevation),
            distance=self.distance,
            focal=self.view.focal(self.size),
            centre=self.centre,
        )

    def floor_at(self, frame: int) -> tuple[float, float, float, float]:
        """The floor's edges in the world in a frame: least x, most x, least y, most y."""
        x, y = self.centres[min(frame, len(self.centres) - 1)]
        left, right, near, far = self.floor
        return left + x, right + x, near + y, far + y


def natural_aspect(points: np.ndarray, view: View3D) -> float:
    """How wide for its height the panel is that people (N, J, 3) fill, seen from far."""
    cloud, *_ = _cloud(points)
    seen = _seen(cloud, view)[:, :2]
    across, down = seen.max(axis=0) - seen.min(axis=0)
    side, top, bottom = _MARGINS
    return float(across / (1 - 2 * side) / (down / (1 - top - bottom)))


def _cloud(points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """What a panel has to show: points about people (K, 3) from their middle on, that (3,), and where they end."""
    rows = points[:: max(1, points.shape[0] * points.shape[1] // _MOST_POINTS)]
    cloud = rows.reshape(-1, 3) if len(rows) else np.array([[-0.4, 0.0, 0.0], [0.4, 0.0, _PERSON]])
    # One wild estimate of a root must not shrink everything else.
    low, high = np.percentile(cloud, _USUAL, axis=0) + np.array([[-0.15], [0.15]])
    cloud = np.clip(cloud, low, high)
    middle = (low + high) / 2
    low, high = cloud.min(axis=0), cloud.max(axis=0)
    if len(cloud) > 100:
        cloud = cloud[ConvexHull(cloud, qhull_options="QJ").vertices]  # QJ: also for points in one plane
    near = (-_AROUND_FEET, _AROUND_FEET)
    about = [cloud * (1, 1, 0) + np.array([x, y, 0.0]) for x in near for y in near]
    return np.concatenate([cloud, cloud + np.array([0.0, 0.0, _ABOVE_HEAD]), *about]) - middle, middle, low, high


def _seen(cloud: np.ndarray, view: View3D) -> np.ndarray:
    """Points (K, 3) as cameras see them from all angles of a view: metres right, down and away, (S * K, 3)."""
    sweep = np.radians(view.angle + view.turn * np.linspace(-1, 1, 13 if view.turn else 1))
    return np.concatenate([cloud @ camera_axes(angle, math.radians(view.elevation)).T for angle in sweep])


def _framed(points: np.ndarray, centres: np.ndarray, view: View3D, size: tuple[int, int]) -> Stage:
    """The nearest camera that keeps all but outliers of the points (N, J, 3), from the centres on, in the panel."""
    cloud, middle, low, high = _cloud(points)
    seen = _seen(cloud, view)
    side, top, bottom = _MARGINS
    width, height = size
    focal = view.focal(size)
    distance, across, down = _fit(seen, (1 - 2 * side) * width / focal, (1 - top - bottom) * height / focal)
    centre = (width - 1) / 2 - focal * across, (height - 1) / 2 + (top - bottom) / 2 * height - focal * down
    edges = (low[0] - middle[0], high[0] - middle[0], low[1] - middle[1], high[1] - middle[1])
    spacing, floor = _floor(edges, centres[0] + middle[:2] if len(centres) == 1 else None)
    return Stage(view, size, centres + middle[:2], float(middle[2]), distance, centre, floor, spacing)


def _floor(
    edges: tuple[float, float, float, float], at: np.ndarray | None
) -> tuple[float, tuple[float, float, float, float]]:
    """The floor's spacing and edges: whole squares where it keeps still at a place (2,) of the world."""
    left, right, near, far = edges
    reach = max(right - left, far - near) + 2 * _FLOOR_MARGIN
    spacing = next((s for s in _SPACINGS if reach / s <= _MOST_SQUARES), _SPACINGS[-1])
    low = np.array([left, near]) - _FLOOR_MARGIN
    high = np.array([right, far]) + _FLOOR_MARGIN
    if at is not None:
        low = np.floor((low + at) / spacing) * spacing - at
        high = np.ceil((high + at) / spacing) * spacing - at
    return spacing, (float(low[0]), float(high[0]), float(low[1]), float(high[1]))


def _fit(seen: np.ndarray, width: float, height: float) -> tuple[float, float, float]:
    """The least distance from which points fit.

    Args:
        seen: (K, 3) metres right, down and away, from the point that the camera looks at.
        width, height: Of the room for them, in units of the focal length.

    Returns:
        The distance, and the middle of what is seen from there, right and down, in units of the focal length.
    """

    def bounds(distance: float) -> tuple[np.ndarray, np.ndarray]:
        flat = seen[:, :2] / (seen[:, 2:] + distance)
        return flat.min(axis=0), flat.max(axis=0)

    near = 1.0 - float(seen[:, 2].min())
    far = near + 4 * float(np.abs(seen).max()) / min(width, height)
    for _ in range(40):
        distance = (near + far) / 2
        low, high = bounds(distance)
        fits = bool((high - low <= (width, height)).all())
        near, far = (near, distance) if fits else (distance, far)
    low, high = bounds(far)
    across, down = (low + high) / 2
    return far, float(across), float(down)


def within_reach(poses: Poses) -> np.ndarray:
    """Which poses (N,) lie near enough to the others to be shown with them; those a kilometre off are mistakes."""
    if not len(poses):
        return np.ones(0, dtype=bool)
    places = poses.keypoints.astype(np.float64)
    return np.abs(places - np.median(places, axis=(0, 1))).max(axis=(1, 2)) < _FARTHEST


def placed(poses: Poses, left_to_right: tuple[int, ...]) -> np.ndarray:
    """World keypoints (N, J, 3), people side by side where all of their roots lie in one place."""
    points = poses.keypoints.astype(np.float64)
    if in_one_place(poses):
        people = sorted(poses.persons, key=lambda p: (left_to_right.index(p) if p in left_to_right else math.inf, p))
        for place, person in enumerate(people):
            points[poses.person_id == person, :, 0] += (place - (len(people) - 1) / 2) * 1.3
    return points


def in_one_place(poses: Poses) -> bool:
    """Whether several people have their roots in one place: nothing says where they are."""
    roots = poses.keypoints[:, poses.skeleton.root, :2]
    return len(poses.persons) > 1 and bool((roots.max(axis=0) - roots.min(axis=0)).max() <= 0.01)


def _smooth_centres(points: np.ndarray, frame: np.ndarray, video: Source) -> np.ndarray:
    """Where the people are on the floor, (T, 2) metres, smoothed over about a second and going on through gaps."""
    frames = max(video.frames, int(frame.max()) + 1)
    count = np.bincount(frame, minlength=frames)
    known = np.flatnonzero(count)
    centres = np.empty((frames, 2))
    for axis in (0, 1):
        total = np.bincount(frame, weights=points[:, :, axis].mean(axis=1), minlength=frames)
        centres[:, axis] = np.interp(np.arange(frames), known, total[known] / count[known])
    centres = np.clip(centres, *np.percentile(centres[known], _USUAL, axis=0))
    return gaussian_filter1d(centres, sigma=0.6 * video.fps, axis=0, mode="nearest")
