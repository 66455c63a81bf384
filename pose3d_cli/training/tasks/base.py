"""What a task is: something that is trained, with its batches, its loss, and what is measured of it.

A task's constructor says which keys a configuration of it has, see `pose3d_cli.training.groups`. The training loop asks
a task for all that differs from one to the next; a task knows nothing about steps, states and logs.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor, nn

from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import World
from pose3d_cli.training.groups import Keys
from pose3d_cli.training.schedule import Schedule


@dataclass(frozen=True)
class Plan(Keys):
    """How a network is trained, whatever it learns.

    Attributes:
        batch: Windows per step.
        seed: Of the first weights, the batches and dropout.
        schedule: Of `pose3d_cli.training.schedule.in_steps`.
    """

    batch: int
    seed: int
    schedule: Mapping[str, Any]


class Task(ABC):
    """Something that is trained.

    Attributes:
        network: What is trained, initialised.
        schedule: Steps and rates.
        batch: Windows per step.
        seed: Of batches and dropout.
    """

    # Keys of the tasks before and after this one, which a configuration that builds on theirs may have: they mean
    # nothing here.
    passed_over: ClassVar[tuple[str, ...]] = ()
    # Whether the precision "auto" may be bfloat16.
    low_precision: ClassVar[bool] = True

    network: nn.Module
    schedule: Schedule
    batch: int
    seed: int

    @classmethod
    def name(cls) -> str:
        """What a configuration calls it: the name of its file."""
        return cls.__module__.rpartition(".")[2]

    def prepare(self, folder: Path, *, device: str) -> None:  # noqa: B027
        """Make what takes long and is kept in the folder of the run; nothing, for most tasks."""

    @property
    def data(self) -> Mapping[str, str]:
        """SHA-256 of what is read, by name."""
        return {}

    @abstractmethod
    def batches(self, world: World) -> Callable[[int], Batch]:
        """Step -> this process's rows of its batch, by the step alone, in a form that other processes can be handed."""

    @abstractmethod
    def loss(self, *batch: Tensor) -> Tensor:
        """What is made small: the tensors of a batch -> (), a mean over the rows, by `network`'s own parameters."""

    @abstractmethod
    def evaluate(self, network: Any) -> dict[str, float]:
        """Held-out errors of a network like `network`, in eval mode, by name; the first says which weights are best."""

    @abstractmethod
    def save(self, network: Any, folder: Path, name: str) -> None:
        """Write the weights of such a network: `name`.pt, and what goes with it."""

    def describe(self, errors: Mapping[str, float]) -> str:
        """Errors for people, with the units that their names do not have."""
        return ", ".join(f"{name} {value:.4g}" for name, value in errors.items())

    def no_better_than(self, errors: Mapping[str, float]) -> Sequence[str]:
        """The names of errors that need no network and are as low as the network's own."""
        return ()


def device_of(network: nn.Module) -> str:
    """Where a network is."""
    return str(next(network.parameters()).device)
