"""What training makes small."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from in_the_wild.errors import ConfigError, did_you_mean
from in_the_wild.lifters.base import Lifter
from in_the_wild.lifters.pstmo import MaskedPoseModel, visible_first
from in_the_wild.skeletons import HUMAN36M17, Skeleton


@runtime_checkable
class TwoHeads(Protocol):
    """A centre-frame lifter with a second head that answers for every frame, which training listens to as well."""

    def both_heads(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, J, C) -> (B, T, J_out, 3) of every frame, and (B, 1, J_out, 3) of the centre frame."""


def pstmo_loss(lifter: TwoHeads, x: Tensor, target: Tensor) -> Tensor:
    """MPJPE of all frames plus that of the centre frame, as P-STMO and StridedTransformer are trained.

    Shapes: (B, T, J, C), (B, T, J, 3) -> ().
    """
    every, centre = lifter.both_heads(x)
    middle = target.shape[1] // 2
    return _mpjpe(every.float(), target) + _mpjpe(centre.float(), target[:, middle : middle + 1])


def mpjpe_loss(lifter: Lifter, x: Tensor, target: Tensor) -> Tensor:
    """MPJPE of what the lifter gives: every frame of the window or the one it answers for (STCFormer, VideoPose3D).

    Shapes: (B, T, J, C), (B, T, J, 3) -> ().
    """
    predicted = lifter(x).float()
    if not lifter.every_frame:
        target = target[:, lifter.output_frame : lifter.output_frame + 1]
    return _mpjpe(predicted, target)


def masked_pose_loss(network: MaskedPoseModel, x: Tensor, temporal_mask: Tensor, spatial_mask: Tensor) -> Tensor:
    """Mean distance of the keypoints that P-STMO's stage I tells to the given ones, hidden and visible alike.

    Args:
        network: Of stage I.
        x: (B, T, J, C) normalised keypoints, x and y first.
        temporal_mask: (T,) bool, True for a frame that is hidden.
        spatial_mask: (T, J) bool, True for a keypoint that is hidden.
    """
    told = network(x, temporal_mask, spatial_mask)
    return _mpjpe(told.float(), visible_first(x[..., :2], temporal_mask))


def _mpjpe(predicted: Tensor, target: Tensor) -> Tensor:
    return torch.linalg.vector_norm(predicted - target, dim=-1).mean()


# How much a joint of either side counts in MixSTE's loss: the further out on a limb, the more. All others count 1.
_MIXSTE_WEIGHTS = {"knee": 2.5, "ankle": 2.5, "head": 1.5, "shoulder": 1.5, "elbow": 4.0, "wrist": 4.0}


def mixste_loss(
    predicted: Tensor, target: Tensor, *, skeleton: Skeleton = HUMAN36M17, scale_gradient: bool = False
) -> Tensor:
    """Weighted MPJPE + 0.5 * weighted temporal consistency + 2 * MPJVE, as MixSTE is trained.

    Args:
        predicted: (B, T, J, 3).
        target: (B, T, J, 3).
        skeleton: Which joints these are; joints without a published weight count 1.
        scale_gradient: Multiply the gradient by the loss itself, as the authors' `run.py` does; where a batch is
            computed in parts, by that of the part.

    Returns:
        (), in the unit of the joints but for the temporal consistency, which is in its square.
    """
    position, consistency, velocity = mixste_loss_parts(predicted, target, skeleton=skeleton)
    loss = position + 0.5 * consistency + 2 * velocity
    if scale_gradient:
        value = loss.detach()
        return value + value * (loss - value)
    return loss


def mixste_loss_parts(
    predicted: Tensor, target: Tensor, *, skeleton: Skeleton = HUMAN36M17
) -> tuple[Tensor, Tensor, Tensor]:
    """Weighted MPJPE, weighted temporal consistency and MPJVE, before they are summed; see `mixste_loss`.

    The weighted means are over all joints, not divided by the sum of the weights. Temporal consistency is the mean
    squared step of the prediction from frame to frame.
    """
    weights = predicted.new_tensor(
        [_MIXSTE_WEIGHTS.get(joint.split("_")[-1], 1.0) for joint in skeleton.joints]
    )  # (J,)
    position = (weights * torch.linalg.vector_norm(predicted - target, dim=-1)).mean()
    step = predicted.diff(dim=1)  # (B, T - 1, J, 3)
    consistency = (weights[:, None] * step.square()).mean()
    return position, consistency, _mpjpe(step, target.diff(dim=1))


def _mixste(lifter: Lifter, x: Tensor, target: Tensor, *, skeleton: Skeleton, scale_gradient: bool) -> Tensor:
    return mixste_loss(lifter(x).float(), target, skeleton=skeleton, scale_gradient=scale_gradient)


Loss = Callable[[Any, Tensor, Tensor], Tensor]
LOSSES: dict[str, Callable[..., Tensor]] = {
    "pstmo": pstmo_loss,
    "mpjpe": mpjpe_loss,
    "mixste": partial(_mixste, scale_gradient=False),
    # With the gradient scaling that its released loop really applies.
    "mixste_scaled": partial(_mixste, scale_gradient=True),
}


def get(name: str, lifter: Lifter, *, skeleton: Skeleton = HUMAN36M17) -> Loss:
    """A loss by its name in a configuration: (lifter, inputs (B, T, J, C), targets (B, T, J, 3)) -> ().

    Args:
        name: One of LOSSES.
        lifter: What it is for.
        skeleton: Of the joints that the lifter gives.

    Raises:
        ConfigError: no such loss, or one that this lifter cannot be trained by.
    """
    if name not in LOSSES:
        raise ConfigError(f'There is no loss "{name}". {did_you_mean(name, LOSSES)}')
    if name == "pstmo" and not isinstance(lifter, TwoHeads):
        raise ConfigError(
            f"The loss pstmo needs a network with per-frame and centre heads; {type(lifter).__name__} has none, "
            "take mpjpe."
        )
    if name.startswith("mixste") and not lifter.every_frame:
        raise ConfigError(
            f"The loss {name} needs a network that answers for every frame of its window; {type(lifter).__name__} "
            "answers for one, take mpjpe."
        )
    return partial(LOSSES[name], skeleton=skeleton) if name.startswith("mixste") else LOSSES[name]
