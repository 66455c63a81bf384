"""A task of a test's own network, batches, loss and errors; a listener that remembers; a run that may be killed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from pose3d_cli.training import loop
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import World
from pose3d_cli.training.schedule import Schedule
from pose3d_cli.training.tasks.base import Task


@dataclass
class Own(Task):
    """What a test trains.

    Attributes:
        network: What is trained.
        schedule: Steps and rates.
        make: Step -> this process's rows.
        minimise: Tensors of a batch -> loss.
        measure: Network -> errors by name.
        keep: Told of weights that are saved: the network, and "best" or "last".
        batch: Rows of a batch.
        seed: Of dropout.
        digests: Of what is read, by name.
        low_precision: See `Task.low_precision`.
    """

    network: nn.Module
    schedule: Schedule
    make: Callable[[int], Batch]
    minimise: Callable[..., Tensor]
    measure: Callable[[Any], dict[str, float]]
    keep: Callable[[nn.Module, str], None] = lambda network, name: None
    batch: int = 12
    seed: int = 1
    digests: Mapping[str, str] = field(default_factory=dict)
    low_precision: bool = True  # type: ignore[misc]

    @property
    def data(self) -> Mapping[str, str]:
        return self.digests

    def batches(self, world: World) -> Callable[[int], Batch]:
        return self.make

    def loss(self, *batch: Tensor) -> Tensor:
        return self.minimise(*batch)

    def evaluate(self, network: Any) -> dict[str, float]:
        return self.measure(network)

    def save(self, network: Any, folder: Path, name: str) -> None:
        self.keep(network, name)


@dataclass
class Heard:
    """A listener.

    Attributes:
        losses: Of all steps.
        errors: Of all evaluations.
        on_step: Told of every step.
    """

    losses: list[float] = field(default_factory=list)
    errors: list[Mapping[str, float]] = field(default_factory=list)
    on_step: Callable[[int], None] = lambda done: None

    def step(self, done: int, loss: float) -> None:
        self.losses.append(loss)
        self.on_step(done)

    def check(self, errors: Mapping[str, float]) -> None:
        self.errors.append(errors)


def losses(task: Task, folder: Path, *, kill_after: int = 0) -> list[float]:
    """The losses of a run, which may be killed without warning after a step."""

    def on_step(done: int) -> None:
        if done == kill_after:
            raise KeyboardInterrupt

    heard = Heard(on_step=on_step)
    try:
        loop.train(task, folder, heard)
    except KeyboardInterrupt:
        assert kill_after
    return heard.losses
