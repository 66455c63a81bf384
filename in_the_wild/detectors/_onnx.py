"""Networks in .onnx files, run by onnxruntime, and the person detectors among them; shared by several detectors.

Person detectors are YOLOX and RTMDet as mmdeploy exports them, with non-maximum suppression in the network, and YOLOX
as its authors export it, without.

    Ge et al., "YOLOX: Exceeding YOLO Series in 2021", 2021, arXiv:2107.08430
    Lyu et al., "RTMDet: An Empirical Study of Designing Real-Time Object Detectors", 2022, arXiv:2212.07784

It knows nothing about keypoints.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np

from in_the_wild.errors import WeightsError
from in_the_wild.files import sha256
from in_the_wild.plugins import back_end

_INSTALL = '"pose3d[rtmpose]"'

_GREY = 114  # what YOLOX, RTMDet and RTMO were trained to see beside a picture
# RTMDet was trained on normalised pixels, YOLOX was not; in the order B, G, R.
_RTMDET_MEAN, _RTMDET_DEVIATION = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)
_DEFAULT_SIZE = 640  # of a network that takes pictures of any size
_MIN_SCORE = 0.3
_SAME_PERSON = 0.45  # IoU above which two boxes are one person
_STRIDES = (8, 16, 32)  # of YOLOX's three grids


class Network:
    """A network of one picture input.

    Args:
        path: An .onnx file.

    Attributes:
        path: The file.
        size: Height and width of its input, None for each that is free.
        fixed_batch: Whether it takes one picture at a time.
        version: Release of onnxruntime.

    Raises:
        PluginError: onnxruntime is not installed.
        WeightsError: the file is no network that onnxruntime can run, or has no picture as its one input.
    """

    def __init__(self, path: Path) -> None:
        runtime = back_end("onnxruntime", install=_INSTALL)
        options = runtime.SessionOptions()
        options.log_severity_level = 3  # errors; it remarks on networks that nobody here can change
        known = ("CUDAExecutionProvider", "CPUExecutionProvider")
        providers = [name for name in known if name in runtime.get_available_providers()]
        try:
            self._session = runtime.InferenceSession(str(path), options, providers=providers)
        except Exception as error:  # its errors have no family of their own
            raise WeightsError(
                f"{path} is no network that onnxruntime {runtime.__version__} can run: an .onnx file was expected "
                f"({str(error).splitlines()[0]}). Give another."
            ) from error
        inputs = self._session.get_inputs()
        if len(inputs) != 1 or len(inputs[0].shape) != 4 or inputs[0].shape[1] != 3:
            found = ", ".join(f"{one.name} {one.shape}" for one in inputs)
            raise WeightsError(f"{path.name} must have one input of shape (B, 3, H, W), found: {found}. Give another.")
        batch, _, height, width = inputs[0].shape
        self.path = path
        self.size = tuple(side if isinstance(side, int) else None for side in (height, width))
        self.fixed_batch = isinstance(batch, int)
        self.version: str = runtime.__version__
        self._input = inputs[0].name
        self._names = [one.name for one in self._session.get_outputs()]

    def __call__(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """Run it on (B, 3, H, W) float32; the outputs by name."""
        return dict(zip(self._names, self._session.run(None, {self._input: images}), strict=True))


def about(path: Path) -> dict[str, str]:
    """What tells a file of weights from others, for `Detector.settings`."""
    return {"file": path.name, "sha256": sha256(path)}


def to_batch(images: np.ndarray) -> np.ndarray:
    """Pictures (B, H, W, 3) as networks take them: (B, 3, H, W) float32."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2), dtype=np.float32)


def letterbox(image: np.ndarray, height: int, width: int) -> tuple[np.ndarray, float]:
    """Scale a picture into the top left corner of a grey one.

    Args:
        image: (H, W, 3) uint8.
        height: Of the result, pixels.
        width: Of the result, pixels.

    Returns:
        (height, width, 3) uint8, and how many of its pixels one of the image's is.
    """
    ratio = min(height / image.shape[0], width / image.shape[1])
    size = (max(1, int(image.shape[1] * ratio)), max(1, int(image.shape[0] * ratio)))
    boxed = np.full((height, width, 3), _GREY, dtype=np.uint8)
    boxed[: size[1], : size[0]] = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
    return boxed, ratio


def apart(boxes: np.ndarray, scores: np.ndarray) -> list[int]:
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
        order = rest[shared <= _SAME_PERSON * (areas[best] + areas[rest] - shared)]
    return kept


class PersonDetector:
    """Boxes of the people in a picture.

    Args:
        path: An .onnx file of YOLOX or RTMDet. The two take pixels differently, and a file does not say which it is:
            it is RTMDet's where its name holds "rtmdet".

    Raises:
        PluginError: onnxruntime is not installed.
        WeightsError: the file is no such network.
    """

    def __init__(self, path: Path) -> None:
        self._network = Network(path)
        self._height, self._width = (side or _DEFAULT_SIZE for side in self._network.size)
        self._normalise = "rtmdet" in path.name.lower()
        self(np.zeros((8, 8, 3), dtype=np.uint8), 1)  # a network of another kind is found out now

    def __call__(self, image: np.ndarray, people: int) -> np.ndarray:
        """Find people.

        Args:
            image: (H, W, 3) uint8 RGB.
            people: The most to return.

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
        return boxes[apart(boxes, scores)[:people]].astype(np.float32)

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
