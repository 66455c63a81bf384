"""BlazePose's two networks: one finds a person in a picture, one the landmarks of the person in a region.

    Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020, arXiv:2006.10204
    Bazarevsky et al., "BlazeFace: Sub-millisecond Neural Face Detection on Mobile GPUs", 2019, arXiv:1907.05047
    (anchors, and the mean of overlapping boxes in place of non-maximum suppression)
    Xu et al., "GHUM & GHUML", CVPR 2020 (what the landmarks in metres were fitted with)

What the networks read and give is that of the npm package @mediapipe/pose 0.5.1675469404, which the .tflite files are
from. It knows nothing about which person was where in the last picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import expit

from in_the_wild.detectors._litert import Network
from in_the_wild.detectors._regions import Region
from in_the_wild.skeletons import BLAZEPOSE33

_JOINTS = len(BLAZEPOSE33)
_POINTS = _JOINTS + 6  # two of the others say where the region for the next picture is
_HIPS, _TOP = _JOINTS, _JOINTS + 1

# The networks' outputs by the names that they have in the files.
_LANDMARKS, _PERSON, _SILHOUETTE, _HEATMAPS, _WORLD = "Identity", *(f"Identity_{number}" for number in (1, 2, 3, 4))
_BOXES, _BOX_SCORES = "Identity", "Identity_1"

_HEATMAP_REACH = 3  # cells around a landmark that refine it
_HEATMAP_SURE = 0.5  # below which no cell of a heat map is believed

_GRIDS = ((28, 2), (14, 2), (7, 6))  # cells along a side of the person detector's grids, and anchors in each
_MIN_SCORE = 0.5
_SAME_IOU = 0.3  # above which two boxes are one person


@dataclass(frozen=True)
class Landmarks:
    """What the landmark network says of one region.

    Attributes:
        points: (33, 2) pixels of the picture.
        visibility: (33,) in [0, 1]; low for joints that something hides.
        presence: (33,) in [0, 1]; low for joints beyond the picture's edge.
        silhouette: (33,) in [0, 1]; low where what is seen of the person does not reach.
        world: (33, 3) metres: x right, y down, z away from the camera, the middle of the hips at 0.
        person: In [0, 1]; whether there is a person at all.
        region: Where to look for the person in the next picture.
    """

    points: np.ndarray
    visibility: np.ndarray
    presence: np.ndarray
    silhouette: np.ndarray
    world: np.ndarray
    person: float
    region: Region


class LandmarkNetwork:
    """33 landmarks of the person in a region; heavy, full and lite alike.

    Args:
        path: The .tflite file.
        threads: See `Network`.
    """

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        self._network = Network(path, threads=threads)
        self._side = self._network.shape[1]

    def __call__(self, image: np.ndarray, region: Region) -> Landmarks:
        """Look at a region of a picture (H, W, 3) uint8 RGB."""
        crop = region.crop(image, self._side)
        found = self._network((crop.astype(np.float32) / 255)[None])
        marks = found[_LANDMARKS].reshape(_POINTS, 5).astype(np.float64)  # x, y, z in crop pixels, two logits
        points = refine_by_heatmaps(marks[:, :2] / self._side, found[_HEATMAPS][0])
        pixels = region.to_picture(points)
        return Landmarks(
            points=pixels[:_JOINTS],
            visibility=expit(marks[:_JOINTS, 3]),
            presence=expit(marks[:_JOINTS, 4]),
            silhouette=around_points(points[:_JOINTS], found[_SILHOUETTE][0, ..., 0]),
            world=region.turn(found[_WORLD].reshape(_POINTS, 3)[:_JOINTS].astype(np.float64)),
            person=float(found[_PERSON].item()),
            region=Region.about_points(pixels[_HIPS], pixels[_TOP]),
        )


class PersonNetwork:
    """BlazePose's own person detector: people, of whom the surest is found best, as regions.

    Args:
        path: The .tflite file.
        threads: See `Network`.
    """

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        self._network = Network(path, threads=threads)
        self._side = self._network.shape[1]
        self._anchors = anchors()

    def __call__(self, image: np.ndarray, most: int) -> list[Region]:
        """Regions of up to so many people in a picture (H, W, 3) uint8 RGB, the surest first."""
        whole = Region.of_picture(image)
        crop = whole.crop(image, self._side)
        found = self._network((crop.astype(np.float32) / 127.5 - 1)[None])
        scores = expit(found[_BOX_SCORES][0, :, 0].astype(np.float64))
        sure = scores >= _MIN_SCORE
        # Middle, size and four points, in sides of the picture; all but the size are told from the anchor.
        raw = found[_BOXES][0][sure].reshape(-1, 6, 2).astype(np.float64) / self._side
        middles, sizes = raw[:, 0] + self._anchors[sure], raw[:, 1]
        points = raw[:, 2:] + self._anchors[sure][:, None]
        boxes = np.concatenate([middles - sizes / 2, middles + sizes / 2], axis=1)
        people = _mean_of_overlapping(boxes, scores[sure], points)[:most]
        pixels = [whole.to_picture(person) for person in people]
        return [Region.about_points(person[0], person[1]) for person in pixels]


def anchors() -> np.ndarray:
    """(2254, 2) the middles of all cells, in sides of the picture, as often as a cell has anchors."""
    parts = []
    for cells, in_each in _GRIDS:
        middles = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(middles, middles, indexing="ij")
        parts.append(np.stack([x, y], axis=-1).reshape(-1, 2).repeat(in_each, axis=0))
    return np.concatenate(parts)


def refine_by_heatmaps(points: np.ndarray, heatmaps: np.ndarray) -> np.ndarray:
    """Move landmarks to the mean of the heat map around them, weighted by what it says there.

    A landmark stays where it is if it is outside the map, or if no cell around is sure.

    Args:
        points: (K, 2) x, y in sides of the region.
        heatmaps: (H, W, K) logits.

    Returns:
        (K, 2).
    """
    height, width, _ = heatmaps.shape
    cells = np.floor(points * (width, height)).astype(np.int64)  # (K, 2)
    inside = ((cells >= 0) & (cells < (width, height))).all(axis=1)
    around = np.arange(-_HEATMAP_REACH, _HEATMAP_REACH + 1)
    x, y = cells[:, 0, None] + around, cells[:, 1, None] + around  # (K, 7)
    there = ((y >= 0) & (y < height))[:, :, None] & ((x >= 0) & (x < width))[:, None, :]  # (K, 7, 7)
    logits = heatmaps[
        y.clip(0, height - 1)[:, :, None], x.clip(0, width - 1)[:, None, :], np.arange(len(points))[:, None, None]
    ]
    weights = np.where(there, expit(logits.astype(np.float64)), 0)
    total = weights.sum(axis=(1, 2))
    moved = np.stack([(weights.sum(axis=1) * x).sum(axis=1), (weights.sum(axis=2) * y).sum(axis=1)], axis=1)
    moved = np.divide(moved, total[:, None], out=np.zeros_like(moved), where=total[:, None] > 0) / (width, height)
    believed = inside & (weights.max(axis=(1, 2)) >= _HEATMAP_SURE)
    return np.where(believed[:, None], moved, points)


def around_points(points: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """(K,) in [0, 1], the mean of a map (H, W) in the nine cells around points (K, 2) in sides of it.

    Of a point beyond the map the nearest cells tell.
    """
    height, width = logits.shape
    x, y = np.clip(np.floor(points * (width, height)).astype(np.int64), 1, (width - 2, height - 2)).T
    near = np.arange(-1, 2)
    cells = logits[y[:, None, None] + near[:, None], x[:, None, None] + near]
    mean: np.ndarray = expit(cells.astype(np.float64)).mean(axis=(1, 2))
    return mean


def _mean_of_overlapping(boxes: np.ndarray, scores: np.ndarray, points: np.ndarray) -> list[np.ndarray]:
    """BlazeFace's way to have each person once: boxes that overlap the surest one are averaged with it, by score.

    Args:
        boxes: (N, 4) left, top, right, bottom.
        scores: (N,).
        points: (N, K, 2) what is averaged.

    Returns:
        (K, 2) for each person, the surest first.
    """
    low, high = boxes[:, :2], boxes[:, 2:]
    areas = (high - low).prod(axis=1)
    left, people = np.argsort(-scores, kind="stable"), []
    while left.size:
        best = left[0]
        shared = (np.minimum(high[left], high[best]) - np.maximum(low[left], low[best])).clip(0).prod(axis=1)
        same = shared > _SAME_IOU * (areas[left] + areas[best] - shared)
        same[0] = True  # also a box without a size
        one = left[same]
        people.append(np.average(points[one], axis=0, weights=scores[one]))
        left = left[~same]
    return people
