"""Train a lifter on a prepared set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from in_the_wild.checkpoints import Training
from in_the_wild.lifters.base import Lifter
from pose3d_cli.datasets.prepared.windows import LabelledWindows, WindowSettings
from pose3d_cli.training import batches
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import World
from pose3d_cli.training.schedule import in_steps
from pose3d_cli.training.tasks._lifters import NewLifter, Test
from pose3d_cli.training.tasks._prepared import Data, require_joints
from pose3d_cli.training.tasks.base import Plan, Task


class Lift(Task):
    """A lifter learns joints from the keypoints of a prepared set.

    Args:
        source: The set.
        lifter: What is trained.
        training: What its weights will say of themselves.
        data: Which set it is for, and which sequences of it.
        windows: Which windows of them.
        test: How the held-out ones are lifted.
        plan: How it is trained.

    Raises:
        ConfigError: parts that do not fit each other.
        InputError: no prepared set, or one that lacks what is trained on.
        WeightsError: weights to start from that do not fit.
    """

    passed_over: ClassVar[tuple[str, ...]] = ("masks", "lifter", "freeze")

    network: Lifter

    def __init__(
        self,
        source: Path,
        lifter: NewLifter,
        training: Training,
        data: Data,
        windows: WindowSettings,
        test: Test,
        plan: Plan,
    ) -> None:
        torch.manual_seed(plan.seed)
        dataset = data.open(source)
        require_joints(dataset, training)
        self.network, self._loss = lifter.make(training)
        learnt, self.heldout = data.choose(dataset)
        self.windows = LabelledWindows(learnt, self.network.frames, windows, training)
        self.lifter, self.training, self.test = lifter, training, test
        self.batch, self.seed = plan.batch, plan.seed
        self.schedule = in_steps(plan.schedule, self.windows.steps(plan.batch))

    @property
    def data(self) -> Mapping[str, str]:
        """See `Task.data`."""
        return self.windows.dataset.digests

    def batches(self, world: World) -> Callable[[int], Batch]:
        """Inputs (B, T, J, C) and targets (B, T, J', 3), see `LabelledWindows.batch`."""
        return partial(batches.of_windows, self.windows, self.batch, self.seed, world)

    def loss(self, *batch: Tensor) -> Tensor:
        """The lifter's, by its name in the configuration."""
        return self._loss(*batch)

    def evaluate(self, network: Lifter) -> dict[str, float]:
        """MPJPE and P-MPJPE, millimetres."""
        return self.test.errors(network, self.training, self.heldout)

    def save(self, network: Lifter, folder: Path, name: str) -> None:
        """See `Task.save`."""
        self.lifter.save(network, folder / f"{name}.pt", training=self.training)
