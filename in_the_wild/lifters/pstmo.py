"""P-STMO: a per-frame encoder, a temporal transformer and a strided transformer that ends at the centre frame.

Shan, Liu, Zhang, Wang, Zhang, Wang, Gao: "P-STMO: Pre-Trained Spatial Temporal Many-to-One Model for 3D Human Pose
Estimation", ECCV 2022 (github.com/paTRICK-swk/P-STMO, MIT licence). Stage II, the lifting network; its two heads are
the paper's: one for the centre frame, and one for every frame that is trained along.

    (B, T, J, C) keypoints -> per-frame features (B, T, D) -> (B, T, D) -> per-frame head (B, T, J, 3)
                                                                        -> (B, 1, D) -> centre head (B, 1, J, 3)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lifters.base import Lifter, without_data_parallel
from in_the_wild.lifters.blocks import StridedBlock, TransformerBlock

# Window length -> strides whose product brings it to one token.
STRIDES: dict[int, tuple[int, ...]] = {
    9: (1, 3, 3),
    27: (3, 3, 3),
    81: (3, 3, 3, 3),
    243: (3, 3, 3, 3, 3),
    351: (3, 9, 13),
}
# The strided transformer has this many position embeddings, whatever its depth.
_POSITIONED_STAGES = 3


class PSTMO(Lifter):
    """The stage II network of P-STMO.

    Args:
        frames: T, window length; the network's output is the pose of its middle frame.
        joints: J_in, keypoints per frame.
        out_joints: J_out.
        channels: D, width of the transformers; the frame encoder is twice as wide.
        hidden: Width of their feed-forward layers.
        layers: Depth of the temporal transformer.
        strides: One stride per strided stage; None takes the authors' for this window length.
        in_channels: Numbers per keypoint, 2 as published.
        heads: Attention heads.
        dropout: Of the transformers; the frame encoder has none.

    Raises:
        InputError: no strides are known for this window length.
    """

    every_frame: ClassVar[bool] = False

    def __init__(
        self,
        *,
        frames: int = 243,
        joints: int = 17,
        out_joints: int = 17,
        channels: int = 256,
        hidden: int = 512,
        layers: int = 3,
        strides: Sequence[int] | None = None,
        in_channels: int = 2,
        heads: int = 8,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if strides is None:
            if frames not in STRIDES:
                raise InputError(f"P-STMO knows strides for {sorted(STRIDES)} frames, found {frames}; give strides.")
            strides = STRIDES[frames]
        self.frames = frames
        self.joints = joints
        self.out_joints = out_joints
        self.in_channels = in_channels
        self.encoder = FrameEncoder(joints * in_channels, 2 * channels, channels)
        self.position = nn.Parameter(torch.randn(1, frames, channels))
        self.temporal = nn.ModuleList(TransformerBlock(channels, hidden, heads, dropout) for _ in range(layers))
        self.strided_positions = nn.ParameterList(
            nn.Parameter(torch.randn(1, frames, channels)) for _ in range(_POSITIONED_STAGES)
        )
        self.strided = nn.ModuleList(StridedBlock(channels, hidden, heads, stride, dropout) for stride in strides)
        self.frame_head = Head(channels, out_joints)
        self.centre_head = Head(channels, out_joints)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, J_in, C_in) -> (B, 1, J_out, 3), the centre frame."""
        return self.centre(self.features(x))

    def both_heads(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, J_in, C_in) -> (B, T, J_out, 3) of every frame, and (B, 1, J_out, 3) of the centre frame."""
        features = self.features(x)
        return self.frame_head(features), self.centre(features)

    def features(self, x: Tensor) -> Tensor:
        """(B, T, J_in, C_in) -> (B, T, D)."""
        features = self.encoder(x.flatten(2)) + self.position
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

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate a checkpoint of the authors (`model/stmo.py`); see `Lifter.convert`."""
        official = without_data_parallel(state_dict)
        # The last norm of both transformers is stored but never applied.
        official = {name: value for name, value in official.items() if ".model.norm." not in name}
        translated = {_translate(name): value for name, value in official.items()}
        for name in ("encoder.widen.weight", "position", "temporal.0.expand.weight"):
            if name not in translated:
                raise WeightsError(
                    f"These weights are not P-STMO's: a parameter {name} was expected, found "
                    f"{', '.join(list(state_dict)[:3]) or 'nothing'}, ..."
                )
        if "centre_head.joints.weight" not in translated:
            raise WeightsError(
                "These weights are of P-STMO's pre-training, which has no 3D head yet; give the file of stage II."
            )
        convolutions = re.compile(r"(encoder\.\w+|strided\.\d+\.expand|\w+_head\.joints)\.weight")
        for name, value in translated.items():
            if convolutions.fullmatch(name) and value.ndim == 3:
                translated[name] = value.squeeze(-1)  # their 1x1 convolutions are linear layers here
        frames, channels = translated["position"].shape[1:]
        strided = len({name.split(".")[1] for name in translated if name.startswith("strided.")})
        arguments = {
            "frames": frames,
            "channels": channels,
            "joints": translated["encoder.widen.weight"].shape[1] // 2,
            "out_joints": translated["centre_head.joints.weight"].shape[0] // 3,
            "hidden": translated["temporal.0.expand.weight"].shape[0],
            "layers": len({name.split(".")[1] for name in translated if name.startswith("temporal.")}),
        }
        if frames not in STRIDES or len(STRIDES[frames]) != strided:
            raise WeightsError(f"P-STMO has no published strides for {frames} frames in {strided} stages.")
        return translated, arguments


class FrameEncoder(nn.Module):
    """Keypoints of one frame -> features, with one residual block (the authors' FCBlock)."""

    def __init__(self, inputs: int, width: int, outputs: int) -> None:
        super().__init__()
        self.widen = nn.Linear(inputs, width)
        self.widen_norm = nn.BatchNorm1d(width)
        self.inner1 = nn.Linear(width, width)
        self.inner1_norm = nn.BatchNorm1d(width)
        self.inner2 = nn.Linear(width, width)
        self.inner2_norm = nn.BatchNorm1d(width)
        self.narrow = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, J * C) -> (B, T, D)."""
        batch, frames, _ = x.shape
        x = F.leaky_relu(self.widen_norm(self.widen(x.flatten(0, 1))), 0.2)  # (B * T, width)
        inner = F.leaky_relu(self.inner1_norm(self.inner1(x)), 0.2)
        x = x + F.leaky_relu(self.inner2_norm(self.inner2(inner)), 0.2)
        return self.narrow(x).unflatten(0, (batch, frames))


class Head(nn.Module):
    """Features -> joints: a batch norm and one linear layer."""

    def __init__(self, channels: int, joints: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(channels)
        self.joints = nn.Linear(channels, joints * 3)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, D) -> (B, T, J, 3)."""
        joints = self.joints(self.norm(x.flatten(0, 1)))
        return joints.view(*x.shape[:2], -1, 3)


# The authors' names (regular expression) -> ours.
_NAMES: tuple[tuple[str, str], ...] = (
    (r"^encoder\.fc_1\.", "encoder.widen."),
    (r"^encoder\.bn_1\.", "encoder.widen_norm."),
    (r"^encoder\.layers\.0\.w([12])\.", r"encoder.inner\1."),
    (r"^encoder\.layers\.0\.batch_norm([12])\.", r"encoder.inner\1_norm."),
    (r"^encoder\.fc_2\.", "encoder.narrow."),
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


def _translate(name: str) -> str:
    for pattern, ours in _NAMES:
        name = re.sub(pattern, ours, name)
    return name
