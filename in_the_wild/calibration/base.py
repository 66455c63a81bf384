"""What a calibration says of a camera: focal lengths, principal point, distortion, and the way to rays and back.

It knows nothing about files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from in_the_wild.errors import InputError

# How many coefficients OpenCV's models of distortion have; its fisheye model always has 4.
_COEFFICIENTS = (0, 4, 5, 8, 12, 14)
# Ratios of width to height that differ by less are one: sizes are rounded.
_SAME_SHAPE = 0.01
# Steps of undistorting, and pixels by which it may be wrong after them.
_STEPS, _EXACT = 50, 1e-4


@dataclass(frozen=True)
class Calibration:
    """One calibrated camera.

    Attributes:
        name: What it is called in its file.
        size: Pixels, width and height, of the pictures that it was calibrated with; None where nobody knows.
        focal: Pixels, along x and y.
        centre: The principal point, pixels.
        distortion: Coefficients as OpenCV orders them: k1, k2, p1, p2, k3 ..., or of its fisheye model k1 to k4.
        fisheye: Whether they are those of the fisheye model.

    Raises:
        InputError: numbers that no camera has.
    """

    name: str
    size: tuple[int, int] | None
    focal: tuple[float, float]
    centre: tuple[float, float]
    distortion: tuple[float, ...] = ()
    fisheye: bool = False

    def __post_init__(self) -> None:
        numbers = (*self.focal, *self.centre, *self.distortion, *(self.size or (1, 1)))
        if not np.isfinite(numbers).all() or min(*self.focal, *(self.size or (1, 1))) <= 0:
            raise InputError(f"Camera {self.name} was expected to have finite numbers, and a size and focal above 0.")
        allowed = (0, 4) if self.fisheye else _COEFFICIENTS
        if len(self.distortion) not in allowed:
            raise InputError(
                f"Camera {self.name} has {len(self.distortion)} coefficients of distortion; expected are "
                f"{', '.join(map(str, allowed))}."
            )

    @property
    def mean_focal(self) -> float:
        """The focal length of the pinhole camera that comes nearest, pixels."""
        return float(np.sqrt(self.focal[0] * self.focal[1]))

    def of_size(self, width: float, height: float) -> Calibration:
        """The same camera with pictures of another size.

        Raises:
            InputError: pictures of another shape, of which nobody knows what was cut off.
        """
        if self.size is None:
            return self
        own_width, own_height = self.size
        if abs(np.log((width / height) / (own_width / own_height))) > _SAME_SHAPE:
            raise InputError(
                f"Camera {self.name} was calibrated with pictures of {own_width}x{own_height}; those of this video are "
                f"{width:g}x{height:g}, another shape. Give a calibration of the same lens and shape."
            )
        x, y = width / own_width, height / own_height
        return replace(
            self,
            size=(round(width), round(height)),
            focal=(self.focal[0] * x, self.focal[1] * y),
            centre=(self.centre[0] * x, self.centre[1] * y),
        )

    @property
    def matrix(self) -> np.ndarray:
        """(3, 3) the camera matrix."""
        return np.array([[self.focal[0], 0, self.centre[0]], [0, self.focal[1], self.centre[1]], [0, 0, 1]])

    def rays(self, pixels: np.ndarray) -> np.ndarray:
        """Pixels (..., 2) as x / z and y / z in camera space, without distortion."""
        import cv2

        flat = np.ascontiguousarray(pixels, dtype=np.float64).reshape(-1, 1, 2)
        coefficients = np.array(self.distortion)
        if self.fisheye and len(coefficients):
            found = cv2.fisheye.undistortPoints(flat, self.matrix, coefficients)
        else:
            enough = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, _STEPS, _EXACT / self.mean_focal)
            found = cv2.undistortPointsIter(flat, self.matrix, coefficients, np.eye(3), np.eye(3), enough)
        return found.reshape(pixels.shape)

    def pixels(self, rays: np.ndarray) -> np.ndarray:
        """The inverse of `rays`: where x / z and y / z (..., 2) are in the picture."""
        import cv2

        flat = np.ascontiguousarray(rays, dtype=np.float64).reshape(-1, 1, 2)
        coefficients = np.array(self.distortion)
        if self.fisheye and len(coefficients):
            found = cv2.fisheye.distortPoints(flat, self.matrix, coefficients)
        else:
            points = np.concatenate([flat, np.ones((len(flat), 1, 1))], axis=2)
            found, _ = cv2.projectPoints(points, np.zeros(3), np.zeros(3), self.matrix, coefficients)
        return found.reshape(rays.shape)


def of_matrix(name: str, matrix: Any, distortion: Any = (), *, size: Any = None, fisheye: Any = False) -> Calibration:
    """A camera of the numbers in a file.

    Args:
        name: What it is called.
        matrix: Nine numbers, or three rows of three.
        distortion: Coefficients, in any grouping.
        size: Width and height.
        fisheye: See `Calibration`.

    Raises:
        InputError: no camera's numbers.
    """
    try:
        k = np.array(matrix, dtype=np.float64).reshape(3, 3)
        coefficients = tuple(np.array(distortion, dtype=np.float64).ravel().tolist())
        width_height = None if size is None else (int(size[0]), int(size[1]))
    except (TypeError, ValueError, IndexError, OverflowError):
        raise InputError(
            f"Camera {name} was expected to have a matrix of nine numbers, found something else."
        ) from None
    return Calibration(
        name, width_height, (float(k[0, 0]), float(k[1, 1])), (float(k[0, 2]), float(k[1, 2])), coefficients,
        fisheye=bool(fisheye),
    )  # fmt: skip


def first_of(data: Mapping[str, Any], *names: str) -> Any:
    """The value of the first of these names, in capitals or not, that is there; None without one."""
    lowered = {str(key).lower(): value for key, value in data.items()}
    return next((lowered[name] for name in names if lowered.get(name) is not None), None)
