"""Sparse poses made dense: what networks have in common that read every N-th frame of a window and give all of them.

Such a network takes any numbers that change smoothly. It fills the frames between those seen, or predicts those to
come: then the last pose that was seen stands for all that was not.

It knows nothing about which network it runs, nor about people and videos.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import torch
from torch import Tensor, nn

from in_the_wild import windows
from in_the_wild.errors import InputError
from in_the_wild.parameters import FromAuthors

NORMALISATIONS = ("box", "none")
TASKS = ("fill", "predict")


class SparseNetwork(nn.Module, FromAuthors):
    """A network from few frames of a window to all of them.

    Attributes:
        coordinates: D, numbers per frame.
        interval: N, one frame in so many is read.
        segments: q; the window is W = N * q + 1 frames, its first and last one read.
        frames: W.
        head: The last layer, which says what is added to straight lines.
    """

    coordinates: int
    interval: int
    segments: int
    frames: int
    head: nn.Linear

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """(B, W, D) -> (B, W, D); only frames 0, N, 2N, ... are read."""


@dataclass(frozen=True)
class Training:
    """What weights were trained on, as far as their use must know it.

    Attributes:
        task: "fill" frames between those seen, or "predict" those to come.
        space: "image" or "camera" for poses; "" for arrays of anything else.
        skeleton: Joints of the poses; "" for arrays.
        fps: Frames per second.
        normalisation: How values become the network's input, see `normalise`.
        past: Frames seen before those predicted; 0 for "fill".
        data: Training data, in words.
        licence: Licence and acknowledgement of the weights, in words.
    """

    task: str = "fill"
    space: str = ""
    skeleton: str = ""
    fps: float = 50.0
    normalisation: str = "none"
    past: int = 0
    data: str = "not said by the file"
    licence: str = "not said by the file"


@dataclass(frozen=True)
class Trained:
    """A trained network and what it was trained on.

    Attributes:
        network: In eval mode.
        arguments: Its constructor arguments.
        training: What it was trained on.
        source: Name of the file.
        sha256: Of the file.
        device: Where the network is.
        model: Plug-in name of the network; empty for one that is no plug-in's.
    """

    network: SparseNetwork = field(repr=False)
    arguments: Mapping[str, Any]
    training: Training
    source: str
    sha256: str
    device: str
    model: str = ""

    @property
    def interval(self) -> float:
        """Seconds from one frame that the network reads to the next; best when poses are seen this far apart."""
        return self.network.interval / self.training.fps

    @property
    def horizon(self) -> float:
        """Seconds that the network predicts; 0 for one that fills."""
        return (self.network.frames - self.training.past) / self.training.fps if self.training.past else 0.0


@dataclass(frozen=True)
class Normalisation:
    """A shift and a scale per window.

    Attributes:
        shift: (B, 1, D).
        scale: (B, 1, 1).
    """

    shift: Tensor
    scale: Tensor

    def apply(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, D) as the network sees it."""
        return (x - self.shift) / self.scale

    def undo(self, x: Tensor) -> Tensor:
        """The inverse of `apply`: (B, T, D) -> (B, T, D)."""
        return x * self.scale + self.shift


def normalise(read: Tensor, kind: str) -> Normalisation:
    """What brings windows into the range that the network was trained at.

    "box" is for 2D keypoints: the middle and the longer side of the person's box in each frame, averaged over the
    frames; the box then about spans [-1, 1], and x and y keep their proportion. "none" leaves values as they are:
    root-relative metres, or rotations.

    Args:
        read: (B, K, D) the frames of each window that are known; D is x, y joint by joint for "box".
        kind: One of NORMALISATIONS.

    Raises:
        InputError: another kind.
    """
    if kind not in NORMALISATIONS:
        raise InputError(f'A normalisation out of {", ".join(NORMALISATIONS)} was expected, found "{kind}".')
    if kind == "none":
        return Normalisation(torch.zeros_like(read[:, :1]), torch.ones_like(read[:, :1, :1]))
    points = read.unflatten(-1, (-1, 2))  # (B, K, J, 2)
    low, high = points.amin(dim=2), points.amax(dim=2)
    centre = ((low + high) / 2).mean(dim=1)  # (B, 2)
    side = (high - low).amax(dim=-1).mean(dim=1)  # (B,)
    return Normalisation(
        shift=centre.repeat(1, points.shape[2])[:, None], scale=(side / 2).clamp(min=1e-6)[:, None, None]
    )


def prediction_input(past: Tensor, *, frames: int) -> Tensor:
    """The window from which motion is continued: the past, then its last pose again in every frame not yet seen.

    Args:
        past: (B, P, D) normalised, the last P frames that were seen.
        frames: W.

    Returns:
        (B, W, D).

    Raises:
        InputError: a past that leaves nothing to predict.
    """
    unseen = frames - past.shape[1]
    if unseen < 1 or past.shape[1] < 1:
        raise InputError(f"A past of 1 to {frames - 1} frames was expected, found {past.shape[1]}.")
    return torch.cat([past, past[:, -1:].expand(-1, unseen, -1)], dim=1)


def prediction_output(output: Tensor, past: Tensor) -> Tensor:
    """The poses to come: the last pose seen, moved as the network's output moves from there, so that nothing jumps.

    Args:
        output: (B, W, D) of the network, for `prediction_input(past)`.
        past: (B, P, D).

    Returns:
        (B, W - P, D).
    """
    count = past.shape[1]
    return past[:, -1:] + output[:, count:] - output[:, count - 1 : count]


@torch.no_grad()
def fill(
    trained: Trained, x: np.ndarray, *, rule: Literal["blended", "released"] = "blended", batch: int = 256
) -> np.ndarray:
    """Run the network over a sequence at its own frame rate; only frames that windows read count.

    Windows start N frames apart. By default the last one ends with the sequence, a sequence shorter than a window is
    continued by its last frame, and where windows overlap the middles count more than the ends. The "released" rule is
    that of the authors' code, to compare with their numbers: frames after the last whole window are dropped, a short
    sequence is continued by zeros, which stay, and windows are averaged plainly.

    Args:
        trained: The network.
        x: (T, D).
        rule: Which windows.
        batch: Windows at a time.

    Returns:
        (T, D); another length with "released".
    """
    network = trained.network
    count, frames = len(x), network.frames
    if rule == "released":
        look = windows.consecutive_whole(count, frames=frames, step=network.interval)
        weights, length = np.ones(frames), int(look.max()) + 1
        sequence = np.pad(x[:length], ((0, max(0, length - count)), (0, 0)))
    else:
        length = count
        sequence = np.pad(x, ((0, max(0, frames - count)), (0, 0)), mode="edge")
        look = windows.consecutive(len(sequence), frames=frames, step=network.interval)
        weights = windows.blend(frames)
    values = torch.from_numpy(np.asarray(sequence, np.float64))
    total, counted = torch.zeros_like(values), torch.zeros(len(values), 1, dtype=values.dtype)
    share = torch.from_numpy(weights)[:, None]  # (W, 1)
    for part in torch.from_numpy(look).split(batch):
        window = values[part]  # (B, W, D)
        frame = normalise(window[:, :: network.interval], trained.training.normalisation)
        refined = frame.undo(run(trained, frame.apply(window)))
        total.index_add_(0, part.flatten(), (refined * share).flatten(0, 1))
        counted.index_add_(0, part.flatten(), share.repeat(len(part), 1))
    return (total / counted)[:length].numpy()


def run(trained: Trained, x: Tensor) -> Tensor:
    """The network in its own precision and on its own device: (B, W, D) -> (B, W, D) 64-bit floats on the CPU."""
    output: Tensor = trained.network(x.to(trained.device, torch.float32))
    return output.to("cpu", torch.float64)
