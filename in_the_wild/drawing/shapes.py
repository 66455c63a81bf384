"""Antialiased shapes in pictures, with or without a background.

Coordinates are pixels, whose centres lie at whole numbers. A picture is (H, W, 3) uint8 RGB, or (H, W, 4) with alpha
that its colours are multiplied by: blending then is the same in every channel. Knows nothing about skeletons or scenes.
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from in_the_wild.look import Colour

SHIFT = 4  # OpenCV takes fixed-point coordinates: 4 binary digits, a sixteenth of a pixel
_FAR_PIXEL = 20_000.0  # coordinates beyond are cut off, lest the fixed-point numbers overflow
_MOST_DASHES = 60  # of one line, however long a detector gone wild makes it
_ARC = np.linspace(-1.0, 1.0, 9)


def empty(width: int, height: int, background: Colour | None) -> np.ndarray:
    """A picture of one colour: (H, W, 3); or one of nothing: (H, W, 4), wholly transparent."""
    if background is None:
        return np.zeros((height, width, 4), dtype=np.uint8)
    image = np.empty((height, width, 3), dtype=np.uint8)
    image[:] = background
    return image


def straight(image: np.ndarray) -> np.ndarray:
    """A picture whose colours are no longer multiplied by its alpha, as files have them; one without alpha as it is."""
    if image.shape[2] == 3:
        return image
    alpha = image[:, :, 3]
    colours = cv2.divide(image[:, :, :3], cv2.merge((alpha, alpha, alpha)), scale=255)
    return cv2.merge((*cv2.split(colours), alpha))


def fixed(points: np.ndarray) -> np.ndarray:
    """Pixels (..., 2) as OpenCV's fixed-point int32, 0 for NaN. Pixel centres lie at whole numbers."""
    # Called for every limb: np.clip and np.nan_to_num would take longer than all the rest of it.
    near = np.minimum(np.maximum(np.where(np.isnan(points), 0.0, points), -_FAR_PIXEL), _FAR_PIXEL)
    return np.rint(near * (1 << SHIFT)).astype(np.int32)


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
    narrowing = (radius_a - radius_b) / np.maximum(length, 1e-6)
    spread = np.arccos(np.minimum(np.maximum(narrowing, -1.0), 1.0))
    angles_b = heading[:, None] + spread[:, None] * _ARC  # (L, 9)
    angles_a = heading[:, None] + math.pi + (math.pi - spread[:, None]) * _ARC
    angles = np.concatenate([angles_b, angles_a], axis=1)  # (L, 18)
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=-1)  # (L, 18, 2)
    circle[:, :9] = b[:, None] + circle[:, :9] * radius_b[:, None, None]
    circle[:, 9:] = a[:, None] + circle[:, 9:] * radius_a[:, None, None]
    return fixed(circle)


def dashes(a: np.ndarray, b: np.ndarray, dash: float, gap: float) -> tuple[np.ndarray, np.ndarray]:
    """The dashes of a line from `a` to `b`, (2,) pixels each: their beginnings and ends, (D, 2); both ends get one."""
    length = float(np.hypot(*(b - a)))
    pieces = min(max(1, round((length + gap) / (dash + gap))), _MOST_DASHES)
    # So many dashes with their gaps between them just fill the line.
    stretch = length / max(pieces * dash + (pieces - 1) * gap, 1e-9)
    begin = np.arange(pieces) * (dash + gap) * stretch
    heading = (b - a) / max(length, 1e-9)
    return a + begin[:, None] * heading, a + (begin + dash * stretch)[:, None] * heading


def fill(image: np.ndarray, polygon: np.ndarray, colour: tuple[int, ...]) -> None:
    """Fill a polygon of `fixed` points, antialiased."""
    cv2.fillConvexPoly(image, polygon, (*colour, 255), cv2.LINE_AA, SHIFT)


def stroke(image: np.ndarray, lines: np.ndarray, colour: Colour, width: float, *, closed: bool = False) -> None:
    """Draw lines (L, N, 2) in pixels, antialiased."""
    cv2.polylines(image, list(fixed(lines)), closed, (*colour, 255), max(1, round(width)), cv2.LINE_AA, SHIFT)


def mix(colour: Colour, other: Colour, share: float) -> Colour:
    """`colour` with a share in 0..1 of `other`."""
    r, g, b = (round(x + (y - x) * share) for x, y in zip(colour, other, strict=True))
    return r, g, b
