"""The shadow that a body throws on the floor."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_cli.datasets.synthetic.mannequin.camera import Camera
from pose3d_cli.datasets.synthetic.mannequin.cones import RoundCone
from pose3d_cli.datasets.synthetic.mannequin.vectors import Array

SHADOW_METRES_PER_PIXEL = 0.02


def cast_shadow(
    image: NDArray[np.uint8], parts: Sequence[RoundCone], *, camera: Camera, light: Array
) -> NDArray[np.uint8]:
    """Darken the floor where `parts` stand in the light: drawn from above, blurred, laid into the picture."""
    if light[2] <= 0.1:
        return image
    ends = np.array([[part.a, part.b] for part in parts])  # (N, 2, 3)
    radii = np.array([_thickness(part) for part in parts])
    on_floor = ends[..., :2] - light[:2] / light[2] * ends[..., 2:]
    margin = 0.4
    low, high = on_floor.min(axis=(0, 1)) - margin, on_floor.max(axis=(0, 1)) + margin
    width, height = np.ceil((high - low) / SHADOW_METRES_PER_PIXEL).astype(int)
    if max(width, height) > 4000:
        return image  # people so far apart, or joints so broken, that the map would not fit
    sheet = np.zeros((height, width), dtype=np.uint8)
    for (a, b), radius in zip((on_floor - low) / SHADOW_METRES_PER_PIXEL, radii / SHADOW_METRES_PER_PIXEL, strict=True):
        first, second = ([round(float(v) * 16) for v in p] for p in (a, b))
        cv2.line(sheet, first, second, (255,), max(1, round(2 * float(radius))), cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(sheet, (0, 0), 0.05 / SHADOW_METRES_PER_PIXEL)

    metres = np.array([[SHADOW_METRES_PER_PIXEL, 0, low[0]], [0, SHADOW_METRES_PER_PIXEL, low[1]], [0, 0, 1]])
    floor = camera.K @ np.column_stack([camera.R[:, 0], camera.R[:, 1], camera.t]) @ metres
    fall = cv2.warpPerspective(soft, floor, (camera.width, camera.height), flags=cv2.INTER_LINEAR)
    lit = 255 - (fall * 0.5).astype(np.uint8)
    return np.asarray(cv2.multiply(image, cv2.merge([lit] * 3), scale=1 / 255), dtype=np.uint8)


def _thickness(part: RoundCone) -> float:
    """A typical radius in metres of a part that may be flattened."""
    return 0.5 * (part.ra + part.rb) / float(np.cbrt(abs(np.linalg.det(part.shape))))
