"""P-STMO: a per-frame encoder, a temporal transformer and a strided transformer that ends at the centre frame.

Shan, Liu, Zhang, Wang, Zhang, Wang, Gao: "P-STMO: Pre-Trained Spatial Temporal Many-to-One Model for 3D Human Pose
Estimation", ECCV 2022 (github.com/paTRICK-swk/P-STMO, MIT licence). `PSTMO` is stage II, the lifting network; its two
heads are the paper's: one for the centre frame, and one for every frame that is trained along.

    (B, T, J, C) keypoints -> per-frame features (B, T, D) -> (B, T, D) -> per-frame head (B, T, J, 3)
                                                                        -> (B, 1, D) -> centre head (B, 1, J, 3)

`MaskedPoseModel` is stage I, the pre-training (section 3.2): most frames and some joints of the others are hidden, and
a small decoder has to tell where all keypoints are. Its encoder and temporal transformer go on into stage II
(`PSTMO.load_pretraining`).

    (B, T, J, C) keypoints -> visible frames' features (B, T - M, D) -> and M mask tokens (B, T, D / 2) -> (B, T, J, 2)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from in_the_wild.checkpoints import load_strictly
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.lifters.blocks import (
    Head,
    Sizes,
    StridedLifter,
    UnbiasedLayerNorm,
    arguments_from_shapes,
    translate,
)
from in_the_wild.linear import Linear
from in_the_wild.parameters import Names, numbered


class PSTMO(StridedLifter):
    """The stage II network of P-STMO; its frame encoder is twice as wide as its transformers."""

    def frame_encoder(self) -> nn.Module:
        """See `StridedLifter.frame_encoder`."""
        return FrameEncoder(self.joints * self.in_channels, 2 * self.channels, self.channels, self.encoder_dropout)

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate a checkpoint of the authors (`model/stmo.py`); see `FromAuthors.convert`."""
        translated = translate(state_dict, network="P-STMO", encoder=_NAMES, expected=_EXPECTED)
        if "centre_head.joints.weight" not in translated:
            raise WeightsError(
                "These weights are of P-STMO's pre-training, which has no 3D head yet; give the file of stage II, "
                "or train on from them: pose3d train --start-from."
            )
        joints = translated["encoder.widen.weight"].shape[1] // 2
        return translated, {"joints": joints, **arguments_from_shapes(translated, network="P-STMO")}

    def load_pretraining(self, state_dict: Mapping[str, Tensor], *, source: str) -> tuple[str, ...]:
        """Take over the encoder and the temporal transformer of stage I; everything else keeps its values.

        Args:
            state_dict: Of a `MaskedPoseModel`, under our names or the authors' (`run.py`, MAE_reload).
            source: What it came from, for the error.

        Returns:
            The names of the parameters and buffers that were copied.

        Raises:
            WeightsError: not a state dict of stage I, or one whose shapes or depth differ.
        """
        pretrained, _ = MaskedPoseModel.convert(state_dict)
        shared = {name: value for name, value in pretrained.items() if name.startswith(_SHARED)}
        others = {name: value for name, value in self.state_dict().items() if not name.startswith(_SHARED)}
        load_strictly(self, others | shared, source)
        return tuple(shared)


@dataclass(eq=False, repr=False, kw_only=True)
class MaskedPoseModel(Sizes, nn.Module):
    """The stage I network of P-STMO: masked pose modelling, a denoising auto-encoder of 2D keypoints.

    The decoder has one layer less than the temporal transformer and half its width.

    Of each keypoint's numbers the first two are x and y, which alone are told again.

    Raises:
        InputError: channels that the heads do not divide.
    """

    def __post_init__(self) -> None:
        nn.Module.__init__(self)
        frames, channels, hidden, narrow = self.frames, self.channels, self.hidden, self.channels // 2
        self.spatial_mask_token = nn.Parameter(torch.randn(1, 1, self.in_channels))
        self.encoder = FrameEncoder(self.joints * self.in_channels, 2 * channels, channels, self.encoder_dropout)
        self.position = nn.Parameter(torch.randn(1, frames, channels))
        self.temporal = self.transformer(channels, hidden, self.layers)
        self.encoded_norm = UnbiasedLayerNorm(channels)
        self.encoder_to_decoder = Linear(channels, narrow, bias=False)
        self.mask_token = nn.Parameter(torch.randn(1, 1, narrow))
        self.decoder_position = nn.Parameter(torch.randn(1, frames, narrow))
        self.decoder = self.transformer(narrow, hidden // 2, self.layers - 1)
        self.keypoint_head = Head(narrow, self.joints, coordinates=2)

    def forward(self, x: Tensor, temporal_mask: Tensor, spatial_mask: Tensor) -> Tensor:
        """Tell where all keypoints are from those that are not hidden.

        Args:
            x: (B, T, J, C) normalised keypoints.
            temporal_mask: (T,) bool, True for a frame that is hidden.
            spatial_mask: (T, J) bool, True for a keypoint that is hidden.

        Returns:
            (B, T, J, 2), in the order of `visible_first`: the visible frames, then the hidden ones.
        """
        x = torch.where(spatial_mask[..., None], self.spatial_mask_token, x)  # (B, T, J, C)
        # Hidden frames are encoded too: the batch norm's statistics are over all frames, as in the authors' network.
        features = (self.encoder(x.flatten(2)) + self.position)[:, ~temporal_mask]  # (B, T - M, D)
        for block in self.temporal:
            features = block(features)
        visible = self.encoder_to_decoder(self.encoded_norm(features))  # (B, T - M, D / 2)
        hidden = self.mask_token.expand(len(x), int(temporal_mask.sum()), -1)  # (B, M, D / 2)
        features = torch.cat([visible, hidden], dim=1) + visible_first(self.decoder_position, temporal_mask)
        for block in self.decoder:
            features = block(features)
        keypoints: Tensor = self.keypoint_head(features)
        return keypoints

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate a checkpoint of the authors (`model/stmo_pretrain.py`); our own names stay.

        Returns:
            The state dict in this network's names, and the constructor arguments that its shapes tell.

        Raises:
            WeightsError: the parameters are not those of stage I.
        """
        translated = translate(
            state_dict, network="P-STMO's pre-training", encoder=_NAMES, expected=(*_EXPECTED, "spatial_mask_token")
        )
        in_channels = translated["spatial_mask_token"].shape[-1]
        frames, channels = translated["position"].shape[1:]
        return translated, {
            "frames": frames,
            "joints": translated["encoder.widen.weight"].shape[1] // in_channels,
            "channels": channels,
            "hidden": translated["temporal.0.expand.weight"].shape[0],
            "layers": numbered(translated, "temporal"),
            "in_channels": in_channels,
        }


def visible_first(sequence: Tensor, temporal_mask: Tensor) -> Tensor:
    """Frames (B, T, ...) in stage I's order: those that `temporal_mask` (T,) leaves visible, then the hidden ones."""
    return torch.cat([sequence[:, ~temporal_mask], sequence[:, temporal_mask]], dim=1)


def draw_masks(
    *,
    frames: int,
    joints: int,
    generator: torch.Generator,
    temporal_ratio: float = 0.8,
    spatial_masked: int = 2,
    mask_last_joint: bool = True,
) -> tuple[Tensor, Tensor]:
    """Draw what stage I hides; the defaults are the published ones. One pair of masks serves a whole batch.

    Args:
        frames: T.
        joints: J.
        generator: Where the draws come from.
        temporal_ratio: Part of the frames that is hidden, rounded down.
        spatial_masked: Keypoints hidden in each frame.
        mask_last_joint: False never hides the last joint, as the authors' `run.py`, which draws from one joint too few.

    Returns:
        The temporal mask (T,) and the spatial mask (T, J), bool, True for what is hidden.

    Raises:
        InputError: a ratio or a number that leaves nothing visible.
    """
    if not 0 <= temporal_ratio < 1:
        raise InputError(f"A temporal mask ratio of at least 0 and below 1 was expected, found {temporal_ratio:g}.")
    drawn_from = joints if mask_last_joint else joints - 1
    if not 0 <= spatial_masked < drawn_from:
        raise InputError(f"From 0 to {drawn_from - 1} masked joints were expected, found {spatial_masked}.")
    temporal = torch.zeros(frames, dtype=torch.bool)
    temporal[torch.randperm(frames, generator=generator)[: int(frames * temporal_ratio)]] = True
    chosen = torch.rand(frames, drawn_from, generator=generator).argsort(dim=1)[:, :spatial_masked]
    return temporal, torch.zeros(frames, joints, dtype=torch.bool).scatter(1, chosen, value=True)


class FrameEncoder(nn.Module):
    """Keypoints of one frame -> features, with one residual block (the authors' FCBlock)."""

    def __init__(self, inputs: int, width: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout)
        self.widen = Linear(inputs, width)
        self.widen_norm = nn.BatchNorm1d(width)
        self.inner1 = Linear(width, width)
        self.inner1_norm = nn.BatchNorm1d(width)
        self.inner2 = Linear(width, width)
        self.inner2_norm = nn.BatchNorm1d(width)
        self.narrow = Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        """(B, T, J * C) -> (B, T, D)."""
        batch, frames, _ = x.shape
        x = self.dropout(F.leaky_relu(self.widen_norm(self.widen(x.flatten(0, 1))), 0.2))  # (B * T, width)
        inner = self.dropout(F.leaky_relu(self.inner1_norm(self.inner1(x)), 0.2))
        x = x + self.dropout(F.leaky_relu(self.inner2_norm(self.inner2(inner)), 0.2))
        return self.narrow(x).unflatten(0, (batch, frames))


# Parameters of both stages without which weights are not P-STMO's, and the prefixes of all that they share.
_EXPECTED = ("encoder.widen.weight", "position", "temporal.0.expand.weight")
_SHARED = ("encoder.", "position", "temporal.")

# The authors' names (regular expression) -> ours, of the frame encoder and of what only stage I has.
_NAMES: Names = (
    (r"^encoder\.fc_1\.", "encoder.widen."),
    (r"^encoder\.bn_1\.", "encoder.widen_norm."),
    (r"^encoder\.layers\.0\.w([12])\.", r"encoder.inner\1."),
    (r"^encoder\.layers\.0\.batch_norm([12])\.", r"encoder.inner\1_norm."),
    (r"^encoder\.fc_2\.", "encoder.narrow."),
    (r"^encoder_LN\.a_2$", "encoded_norm.weight"),
    (r"^encoder_LN\.b_2$", "encoded_norm.bias"),
    (r"^dec_pos_embedding$", "decoder_position"),
    (r"^Transformer_dec\.model\.layers\.", "decoder."),
    (r"^fcn_dec\.0\.", "keypoint_head.norm."),
    (r"^fcn_dec\.1\.", "keypoint_head.joints."),
)
