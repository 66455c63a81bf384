"""What P-STMO and StridedTransformer share: all that follows the encoder of single frames.

Written from the papers (Li et al., "Exploiting Temporal Contexts with Strided Transformer for 3D Human Pose
Estimation", TMM 2022; Shan et al., "P-STMO", ECCV 2022) and from the numbers of the authors' networks. What decides
whether those agree: the layer norm divides by the *unbiased* standard deviation, the activation is a ReLU, and a
strided stage's residual keeps the tokens 0, s, 2s, ...
"""

from __future__ import annotations

import math
import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lifters.base import Lifter
from in_the_wild.linear import Linear, linear
from in_the_wild.parameters import Names, numbered, renamed, require, without_data_parallel

# Window length -> strides whose product brings it to one token. StridedTransformer publishes 27 and 351, P-STMO all.
STRIDES: dict[int, tuple[int, ...]] = {
    9: (1, 3, 3),
    27: (3, 3, 3),
    81: (3, 3, 3, 3),
    243: (3, 3, 3, 3, 3),
    351: (3, 9, 13),
}
# Those of later papers that trained StridedTransformer with three stages, as its authors have them.
_WIDE_STRIDES: dict[int, tuple[int, ...]] = {81: (9, 3, 3), 243: (3, 9, 9)}
# The strided transformer has this many position embeddings, whatever its depth.
_POSITIONED_STAGES = 3
# Tokens at a time whose numbers stay in a CPU's cache: 64 windows of 351 frames take a fifth less time in such parts.
_CACHED_TOKENS = 2048


class UnbiasedLayerNorm(nn.LayerNorm):
    """Layer norm by the unbiased standard deviation: (x - mean) / (std(n-1) + 1e-6) * weight + bias.

    In training torch's fused kernel, which cannot add to the standard deviation, leaves out the 1e-6.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-12)
        self.unbias = math.sqrt((channels - 1) / channels)

    def forward(self, x: Tensor) -> Tensor:
        """(..., C) -> (..., C)."""
        weight = self.weight * self.unbias
        if self.training:
            return F.layer_norm(x, self.normalized_shape, weight, self.bias, self.eps)
        scaled, _, inverse = torch.native_layer_norm(x, self.normalized_shape, weight, None, 1e-24)
        # The kernel divided by the biased deviation, whose inverse it tells: std / (std + 1e-6) is still to be applied.
        return torch.addcmul(self.bias, scaled, 1 / (1 + 1e-6 * self.unbias * inverse))


class Attention(nn.Module):
    """Multi-head self-attention over the tokens of a sequence."""

    def __init__(self, channels: int, heads: int, dropout: float) -> None:
        super().__init__()
        if channels % heads:
            raise InputError(f"Channels must be divisible by the {heads} attention heads, found {channels}.")
        self.heads = heads
        self.dropout = dropout
        self.query = Linear(channels, channels)
        self.key = Linear(channels, channels)
        self.value = Linear(channels, channels)
        self.out = Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C)."""
        projections = (self.query, self.key, self.value)
        # One product in place of three, which starts and ends once.
        weight, bias = (torch.cat([getattr(one, name) for one in projections]) for name in ("weight", "bias"))
        q, k, v = linear(x, weight, bias).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)  # (B, heads, T, d)
        if self.training:
            # Written out: for short windows the fused kernel's bfloat16 backward takes twice as long on CPUs.
            weights = torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2), dim=-1)  # (B, heads, T, T)
            mixed = F.dropout(weights, self.dropout).to(v.dtype) @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v)
        return self.out(mixed.transpose(1, 2).flatten(2))


class TransformerBlock(nn.Module):
    """Pre-norm attention and feed-forward, each with a residual."""

    def __init__(self, channels: int, hidden: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.attention_norm = UnbiasedLayerNorm(channels)
        self.attention = Attention(channels, heads, dropout)
        self.feed_forward_norm = UnbiasedLayerNorm(channels)
        self.expand = Linear(channels, hidden)
        self.contract = Linear(hidden, channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C)."""
        x = x + self.dropout(self.attention(self.attention_norm(x)))
        hidden = linear(self.feed_forward_norm(x), self.expand.weight, self.expand.bias, relu=True)
        return x + self.dropout(self.contract(self.dropout(hidden)))


class StridedBlock(nn.Module):
    """A transformer block whose feed-forward is a strided convolution: T tokens in, ceil(T / stride) out."""

    def __init__(self, channels: int, hidden: int, heads: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.stride = stride
        self.attention_norm = UnbiasedLayerNorm(channels)
        self.attention = Attention(channels, heads, dropout)
        self.feed_forward_norm = UnbiasedLayerNorm(channels)
        self.expand = Linear(channels, hidden)
        self.contract = nn.Conv1d(hidden, channels, kernel_size=3, stride=stride, padding=1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, ceil(T / stride), C)."""
        x = x + self.dropout(self.attention(self.attention_norm(x)))
        hidden = linear(self.feed_forward_norm(x), self.expand.weight, self.expand.bias, relu=True)
        # The convolution as one matrix product: its own bfloat16 backward takes a quarter of a training step on CPUs.
        taps = F.pad(self.dropout(hidden), (0, 0, 1, 1)).unfold(1, 3, self.stride)  # (B, T', hidden, 3)
        reduced = linear(taps.flatten(2), self.contract.weight.flatten(1), self.contract.bias)
        return x[:, :: self.stride] + self.dropout(reduced)


class Head(nn.Module):
    """Features -> joints: a batch norm and one linear layer."""

    def __init__(self, channels: int, joints: int, coordinates: int = 3) -> None:
        super().__init__()
        self.coordinates = coordinates
        self.norm = nn.BatchNorm1d(channels)
        self.joints = Linear(channels, joints * coordinates)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, J, C)."""
        joints = self.joints(self.norm(x.flatten(0, 1)))
        return joints.view(*x.shape[:2], -1, self.coordinates)


@dataclass(eq=False, repr=False, kw_only=True)
class Sizes:
    """The sizes of a network with a per-frame encoder and a temporal transformer, as configurations give them.

    Args:
        frames: T, window length.
        joints: J_in, keypoints per frame.
        channels: D, width of the transformers.
        hidden: Width of their feed-forward layers.
        layers: Depth of the temporal transformer.
        in_channels: Numbers per keypoint, 2 as published.
        heads: Attention heads.
        dropout: Of the transformers.
        encoder_dropout: Of the frame encoder.
    """

    frames: int = 243
    joints: int = 17
    channels: int = 256
    hidden: int = 512
    layers: int = 3
    in_channels: int = 2
    heads: int = 8
    dropout: float = 0.1
    encoder_dropout: float = 0.1

    def transformer(self, channels: int, hidden: int, layers: int) -> nn.ModuleList:
        """The blocks of a transformer of this width and depth."""
        return nn.ModuleList(TransformerBlock(channels, hidden, self.heads, self.dropout) for _ in range(layers))


@dataclass(eq=False, repr=False, kw_only=True)
class StridedLifter(Sizes, Lifter):
    """A per-frame encoder, a temporal transformer and a strided transformer that ends at the centre frame.

    (B, T, J, C) keypoints -> per-frame features (B, T, D) -> (B, T, D) -> per-frame head (B, T, J, 3)
                                                                        -> (B, 1, D) -> centre head (B, 1, J, 3)

    Args:
        out_joints: J_out.
        strides: One stride per strided stage; None takes those of STRIDES for this window length.

    Raises:
        InputError: no strides are known for this window length.
    """

    every_frame: ClassVar[bool] = False

    out_joints: int = 17
    strides: Sequence[int] | None = None

    def __post_init__(self) -> None:
        nn.Module.__init__(self)
        frames, channels = self.frames, self.channels
        if self.strides is None and frames not in STRIDES:
            raise InputError(
                f"{type(self).__name__} knows strides for {sorted(STRIDES)} frames, found {frames}; give strides."
            )
        self.encoder = self.frame_encoder()
        self.position = nn.Parameter(torch.randn(1, frames, channels))
        self.temporal = self.transformer(channels, self.hidden, self.layers)
        self.strided_positions = nn.ParameterList(
            nn.Parameter(torch.randn(1, frames, channels)) for _ in range(_POSITIONED_STAGES)
        )
        self.strided = nn.ModuleList(
            StridedBlock(channels, self.hidden, self.heads, stride, self.dropout)
            for stride in (STRIDES[frames] if self.strides is None else self.strides)
        )
        self.frame_head = Head(channels, self.out_joints)
        self.centre_head = Head(channels, self.out_joints)

    @abstractmethod
    def frame_encoder(self) -> nn.Module:
        """Keypoints of single frames (B, T, J_in * C_in) -> features (B, T, D)."""

    def deepened(self, state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Weights of a network with fewer layers, and new layers after those, which change nothing yet.

        What a new layer adds to its input are products that are zero at first, of its attention and of its
        feed-forward, so that training goes on from just where it was (Chen, Goodfellow, Shlens: "Net2Net", ICLR 2016,
        section 3.2). All else of it is drawn. Weights with as many layers come back as they are.
        """
        grown = dict(state_dict)
        for layer in range(numbered(state_dict, "temporal"), self.layers):
            for name, value in self.temporal[layer].state_dict(prefix=f"temporal.{layer}.").items():
                adds = re.search(r"\.(attention\.out|contract)\.", name)
                grown[name] = torch.zeros_like(value) if adds else value.clone()
        return grown

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, J_in, C_in) -> (B, 1, J_out, 3), the centre frame."""
        return self.centre(self.features(x))

    def both_heads(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, J_in, C_in) -> (B, T, J_out, 3) of every frame, and (B, 1, J_out, 3) of the centre frame."""
        features = self.features(x)
        return self.frame_head(features), self.centre(features)

    def over(self, sequence: Tensor, look: Tensor) -> Tensor:
        """See `Lifter.over`; the frame encoder runs once per frame, however many windows hold it."""
        frames = self.encoder(sequence[None].flatten(2))[0]  # (N, D)
        at_once = max(1, _CACHED_TOKENS // self.frames) if frames.device.type == "cpu" else len(look)
        return torch.cat([self.centre(self.mixed(frames[part])) for part in look.split(at_once)])

    def features(self, x: Tensor) -> Tensor:
        """(B, T, J_in, C_in) -> (B, T, D)."""
        return self.mixed(self.encoder(x.flatten(2)))

    def mixed(self, frames: Tensor) -> Tensor:
        """Features of single frames (B, T, D) -> features that know of the whole window (B, T, D)."""
        features = frames + self.position
        for block in self.temporal:
            features = block(features)
        return features

    def centre(self, features: Tensor) -> Tensor:
        """(B, T, D) -> (B, 1, J_out, 3)."""
        for stage, block in enumerate(self.strided):
            if stage < _POSITIONED_STAGES:
                features = features + self.strided_positions[stage][:, : features.shape[1]]
            features = block(features)
        return self.centre_head(features)


# The authors' names (regular expression) -> ours, but for the frame encoder.
_NAMES: Names = (
    (r"^Transformer\.pos_embedding$", "position"),
    (r"^Transformer\.model\.layers\.", "temporal."),
    (r"^Transformer_reduce\.model\.pos_embedding_1$", "strided_positions.0"),
    (r"^Transformer_reduce\.model\.pos_embedding_2$", "strided_positions.1"),
    (r"^Transformer_reduce\.model\.pos_embedding_3$", "strided_positions.2"),
    (r"^Transformer_reduce\.model\.layers\.", "strided."),
    (r"\.self_attn\.linears\.0\.", ".attention.query."),
    (r"\.self_attn\.linears\.1\.", ".attention.key."),
    (r"\.self_attn\.linears\.2\.", ".attention.value."),
    (r"\.self_attn\.linears\.3\.", ".attention.out."),
    (r"\.feed_forward\.w_1\.", ".expand."),
    (r"\.feed_forward\.w_2\.", ".contract."),
    (r"\.sublayer\.0\.norm\.a_2$", ".attention_norm.weight"),
    (r"\.sublayer\.0\.norm\.b_2$", ".attention_norm.bias"),
    (r"\.sublayer\.1\.norm\.a_2$", ".feed_forward_norm.weight"),
    (r"\.sublayer\.1\.norm\.b_2$", ".feed_forward_norm.bias"),
    (r"^fcn\.0\.", "centre_head.norm."),
    (r"^fcn\.1\.", "centre_head.joints."),
    (r"^fcn_1\.0\.", "frame_head.norm."),
    (r"^fcn_1\.1\.", "frame_head.joints."),
)
# Their 1x1 convolutions that are linear layers here.
_LINEAR = re.compile(r"(encoder\.\w+|strided\.\d+\.expand|\w+_head\.joints)\.weight")


def translate(
    state_dict: Mapping[str, Tensor], *, network: str, encoder: Names, expected: Sequence[str]
) -> dict[str, Tensor]:
    """The authors' parameters under our names.

    Args:
        state_dict: Under the authors' names, with or without "module.".
        network: Its name, for the error.
        encoder: The authors' names of the frame encoder (regular expression), and ours.
        expected: Names of ours, without which the parameters are those of another network.

    Raises:
        WeightsError: one of the expected names is missing.
    """
    # The last norm of both transformers is stored but never applied.
    applied = {name: value for name, value in without_data_parallel(state_dict).items() if ".model.norm." not in name}
    translated = {
        name: value.squeeze(-1) if _LINEAR.fullmatch(name) and value.ndim == 3 else value
        for name, value in renamed(applied, (*encoder, *_NAMES)).items()
    }
    require(translated, expected, network=network, given=state_dict)
    return translated


def arguments_from_shapes(translated: Mapping[str, Tensor], *, network: str) -> dict[str, Any]:
    """The arguments of a StridedLifter that the shapes of its parameters tell; `network` is its name, for the error.

    Raises:
        WeightsError: no strides are known for its window length and number of stages.
    """
    frames, channels = translated["position"].shape[1:]
    stages = numbered(translated, "strided")
    usual, wide = (len(table.get(frames, ())) == stages for table in (STRIDES, _WIDE_STRIDES))
    if not usual and not wide:
        raise WeightsError(f"{network} has no published strides for {frames} frames in {stages} stages.")
    return {
        "frames": frames,
        **({} if usual else {"strides": _WIDE_STRIDES[frames]}),
        "channels": channels,
        "out_joints": translated["centre_head.joints.weight"].shape[0] // 3,
        "hidden": translated["temporal.0.expand.weight"].shape[0],
        "layers": numbered(translated, "temporal"),
    }
