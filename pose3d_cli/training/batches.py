"""Batches made ahead of the steps that take them, by other processes.

A batch is a function of its step alone, so it is the same whoever makes it. Of several processes that train together
each makes its own rows, or takes them from a batch that it has to draw whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from in_the_wild.errors import Pose3DError
from pose3d_cli.training import distributed, interruption
from pose3d_cli.training.distributed import World

# Arrays of the same number of rows; one of (1, ...) holds for all of them.
Batch = tuple[np.ndarray, ...]


class _Windows(Protocol):
    """Numbered windows, any of which can be made by itself."""

    def batch(self, size: int, *, seed: int, step: int, part: slice) -> Batch:
        """Some rows of a batch of so many."""


class _Drawn(Protocol):
    """Windows that are drawn together."""

    def batch(self, size: int, *, seed: int, step: int) -> Batch:
        """A batch of so many."""


def of_windows(windows: _Windows, size: int, seed: int, world: World, step: int) -> Batch:
    """This process's rows of a batch of `size` windows, which it makes alone."""
    return windows.batch(size, seed=seed, step=step, part=slice(world.rank, None, world.size))


def of_drawn(windows: _Drawn, size: int, seed: int, world: World, step: int) -> Batch:
    """This process's rows of a batch of `size` windows, which it draws whole."""
    return distributed.share(windows.batch(size, seed=seed, step=step), world)


def ahead(batch: Callable[[int], Batch], steps: range, *, workers: int) -> Iterator[list[Tensor]]:
    """The batches of some steps, in order.

    Args:
        batch: Step -> arrays, in a form that other processes can be handed.
        steps: Which ones.
        workers: Processes that make them ahead; 0 makes each when it is asked for.

    Raises:
        Pose3DError: a batch could not be made.
    """
    loader = DataLoader(
        _Steps(batch, steps.stop),
        batch_size=None,
        sampler=steps,
        num_workers=workers,
        worker_init_fn=interruption.leave_signals_to_the_parent,
    )
    for found in loader:
        if isinstance(found, Pose3DError):
            raise found
        yield found


class _Steps(Dataset[Batch | Pose3DError]):
    """Batches by step. An error that a user can mend is handed on: torch would make a traceback of it."""

    def __init__(self, batch: Callable[[int], Batch], steps: int) -> None:
        self.batch, self.steps = batch, steps

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> Batch | Pose3DError:
        try:
            return self.batch(step)
        except Pose3DError as error:
            return error
