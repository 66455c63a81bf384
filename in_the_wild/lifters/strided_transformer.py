"""StridedTransformer: a temporal transformer, then a strided one that narrows the window to its centre frame.

Li, Liu, Ding, Liu, Wang, Yang: "Exploiting Temporal Contexts with Strided Transformer for 3D Human Pose Estimation",
IEEE Transactions on Multimedia 2022 (github.com/Vegetebird/StridedTransformer-Pose3D, MIT licence). Without its refine
module, which reads the true root and camera. P-STMO took over all but the encoder of single frames.

    (B, T, J, C) keypoints -> per-frame features (B, T, D) -> (B, T, D) -> per-frame head (B, T, J, 3)
                                                                        -> (B, 1, D) -> centre head (B, 1, J, 3)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.lifters.blocks import StridedLifter, arguments_from_shapes, translate


class StridedTransformer(StridedLifter):
    """The network of StridedTransformer, with its full-to-single supervision: a head per frame and one for the centre.

    Args:
        frames: T, window length; the network's output is the pose of its middle frame.
        joints: J_in, keypoints per frame.
        out_joints: J_out.
        channels: D, width of the frame encoder and of the transformers.
        hidden: Width of their feed-forward layers.
        layers: Depth of the temporal transformer.
        strides: One stride per strided stage; None takes the authors' for 27 and 351 frames, and factors of three, as
            P-STMO has them, for 9, 81 and 243.
        in_channels: Numbers per keypoint, 2 as published.
        heads: Attention heads.
        dropout: Of the transformers.
        encoder_dropout: Of the frame encoder.

    Raises:
        InputError: no strides are known for this window length.
    """

    def __init__(
        self,
        *,
        frames: int = 351,
        joints: int = 17,
        out_joints: int = 17,
        channels: int = 256,
        hidden: int = 512,
        layers: int = 3,
        strides: Sequence[int] | None = None,
        in_channels: int = 2,
        heads: int = 8,
        dropout: float = 0.1,
        encoder_dropout: float = 0.25,
    ) -> None:
        super().__init__(
            _FrameEncoder(joints * in_channels, channels, encoder_dropout),
            frames=frames,
            joints=joints,
            out_joints=out_joints,
            channels=channels,
            hidden=hidden,
            layers=layers,
            strides=strides,
            in_channels=in_channels,
            heads=heads,
            dropout=dropout,
        )

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate a checkpoint of the authors (`model/strided_transformer.py`); see `Lifter.convert`."""
        expected = ("encoder.widen.weight", "position", "temporal.0.expand.weight", "centre_head.joints.weight")
        translated = translate(state_dict, network="StridedTransformer", encoder=_ENCODER_NAMES, expected=expected)
        joints = translated["encoder.widen.weight"].shape[1] // 2
        return translated, {"joints": joints, **arguments_from_shapes(translated, network="StridedTransformer")}


class _FrameEncoder(nn.Module):
    """Keypoints of one frame -> features: one layer."""

    def __init__(self, inputs: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.widen = nn.Linear(inputs, outputs)
        self.norm = nn.BatchNorm1d(outputs)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, J * C) -> (B, T, D)."""
        features = F.relu(self.norm(self.widen(x.flatten(0, 1))))  # (B * T, D)
        return self.dropout(features).unflatten(0, x.shape[:2])


# The authors' names of the frame encoder (regular expression) -> ours.
_ENCODER_NAMES: tuple[tuple[str, str], ...] = (
    (r"^encoder\.0\.", "encoder.widen."),
    (r"^encoder\.1\.", "encoder.norm."),
)
