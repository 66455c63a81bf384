"""Person detectors: they find the people whom a top-down network then looks at.

MoveNet's multipose comes along; YOLOX and RTMDet are .onnx files.

They come as mmdeploy exports them, with non-maximum suppression in the network, and YOLOX also as its authors export
it, without.

    Ge et al., "YOLOX: Exceeding YOLO Series in 2021", 2021, arXiv:2107.08430
    Lyu et al., "RTMDet: An Empirical Study of Designing Real-Time Object Detectors", 2022, arXiv:2212.07784

It knows nothing about keypoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np

from in_the_wild.checkpoints import downloads
from in_the_wild.detectors import _litert, _networks
from in_the_wild.detectors._multipose import MultiPoseNetwork
from in_the_wild.detectors._onnx import Network, about, letterbox, to_batch
from in_the_wild.detectors._region_detector import FINDER, asset
from in_the_wild.errors import WeightsError

# RTMDet was trained on normalised pixels, YOLOX was not; in the order B, G, R.
_RTMDET_MEAN, _RTMDET_DEVIATION = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)
_DEFAULT_SIZE = 640  # of a network that takes pictures of any size
_MIN_SCORE = 0.3
_NMS_IOU = 0.45  # above which two boxes are one person
_PICTURE = "picture"
_STRIDES = (8, 16, 32)  # of YOLOX's three grids


class PersonFinder(Protocol):
    """Finds people in a picture.

    Attributes:
        settings: What tells it from others, for `Detector.settings`.
    """

    settings: Mapping[str, str]

    def __call__(self, image: np.ndarray, persons: int) -> np.ndarray:
        """Up to so many people in (H, W, 3) uint8 RGB: (P, 4) left, top, right, bottom, pixels, the surest first."""


def person_finder(given: str | None, *, tell: downloads.Tell = downloads.tell_nobody) -> PersonFinder:
    """What a person names.

    Args:
        given: None is multipose, "picture" takes the whole picture for one person; otherwise see `PersonDetector`.
        tell: Told in a sentence when a file is fetched.

    Raises:
        PluginError: what runs it is not installed.
        WeightsError: no such file, one that cannot be fetched, or one that is no such network.
    """
    if given is None:
        return _MultiPose()
    return _WholePicture() if given == _PICTURE else PersonDetector(given, tell=tell)


class _MultiPose:
    """MoveNet's multipose."""

    def __init__(self) -> None:
        path = asset(FINDER)
        self.settings: Mapping[str, str] = _litert.about(path)
        self._network = MultiPoseNetwork(path)

    def __call__(self, image: np.ndarray, persons: int) -> np.ndarray:
        boxes, _ = self._network(image)
        return boxes[:persons].astype(np.float32)


class _WholePicture:
    """One person, who fills the picture."""

    settings: Mapping[str, str] = MappingProxyType({"file": _PICTURE})

    def __call__(self, image: np.ndarray, persons: int) -> np.ndarray:
        height, width, _ = image.shape
        return np.array([[0, 0, width, height]], dtype=np.float32)


class PersonDetector:
    """Boxes of the people in a picture.

    Args:
        weights: An .onnx file of YOLOX or RTMDet, or a published one by name. The two take pixels differently, and a
            file does not say which it is: it is RTMDet's where its name holds "rtmdet".
        tell: Told in a sentence when a file is fetched.

    Attributes:
        settings: What tells its file from others, for `Detector.settings`.

    Raises:
        PluginError: onnxruntime is not installed.
        WeightsError: no such file, one that cannot be fetched, or one that is no such network.
    """

    def __init__(self, weights: str, *, tell: downloads.Tell = downloads.tell_nobody) -> None:
        path = downloads.find(weights, _networks.PERSON_DETECTORS, kind="person detector", tell=tell)
        self.settings: Mapping[str, str] = about(path)
        self._network = Network(path)
        self._height, self._width = (side or _DEFAULT_SIZE for side in self._network.size)
        self._normalise = "rtmdet" in path.name.lower()
        self(np.zeros((8, 8, 3), dtype=np.uint8), 1)  # a network of another kind is found out now

    def __call__(self, image: np.ndarray, persons: int) -> np.ndarray:
        """Find people.

        Args:
            image: (H, W, 3) uint8 RGB.
            persons: The most to return.

        Returns:
            (P, 4) left, top, right, bottom in pixels, float32, the surest first.
        """
        boxed, ratio = letterbox(image, self._height, self._width)
        pixels = boxed[..., ::-1].astype(np.float32)  # BGR
        if self._normalise:
            pixels = (pixels - _RTMDET_MEAN) / _RTMDET_DEVIATION
        boxes, scores = self._decode(self._network(to_batch(pixels[None])))
        sure = scores > _MIN_SCORE
        boxes, scores = boxes[sure] / ratio, scores[sure]
        return boxes[nms(boxes, scores)[:persons]].astype(np.float32)

    def _decode(self, outputs: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Boxes (N, 4) in input pixels and the scores (N,) of their being people."""
        found, *others = outputs.values()
        if found.ndim == 3 and found.shape[2] == 5:  # left, top, right, bottom, score
            boxes, scores = found[0, :, :4], found[0, :, 4]
            for labels in others:
                if labels.shape == found.shape[:2]:
                    people = labels[0] == 0
                    return boxes[people], scores[people]
            return boxes, scores
        grids = [(self._height // stride, self._width // stride, stride) for stride in _STRIDES]
        if (
            found.ndim == 3
            and found.shape[2] > 5
            and found.shape[1] == sum(rows * columns for rows, columns, _ in grids)
        ):
            corners = np.concatenate(
                [
                    np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).reshape(-1, 2)
                    for rows, columns, _ in grids
                ]
            )
            strides = np.concatenate([np.full((rows * columns, 1), stride) for rows, columns, stride in grids])
            middle, size = (found[0, :, :2] + corners) * strides, np.exp(found[0, :, 2:4]) * strides
            return np.concatenate([middle - size / 2, middle + size / 2], axis=1), found[0, :, 4] * found[0, :, 5]
        shapes = ", ".join(f"{name} {value.shape}" for name, value in outputs.items())
        raise WeightsError(
            f"{self._network.path.name} is no person detector of YOLOX or RTMDet: an output of shape (1, N, 5), or "
            f"YOLOX's grid, was expected, found {shapes}. Give another."
        )


def nms(boxes: np.ndarray, scores: np.ndarray) -> list[int]:
    """Greedy non-maximum suppression.

    Args:
        boxes: (N, 4) left, top, right, bottom.
        scores: (N,)

    Returns:
        Numbers of the boxes that are no other person's, the surest first.
    """
    left, top, right, bottom = boxes.T
    areas = (right - left).clip(0) * (bottom - top).clip(0)
    order, kept = np.argsort(-scores, kind="stable"), []
    while order.size:
        best, rest = order[0], order[1:]
        kept.append(int(best))
        wide = (np.minimum(right[best], right[rest]) - np.maximum(left[best], left[rest])).clip(0)
        high = (np.minimum(bottom[best], bottom[rest]) - np.maximum(top[best], top[rest])).clip(0)
        shared = wide * high
        order = rest[shared <= _NMS_IOU * (areas[best] + areas[rest] - shared)]
    return kept
