"""Appearance: the colours of somebody's trunk and thighs in a picture, by which people are told apart.

Colours are L*a*b* (CIE 1976), in which distance is about what one sees. They are medians of some pixels between the
joints, so that stripes, hands and wrong edges hardly matter.

It knows nothing about detectors, or who is who.
"""

from __future__ import annotations

import cv2
import numpy as np

from in_the_wild.skeletons import Skeleton

# The parts that are looked at; each has L*, a* and b*.
PARTS = ("trunk", "thighs")
COLOURS = 3 * len(PARTS)

_TRUNK = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
_THIGHS = (("left_hip", "left_knee"), ("right_hip", "right_knee"))
_SEEN = 0.3  # a joint of a lower score does not tell where a part is
_INSIDE = np.linspace(0.2, 0.8, 7)  # shares of the way from joint to joint: cloth, not what is beside it


def appearance(image: np.ndarray, keypoints: np.ndarray, scores: np.ndarray, *, skeleton: Skeleton) -> np.ndarray:
    """What colours people have.

    Args:
        image: (H, W, 3) uint8 RGB.
        keypoints: (P, J, 2) pixels.
        scores: (P, J) in [0, 1].
        skeleton: Which joints these are.

    Returns:
        (P, COLOURS) float32: L*, a*, b* of each of the `PARTS`; NaN for a part that is not seen.
    """
    colours = np.full((len(keypoints), COLOURS), np.nan, dtype=np.float32)
    if not set(_TRUNK).union(*_THIGHS) <= set(skeleton.joints):
        return colours
    across, down = (grid.ravel()[:, None] for grid in np.meshgrid(_INSIDE, _INSIDE))
    for person, (points, sure) in enumerate(zip(keypoints, scores, strict=True)):
        trunk = skeleton.indices(*_TRUNK)
        if sure[trunk].min() >= _SEEN:
            left, right, left_hip, right_hip = points[trunk]
            chest, belt = left + (right - left) * across, left_hip + (right_hip - left_hip) * across
            colours[person, :3] = _median_colour(image, chest + (belt - chest) * down)
        thighs = [skeleton.indices(*thigh) for thigh in _THIGHS if sure[skeleton.indices(*thigh)].min() >= _SEEN]
        ways = [points[hip] + (points[knee] - points[hip]) * _INSIDE[:, None] for hip, knee in thighs]
        if ways:
            colours[person, 3:] = _median_colour(image, np.concatenate(ways))
    return colours


def _median_colour(image: np.ndarray, points: np.ndarray) -> np.ndarray:
    """(3,) L*, a*, b* of the pixels at some points (K, 2), NaN where fewer than half of them are in the picture."""
    x, y = np.floor(points).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < image.shape[1]) & (y < image.shape[0])
    if inside.mean() < 0.5:
        return np.full(3, np.nan)
    pixels = image[y[inside], x[inside]].astype(np.float32)[None] / 255
    return np.median(cv2.cvtColor(pixels, cv2.COLOR_RGB2Lab)[0], axis=0)
