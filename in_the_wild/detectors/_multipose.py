"""MoveNet's multipose network as a finder of people: boxes of as many as a picture holds, small and far ones too.

    Votel and Li, "Next-Generation Pose Detection with MoveNet and TensorFlow.js", 2021
    Zhou et al., "Objects as Points", 2019, arXiv:1904.07850 (people are maxima of a map of centers)

Of the network only what boxes need is there, and it is read here without the limit of six people that the published
graph has. It knows nothing about keypoints.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from scipy.special import expit

from in_the_wild.detectors._litert import Network

_STRIDE = 4  # pixels of the network's picture in a cell of its maps
_MULTIPLE = 32  # of which the sides of its picture are
_SAME_CENTER = 5  # cells along the sides of a window that holds one person's center
# Of 49 people in 22 pictures, 46 to 48 were over it, and nothing else was.
_MIN_SCORE = 0.3
_SMALLEST = 4  # cells along the longer side of a box, below which it holds too little to tell a person by


class MultiPoseNetwork:
    """Boxes of the people in a picture.

    Args:
        path: The .tflite file.
        side: Pixels along the longer side of the picture that the network sees, a multiple of 32; more show smaller
            people.
        threads: See `Network`.
    """

    def __init__(self, path: Path, *, side: int = 512, threads: int | None = None) -> None:
        self._network = Network(path, threads=threads)
        self._side = side

    def __call__(self, image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Find people.

        Args:
            image: (H, W, 3) uint8 RGB.

        Returns:
            Boxes (P, 4) left, top, right, bottom in pixels, cut at the picture's edges, and scores (P,), the surest
            first.
        """
        height, width, _ = image.shape
        fitted, zoom = fit(image, self._side)
        found = self._network((fitted.astype(np.float32) / 127.5 - 1)[None])
        boxes, scores = decode(found["center"][0, :, :, 0], found["offset"][0], found["size"][0])
        return (boxes * _STRIDE / zoom).clip(0, [width, height, width, height]), scores


def fit(image: np.ndarray, side: int) -> tuple[np.ndarray, float]:
    """A picture as the network takes it: so many pixels along its longer side, black up to the next multiple of 32.

    Args:
        image: (H, W, 3) uint8.
        side: A multiple of 32.

    Returns:
        (H', W', 3) uint8 with the picture in the upper left corner, and how many of its pixels one of the image's is.
    """
    height, width, _ = image.shape
    zoom = side / max(height, width)
    rows, columns = max(1, round(height * zoom)), max(1, round(width * zoom))
    fitted = np.zeros((-(-rows // _MULTIPLE) * _MULTIPLE, -(-columns // _MULTIPLE) * _MULTIPLE, 3), np.uint8)
    # Without means over what becomes one pixel, small people in large pictures would fall apart.
    how = cv2.INTER_AREA if zoom < 1 else cv2.INTER_LINEAR
    fitted[:rows, :columns] = cv2.resize(image, (columns, rows), interpolation=how)
    return fitted, zoom


def decode(center: np.ndarray, offset: np.ndarray, size: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Read boxes from the network's maps.

    Args:
        center: (H, W) logits of somebody's center in a cell.
        offset: (H, W, 2) cells down and right from a cell's corner to the middle of the box whose center is there.
        size: (H, W, 2) height and width of that box in cells.

    Returns:
        Boxes (P, 4) left, top, right, bottom in cells, and scores (P,) in [0, 1], the surest first.
    """
    highest = cv2.dilate(center, np.ones((_SAME_CENTER, _SAME_CENTER), np.uint8))
    large = size.max(axis=2) >= _SMALLEST
    cells = np.argwhere((center == highest) & (expit(center) >= _MIN_SCORE) & large)  # (P, 2) row and column
    rows, columns = cells.T
    scores = expit(center[rows, columns].astype(np.float64))
    middle = cells + offset[rows, columns]
    half = size[rows, columns].clip(0) / 2
    boxes = np.concatenate([(middle - half)[:, ::-1], (middle + half)[:, ::-1]], axis=1)
    order = np.argsort(-scores, kind="stable")
    return boxes[order], scores[order]
