"""MixSynthFormer's network, and how values become its input and its output becomes values, in training as in use.

Sun, Dougherty, Zhang, Choi, Wu: "MixSynthFormer: A Transformer Encoder-like Structure with Mixed Synthetic
Self-attention for Efficient Human Pose Estimation", ICCV 2023. Written from the paper and from the numbers of the
authors' network. Attention is synthetic: instead of comparing queries with keys, a linear layer says from each frame
alone how much it attends to every frame, and from each channel alone how much it attends to every channel.

    (B, W, D) -> every N-th frame (B, q + 1, D) -> interpolated (B, W, D) -> blocks (B, W, C) -> correction (B, W, D)

The output is the interpolated window plus the correction. What D holds does not matter to the network: 2D keypoints,
3D joints or rotations, joint by joint.

Filling, as it is trained and used: a window of values x (B, W, D), of which frames 0, N, 2N, ... are read;
`frame = normalise(x[:, ::N], kind)`; `network(frame.apply(x))` against `frame.apply(truth)` by the mean absolute error,
the paper's loss.

Prediction: the last P values x (B, P, D) at the network's frame rate; `frame = normalise(x, kind)`, `past =
frame.apply(x)`; `prediction_output(network(prediction_input(past, frames=W)), past)` is what comes after
them, (B, W - P, D), against `frame.apply(truth)` by the same loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.errors import InputError
from in_the_wild.linear import Linear
from in_the_wild.parameters import Names, numbered, renamed, require
from in_the_wild.sparse import SparseNetwork

# The gates and the mixing of both attentions go through a layer this much narrower than their input.
_SQUEEZE = 4


@dataclass(eq=False, repr=False, kw_only=True)
class MixSynthFormerNetwork(SparseNetwork):
    """The network.

    Args:
        coordinates: D, numbers per frame.
        interval: N, one frame in so many is read.
        segments: q; the window is W = N * q + 1 frames, its first and last one read.
        channels: C, width of the blocks.
        hidden: Width of their feed-forward layers; twice the channels as published.
        layers: Blocks.
        reduce_time: The attention over time looks at W // reduce_time mixtures of frames.
        reduce_channels: The attention over channels looks at C // reduce_channels mixtures of channels.
        dropout: After each attention and feed-forward, in training.

    Raises:
        InputError: numbers below one, or reductions beyond what they reduce.
    """

    coordinates: int = 51
    interval: int = 10
    segments: int = 10
    channels: int = 64
    hidden: int = 128
    layers: int = 4
    reduce_time: int = 4
    reduce_channels: int = 1
    dropout: float = 0.1

    def __post_init__(self) -> None:
        super().__init__()
        sizes = (self.coordinates, self.interval, self.segments, self.channels, self.hidden, self.layers)
        if min(*sizes, self.reduce_time, self.reduce_channels) < 1:
            raise InputError("MixSynthFormer's sizes are at least 1, found a smaller one.")
        self.frames = frames = self.interval * self.segments + 1
        channels = self.channels
        if self.reduce_time > frames or self.reduce_channels > channels:
            raise InputError(
                f"Reductions within {frames} frames and {channels} channels were expected, "
                f"found {self.reduce_time} and {self.reduce_channels}."
            )
        mixtures = (frames // self.reduce_time, channels // self.reduce_channels)
        self.interpolate = Linear(self.segments + 1, frames)
        self.embed = Linear(self.coordinates, channels)
        self.blocks = nn.ModuleList(
            _Block(frames, channels, self.hidden, *mixtures, self.dropout) for _ in range(self.layers)
        )
        self.norm = nn.LayerNorm(channels)
        self.head = Linear(channels, self.coordinates)
        self._start_with_straight_lines()

    def forward(self, x: Tensor) -> Tensor:
        """(B, W, D) -> (B, W, D); only frames 0, N, 2N, ... are read."""
        read = x[:, :: self.interval]  # (B, q + 1, D)
        dense = self.interpolate(read.transpose(1, 2)).transpose(1, 2)  # (B, W, D)
        features = self.embed(dense)
        for block in self.blocks:
            features = block(features)
        return dense + self.head(self.norm(features))

    @torch.no_grad()
    def _start_with_straight_lines(self) -> None:
        """A network that has learnt nothing interpolates linearly, and learns what to change about that."""
        at = torch.arange(self.frames) / self.interval  # (W,) in intervals
        self.interpolate.weight.copy_((1 - (at[:, None] - torch.arange(self.segments + 1)).abs()).clamp(min=0))
        self.interpolate.bias.zero_()

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate a checkpoint of the authors (`lib/models/mixsynthformer.py`).

        Returns:
            The state dict in this network's names, and the constructor arguments, all of which the shapes tell. Only
            W // reduce_time matters of a reduction that does not divide evenly, so another one of the same effect may
            come out.

        Raises:
            WeightsError: the parameters are not this network's.
        """
        translated = renamed(state_dict, _NAMES)
        matrices = {name: value for name, value in translated.items() if value.ndim == 2}
        expected = ("interpolate.weight", "embed.weight", *(f"blocks.0.{side}.energy.weight" for side in _SIDES))
        require(matrices, expected, network="MixSynthFormer", given=state_dict)
        frames, read = translated["interpolate.weight"].shape
        channels, coordinates = translated["embed.weight"].shape
        mixtures = {side: len(translated[f"blocks.0.{side}.energy.weight"]) for side in _SIDES}
        whole = {"time": frames, "channel": channels}
        for side in _SIDES:
            if mixtures[side] == whole[side]:  # stored, but not applied where nothing is reduced
                translated = {name: value for name, value in translated.items() if f".{side}.reduce." not in name}
        arguments = {
            "coordinates": coordinates,
            "interval": (frames - 1) // (read - 1),
            "segments": read - 1,
            "channels": channels,
            "hidden": len(translated["blocks.0.expand.weight"]),
            "layers": numbered(translated, "blocks"),
            "reduce_time": frames // mixtures["time"],
            "reduce_channels": channels // mixtures["channel"],
        }
        return translated, arguments


class _Block(nn.Module):
    """Mixed attention and feed-forward, each with a residual and the norm after it."""

    def __init__(
        self, frames: int, channels: int, hidden: int, frame_mixtures: int, channel_mixtures: int, dropout: float
    ) -> None:
        super().__init__()
        self.time = _SyntheticAttention(frames, channels, frame_mixtures)
        self.channel = _SyntheticAttention(channels, frames, channel_mixtures)
        squeezed = max(1, frames // _SQUEEZE)
        self.mix_squeeze = Linear(frames, squeezed)
        self.mix_weigh = Linear(squeezed, 2 * frames)
        self.project = Linear(channels, channels)
        self.attention_norm = nn.LayerNorm(channels)
        self.expand = Linear(channels, hidden)
        self.contract = Linear(hidden, channels)
        self.feed_forward_norm = nn.LayerNorm(channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, W, C) -> (B, W, C)."""
        x = self.attention_norm(x + self.dropout(self._attend(x)))
        hidden = self.dropout(F.gelu(self.expand(x)))
        return self.feed_forward_norm(x + self.dropout(self.contract(hidden)))

    def _attend(self, x: Tensor) -> Tensor:
        """Both attentions, mixed for each frame by two weights that sum to one: (B, W, C) -> (B, W, C)."""
        over_time = self.time(x)
        over_channels = self.channel(x.transpose(1, 2)).transpose(1, 2)
        summary = (over_time + over_channels).mean(dim=-1)  # (B, W)
        weights = self.mix_weigh(F.gelu(self.mix_squeeze(summary))).unflatten(-1, (-1, 2)).softmax(dim=-1)  # (B, W, 2)
        return self.project(over_time * weights[..., :1] + over_channels * weights[..., 1:])


class _SyntheticAttention(nn.Module):
    """Attention whose weights a token gives from itself alone, without comparing it with the others.

    Args:
        tokens: S.
        width: C, numbers per token.
        mixtures: M; with fewer than S, tokens are attended to as M learnt mixtures of them.
    """

    def __init__(self, tokens: int, width: int, mixtures: int) -> None:
        super().__init__()
        squeezed = max(1, tokens // _SQUEEZE)
        self.energy = Linear(width, mixtures)
        self.gate_squeeze = Linear(tokens, squeezed, bias=False)
        self.gate_excite = Linear(squeezed, tokens, bias=False)
        self.reduce = Linear(tokens, mixtures) if mixtures < tokens else None

    def forward(self, x: Tensor) -> Tensor:
        """(B, S, C) -> (B, S, C)."""
        energy = self.energy(x)  # (B, S, M)
        # Squeeze and excitation: each token's energy is scaled before the softmax, which so turns sharp or flat.
        gate = torch.sigmoid(self.gate_excite(F.relu(self.gate_squeeze(energy.mean(dim=-1)))))  # (B, S)
        attention = (energy * gate[..., None]).softmax(dim=-1)
        values = x if self.reduce is None else self.reduce(x.transpose(1, 2)).transpose(1, 2)  # (B, M, C)
        return attention @ values


_SIDES = ("time", "channel")

# The authors' names by ours, in this order.
_NAMES: Names = (
    (r"^l_interp\.", "interpolate."),
    (r"^encoder_emb\.", "embed."),
    (r"^encoder\.layers\.", "blocks."),
    (r"\.synth_att\.synth_token\.", ".time."),
    (r"\.synth_att\.synth_channel\.", ".channel."),
    (r"\.dense\.", ".energy."),
    (r"\.se\.fc\.0\.", ".gate_squeeze."),
    (r"\.se\.fc\.2\.", ".gate_excite."),
    (r"\.value_reduce\.", ".reduce."),
    (r"\.synth_att\.reweight\.fc1\.", ".mix_squeeze."),
    (r"\.synth_att\.reweight\.fc2\.", ".mix_weigh."),
    (r"\.synth_att\.proj\.", ".project."),
    (r"\.ff\.fc1\.", ".expand."),
    (r"\.ff\.fc2\.", ".contract."),
    (r"\.norm1\.", ".attention_norm."),
    (r"\.norm2\.", ".feed_forward_norm."),
    (r"^fc\.", "head."),
)
