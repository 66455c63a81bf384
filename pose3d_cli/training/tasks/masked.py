"""Train P-STMO's first stage on a prepared set: hidden keypoints are told from the others (masked pose modeling)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor

from in_the_wild import checkpoints
from in_the_wild.errors import ConfigError
from in_the_wild.lifters.pstmo import MaskedPoseModel, draw_masks
from in_the_wild.skeletons import get_skeleton
from pose3d_cli.datasets.prepared.windows import LabelledWindows
from pose3d_cli.training import batches, groups, losses
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import World
from pose3d_cli.training.groups import Keys
from pose3d_cli.training.tasks._prepared import Prepared, PreparedTask
from pose3d_cli.training.tasks.base import Plan, device_of

_MODEL = "pstmo"
# Windows of the held-out check.
_CHECKED = 1024


@dataclass(frozen=True)
class Masks:
    """What is hidden, see `in_the_wild.lifters.pstmo.draw_masks`."""

    temporal: float = 0.8
    spatial: int = 2
    last_joint: bool = True

    def draw(self, windows: LabelledWindows, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The masks of one batch: (T,) and (T, J)."""
        return draw_masks(
            frames=windows.frames,
            joints=len(get_skeleton(windows.training.input_skeleton)),
            generator=generator,
            temporal_ratio=self.temporal,
            spatial_masked=self.spatial,
            mask_last_joint=self.last_joint,
        )


@dataclass(frozen=True)
class NewMaskedModel(Keys):
    """P-STMO's pre-training network, which is to be trained.

    Attributes:
        model: "pstmo".
        arguments: Of its constructor.
        start_from: Weights to start from, a file.
    """

    model: str
    arguments: Mapping[str, Any]
    start_from: str | None = None

    def make(self) -> MaskedPoseModel:
        """The network, initialised.

        Raises:
            ConfigError: another model, or an argument that it does not have.
            WeightsError: weights to start from that do not fit.
        """
        if self.model != _MODEL:
            raise ConfigError(f"Masked pre-training is P-STMO's; {self.model} has none, take the task lift.")
        network: MaskedPoseModel = groups.make(MaskedPoseModel, self.arguments, "arguments")
        if self.start_from is not None:
            path = checkpoints.find(self.start_from)
            state, _ = checkpoints.convert(MaskedPoseModel, checkpoints.state_dict(path), path)
            checkpoints.load_strictly(network, state, path.name)
        return network


class Masked(PreparedTask):
    """P-STMO's pre-training network learns to tell hidden keypoints; joints are not needed.

    Args:
        source: The set.
        masked: What is trained.
        prepared: What is read of the set.
        plan: How the network is trained.
        masks: What is hidden.

    Raises:
        ConfigError: parts that do not fit each other.
        InputError: no prepared set, or one without keypoints.
        WeightsError: weights to start from that do not fit.
    """

    passed_over: ClassVar[tuple[str, ...]] = ("loss", "start_parts", "test", "lifter", "freeze")

    network: MaskedPoseModel

    def __init__(
        self, source: Path, masked: NewMaskedModel, prepared: Prepared, plan: Plan, masks: Masks = Masks()
    ) -> None:
        torch.manual_seed(plan.seed)
        self.network = masked.make()
        super().__init__(source, prepared, plan, frames=self.network.frames, needs_joints=False)
        self.masks = masks

    def batches(self, world: World) -> Callable[[int], Batch]:
        """Keypoints (B, T, J, C), and masks (1, T) and (1, T, J) for all of them."""
        return partial(_batch, self.windows, self.masks, self.batch, self.seed, world)

    def loss(self, *batch: Tensor) -> Tensor:
        """See `pose3d_cli.training.losses.masked_pose_loss`."""
        x, temporal, spatial = batch
        return losses.masked_pose_loss(self.network, x, temporal[0], spatial[0])

    @torch.no_grad()
    def evaluate(self, network: MaskedPoseModel) -> dict[str, float]:
        """Mean distance of the told keypoints in thousandths of half the picture's width, as the authors print it.

        Masks and windows are the same at every check.
        """
        plain = replace(self.windows.settings, flip=False, reverse=False)
        windows = replace(self.windows, dataset=self.heldout, settings=plain)
        size, device = min(self.batch, len(windows)), device_of(network)
        steps = min(windows.steps(size), max(1, _CHECKED // size))
        generator = torch.Generator().manual_seed(self.seed)
        found = []
        for step in range(steps):
            x = torch.from_numpy(windows.batch(size, seed=0, step=step)[0]).to(device)
            temporal, spatial = (mask.to(device) for mask in self.masks.draw(windows, generator))
            found.append(float(losses.masked_pose_loss(network, x, temporal, spatial)))
        return {"masked_error": 1e3 * float(np.mean(found))}

    def describe(self, errors: Mapping[str, float]) -> str:
        """See `Task.describe`."""
        return f"{super().describe(errors)} thousandths of half a picture's width"

    def save(self, network: MaskedPoseModel, folder: Path, name: str) -> None:
        """See `Task.save`; parameters alone, for the task lift to start from."""
        state = {key: value.cpu() for key, value in network.state_dict().items()}
        checkpoints.write(state, folder / f"{name}.pt")


def _batch(windows: LabelledWindows, masks: Masks, size: int, seed: int, world: World, step: int) -> Batch:
    """This process's rows of a batch; one pair of masks for all of them, so that every process hides the same."""
    temporal, spatial = masks.draw(windows, torch.Generator().manual_seed((seed << 32) + step))
    inputs, _ = batches.of_windows(windows, size, seed, world, step)
    return inputs, temporal[None].numpy(), spatial[None].numpy()
