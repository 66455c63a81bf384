"""Where a 3D scene is seen from: the view that is asked for, and the camera of one frame."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from in_the_wild.errors import InputError


@dataclass(frozen=True)
class View3D:
    """How the 3D panel looks at the scene.

    Attributes:
        angle: Degrees about the vertical; at 0 it looks the way the video's camera does, above it from further left,
            at 90 from the left.
        turn: Degrees by which the camera swings to either side of `angle`; 0 keeps it still.
        period: Seconds of one whole swing.
        elevation: Degrees by which it looks down.
        field_of_view: Degrees; 1 has hardly any perspective.
        follow: Whether the camera goes along with the people, at the same scale throughout. None lets it, when people
            walk so far that they would be drawn too small otherwise.

    Raises:
        InputError: a value out of range.
    """

    angle: float = 25.0
    turn: float = 0.0
    period: float = 12.0
    elevation: float = 12.0
    field_of_view: float = 28.0
    follow: bool | None = None

    def __post_init__(self) -> None:
        if self.period <= 0:
            raise InputError(f"The period of the turning camera must be above 0 seconds, found {self.period:g}.")
        if not 0 <= self.elevation <= 90:
            raise InputError(f"The 3D view's elevation must lie in 0..90 degrees, found {self.elevation:g}.")
        if not 1 <= self.field_of_view <= 100:
            raise InputError(f"The 3D view's field of view must lie in 1..100 degrees, found {self.field_of_view:g}.")

    def angle_at(self, seconds: float) -> float:
        """The camera's angle in radians at a time of the video; `angle` itself at time 0."""
        return math.radians(self.angle + self.turn * math.sin(2 * math.pi * seconds / self.period))

    def focal(self, size: tuple[int, int]) -> float:
        """Focal length in pixels, of a panel of this width and height."""
        return min(size) / 2 / math.tan(math.radians(self.field_of_view) / 2)


TURNTABLE = 35.0  # degrees that the camera swings to either side where it is asked to


@dataclass(frozen=True)
class Pinhole:
    """A camera that looks at a point of the world (x right, y away from the video's camera, z up) without roll.

    Attributes:
        target: (3,) metres, the point that is projected to `centre`.
        angle: Radians about the vertical; at 0 it looks along +y, with +x to the right.
        elevation: Radians by which it looks down.
        distance: Metres from the target.
        focal: Pixels.
        centre: Pixels at which the target appears.
    """

    target: np.ndarray
    angle: float
    elevation: float
    distance: float
    focal: float
    centre: tuple[float, float]

    def axes(self) -> np.ndarray:
        """(3, 3): the camera's right, down and forward directions in the world, one a row."""
        return camera_axes(self.angle, self.elevation)

    def place(self) -> np.ndarray:
        """(3,): where the camera stands."""
        place: np.ndarray = self.target - self.distance * self.axes()[2]
        return place

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Points (..., 3) in world metres to pixels (..., 2) and depths (...) in metres."""
        seen = (points - self.target) @ self.axes().T
        depth = seen[..., 2] + self.distance
        scale = self.focal / np.maximum(depth, 1e-3)
        return seen[..., :2] * scale[..., None] + np.asarray(self.centre), depth


def camera_axes(angle: float, elevation: float) -> np.ndarray:
    """(3, 3): a camera's right, down and forward directions in the world, one a row; angles in radians."""
    sin_a, cos_a, sin_e, cos_e = math.sin(angle), math.cos(angle), math.sin(elevation), math.cos(elevation)
    right = (cos_a, -sin_a, 0.0)
    down = (-sin_a * sin_e, -cos_a * sin_e, -cos_e)
    forward = (sin_a * cos_e, cos_a * cos_e, -sin_e)
    return np.array((right, down, forward))
