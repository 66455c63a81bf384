"""Antialiased shapes and lines of text in pictures.

Coordinates are pixels, whose centres lie at whole numbers. Knows nothing about skeletons or scenes.
"""

from __future__ import annotations

import math
from functools import lru_cache

import cv2
import numpy as np

Colour = tuple[int, int, int]

SHIFT = 4  # OpenCV takes fixed-point coordinates: 4 binary digits, a sixteenth of a pixel
_FAR_PIXEL = 20_000.0  # coordinates beyond are cut off, lest the fixed-point numbers overflow
_ARC = np.linspace(-1.0, 1.0, 9)


def fixed(points: np.ndarray) -> np.ndarray:
    """Pixels (..., 2) as OpenCV's fixed-point int32. Pixel centres lie at whole numbers."""
    return np.rint(np.clip(np.nan_to_num(points), -_FAR_PIXEL, _FAR_PIXEL) * (1 << SHIFT)).astype(np.int32)


def capsules(a: np.ndarray, b: np.ndarray, radius_a: np.ndarray, radius_b: np.ndarray) -> np.ndarray:
    """Outlines of round-ended limbs: the hull of a circle about `a` and one about `b`.

    Args:
        a, b: (L, 2) pixels.
        radius_a, radius_b: (L,) pixels.

    Returns:
        (L, 18, 2) int32 fixed-point polygons.
    """
    along = b - a
    length = np.hypot(along[:, 0], along[:, 1])
    heading = np.arctan2(along[:, 1], along[:, 0])
    # The straight sides touch both circles: they leave the larger one later than at its full width.
    spread = np.arccos(np.clip((radius_a - radius_b) / np.maximum(length, 1e-6), -1.0, 1.0))
    angles_b = heading[:, None] + spread[:, None] * _ARC  # (L, 9)
    angles_a = heading[:, None] + math.pi + (math.pi - spread[:, None]) * _ARC
    angles = np.concatenate([angles_b, angles_a], axis=1)  # (L, 18)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)  # (L, 18, 2)
    circle[:, :9] = b[:, None] + circle[:, :9] * radius_b[:, None, None]
    circle[:, 9:] = a[:, None] + circle[:, 9:] * radius_a[:, None, None]
    return fixed(circle)


def fill(image: np.ndarray, polygon: np.ndarray, colour: tuple[int, ...]) -> None:
    """Fill a polygon of `fixed` points, antialiased."""
    cv2.fillConvexPoly(image, polygon, colour, cv2.LINE_AA, SHIFT)


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """`colour` with a share in 0..1 of `other`."""
    r, g, b = (round(x + (y - x) * share) for x, y in zip(colour, other, strict=True))
    return r, g, b


def draw_text(
    image: np.ndarray, text: str, x: float, y: float, height: float, colour: Colour, align: str = "left"
) -> None:
    """One line of text with capitals `height` pixels high, its base line at `y`."""
    font, scale, thickness, width = lettering(text, height)
    x -= {"left": 0.0, "middle": width / 2, "right": width}[align]
    cv2.putText(image, text, (round(x), round(y)), font, scale, colour, thickness, cv2.LINE_AA)


@lru_cache(maxsize=512)
def lettering(text: str, height: float) -> tuple[int, float, int, int]:
    """OpenCV's font, scale and line thickness for capitals of this height, and the text's width in pixels."""
    font = cv2.FONT_HERSHEY_DUPLEX if height >= 9 else cv2.FONT_HERSHEY_SIMPLEX  # double strokes clog when small
    scale, thickness = height / 21.0, max(1, round(height / 9))  # Hershey capitals are 21 units high
    (width, _), _ = cv2.getTextSize(text, font, scale, thickness)
    return font, scale, thickness, width
