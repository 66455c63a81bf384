"""What every lifter promises: 2D keypoints of a window in, 3D joints out."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from in_the_wild.parameters import FromAuthors
from in_the_wild.skeletons import mirror


class Lifter(nn.Module, FromAuthors):
    """A temporal network from 2D keypoints to 3D joints.

    The sizes of a published network, as configurations and checkpoints name them, are the fields of its class, which is
    a dataclass.

    Attributes:
        every_frame: True when a window gives the joints of each of its frames, False when of its centre frame alone.
        frames: T, the window length in network frames.
        joints: J_in, the keypoints it reads.
        out_joints: J_out, the joints it gives.
        in_channels: numbers per keypoint: x and y, then what the weights' normalisation adds.
    """

    every_frame: ClassVar[bool]
    frames: int
    joints: int
    out_joints: int
    in_channels: int

    @property
    def output_frame(self) -> int:
        """Which frame of a window a lifter answers for that answers for one: the middle one, unless it is causal."""
        return self.frames // 2

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Lift windows: (B, T, J_in, C_in) normalised keypoints -> (B, T_out, J_out, 3); T_out is T or 1."""

    def over(self, sequence: Tensor, look: Tensor) -> Tensor:
        """Lift windows that share frames; a network that treats frames alone first does that once for each.

        Args:
            sequence: (N, J_in, C_in) normalised keypoints of single frames.
            look: (W, T) which of them stand in each window.

        Returns:
            (W, T_out, J_out, 3), the same as `forward(sequence[look])`.
        """
        joints: Tensor = self(sequence[look])
        return joints


@torch.no_grad()
def lift_with_flip(
    lifter: Lifter,
    x: Tensor,
    *,
    flip: bool,
    in_flip: tuple[int, ...],
    out_flip: tuple[int, ...],
    look: Tensor | None = None,
) -> Tensor:
    """Run a lifter, averaged with its mirror image when `flip` is set (test-time flip).

    The mirrored input has x negated and left and right keypoints swapped; its output is mirrored back by the output
    skeleton's own sides and averaged half and half (P-STMO `run.py`, VideoPose3D `run.py`).

    Args:
        x: (B, T, J_in, C_in) normalised keypoints, x first; or single frames (N, J_in, C_in) with `look`.
        in_flip: The input skeleton's mirror permutation.
        out_flip: The output skeleton's mirror permutation.
        look: (B, T) which of the frames stand in each window, see `Lifter.over`.

    Returns:
        (B, T_out, J_out, 3).
    """
    if flip:
        frames = len(x)
        x = torch.cat([x, mirror(x, in_flip)])
        look = None if look is None else torch.cat([look, look + frames])
    joints = lifter(x) if look is None else lifter.over(x, look)
    if not flip:
        return joints
    straight, mirrored = joints.chunk(2)
    return (straight + mirror(mirrored, out_flip)) / 2
