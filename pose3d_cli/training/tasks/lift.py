"""Train a lifter on a prepared set."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import torch
from torch import Tensor

from in_the_wild.lifters.base import Lifter
from pose3d_cli.datasets.lifting import Inference
from pose3d_cli.training.tasks._lifters import NewLifter, heldout_errors
from pose3d_cli.training.tasks._prepared import Prepared, PreparedTask
from pose3d_cli.training.tasks.base import Plan


class Lift(PreparedTask):
    """A lifter learns joints from keypoints.

    Args:
        source: The set.
        lifter: What is trained.
        prepared: What is read of the set.
        test: How held-out sequences are lifted.
        plan: How the lifter is trained.

    Raises:
        ConfigError: parts that do not fit each other.
        InputError: no prepared set, or one that lacks what is trained on.
        WeightsError: weights to start from that do not fit.
    """

    passed_over: ClassVar[tuple[str, ...]] = ("masks", "lifter", "freeze")

    network: Lifter

    def __init__(self, source: Path, lifter: NewLifter, prepared: Prepared, test: Inference, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.network, self._loss = lifter.make(prepared.training)
        super().__init__(source, prepared, plan, frames=self.network.frames)
        self.lifter, self.test = lifter, test

    def loss(self, *batch: Tensor) -> Tensor:
        """The lifter's, by its name in the configuration."""
        return self._loss(*batch)

    def evaluate(self, network: Lifter) -> dict[str, float]:
        """MPJPE and P-MPJPE, millimetres."""
        return heldout_errors(network, self.training, self.heldout, self.test)

    def save(self, network: Lifter, folder: Path, name: str) -> None:
        """See `Task.save`."""
        self.lifter.save(network, folder / f"{name}.pt", training=self.training)
