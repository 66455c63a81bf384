"""The 2D skeletons of a frame, drawn into its picture."""

from __future__ import annotations

import cv2
import numpy as np

from in_the_wild.drawing.figure import Limbs, draw_label, limbs_of
from in_the_wild.drawing.shapes import SHIFT, capsules, fill
from in_the_wild.look import CERTAIN, DARK
from in_the_wild.skeletons import Skeleton


def draw_overlay(
    image: np.ndarray, keypoints: np.ndarray, scores: np.ndarray, people: np.ndarray, skeleton: Skeleton
) -> None:
    """Draw the 2D skeletons of one frame into `image`.

    Joints scored 0, and limbs that end in one, are left out. Joints scored below 0.5 are hollow rings on thin limbs.

    Args:
        image: (H, W, 3) uint8 RGB, drawn into.
        keypoints: (P, J, 2) pixels.
        scores: (P, J) in [0, 1].
        people: (P,) track ids, shown on a label by the head; -1 gets none.
        skeleton: Which joints these are.
    """
    limbs = limbs_of(skeleton)
    picture = min(image.shape[:2])
    label_height = max(6.0, picture / 55)
    for points, score, person in zip(np.asarray(keypoints, dtype=np.float64), scores, people, strict=True):
        seen = score > 0
        if not seen.any():
            continue
        corner = points[seen].min(axis=0)
        extent = float(max((points[seen].max(axis=0) - corner).max(), 1.0))
        # Thick lines would bury people far away, so they scale with the person up to what suits the picture.
        radius = float(np.clip(0.008 * extent, 0.9, max(1.1, picture / 210)))
        _draw_skeleton(image, points, score, limbs, radius)
        if person >= 0:
            head = [j for j in limbs.head if seen[j]]
            x = float(points[head, 0].mean() if head else points[seen, 0].mean())
            y = float(points[head, 1].min() if head else corner[1])
            draw_label(image, int(person), x, y - 0.09 * extent - 1.3 * label_height, label_height)


def _draw_skeleton(image: np.ndarray, points: np.ndarray, score: np.ndarray, limbs: Limbs, radius: float) -> None:
    """One person's 2D limbs, then joints; `radius` is half of a limb's width in pixels."""
    weakest = np.minimum(score[limbs.a], score[limbs.b])  # (L,)
    small = limbs.small[limbs.b]
    width = radius * np.where(weakest < CERTAIN, 0.45, np.where(small, 0.65, 1.0))
    outline = width + np.where(weakest < CERTAIN, 0.0, max(0.8, 0.4 * radius))
    a, b = points[limbs.a], points[limbs.b]
    drawn = [int(i) for i in np.argsort(weakest, kind="stable") if weakest[i] > 0]
    dark, bright = capsules(a, b, outline, outline), capsules(a, b, width, width)
    for i in drawn:
        if weakest[i] >= CERTAIN:
            fill(image, dark[i], DARK.outline)
    for i in drawn:
        fill(image, bright[i], limbs.colours[i])

    certain = score >= CERTAIN
    size = radius * np.where(limbs.small, 0.9, 1.5) * np.where(certain, 1.0, 1.2)
    outline = size + 0.4 * radius
    # A capsule from a point to itself is a disc; OpenCV's own small circles look like diamonds.
    dark, bright = capsules(points, points, outline, outline), capsules(points, points, size, size)
    for j in np.flatnonzero(score > 0):
        if certain[j]:
            fill(image, dark[j], DARK.outline)
            fill(image, bright[j], limbs.joint_colours[j])
        else:
            ring = max(1, round(0.45 * radius))
            cv2.polylines(image, [bright[j]], True, limbs.joint_colours[j], ring, cv2.LINE_AA, SHIFT)
