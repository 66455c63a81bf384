"""Train a lifter on motion capture that random virtual cameras see, a new one for every window."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from in_the_wild.checkpoints import Training
from in_the_wild.lifters.base import Lifter
from in_the_wild.skeletons import get_skeleton
from pose3d_cli.evaluation import virtual_views
from pose3d_cli.training import batches
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import World
from pose3d_cli.training.schedule import in_steps
from pose3d_cli.training.tasks._lifters import NewLifter
from pose3d_cli.training.tasks._virtual import Motion
from pose3d_cli.training.tasks.base import Plan, Task


class LiftVirtual(Task):
    """A lifter learns Human3.6M's joints from COCO keypoints with the errors of a detector.

    Args:
        source: A folder of motion capture packs.
        lifter: What is trained.
        training: What its weights will say of themselves.
        motion: What it is trained on.
        plan: How.

    Raises:
        ConfigError: parts that do not fit each other.
        InputError: motion capture that is missing.
        WeightsError: weights to start from that do not fit.
    """

    network: Lifter

    def __init__(self, source: Path, lifter: NewLifter, training: Training, motion: Motion, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.network, self._loss = lifter.make(training)
        read = get_skeleton(training.input_skeleton)
        self.windows = motion.windows(source, frames=self.network.frames, skeleton=read)
        self.views, self.every = motion.views(source), motion.heldout.every
        self.lifter, self.training = lifter, training
        self.batch, self.seed, self.schedule = plan.batch, plan.seed, in_steps(plan.schedule)

    def batches(self, world: World) -> Callable[[int], Batch]:
        """Inputs (B, T, J, 4) and targets (B, T, 17, 3), see `VirtualWindows.batch`."""
        return partial(batches.of_drawn, self.windows, self.batch, self.seed, world)

    def loss(self, *batch: Tensor) -> Tensor:
        """The lifter's, by its name in the configuration."""
        return self._loss(*batch)

    def evaluate(self, network: Lifter) -> dict[str, float]:
        """MPJPE and P-MPJPE over the held-out views, millimetres."""
        found = virtual_views.mean(
            virtual_views.evaluate(network, self.training, self.views, every=self.every, flip=False)
        )
        return {"mpjpe_mm": found.mpjpe, "p_mpjpe_mm": found.p_mpjpe}

    def save(self, network: Lifter, folder: Path, name: str) -> None:
        """See `Task.save`."""
        self.lifter.save(network, folder / f"{name}.pt", training=self.training)
