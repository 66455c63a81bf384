"""StridedTransformer: a temporal transformer, then a strided one that narrows the window to its centre frame.

Li, Liu, Ding, Liu, Wang, Yang: "Exploiting Temporal Contexts with Strided Transformer for 3D Human Pose Estimation",
IEEE Transactions on Multimedia 2022 (github.com/Vegetebird/StridedTransformer-Pose3D, MIT licence). Without its refine
module, which reads the true root and camera. P-STMO took over all but the encoder of single frames.

    (B, T, J, C) keypoints -> per-frame features (B, T, D) -> (B, T, D) -> per-frame head (B, T, J, 3)
                                                                        -> (B, 1, D) -> centre head (B, 1, J, 3)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.lifters.blocks import StridedLifter, arguments_from_shapes, translate
from in_the_wild.linear import Linear
from in_the_wild.parameters import Names


@dataclass(eq=False, repr=False, kw_only=True)
class StridedTransformer(StridedLifter):
    """The network of StridedTransformer, with its full-to-single supervision: a head per frame and one for the centre.

    Without strides it has the authors' for 27 and 351 frames, and factors of three, as P-STMO has them, for 9, 81 and
    243. Its frame encoder is as wide as its transformers.
    """

    frames: int = 351
    encoder_dropout: float = 0.25

    def frame_encoder(self) -> nn.Module:
        """See `StridedLifter.frame_encoder`."""
        return _FrameEncoder(self.joints * self.in_channels, self.channels, self.encoder_dropout)

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate a checkpoint of the authors (`model/strided_transformer.py`); see `FromAuthors.convert`."""
        expected = ("encoder.widen.weight", "position", "temporal.0.expand.weight", "centre_head.joints.weight")
        translated = translate(state_dict, network="StridedTransformer", encoder=_ENCODER_NAMES, expected=expected)
        joints = translated["encoder.widen.weight"].shape[1] // 2
        return translated, {"joints": joints, **arguments_from_shapes(translated, network="StridedTransformer")}


class _FrameEncoder(nn.Module):
    """Keypoints of one frame -> features: one layer."""

    def __init__(self, inputs: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.widen = Linear(inputs, outputs)
        self.norm = nn.BatchNorm1d(outputs)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, J * C) -> (B, T, D)."""
        features = F.relu(self.norm(self.widen(x.flatten(0, 1))))  # (B * T, D)
        return self.dropout(features).unflatten(0, x.shape[:2])


# The authors' names of the frame encoder (regular expression) -> ours.
_ENCODER_NAMES: Names = (
    (r"^encoder\.0\.", "encoder.widen."),
    (r"^encoder\.1\.", "encoder.norm."),
)
