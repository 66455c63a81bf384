"""The 2D skeletons of a frame, drawn into its picture."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.ndimage import gaussian_filter1d

from in_the_wild.drawing.figure import Limbs, draw_label, limbs_of
from in_the_wild.drawing.order import depths_of, painting_order
from in_the_wild.drawing.rows import FrameRows
from in_the_wild.drawing.shapes import SHIFT, capsules, dashes, fill
from in_the_wild.drawing.style import USUAL, Style
from in_the_wild.drawing.trails import Trails
from in_the_wild.errors import InputError
from in_the_wild.look import DASH, DASH_GAP, DOTS_APART, Theme, doubts
from in_the_wild.poses import Poses
from in_the_wild.skeletons import Skeleton

_STEADY = 0.1  # seconds, standard deviation of the smoothing of scores and of sizes: lines must not flicker
_LABEL = 55  # of the picture's shorter side, one part is a label's height


class Overlay:
    """A clip's 2D skeletons, drawn frame by frame: the nearest person last, without flicker.

    Args:
        keypoints: In image space.
        world: Poses of the same people, which tell who is nearer; None takes the larger to be nearer.
        size: Width and height in pixels at which the video is shown.
        style: How skeletons look.

    Raises:
        InputError: keypoints in another space.
    """

    def __init__(self, keypoints: Poses, world: Poses | None, size: tuple[int, int], style: Style = USUAL) -> None:
        if keypoints.space != "image":
            raise InputError(f'The overlay draws poses in image space, found "{keypoints.space}".')
        video = keypoints.video
        scale = size[0] / video.width, size[1] / video.height
        self._points = (keypoints.keypoints.astype(np.float64) + 0.5) * scale - 0.5
        self._people, self._skeleton, self._style = keypoints.person_id, keypoints.skeleton, style
        self._rows = FrameRows(keypoints)
        extents = extents_of(self._points, keypoints.scores)
        depths = -extents if world is None or not len(world) else depths_of(keypoints, world)
        self._places = painting_order(depths, keypoints.frame, keypoints.person_id, fps=video.fps)
        self._scores, self._extents = keypoints.scores.astype(np.float64), extents
        for person in keypoints.persons:
            own = np.flatnonzero(keypoints.person_id == person)
            own = own[np.argsort(keypoints.frame[own], kind="stable")]
            smooth = gaussian_filter1d(self._scores[own], _STEADY * video.fps, axis=0, mode="nearest")
            self._scores[own] = np.where(self._scores[own] > 0, smooth, 0.0)
            self._extents[own] = gaussian_filter1d(extents[own], _STEADY * video.fps, mode="nearest")
        self._trails = Trails(keypoints, style.trails, style.trail)

    def draw(self, image: np.ndarray, frame: int) -> None:
        """Draw everybody in a frame into its picture: (H, W, 3), or (H, W, 4) with alpha."""
        rows = self._rows[frame]
        rows = rows[np.argsort(self._places[rows], kind="stable")]
        for person in self._people[rows].tolist() if self._style.trails else ():
            paths = self._points[self._trails.rows(person, frame)]
            self._trails.draw(image, paths, min(image.shape[:2]) / 200, self._style.theme)
        _draw(
            image, self._points[rows], self._scores[rows], self._people[rows], self._extents[rows],
            limbs_of(self._skeleton), self._style.theme,
        )  # fmt: skip


def draw_overlay(
    image: np.ndarray, keypoints: np.ndarray, scores: np.ndarray, people: np.ndarray, skeleton: Skeleton
) -> None:
    """Draw the 2D skeletons of one frame into `image`, the last on top.

    Joints scored 0, and limbs that end in one, are left out. Joints scored below 0.5 are hollow rings, and limbs that
    end in one dashed; of joints that nobody saw, which are guesses, only limbs are drawn, as dots.

    Args:
        image: (H, W, 3) uint8 RGB, drawn into.
        keypoints: (P, J, 2) pixels.
        scores: (P, J) in [0, 1].
        people: (P,) track ids, shown on a label by the head; -1 gets none.
        skeleton: Which joints these are.
    """
    points = np.asarray(keypoints, dtype=np.float64)
    _draw(image, points, scores, people, extents_of(points, scores), limbs_of(skeleton), USUAL.theme)


def extents_of(points: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """How large people are in a picture: the longer side of a box about their joints (P, J, 2) that are seen, (P,)."""
    seen = (scores > 0)[..., None]
    low = np.where(seen, points, np.inf).min(axis=1)
    high = np.where(seen, points, -np.inf).max(axis=1)
    return np.maximum(np.where(np.isfinite(high - low), high - low, 0.0).max(axis=1), 1.0)


def _draw(
    image: np.ndarray,
    points: np.ndarray,
    scores: np.ndarray,
    people: np.ndarray,
    extents: np.ndarray,
    limbs: Limbs,
    theme: Theme,
) -> None:
    """People in this order, then their labels, which nobody hides."""
    picture = min(image.shape[:2])
    for here, score, extent in zip(points, scores, extents, strict=True):
        if (score > 0).any():
            # Thick lines would bury people far away, so they scale with the person up to what suits the picture.
            radius = float(np.clip(0.008 * extent, 0.9, max(1.1, picture / 210)))
            _draw_skeleton(image, here, score, limbs, radius, theme)
    height = max(6.0, picture / _LABEL)
    for here, score, person, extent in zip(points, scores, people, extents, strict=True):
        seen = score > 0
        if person >= 0 and seen.any():
            head = [j for j in limbs.head if seen[j]]
            x = float(here[head, 0].mean() if head else here[seen, 0].mean())
            y = float(here[head, 1].min() if head else here[seen, 1].min())
            draw_label(image, int(person), (x, y - 0.09 * extent - 1.3 * height), height, theme)


def _draw_skeleton(
    image: np.ndarray, points: np.ndarray, score: np.ndarray, limbs: Limbs, radius: float, theme: Theme
) -> None:
    """One person's 2D limbs, then joints; `radius` is half of a limb's width in pixels."""
    doubt = doubts(score)  # (J,)
    weakest = np.minimum(score[limbs.a], score[limbs.b])  # (L,)
    worst = np.maximum(doubt[limbs.a], doubt[limbs.b])
    width = radius * np.where(limbs.small[limbs.b], 0.65, 1.0)
    outline = width + max(0.8, 0.4 * radius)
    a, b = points[limbs.a], points[limbs.b]
    drawn = [int(i) for i in np.argsort(weakest, kind="stable") if weakest[i] > 0]
    dark, bright = capsules(a, b, outline, outline), capsules(a, b, width, width)
    for i in drawn:
        if worst[i] == 0:
            fill(image, dark[i], theme.outline)
    for i in drawn:
        if worst[i] == 0:
            fill(image, bright[i], theme.sides[limbs.sides[i]])
        else:
            _draw_dashed(image, a[i], b[i], 0.6 * float(width[i]), theme, limbs.sides[i], dotted=worst[i] == 1)

    certain = doubt == 0
    size = radius * np.where(limbs.small, 0.9, 1.5) * np.where(certain, 1.0, 1.2)
    outline = size + 0.4 * radius
    # A capsule from a point to itself is a disc; OpenCV's own small circles look like diamonds.
    dark, bright = capsules(points, points, outline, outline), capsules(points, points, size, size)
    for j in np.flatnonzero(doubt < 1):
        colour = theme.sides[limbs.joint_sides[j]]
        if certain[j]:
            fill(image, dark[j], theme.outline)
            fill(image, bright[j], colour)
        else:
            ring = max(1, round(0.45 * radius))
            cv2.polylines(image, [bright[j]], True, (*colour, 255), ring, cv2.LINE_AA, SHIFT)


def _draw_dashed(
    image: np.ndarray, a: np.ndarray, b: np.ndarray, radius: float, theme: Theme, side: str, *, dotted: bool
) -> None:
    """A limb that ends in a joint which is not certain; in dots, where nobody saw it."""
    dash, gap = (0.0, DOTS_APART) if dotted else (DASH, DASH_GAP + 2)
    begins, ends = dashes(a, b, dash * radius, gap * radius)
    thick = np.full(len(begins), radius)
    rims = capsules(begins, ends, thick + 0.5 * radius, thick + 0.5 * radius)
    for rim, piece in zip(rims, capsules(begins, ends, thick, thick), strict=True):
        fill(image, rim, theme.outline)
        fill(image, piece, theme.sides[side])
