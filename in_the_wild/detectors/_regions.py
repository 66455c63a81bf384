"""Regions: the turned squares of a picture that a network for one person looks at.

    Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020, arXiv:2006.10204, section 2

It knows nothing about networks.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np

# How much larger than the person a region is.
MARGIN = 1.25


@dataclass(frozen=True)
class Region:
    """A square, turned about its middle.

    Attributes:
        x: Of the middle, pixels.
        y: Of the middle, pixels.
        size: Side in pixels.
        angle: Radians by which what stands upright in the square is turned clockwise in the picture.
    """

    x: float
    y: float
    size: float
    angle: float = 0.0

    @classmethod
    def about_points(cls, middle: np.ndarray, top: np.ndarray) -> Region:
        """About the circle round the middle of the hips (2,) through a point above the head (2,), turned upright."""
        right, down = (float(value) for value in top - middle)
        angle = math.remainder(math.pi / 2 - math.atan2(-down, right), 2 * math.pi)
        return cls(float(middle[0]), float(middle[1]), 2 * math.hypot(right, down) * MARGIN, angle)

    @classmethod
    def about_box(cls, box: np.ndarray) -> Region:
        """Upright, about a box (4,): left, top, right, bottom in pixels."""
        left, top, right, bottom = (float(value) for value in box)
        return cls((left + right) / 2, (top + bottom) / 2, max(right - left, bottom - top) * MARGIN)

    @classmethod
    def of_picture(cls, image: np.ndarray) -> Region:
        """All of a picture, with a border on its shorter sides."""
        height, width = image.shape[:2]
        return cls(width / 2, height / 2, max(height, width))

    @property
    def possible(self) -> bool:
        """Whether there is anything to look at: finite, and larger than nothing."""
        return all(math.isfinite(value) for value in (self.x, self.y, self.size, self.angle)) and self.size >= 1

    def scaled(self, by: float) -> Region:
        """About the same middle, so many times as large."""
        return replace(self, size=self.size * by)

    def distance(self, other: Region) -> float:
        """Pixels from middle to middle."""
        return math.hypot(self.x - other.x, self.y - other.y)

    def to_picture(self, points: np.ndarray) -> np.ndarray:
        """Points (..., 2) of the square, in [0, 1] from its upper left corner, as pixels of the picture."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        turned = (points - 0.5) * self.size @ np.array([[cos, sin], [-sin, cos]])
        return turned + np.array([self.x, self.y])

    def turn(self, vectors: np.ndarray) -> np.ndarray:
        """Directions (..., 2 or 3) of the upright square as they are in the picture; a third coordinate stays."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        turned = vectors.copy()
        turned[..., :2] = vectors[..., :2] @ np.array([[cos, sin], [-sin, cos]])
        return turned

    def crop(self, image: np.ndarray, side: int) -> np.ndarray:
        """What is in the square, upright: (side, side, 3) uint8; black where there is no picture."""
        origin = self.to_picture(np.zeros(2))
        along_x, along_y = (self.to_picture(np.array(corner)) for corner in ((1.0, 0.0), (0.0, 1.0)))
        matrix = np.stack([(along_x - origin) / side, (along_y - origin) / side, origin], axis=1)
        return cv2.warpAffine(
            image, matrix, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_CONSTANT
        )
