"""STCFormer: attention that looks along time and along the joints at once, a half of the channels for each.

Tang, Qiu, Hao, Hong, Yao: "3D Human Pose Estimation with Spatio-Temporal Criss-cross Attention", CVPR 2023. Written
from the paper, from the parameter names and shapes of the authors' checkpoints and from the numbers of their networks;
their code has no licence. What decides whether those agree: one scale for all heads, taken from the channels and not
from a head's width; a depth-wise 3x3 convolution over (time, joint) of the values, added to what attention gives; an
embedding of body parts that counts 1e-4; no bias in the embedding, the feed-forward layers and the head.

    (B, T, J, C) keypoints -> one token per joint and frame (B, T, J, D)
                           -> blocks of criss-cross attention and feed-forward (B, T, J, D) -> joints (B, T, J, 3)
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.lifters.base import Lifter
from in_the_wild.linear import Linear, linear
from in_the_wild.parameters import Names, numbered, renamed, require, without_data_parallel
from in_the_wild.skeletons import Skeleton, get_skeleton

# Variant -> body parts in the order of its embedding's rows, the skeleton it was published for, attention heads. One
# network was trained on Human3.6M, the other on MPI-INF-3DHP.
_PARTS = {
    "h36m": ("torso", "right_leg", "left_leg", "left_arm", "right_arm"),
    "3dhp": ("torso", "right_arm", "left_arm", "right_leg", "left_leg"),
}
_SKELETONS = {"h36m": "human36m17", "3dhp": "mpi_inf_3dhp17"}
_HEADS = {"h36m": 8, "3dhp": 4}
VARIANTS = tuple(_PARTS)
# How much the embedding of body parts counts. The authors add it to the temporal half as well, 1e-9 of it: less than a
# float32 resolves, so it is left out.
_PART_SHARE = 1e-4
# On a CPU: tokens that go through the network at once, and rows of a feed-forward layer. Larger arrays fall out of the
# caches, and their memory is handed back and fetched anew for every layer, which can take a fifth of the time.
_TOKENS = 2048
_ROWS = 256


@dataclass(eq=False, repr=False, kw_only=True)
class STCFormer(Lifter):
    """STCFormer, which gives the joints of every frame of its window; the network itself takes any number of frames.

    Args:
        frames: T, window length.
        joints: J, keypoints per frame.
        out_joints: The same number: each joint is one token from first to last.
        in_channels: Numbers per keypoint, 2 as published.
        channels: D, width of the tokens; 512 in the large model.
        layers: Blocks.
        heads: Attention heads, in either half; None takes the variant's.
        variant: "h36m" as published for Human3.6M: 8 heads, attention scaled by (D / 2) ** -0.5. "3dhp" as published
            for MPI-INF-3DHP: 4 heads, D ** -0.5, another order of the body parts, and none learnt for the torso.
        skeleton: Name of the skeleton whose keypoints it reads, which tells the body part of each; None takes the
            variant's.
        drop_path: How often a window goes without the embedding of body parts in training.

    Raises:
        InputError: an unknown variant, or numbers that do not fit each other.
        SkeletonError: an unknown skeleton.
    """

    every_frame: ClassVar[bool] = True
    parts: Tensor = field(init=False)

    frames: int = 27
    joints: int = 17
    out_joints: int = 17
    in_channels: int = 2
    channels: int = 256
    layers: int = 6
    heads: int | None = None
    variant: str = "h36m"
    skeleton: str | None = None
    drop_path: float = 0.5

    def __post_init__(self) -> None:
        super().__init__()
        joints, channels, layers, variant = self.joints, self.channels, self.layers, self.variant
        if variant not in VARIANTS:
            raise InputError(f'There is no variant "{variant}" of STCFormer. {did_you_mean(variant, VARIANTS)}')
        reads = get_skeleton(_SKELETONS[variant] if self.skeleton is None else self.skeleton)
        heads = _HEADS[variant] if self.heads is None else self.heads
        if self.out_joints != joints:
            raise InputError(
                f"STCFormer gives as many joints as it reads, {joints}; found out_joints {self.out_joints}."
            )
        if len(reads) != joints:
            raise InputError(
                f"STCFormer reads {joints} keypoints, but {reads.name} has {len(reads)}; name its input's skeleton."
            )
        if layers < 1 or channels % (2 * heads):
            raise InputError(
                f"STCFormer needs at least one layer, and half of its channels divisible by the {heads} heads; "
                f"found layers {layers}, channels {channels}."
            )
        scale = (channels / 2 if variant == "h36m" else channels) ** -0.5
        self.embed = Linear(self.in_channels, channels, bias=False)
        self.blocks = nn.ModuleList(
            _Block(channels, heads, scale=scale, learnt_torso=variant == "h36m", drop_path=self.drop_path)
            for _ in range(layers)
        )
        self.head = Linear(channels, 3, bias=False)
        # Known by the arguments, so no part of a checkpoint.
        self.register_buffer("parts", torch.tensor(_part_rows(reads, _PARTS[variant])), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, J, C_in) -> (B, T, J, 3)."""
        if not _in_pieces(x):
            return self._lift(x)
        windows = max(1, _TOKENS // (x.shape[1] * x.shape[2]))
        return torch.cat([self._lift(some) for some in x.split(windows)])

    def _lift(self, x: Tensor) -> Tensor:
        """See `forward`."""
        features = F.gelu(self.embed(x))  # (B, T, J, D)
        *blocks, last = self.blocks
        for block in blocks:
            features = block(features, self.parts)
        joints: Tensor = last(features, self.parts, head=self.head.weight)
        return joints

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate a checkpoint of the authors (`model/stcformer.py`, `model/stc_pe_3dhp.py`).

        See `FromAuthors.convert`. Shapes tell neither the number of frames nor that of joints.
        """
        official = without_data_parallel(state_dict)
        variant = "3dhp" if any(name.startswith("mlpmixer.") for name in official) else "h36m"
        # The second norm of the 3DHP variant's feed-forward layers is stored but never applied.
        applied = {name: value for name, value in official.items() if variant == "h36m" or ".layer_norm2." not in name}
        translated = renamed(applied, _NAMES, only="STCFormer")
        expected = ("embed.weight", "blocks.0.part.weight", "blocks.0.spatial.local.weight", "head.weight")
        require(translated, expected, network="STCFormer", given=state_dict)
        channels, in_channels = translated["embed.weight"].shape
        heads = channels // 2 // translated["blocks.0.part.weight"].shape[1]
        arguments = {
            "in_channels": in_channels,
            "channels": channels,
            "layers": numbered(translated, "blocks"),
            "heads": heads,
            "variant": variant,
        }
        return _rearranged(translated, heads), arguments


class _Block(nn.Module):
    """Pre-norm criss-cross attention and feed-forward, each with a residual."""

    def __init__(self, channels: int, heads: int, *, scale: float, learnt_torso: bool, drop_path: float) -> None:
        super().__init__()
        self.heads = heads
        self.drop_path = drop_path
        self.attention_norm = nn.LayerNorm(channels)
        self.spatial = _AxisAttention(channels, heads, scale)
        self.temporal = _AxisAttention(channels, heads, scale)
        # Without a learnt torso its row, the first, stays zero.
        self.part = nn.Embedding(5, channels // 2 // heads, padding_idx=None if learnt_torso else 0)
        self.out = Linear(channels, channels)
        self.feed_forward_norm = nn.LayerNorm(channels)
        self.expand = Linear(channels, 4 * channels, bias=False)
        self.contract = Linear(4 * channels, channels, bias=False)

    def forward(self, x: Tensor, parts: Tensor, head: Tensor | None = None) -> Tensor:
        """(B, T, J, D) and the part of each joint (J,) -> (B, T, J, D), or (B, T, J, 3) with the head's (3, D)."""
        x = x + self._attend(self.attention_norm(x), parts)
        if head is None:
            return x + self._feed_forward(x, self.contract.weight)
        # The head reads nothing but this sum: head(x + W h) = head(x) + (head W) h, and head W has 3 rows instead of D.
        return linear(x, head) + self._feed_forward(x, head @ self.contract.weight)

    def _attend(self, normed: Tensor, parts: Tensor) -> Tensor:
        """(B, T, J, D) -> (B, T, J, D)."""
        spatial = self.spatial(normed) + self._part_embedding(parts, len(normed))
        temporal = self.temporal(normed.transpose(1, 2).contiguous()).transpose(1, 2)
        mixed: Tensor = self.out(torch.cat([spatial, temporal], dim=-1))
        return mixed

    def _feed_forward(self, x: Tensor, contract: Tensor) -> Tensor:
        """(B, T, J, D) and the last layer's weights (D', 4 D) -> (B, T, J, D')."""
        rows = self.feed_forward_norm(x).flatten(0, 2)
        pieces = rows.split(_ROWS) if _in_pieces(rows) else [rows]
        moved = torch.cat([linear(F.gelu(self.expand(piece)), contract) for piece in pieces])
        return moved.view(*x.shape[:-1], -1)

    def _part_embedding(self, parts: Tensor, batch: int) -> Tensor:
        """What each joint's body part adds, the same in every head: (1 or B, 1, J, D / 2)."""
        embedding = _PART_SHARE * self.part(parts).repeat(1, self.heads)
        if not self.training or self.drop_path == 0:
            return embedding[None, None]
        # Stochastic depth (Huang et al., ECCV 2016).
        kept = embedding.new_empty(batch, 1, 1, 1).bernoulli_(1 - self.drop_path)
        return embedding * (kept / (1 - self.drop_path))


class _AxisAttention(nn.Module):
    """Self-attention along one axis of a grid of tokens, for half of the channels, and a convolution over both axes."""

    def __init__(self, channels: int, heads: int, scale: float) -> None:
        super().__init__()
        half = channels // 2
        self.heads = heads
        self.scale = scale
        self.qkv = Linear(channels, 3 * half)
        self.local = nn.Conv2d(half, half, 3, padding=1, groups=half)

    def forward(self, x: Tensor) -> Tensor:
        """(B, M, N, D) -> (B, M, N, D / 2); the N tokens of each row attend to each other."""
        batch, rows, tokens, _ = x.shape
        qkv = self.qkv(x).view(batch * rows, tokens, 3, self.heads, -1)
        q, k, v = (qkv[:, :, which].transpose(1, 2) for which in range(3))  # (B * M, heads, N, D / 2 / heads)
        if self.training:
            # Written out: for short windows the fused kernel's bfloat16 backward takes twice as long on CPUs.
            weights = torch.softmax((q * self.scale) @ k.transpose(-1, -2), dim=-1)  # (B * M, heads, N, N)
            mixed = weights.to(v.dtype) @ v
        else:
            mixed = F.scaled_dot_product_attention(q, k, v, scale=self.scale)
        values = qkv[:, :, 2].reshape(batch, rows, tokens, -1).permute(0, 3, 1, 2)  # (B, D / 2, M, N), channels last
        # In the weights' precision: it is little work, and not every CPU has a fast depth-wise backward in bfloat16.
        with torch.autocast(x.device.type, enabled=False):
            local = self.local(values.to(self.local.weight.dtype))
        return mixed.transpose(1, 2).reshape(batch, rows, tokens, -1) + local.permute(0, 2, 3, 1)


def _in_pieces(x: Tensor) -> bool:
    """Whether work is split to stay in a CPU's caches; training needs all that is in between anyway."""
    return x.device.type == "cpu" and not torch.is_grad_enabled()


_LEG = re.compile("hip|knee|ankle|heel|foot|toe")
_ARM = re.compile("shoulder|elbow|wrist|hand|thumb|index|pinky")


def _part_rows(skeleton: Skeleton, parts: tuple[str, ...]) -> list[int]:
    """For each joint the number of its body part; all that is no limb is torso, the head too."""

    def part(joint: int) -> str:
        name, side = skeleton.joints[joint], skeleton.side(joint)
        if side == "middle":
            return "torso"
        if _LEG.search(name):
            return f"{side}_leg"
        return f"{side}_arm" if _ARM.search(name) else "torso"

    return [parts.index(part(joint)) for joint in range(len(skeleton))]


# The authors' names (regular expression) -> ours. Where two are given, the second is of the 3DHP variant.
_NAMES: Names = (
    (r"^pose_emb\.weight$", "embed.weight"),
    (r"^(regress_head|pose_lift)\.weight$", "head.weight"),
    (r"^(stcformer\.stc_block|mlpmixer\.mixerblocks)\.(\d+)\.", r"blocks.\2."),
    (r"^(blocks\.\d+)\.(stc_att|cross_att)\.layer_norm\.", r"\1.attention_norm."),
    (r"^(blocks\.\d+)\.(stc_att|cross_att)\.qkv\.", r"\1.qkv."),
    (r"^(blocks\.\d+)\.(stc_att|cross_att)\.(sep2|gate)_s\.", r"\1.spatial.local."),
    (r"^(blocks\.\d+)\.(stc_att|cross_att)\.(sep2|gate)_t\.", r"\1.temporal.local."),
    (r"^(blocks\.\d+)\.(stc_att|cross_att)\.emb\.", r"\1.part."),
    (r"^(blocks\.\d+)\.(stc_att|cross_att)\.proj\.", r"\1.out."),
    (r"^(blocks\.\d+)\.layer_norm1?\.", r"\1.feed_forward_norm."),
    (r"^(blocks\.\d+)\.mlp1?\.fc1\.", r"\1.expand."),
    (r"^(blocks\.\d+)\.mlp1?\.fc2\.", r"\1.contract."),
)


def _rearranged(translated: Mapping[str, Tensor], heads: int) -> dict[str, Tensor]:
    """Parameters under our names but in the authors' order -> in ours.

    Theirs: query, key and value of a channel follow each other, the spatial half of the channels before the temporal
    one. What attention gives is joined head by head, the spatial and the temporal channels of each. Both convolutions
    run over (time, joint); the parts have unused rows in the 3DHP variant.
    """
    state: dict[str, Tensor] = {}
    for name, value in translated.items():
        if ".qkv." in name:
            halves = value.unflatten(0, (2, -1, 3)).transpose(1, 2).flatten(1, 2)  # (2, 3 * D / 2, ...)
            for half, axis in zip(halves, ("spatial", "temporal"), strict=True):
                state[name.replace("qkv", f"{axis}.qkv")] = half
        elif name.endswith(".out.weight"):
            state[name] = value.unflatten(1, (heads, 2, -1)).transpose(1, 2).flatten(1)
        elif name.endswith("temporal.local.weight"):
            state[name] = value.transpose(-1, -2)
        elif name.endswith(".part.weight"):
            state[name] = value[:5]
        else:
            state[name] = value
    return state
