"""What tasks for sparse poses share: MixSynthFormer, which starts from straight lines, its loss, and its baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import torch
from torch import Tensor

from in_the_wild import plugins
from in_the_wild.checkpoints import refiners
from in_the_wild.errors import ConfigError
from in_the_wild.sparse import SparseNetwork, Training
from pose3d_cli.evaluation import baselines
from pose3d_cli.training import groups
from pose3d_cli.training.groups import Keys
from pose3d_cli.training.tasks.base import Plan, Task

_MODEL = "mixsynthformer"


@dataclass(frozen=True)
class NewSparseNetwork(Keys):
    """MixSynthFormer, which is to be trained.

    Attributes:
        model: "mixsynthformer".
        arguments: Of its constructor.
        training: What its weights will say of themselves.
    """

    model: str
    arguments: Mapping[str, Any]
    training: Training

    def make(self) -> SparseNetwork:
        """The network: its first answers are straight lines, what is learnt is what to change about them.

        Raises:
            ConfigError: another model, an argument that it does not have, or a window that does not fit the task.
        """
        if self.model != _MODEL:
            raise ConfigError(f"Of sparse poses {_MODEL} learns, found {self.model}; take another task, or that model.")
        network: SparseNetwork = groups.make(
            plugins.load("in_the_wild.refiners", self.model).network, self.arguments, "arguments"
        )
        torch.nn.init.zeros_(network.head.weight)
        torch.nn.init.zeros_(network.head.bias)
        past, task = self.training.past, self.training.task
        predicts = task == "predict"
        if predicts != (0 < past < network.frames) or (predicts and (past - 1) % network.interval):
            raise ConfigError(
                f"To {task} was asked with {past} past frames of a window of {network.frames}; filling has none, and "
                f"the last of a past is one of those read, every {network.interval}. Set training.past."
            )
        return network


class SparseTask(Task):
    """MixSynthFormer learns; where its windows come from is for the tasks on this class to say.

    Args:
        sparse: What is trained.
        plan: How.

    Raises:
        ConfigError: parts that do not fit each other.
    """

    # What is learnt is a small correction, lost in the rounding of the whole.
    low_precision: ClassVar[bool] = False

    network: SparseNetwork

    def __init__(self, sparse: NewSparseNetwork, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.network = sparse.make()
        self.arguments, self.training = sparse.arguments, sparse.training
        self.batch, self.seed = plan.batch, plan.seed

    def loss(self, *batch: Tensor) -> Tensor:
        """See `pose3d_cli.evaluation.baselines.loss`."""
        read, truth = batch
        return baselines.loss(self.network, self.training, read, truth)

    def save(self, network: SparseNetwork, folder: Path, name: str) -> None:
        """See `Task.save`."""
        file = folder / f"{name}.pt"
        refiners.save(file, model=_MODEL, network=network, arguments=self.arguments, training=self.training)

    def no_better_than(self, errors: Mapping[str, float]) -> Sequence[str]:
        """See `Task.no_better_than`."""
        return baselines.no_better_than(self.training, errors)
