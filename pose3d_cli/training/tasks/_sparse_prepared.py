"""What tasks for sparse poses on a prepared set share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from in_the_wild.errors import ConfigError, did_you_mean
from in_the_wild.sparse import SparseNetwork, Training
from pose3d_cli.datasets.prepared.sequences import Dataset
from pose3d_cli.datasets.prepared.sparse_windows import SparseWindows, Values, kind_of
from pose3d_cli.evaluation import sparse as sparse_poses
from pose3d_cli.training import batches
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import World
from pose3d_cli.training.schedule import in_steps
from pose3d_cli.training.tasks._prepared import Data
from pose3d_cli.training.tasks._sparse import NewSparseNetwork, SparseTask
from pose3d_cli.training.tasks.base import Plan

# How far, as a share, a set's frame rate may be from the one that weights will say they were trained at.
_OFF = 0.05


@dataclass(frozen=True)
class SparseWindowSettings:
    """Which windows are cut from every sequence, and how they are varied; see `SparseWindows`.

    Attributes:
        kind: One of `pose3d_cli.datasets.prepared.sparse_windows.KINDS`; None goes by the network.
        step: Frames from one window to the next.
        flip: Every window also as its mirror image; the authors have none.
        reverse: Every window also played backwards; neither.
    """

    kind: str | None = None
    step: int = 1
    flip: bool = False
    reverse: bool = False


@dataclass(frozen=True)
class SparseTest:
    """How held-out sequences are measured.

    Attributes:
        rule: One of `pose3d_cli.evaluation.sparse.RULES`.
        every: Every n-th sequence alone.
    """

    rule: str = "released"
    every: int = 1

    def __post_init__(self) -> None:
        if self.rule not in sparse_poses.RULES:
            raise ConfigError(f'test.rule cannot be "{self.rule}". {did_you_mean(self.rule, sparse_poses.RULES)}')
        if self.every < 1:
            raise ConfigError(f"test.every is at least 1, found {self.every}.")


class SparsePreparedTask(SparseTask):
    """A network for sparse poses learns from the sequences of a prepared set.

    Args:
        source: The set.
        sparse: What is trained.
        data: Which set it is for, and which sequences of it.
        windows: Which windows of them.
        test: How the held-out ones are measured.
        plan: How it is trained.

    Raises:
        ConfigError: parts that do not fit each other.
        InputError: no prepared set, or one that lacks what is trained on.
    """

    # What may stand in the windows.
    kinds: ClassVar[tuple[str, ...]]

    def __init__(
        self,
        source: Path,
        sparse: NewSparseNetwork,
        data: Data,
        windows: SparseWindowSettings,
        test: SparseTest,
        plan: Plan,
    ) -> None:
        super().__init__(sparse, plan)
        training, coordinates = self.training, self.network.coordinates
        learnt, self.heldout = data.choose(data.open(source))
        _check_rate(learnt, training)
        values = Values(learnt, windows.kind or kind_of(learnt, training, coordinates), training, coordinates)
        if values.kind not in self.kinds:
            raise ConfigError(
                f"The task {self.name()} is for windows of {', '.join(self.kinds)}; found {values.kind}. Set "
                "windows.kind, or take another task."
            )
        self.windows = SparseWindows(
            values,
            frames=self.network.frames,
            interval=self.network.interval,
            past=training.past,
            step=windows.step,
            flip=windows.flip,
            reverse=windows.reverse,
        )
        self.test = test
        self.schedule = in_steps(plan.schedule, self.windows.steps(plan.batch))

    @property
    def data(self) -> Mapping[str, str]:
        """See `Task.data`."""
        return self.windows.values.dataset.digests

    def batches(self, world: World) -> Callable[[int], Batch]:
        """What the network reads and what it is to answer, see `SparseWindows.batch`."""
        return partial(batches.of_windows, self.windows, self.batch, self.seed, world)

    def evaluate(self, network: SparseNetwork) -> dict[str, float]:
        """Errors of the network and of the baselines, see `pose3d_cli.evaluation.sparse.evaluate`."""
        return sparse_poses.evaluate(
            network,
            self.training,
            self.heldout,
            kind=self.windows.values.kind,
            rule=self.test.rule,
            every=self.test.every,
        )


def _check_rate(dataset: Dataset, training: Training) -> None:
    """Refuse a frame rate that no step through the set's frames gives."""
    for sequence in dataset:
        stride = max(1, round(sequence.fps / training.fps))
        if abs(sequence.fps / stride / training.fps - 1) > _OFF:
            raise ConfigError(
                f"Every n-th frame of {sequence.name}, at {sequence.fps:g} per second, cannot come at "
                f"{training.fps:g}; set training.fps to {sequence.fps:g}, or to a half or a third of it."
            )
