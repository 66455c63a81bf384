"""MixSTE: blocks that look over a frame's joints and blocks that follow each joint through time, in turn.

Zhang, Tu, Yang, Chen, Yuan: "MixSTE: Seq2seq Mixed Spatio-Temporal Encoder for 3D Human Pose Estimation in Video",
CVPR 2022. Written from the paper, from the parameter names and shapes of the authors' checkpoints and from the numbers
of their networks; their code has no licence. What decides whether those agree: one spatial and one temporal layer norm
are shared by all blocks and applied after each, position embeddings stand before the first block of either kind alone,
and eps is 1e-6 but 1e-5 in the head.

    (B, T, J, C) keypoints -> one token per joint and frame (B, T, J, D)
                           -> spatial, temporal, spatial, ... blocks (B, T, J, D) -> joints (B, T, J, 3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.lifters._mixste_attention import Attention, make_attention
from in_the_wild.lifters.base import Lifter
from in_the_wild.linear import Linear
from in_the_wild.parameters import Names, numbered, renamed, require, without_data_parallel

VARIANTS = ("mixed", "separate", "pooling")
_EPS = 1e-6
# On a processor as many windows are lifted together as have this many tokens, or one: four published windows at once
# leave its cache and take a third longer each.
_TOKENS_TOGETHER = 4096


@dataclass(eq=False, repr=False, kw_only=True)
class MixSTE(Lifter):
    """MixSTE, which gives the joints of every frame of its window.

    Args:
        frames: T, window length.
        joints: J, keypoints per frame.
        out_joints: The same number: each joint is one token from first to last.
        in_channels: Numbers per keypoint, 2 as published.
        channels: D, width of the tokens.
        depth: Spatial blocks, and as many temporal ones.
        heads: Attention heads.
        mlp_ratio: Width of the feed-forward layers by that of the tokens.
        qkv_bias: Whether queries, keys and values have a bias; with "rela" the authors have none.
        attention: Of the temporal blocks: "softmax" as published, "rela", "linformer" or "routing"; the spatial blocks
            always have softmax.
        variant: "mixed" takes spatial and temporal blocks in turn, as published. "separate" takes all spatial blocks,
            then all temporal ones, the first of them twice (as in the authors' MixSTE_seperate). "pooling" halves the
            tokens' width after each temporal block of the first half but its last one, and doubles it again in the
            second half (the authors' MixSTEPooling, known for a depth of 4); every block has its own layer norm.
        drop_path: Stochastic depth: how often the last blocks are left out in training; earlier ones less often.

    Raises:
        InputError: an unknown variant or attention, or numbers that do not fit each other.
    """

    every_frame: ClassVar[bool] = True

    frames: int = 243
    joints: int = 17
    out_joints: int = 17
    in_channels: int = 2
    channels: int = 512
    depth: int = 8
    heads: int = 8
    mlp_ratio: float = 2.0
    qkv_bias: bool = True
    attention: str = "softmax"
    variant: str = "mixed"
    drop_path: float = 0.1

    def __post_init__(self) -> None:
        super().__init__()
        joints, channels, depth, pooling = self.joints, self.channels, self.depth, self.variant == "pooling"
        if self.variant not in VARIANTS:
            raise InputError(f'There is no variant "{self.variant}" of MixSTE. {did_you_mean(self.variant, VARIANTS)}')
        if self.out_joints != joints:
            raise InputError(f"MixSTE gives as many joints as it reads, {joints}; found out_joints {self.out_joints}.")
        if pooling and depth % 2:
            raise InputError(f"MixSTE with pooling needs an even depth, found {depth}.")
        # Width of the tokens that each pair of blocks reads, and of what the last one gives.
        narrowed = [min(stage, depth - 1 - stage) if pooling else 0 for stage in range(depth)]
        widths = [*(channels >> times for times in narrowed), channels]

        def blocks(kind: str, outs: Sequence[int]) -> nn.ModuleList:
            return nn.ModuleList(self._block(kind, stage, widths[stage], outs[stage]) for stage in range(depth))

        self.embed = Linear(self.in_channels, channels)
        self.joint_position = nn.Parameter(nn.init.trunc_normal_(torch.empty(1, joints, channels), std=0.02))
        self.frame_position = nn.Parameter(nn.init.trunc_normal_(torch.empty(self.frames, 1, channels), std=0.02))
        self.spatial = blocks("softmax", widths)
        self.temporal = blocks(self.attention, widths[1:])
        norms = depth if pooling else 1
        self.spatial_norms = nn.ModuleList(nn.LayerNorm(width, eps=_EPS) for width in widths[:norms])
        self.temporal_norms = nn.ModuleList(nn.LayerNorm(width, eps=_EPS) for width in widths[1 : norms + 1])
        self.head_norm = nn.LayerNorm(channels)
        self.head = Linear(channels, 3)

    def _block(self, kind: str, stage: int, width: int, out: int) -> _Block:
        attention = make_attention(kind, width, self.heads, tokens=self.frames, qkv_bias=self.qkv_bias)
        rate = self.drop_path * stage / max(1, self.depth - 1)
        return _Block(width, out, int(width * self.mlp_ratio), attention=attention, drop_path=rate)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, J, C_in) -> (B, T, J, 3)."""
        if self.training or x.device.type != "cpu":
            return self._lift(x)
        together = max(1, _TOKENS_TOGETHER // (self.frames * self.joints))
        return torch.cat([self._lift(some) for some in x.split(together)])

    def _lift(self, x: Tensor) -> Tensor:
        """(B, T, J, C_in) -> (B, T, J, 3)."""
        features = self.embed(x) + self.joint_position  # (B, T, J, D)
        stages = range(len(self.spatial))
        if self.variant == "separate":
            for stage in stages:
                features = self._spatial(stage, features)
            features = self._temporal(0, features + self.frame_position)
            for stage in stages:
                features = self._temporal(stage, features)
        else:
            for stage in stages:
                features = self._spatial(stage, features)
                features = self._temporal(stage, features + self.frame_position if stage == 0 else features)
        joints: Tensor = self.head(self.head_norm(features))
        return joints

    def _spatial(self, stage: int, features: Tensor) -> Tensor:
        """The joints of each frame attend to each other: (B, T, J, D) -> (B, T, J, D)."""
        frames = features.flatten(0, 1).unsqueeze(2)  # (B * T, J, 1, D)
        mixed: Tensor = self.spatial_norms[stage % len(self.spatial_norms)](self.spatial[stage](frames))
        return mixed.view(features.shape)

    def _temporal(self, stage: int, features: Tensor) -> Tensor:
        """The frames of each joint attend to each other: (B, T, J, D) -> (B, T, J, D')."""
        mixed: Tensor = self.temporal_norms[stage % len(self.temporal_norms)](self.temporal[stage](features))
        return mixed

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate a checkpoint of the authors (`common/model_cross.py`); see `FromAuthors.convert`.

        Shapes tell neither the number of heads, which stays 8 as published, nor the variant "separate", which has the
        parameters of "mixed".
        """
        translated: dict[str, Tensor] = {}
        for name, value in renamed(without_data_parallel(state_dict), _NAMES, only="MixSTE").items():
            if ".qkv." in name:
                for part, rows in zip(("query", "key", "value"), value.chunk(3), strict=True):
                    translated[name.replace("qkv", part)] = rows
            else:  # the layer that changes the width is a 1x1 convolution of theirs
                translated[name] = value.squeeze(-1) if name.endswith("resize.weight") else value
        require(translated, _EXPECTED, network="MixSTE", given=state_dict)
        translated["frame_position"] = translated["frame_position"].transpose(0, 1)  # (1, T, D) -> (T, 1, D)
        channels, in_channels = translated["embed.weight"].shape
        joints = translated["joint_position"].shape[1]
        arguments = {
            "frames": translated["frame_position"].shape[0],
            "joints": joints,
            "out_joints": joints,
            "in_channels": in_channels,
            "channels": channels,
            "depth": numbered(translated, "spatial"),
            "mlp_ratio": translated["spatial.0.expand.weight"].shape[0] / channels,
            "qkv_bias": "spatial.0.attention.query.bias" in translated,
            "attention": "rela" if "temporal.0.attention.norm.weight" in translated else "softmax",
            "variant": "pooling" if "spatial_norms.1.weight" in translated else "mixed",
        }
        return translated, arguments


class _Block(nn.Module):
    """Pre-norm attention and feed-forward, each with a residual; then the width changes if it is to."""

    def __init__(self, channels: int, out: int, hidden: int, *, attention: Attention, drop_path: float) -> None:
        super().__init__()
        self.attention_norm = nn.LayerNorm(channels, eps=_EPS)
        self.attention = attention
        self.feed_forward_norm = nn.LayerNorm(channels, eps=_EPS)
        self.expand = Linear(channels, hidden)
        self.contract = Linear(hidden, channels)
        self.resize = nn.Identity() if out == channels else Linear(channels, out)
        self.drop_path = drop_path

    def forward(self, x: Tensor) -> Tensor:
        """(B, N, G, D) -> (B, N, G, D'), see `_mixste_attention`."""
        x = x + self._drop(self.attention(self.attention_norm(x)))
        hidden = F.gelu(self.expand(self.feed_forward_norm(x)))
        resized: Tensor = self.resize(x + self._drop(self.contract(hidden)))
        return resized

    def _drop(self, branch: Tensor) -> Tensor:
        """Stochastic depth (Huang et al., ECCV 2016): in training some sequences go without the branch."""
        if not self.training or self.drop_path == 0:
            return branch
        kept = branch.new_empty(branch.shape[0], 1, branch.shape[2], 1).bernoulli_(1 - self.drop_path)
        return branch * (kept / (1 - self.drop_path))


# The authors' names (regular expression) -> ours.
_NAMES: Names = (
    (r"^Spatial_patch_to_embedding\.", "embed."),
    (r"^Spatial_pos_embed$", "joint_position"),
    (r"^Temporal_pos_embed$", "frame_position"),
    (r"^STEblocks\.", "spatial."),
    (r"^TTEblocks\.", "temporal."),
    (r"^Spatial_norm\.(\d+)\.", r"spatial_norms.\1."),
    (r"^Temporal_norm\.(\d+)\.", r"temporal_norms.\1."),
    (r"^Spatial_norm\.", "spatial_norms.0."),
    (r"^Temporal_norm\.", "temporal_norms.0."),
    (r"^head\.0\.", "head_norm."),
    (r"^head\.1\.", "head."),
    (r"\.norm1\.", ".attention_norm."),
    (r"\.norm2\.", ".feed_forward_norm."),
    (r"\.attn\.(to_)?qkv\.", ".attention.qkv."),
    (r"\.attn\.norm\.", ".attention.norm."),
    (r"\.attn\.(proj|to_out\.0)\.", ".attention.out."),
    (r"\.mlp\.fc1\.", ".expand."),
    (r"\.mlp\.fc2\.", ".contract."),
    (r"\.(reduction|improve)\.", ".resize."),
)
# Ours; weights without one of these are another network's.
_EXPECTED = (
    "embed.weight",
    "joint_position",
    "frame_position",
    "spatial.0.expand.weight",
    "temporal.0.expand.weight",
    "head.weight",
)
