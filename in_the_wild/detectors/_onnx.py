"""Networks in .onnx files, run by onnxruntime; shared by several detectors.

It knows nothing about people and keypoints.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from in_the_wild.errors import WeightsError
from in_the_wild.files import sha256
from in_the_wild.runtime import onnxruntime
from in_the_wild.threads import limited

_INSTALL = '"pose3d[rtmpose]"'

_GREY = 114  # what YOLOX, RTMDet and RTMO were trained to see beside a picture


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
        runtime = onnxruntime(install=_INSTALL)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = limited()
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
