"""The kinds of attention that MixSTE's temporal blocks can have.

Softmax attention (Vaswani et al., "Attention Is All You Need", NeurIPS 2017) is what MixSTE publishes. Rectified linear
attention (Zhang, Titov, Sennrich: "Sparse Attention with Linear Units", EMNLP 2021), Linformer (Wang et al.:
"Linformer: Self-Attention with Linear Complexity", 2020) and routing attention (Roy, Saffar, Vaswani, Grangier:
"Efficient Content-Based Sparse Attention with Routing Transformers", TACL 2021) stand beside it.

All of them map (B, N, G, D) to (B, N, G, D): N tokens attend to each other, apart for each of the G groups. A window's
features (B, T, J, D) are that as they lie in memory, with a group for every joint, so nothing is transposed. Inside,
the groups' heads are one axis: (B, G * heads, N, d) with d = D / heads.

They know nothing about frames, joints or poses.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.linear import Linear


class Attention(nn.Module, ABC):
    """Multi-head self-attention: everything but how values are mixed.

    Args:
        channels: D.
        heads: Attention heads.
        qkv_bias: Whether queries, keys and values have a bias.

    Raises:
        InputError: channels that the heads cannot share.
    """

    def __init__(self, channels: int, heads: int, *, qkv_bias: bool = True) -> None:
        super().__init__()
        if channels % heads:
            raise InputError(f"Channels must be divisible by the {heads} attention heads, found {channels}.")
        self.heads = heads
        self.head_channels = channels // heads
        self.query = Linear(channels, channels, bias=qkv_bias)
        self.key = Linear(channels, channels, bias=qkv_bias)
        self.value = Linear(channels, channels, bias=qkv_bias)
        self.norm: nn.Module = nn.Identity()
        self.out = Linear(channels, channels)

    @abstractmethod
    def mix(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """What every token takes of the others: three times (B, G * heads, N, d) -> (B, G * heads, N, d)."""

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, G, D) -> (B, N, G, D)."""
        # Three products rather than one: only so do groups and heads lie side by side and become one axis in place.
        q, k, v = (
            project(x).view(*x.shape[:2], -1, self.head_channels).transpose(1, 2)  # (B, G * heads, N, d)
            for project in (self.query, self.key, self.value)
        )
        return self.out(self.norm(self.mix(q, k, v).transpose(1, 2).reshape(x.shape)))


class SoftmaxAttention(Attention):
    """Scaled dot-product attention, the published MixSTE's; it has no dropout."""

    def mix(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """See `Attention.mix`."""
        return F.scaled_dot_product_attention(q, k, v)


class RectifiedLinearAttention(Attention):
    """ReLA: relu(q k / sqrt(d)) without a sum of one, and a layer norm before the output projection instead."""

    def __init__(self, channels: int, heads: int, *, qkv_bias: bool = True) -> None:
        super().__init__(channels, heads, qkv_bias=qkv_bias)
        self.norm = nn.LayerNorm(channels)

    def mix(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """See `Attention.mix`."""
        weights = F.relu((q * self.head_channels**-0.5) @ k.transpose(-1, -2))  # (B, G * heads, N, N)
        return weights @ v


class LinformerAttention(Attention):
    """Linformer: keys and values of N tokens are projected to K, and tokens attend to those.

    Args:
        channels: D.
        heads: Attention heads.
        tokens: N, which is fixed.
        projected: K; None takes a quarter of the tokens.
        qkv_bias: Whether queries, keys and values have a bias.
        scrambled: Read the projected keys and values, (B, D, K) in memory, as (K, B * heads, d), as the authors do
            (`common/linearattention.py`): positions, channels and the samples of a batch change places. For comparison
            with their numbers.
    """

    def __init__(
        self,
        channels: int,
        heads: int,
        *,
        tokens: int,
        projected: int | None = None,
        qkv_bias: bool = True,
        scrambled: bool = False,
    ) -> None:
        super().__init__(channels, heads, qkv_bias=qkv_bias)
        projected = math.ceil(tokens / 4) if projected is None else projected
        self.scrambled = scrambled
        self.project_keys = Linear(tokens, projected)
        self.project_values = Linear(tokens, projected)

    def mix(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """See `Attention.mix`."""
        k, v = self._project(k, self.project_keys), self._project(v, self.project_values)
        return F.scaled_dot_product_attention(q, k, v)

    def _project(self, x: Tensor, project: nn.Linear) -> Tensor:
        """(B, G * heads, N, d) -> (B, G * heads, K, d)."""
        projected = project(x.transpose(-1, -2))  # (B, G * heads, d, K)
        if not self.scrambled:
            return projected.transpose(-1, -2)
        rows = projected.reshape(project.out_features, -1, self.head_channels)
        return rows.transpose(0, 1).reshape(*x.shape[:2], project.out_features, -1)


class RoutingAttention(Attention):
    """Routing attention: each cluster's nearest queries attend to its nearest keys.

    Queries, and keys apart from them, are compared with the clusters' means on the unit sphere; every cluster takes
    the same number of each. What a token gets from several clusters is averaged; a token that no cluster takes gets
    nothing. In training the means follow the tokens that are nearest to them (spherical k-means by a moving average);
    for inference they stand still, so that no sample depends on others.

    Args:
        channels: D.
        heads: Attention heads.
        tokens: N as expected, for the two numbers below.
        clusters: Per head; None takes the square root of the tokens, the paper's choice.
        window: Queries and keys per cluster; None takes so many that the clusters could hold all tokens.
        qkv_bias: Whether queries, keys and values have a bias.
        scrambled: Read queries, keys and values, (B, N, D) in memory, as (B, heads, N, d), as the authors do
            (`common/routing_transformer.py`): heads and positions change places. For comparison with their numbers.
    """

    means: Tensor

    def __init__(
        self,
        channels: int,
        heads: int,
        *,
        tokens: int,
        clusters: int | None = None,
        window: int | None = None,
        qkv_bias: bool = True,
        scrambled: bool = False,
    ) -> None:
        super().__init__(channels, heads, qkv_bias=qkv_bias)
        clusters = round(math.sqrt(tokens)) if clusters is None else clusters
        self.window = math.ceil(tokens / clusters) if window is None else window
        self.scrambled = scrambled
        means = torch.randn(heads, clusters, self.head_channels)
        self.register_buffer("means", F.normalize(means, dim=-1))

    def mix(self, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """See `Attention.mix`."""
        if self.scrambled:
            q, k, v = (x.transpose(1, 2).reshape(x.shape) for x in (q, k, v))
        if self.training:
            self._follow(torch.cat([q, k], dim=2))
        to, source = self._nearest(q), self._nearest(k)  # (B, G * heads, clusters * window, d)
        chosen = [
            x.gather(2, index).unflatten(2, (-1, min(self.window, x.shape[2])))  # (B, G * heads, clusters, window, d)
            for x, index in ((q, to), (k, source), (v, source))
        ]
        answers = F.scaled_dot_product_attention(*chosen).flatten(2, 3)  # (B, G * heads, clusters * window, d)
        total = torch.zeros_like(q, dtype=answers.dtype).scatter_add(2, to, answers)
        count = torch.zeros_like(total).scatter_add(2, to, torch.ones_like(answers))
        return total / (count + 1e-5)  # the authors' constant, for tokens that no cluster takes

    def _nearest(self, x: Tensor) -> Tensor:
        """Which tokens each cluster takes: (B, G * heads, N, d) -> (B, G * heads, clusters * window, d) for gather."""
        nearest = self._similarity(x).topk(min(self.window, x.shape[2]), dim=2).indices  # (B, G * heads, window, k)
        return nearest.transpose(2, 3).flatten(2).unsqueeze(-1).expand(-1, -1, -1, x.shape[-1])

    def _similarity(self, x: Tensor) -> Tensor:
        """Cosines with the clusters' means: (B, G * heads, N, d) -> (B, G * heads, N, clusters)."""
        means = self.means.repeat(x.shape[1] // self.heads, 1, 1)  # (G * heads, clusters, d)
        return F.normalize(x, dim=-1) @ means.transpose(-1, -2).to(x.dtype)

    @torch.no_grad()
    def _follow(self, x: Tensor) -> None:
        """Move each mean a thousandth towards the tokens (B, G * heads, N, d) that are nearest to it."""
        nearest = F.one_hot(self._similarity(x).argmax(-1), self.means.shape[1]).to(x.dtype)
        sums = nearest.transpose(-1, -2) @ F.normalize(x, dim=-1)  # (B, G * heads, clusters, d)
        sums = sums.unflatten(1, (-1, self.heads)).sum((0, 1)).to(self.means.dtype)  # (heads, clusters, d)
        # The mean of no tokens is zero, and the old mean stays.
        self.means.copy_(F.normalize(self.means.lerp(F.normalize(sums, dim=-1), 1e-3), dim=-1))


KINDS = ("softmax", "rela", "linformer", "routing")


def make_attention(kind: str, channels: int, heads: int, *, tokens: int, qkv_bias: bool) -> Attention:
    """Attention of a kind among a number of tokens.

    Raises:
        InputError: no such kind, or channels that the heads cannot share.
    """
    if kind == "softmax":
        return SoftmaxAttention(channels, heads, qkv_bias=qkv_bias)
    if kind == "rela":
        return RectifiedLinearAttention(channels, heads, qkv_bias=qkv_bias)
    if kind == "linformer":
        return LinformerAttention(channels, heads, tokens=tokens, qkv_bias=qkv_bias)
    if kind == "routing":
        return RoutingAttention(channels, heads, tokens=tokens, qkv_bias=qkv_bias)
    raise InputError(f'There is no attention "{kind}". {did_you_mean(kind, KINDS)}')
