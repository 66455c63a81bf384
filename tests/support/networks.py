"""Small networks in .onnx files that look like RTMPose, RTMO, YOLOX or RTMDet from outside; their answers are known."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

MEAN, DEVIATION = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)  # R, G, B


def export(network: nn.Module, path: Path, *, size: tuple[int, int], outputs: Sequence[str], batch: bool) -> Path:
    """Write a network whose input is (1 or B, 3, *size)."""
    names = ["input", *outputs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch would have its newer exporter used, which needs another package
        torch.onnx.export(
            network.eval(),
            (torch.zeros(1, 3, *size),),
            str(path),
            input_names=names[:1],
            output_names=list(outputs),
            dynamic_axes={name: {0: "batch"} for name in names} if batch else None,
            dynamo=False,
        )
    return path


class _Fixed(nn.Module):
    """The same arrays for every picture; of a batch, one for each."""

    def __init__(self, *arrays: np.ndarray) -> None:
        super().__init__()
        self.count = len(arrays)
        for number, array in enumerate(arrays):
            self.register_buffer(f"array{number}", torch.tensor(array))

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        nothing = image.mean(dim=(1, 2, 3)) * 0  # (B,)
        arrays = [getattr(self, f"array{number}") for number in range(self.count)]
        return tuple(array + nothing.reshape(-1, *[1] * (array.ndim - 1)).to(array.dtype) for array in arrays)


def simcc(
    path: Path, bins: np.ndarray, scores: np.ndarray, *, batch: bool = True, size: tuple[int, int] = (256, 192)
) -> Path:
    """RTMPose: peaks at these bins (J, 2) for x and y, as high as scores (J, 2)."""
    joints, (height, width) = len(bins), size
    along_x = np.zeros((1, joints, 2 * width), dtype=np.float32)
    along_y = np.zeros((1, joints, 2 * height), dtype=np.float32)
    for joint, (x, y) in enumerate(bins):
        along_x[0, joint, x], along_y[0, joint, y] = scores[joint]
    return export(_Fixed(along_x, along_y), path, size=size, outputs=["simcc_x", "simcc_y"], batch=batch)


class _Dots(nn.Module):
    """RTMPose that looks: a joint is where there is most of its colour."""

    colours: Tensor
    bell: Tensor

    def __init__(self, colours: np.ndarray) -> None:
        super().__init__()
        seen = (colours - np.array(MEAN)) / np.array(DEVIATION)  # (J, 3)
        self.register_buffer("colours", torch.tensor(seen, dtype=torch.float32)[None, :, :, None, None])
        bell = torch.exp(-torch.arange(-4.0, 5.0).square() / 18)
        self.register_buffer("bell", (bell[:, None] * bell / bell.sum().square())[None, None])

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        like = torch.exp(-4 * (image[:, None] - self.colours).square().sum(2))  # (B, J, H, W)
        _, joints, height, width = like.shape
        soft = nn.functional.conv2d(like.reshape(-1, 1, height, width), self.bell, padding=4)
        soft = soft.reshape(-1, joints, height, width)
        along = [soft.amax(dim=dim) for dim in (2, 3)]  # (B, J, W) and (B, J, H)
        x, y = (torch.stack([line, line * 0], dim=-1).flatten(2) for line in along)  # two bins a pixel
        return x, y


def dots(path: Path, colours: np.ndarray) -> Path:
    """RTMPose whose joints are dots of these colours (J, 3), R, G, B."""
    return export(_Dots(colours), path, size=(256, 192), outputs=["simcc_x", "simcc_y"], batch=True)


def boxes(
    path: Path, found: np.ndarray, *, size: tuple[int, int] = (416, 416), labels: Sequence[int] | None = None
) -> Path:
    """YOLOX or RTMDet with non-maximum suppression: these (N, 5) for every picture, in pixels of the input."""
    arrays = [found[None].astype(np.float32)]
    if labels is not None:
        arrays.append(np.array([labels], dtype=np.int64))
    return export(_Fixed(*arrays), path, size=size, outputs=["dets", "labels"][: len(arrays)], batch=False)


def grid(path: Path, cells: np.ndarray, *, size: tuple[int, int]) -> Path:
    """YOLOX without non-maximum suppression: (N, 5 + classes) for every picture."""
    return export(_Fixed(cells[None].astype(np.float32)), path, size=size, outputs=["output"], batch=False)


def rtmo(path: Path, found: np.ndarray, marks: np.ndarray) -> Path:
    """RTMO: boxes (N, 5) and keypoints (N, J, 3) for every picture, in pixels of the input."""
    arrays = found[None].astype(np.float32), marks[None].astype(np.float32)
    return export(_Fixed(*arrays), path, size=(640, 640), outputs=["dets", "keypoints"], batch=False)


class _MeanColour(nn.Module):
    """A person in the whole picture, as sure as the mean of one channel says."""

    def __init__(self, channel: int, scale: float) -> None:
        super().__init__()
        self.channel, self.scale = channel, scale

    def forward(self, image: Tensor) -> Tensor:
        sure = image[:, self.channel].mean() * self.scale
        return torch.cat([torch.tensor([0.0, 0.0, 64.0, 64.0]), sure[None]])[None, None]


def mean_colour(path: Path, *, channel: int, scale: float) -> Path:
    """A person detector of 64x64 pixels whose score is the mean of a channel of its input, times a scale."""
    return export(_MeanColour(channel, scale), path, size=(64, 64), outputs=["dets"], batch=False)
