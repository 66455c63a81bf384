"""What training makes small."""

from __future__ import annotations

import torch
from torch import Tensor

from in_the_wild.lifters.pstmo import PSTMO


def pstmo_loss(lifter: PSTMO, x: Tensor, target: Tensor) -> Tensor:
    """MPJPE of all frames plus that of the centre frame, as P-STMO is trained: (B, T, J, C), (B, T, J, 3) -> ()."""
    every, centre = lifter.both_heads(x)
    middle = target.shape[1] // 2
    return _mpjpe(every.float(), target) + _mpjpe(centre.float(), target[:, middle : middle + 1])


def _mpjpe(predicted: Tensor, target: Tensor) -> Tensor:
    return torch.linalg.vector_norm(predicted - target, dim=-1).mean()
