"""VideoPose3D: temporal convolutions over 2D keypoints.

Pavllo, Feichtenhofer, Grangier, Auli: "3D human pose estimation in video with temporal convolutions and
semi-supervised training", CVPR 2019. Written from the paper (section 3, appendix A.4) and from the numbers of the
authors' network.

The paper's dilated convolutions answer for every frame of a sequence in one pass. Here each layer joins neighbouring
tokens, the strided form of the same network: a window of 243 frames becomes 81 tokens, then 27, 9, 3, 1. Windows that
share frames share tokens, and each of those is computed once, which is all that dilation saves.

    (B, T, J, C) keypoints -> (B, T / 3, D) -> (B, T / 9, D) -> ... -> (B, 1, D) -> (B, 1, J, 3)
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.errors import InputError
from in_the_wild.lifters.base import Lifter
from in_the_wild.linear import Linear
from in_the_wild.parameters import require, without_data_parallel


@dataclass(eq=False, repr=False, kw_only=True)
class VideoPose3D(Lifter):
    """The temporal convolution network.

    Args:
        filter_widths: Tokens that each convolution over time joins, odd; their product is the window length. Widths of
            1 make the network for single frames.
        joints: J_in, keypoints per frame.
        out_joints: J_out.
        channels: D.
        in_channels: Numbers per keypoint, 2 as published.
        dropout: After every layer but the last.
        causal: The network answers for the last frame of a window, not for the middle one.
        dense: Wide convolutions instead of dilated ones of the same reach (the paper's ablation).

    Attributes:
        frames: The receptive field, the window length.

    Raises:
        InputError: no filter, or one of an even width.
    """

    every_frame: ClassVar[bool] = False

    filter_widths: Sequence[int] = (3, 3, 3, 3, 3)
    joints: int = 17
    out_joints: int = 17
    channels: int = 1024
    in_channels: int = 2
    dropout: float = 0.25
    causal: bool = False
    dense: bool = False

    def __post_init__(self) -> None:
        super().__init__()
        if not self.filter_widths or any(width < 1 or width % 2 == 0 for width in self.filter_widths):
            raise InputError(f"Filter widths must be odd numbers of frames, found {list(self.filter_widths)}.")
        self.frames = math.prod(self.filter_widths)
        first, *others = _dense_widths(self.filter_widths) if self.dense else self.filter_widths
        self.widen = _Convolution(self.joints * self.in_channels, self.channels, first, self.dropout)
        self.blocks = nn.ModuleList(_Block(self.channels, width, self.dropout, causal=self.causal) for width in others)
        self.head = Linear(self.channels, self.out_joints * 3)

    @property
    def output_frame(self) -> int:
        """See `Lifter.output_frame`."""
        return self.frames - 1 if self.causal else self.frames // 2

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, J_in, C_in) -> (B, T - frames + 1, J_out, 3), an answer for every run of `frames` frames.

        Raises:
            InputError: less than `frames` frames.
        """
        batch, length = x.shape[:2]
        if length < self.frames:
            raise InputError(
                f"Windows of at least {self.frames} frames were expected, found {length}; repeat the ends."
            )
        if length > self.frames:
            every = torch.arange(batch * length, device=x.device).view(batch, length)
            look = every.unfold(1, self.frames, 1).flatten(0, 1)  # (B * T_out, frames)
            return self.over(x.flatten(0, 1), look).unflatten(0, (batch, -1)).squeeze(2)
        x = x.flatten(2)
        for layer in self._layers():
            taps = self._taps(x, layer.width).transpose(2, 3)  # (B, T', width, D)
            x = layer(taps.flatten(0, 1)).unflatten(0, taps.shape[:2])  # (B, T', D)
        return self._joints(x)

    def over(self, sequence: Tensor, look: Tensor) -> Tensor:
        """See `Lifter.over`; what windows share is computed once, whatever their order and distance."""
        x = sequence.flatten(1)
        for layer in self._layers():
            taps = self._taps(look, layer.width)  # (W, T', width)
            tokens, which = _different_rows(taps.flatten(0, 1))  # (M, width), (W * T',)
            x = layer(x[tokens])  # (M, D)
            look = which.view(taps.shape[:2])
        return self._joints(x)[look]

    def _layers(self) -> Iterator[Any]:
        yield self.widen
        yield from self.blocks

    def _taps(self, tokens: Tensor, width: int) -> Tensor:
        """The tokens that a layer joins: (B, T, ...) -> (B, T', ..., width)."""
        return tokens.unfold(1, width, 1 if self.dense else width)

    def _joints(self, x: Tensor) -> Tensor:
        """(..., D) -> (..., J_out, 3)."""
        joints: Tensor = self.head(x)
        return joints.unflatten(-1, (-1, 3))

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate a checkpoint of the authors (`common/model.py`); see `FromAuthors.convert`.

        Shapes do not tell whether a network is causal; it is taken not to be. Filters that are as wide as equal dilated
        ones would reach are taken for those of a dense network.
        """
        official = without_data_parallel(state_dict)
        expected = ("expand_conv.weight", "expand_bn.running_mean", "shrink.weight")
        require(official, expected, network="VideoPose3D", given=state_dict)
        # Their convolutions (D, D_in, width) are linear layers here, over the taps side by side.
        translated = {
            _translate(name): value.transpose(1, 2).flatten(1) if value.ndim == 3 else value
            for name, value in official.items()
        }
        channels, inputs, first = official["expand_conv.weight"].shape
        blocks = sum(name.endswith(".join.norm.weight") for name in translated)
        widths = [first, *(translated[f"blocks.{i}.join.taps.weight"].shape[1] // channels for i in range(blocks))]
        equal = [widths[0]] * len(widths)
        dense = len(widths) > 1 and widths[0] > 1 and widths == _dense_widths(equal)
        return translated, {
            "filter_widths": equal if dense else widths,
            "joints": inputs // 2,
            "out_joints": official["shrink.weight"].shape[0] // 3,
            "channels": channels,
            "dense": dense,
        }


class _Convolution(nn.Module):
    """A convolution over time as one matrix product, batch norm, ReLU, dropout."""

    def __init__(self, inputs: int, outputs: int, width: int, dropout: float) -> None:
        super().__init__()
        self.width = width
        self.taps = Linear(width * inputs, outputs, bias=False)
        self.norm = nn.BatchNorm1d(outputs)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """The tokens it joins (M, width, D_in) -> (M, D)."""
        joined: Tensor = self.dropout(F.relu(self.norm(self.taps(x.flatten(1)))))
        return joined


class _Block(nn.Module):
    """A convolution over time and one over channels; the token that it answers for is added."""

    def __init__(self, channels: int, width: int, dropout: float, *, causal: bool) -> None:
        super().__init__()
        self.width = width
        self.kept = width - 1 if causal else width // 2
        self.join = _Convolution(channels, channels, width, dropout)
        self.mix = _Convolution(channels, channels, 1, dropout)

    def forward(self, x: Tensor) -> Tensor:
        """The tokens it joins (M, width, D) -> (M, D)."""
        mixed: Tensor = self.mix(self.join(x)[:, None])
        return x[:, self.kept] + mixed


def _different_rows(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Rows (R, K) of numbers from 0 on -> the different ones (M, K), and which of them stands where (R,).

    Column by column it takes a thirtieth of the time of `torch.unique(rows, dim=0)`.
    """
    above = rows.max() + 1
    which = torch.zeros_like(rows[:, 0])
    for column in rows.unbind(1):
        _, which = torch.unique(which * above + column, return_inverse=True)
    different = rows.new_empty(int(which.max()) + 1, rows.shape[1])
    different[which] = rows
    return different, which


def _dense_widths(filter_widths: Sequence[int]) -> list[int]:
    """Filters over all frames between the taps of dilated ones."""
    return [(width - 1) * math.prod(filter_widths[:i]) + 1 for i, width in enumerate(filter_widths)]


# The authors' layers; a block's two convolutions are numbered 2 i and 2 i + 1.
_NAMES = {"expand_conv": "widen.taps", "expand_bn": "widen.norm", "shrink": "head"}
_BLOCK = re.compile(r"layers_(conv|bn)\.(\d+)\.(\w+)")


def _translate(name: str) -> str:
    if match := _BLOCK.fullmatch(name):
        kind, number, parameter = match.groups()
        block, second = divmod(int(number), 2)
        part, layer = ("mix" if second else "join"), ("taps" if kind == "conv" else "norm")
        return f"blocks.{block}.{part}.{layer}.{parameter}"
    layer, _, parameter = name.partition(".")
    return f"{_NAMES.get(layer, layer)}.{parameter}"
