"""Transformer blocks that P-STMO and StridedTransformer share.

Written from the papers (Li et al., "Exploiting Temporal Contexts with Strided Transformer for 3D Human Pose
Estimation", TMM 2022; Shan et al., "P-STMO", ECCV 2022) and from the numbers of the authors' networks. What decides
whether those agree: the layer norm divides by the *unbiased* standard deviation, the activation is a ReLU, and a
strided stage's residual keeps the tokens 0, s, 2s, ...
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.errors import InputError


class UnbiasedLayerNorm(nn.LayerNorm):
    """Layer norm by the unbiased standard deviation: (x - mean) / std(n-1) * weight + bias.

    The authors add 1e-6 to the standard deviation; torch's fused kernel with a vanishing eps differs from that by one
    part in a million for features of unit spread, and gives the same zeros for constant ones.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, eps=1e-12)
        self.unbias = math.sqrt((channels - 1) / channels)

    def forward(self, x: Tensor) -> Tensor:
        """(..., C) -> (..., C)."""
        return F.layer_norm(x, self.normalized_shape, self.weight * self.unbias, self.bias, self.eps)


class Attention(nn.Module):
    """Multi-head self-attention over the tokens of a sequence."""

    def __init__(self, channels: int, heads: int, dropout: float) -> None:
        super().__init__()
        if channels % heads:
            raise InputError(f"Channels must be divisible by the {heads} attention heads, found {channels}.")
        self.heads = heads
        self.dropout = dropout
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.out = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C)."""
        q, k, v = (
            project(x).unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (B, heads, T, C / heads)
            for project in (self.query, self.key, self.value)
        )
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
        self.expand = nn.Linear(channels, hidden)
        self.contract = nn.Linear(hidden, channels)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, T, C)."""
        x = x + self.dropout(self.attention(self.attention_norm(x)))
        hidden = self.dropout(F.relu(self.expand(self.feed_forward_norm(x))))
        return x + self.dropout(self.contract(hidden))


class StridedBlock(nn.Module):
    """A transformer block whose feed-forward is a strided convolution: T tokens in, ceil(T / stride) out."""

    def __init__(self, channels: int, hidden: int, heads: int, stride: int, dropout: float) -> None:
        super().__init__()
        self.stride = stride
        self.attention_norm = UnbiasedLayerNorm(channels)
        self.attention = Attention(channels, heads, dropout)
        self.feed_forward_norm = UnbiasedLayerNorm(channels)
        self.expand = nn.Linear(channels, hidden)
        self.contract = nn.Conv1d(hidden, channels, kernel_size=3, stride=stride, padding=1)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, C) -> (B, ceil(T / stride), C)."""
        x = x + self.dropout(self.attention(self.attention_norm(x)))
        hidden = self.dropout(F.relu(self.expand(self.feed_forward_norm(x))))
        # The convolution as one matrix product: its own bfloat16 backward takes a quarter of a training step on CPUs.
        taps = F.pad(hidden, (0, 0, 1, 1)).unfold(1, 3, self.stride)  # (B, T', hidden, 3)
        reduced = F.linear(taps.flatten(2), self.contract.weight.flatten(1), self.contract.bias)
        return x[:, :: self.stride] + self.dropout(reduced)
