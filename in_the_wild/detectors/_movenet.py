"""MoveNet's single-pose networks, lightning and thunder: 17 keypoints of the person in the middle of a region.

    Votel and Li, "Next-Generation Pose Detection with MoveNet and TensorFlow.js", 2021
    https://www.kaggle.com/models/google/movenet

The network is cut where its convolutions end; what it says is read here as its published graph does. It knows nothing
about which person was where in the last picture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.special import expit

from in_the_wild.detectors._litert import Network
from in_the_wild.detectors._regions import Region
from in_the_wild.skeletons import COCO17

_JOINTS = len(COCO17)
_NEAR = 1.8  # cells added to a distance that a map is divided by, so that what is near counts about alike

_SEEN = 0.2  # score from which a joint counts as seen
_SHOULDERS, _HIPS = (COCO17.indices(f"left_{part}", f"right_{part}") for part in ("shoulder", "hip"))
_TORSOS = 3.0  # the least side of a region, in lengths of the torso


class KeypointNetwork:
    """17 keypoints of the person in a region.

    Args:
        path: The .tflite file.
        threads: See `Network`.
    """

    def __init__(self, path: Path, *, threads: int | None = None) -> None:
        self._network = Network(path, threads=threads)
        self._side = self._network.shape[1]

    def __call__(self, image: np.ndarray, region: Region) -> tuple[np.ndarray, np.ndarray]:
        """Look at a region of a picture (H, W, 3) uint8 RGB: keypoints (17, 2) in its pixels, and scores (17,)."""
        crop = region.crop(image, self._side)
        points, scores = decode(self._network((crop.astype(np.float32) / 127.5 - 1)[None]))
        return region.to_picture(points), scores


def decode(maps: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Read keypoints from the network's maps.

    The person is the one whose center is surest and near the middle. From there a first guess of each keypoint is told,
    and the keypoint is where its heat map is high near the guess.

    Args:
        maps: "center" (1, H, W, 1) and "heatmaps" (1, H, W, 17) logits; "regression" (1, H, W, 34) from a person's
            center to the keypoints and "offsets" (1, H, W, 34) from cells to keypoints in them, down and right, cells.

    Returns:
        Keypoints (17, 2) x, y in [0, 1] from the upper left corner, and scores (17,) in [0, 1].
    """
    heatmaps = expit(maps["heatmaps"][0])  # (H, W, 17)
    sides = heatmaps.shape[:2]
    middle = np.array([sides], np.float32) / 2
    center = _highest(expit(maps["center"][0]) / _distance(sides, middle))[0]
    guesses = center + maps["regression"][0][tuple(center)].reshape(_JOINTS, 2)
    found = _highest(heatmaps / _distance(sides, guesses))  # (17, 2)
    rows, columns = found.T
    joints = np.arange(_JOINTS)
    offsets = maps["offsets"][0][rows, columns].reshape(_JOINTS, _JOINTS, 2)[joints, joints]
    points = (found + offsets) / sides
    return points[:, ::-1].astype(np.float64), heatmaps[rows, columns, joints].astype(np.float64)


def next_region(points: np.ndarray, scores: np.ndarray) -> Region:
    """Where to look for a person in the next picture: upright, about the joints that are seen.

    The rule that MoveNet is published with, a square about the hips, shows people smaller, and keypoints of rendered
    people are 6 (thunder) to 10 in 100 (lightning) farther off. What it is good for is kept: where few joints are seen,
    there is room for a body about the torso.

    Args:
        points: (17, 2) pixels.
        scores: (17,) the network's.
    """
    torso = points[list(_SHOULDERS + _HIPS)]
    hips = points[list(_HIPS)].mean(axis=0)
    seen = np.concatenate([points[scores >= _SEEN], torso])
    region = Region.about_box(np.concatenate([seen.min(axis=0), seen.max(axis=0)]))
    return replace(region, size=max(region.size, _TORSOS * float(np.abs(torso - hips).max())))


def _distance(sides: tuple[int, int], points: np.ndarray) -> np.ndarray:
    """(H, W, N) cells from each cell of a map to points (N, 2) row and column, and a little more."""
    down = np.arange(sides[0], dtype=np.float32)[:, None, None] - points[:, 0].astype(np.float32)
    right = np.arange(sides[1], dtype=np.float32)[:, None] - points[:, 1].astype(np.float32)
    return np.sqrt(down**2 + right**2) + _NEAR


def _highest(maps: np.ndarray) -> np.ndarray:
    """(N, 2) row and column of the highest cells of maps (H, W, N)."""
    height, width, number = maps.shape
    return np.stack(np.unravel_index(maps.reshape(-1, number).argmax(axis=0), (height, width)), axis=1)
