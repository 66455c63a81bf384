"""What tasks on a prepared set share: which set they are for, and how its windows become batches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from in_the_wild.checkpoints import Training
from in_the_wild.errors import ConfigError, InputError
from pose3d_cli.datasets.prepared.sequences import Dataset, open_folder
from pose3d_cli.datasets.prepared.windows import LabelledWindows, WindowSettings
from pose3d_cli.training import batches, groups
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import World
from pose3d_cli.training.groups import Keys
from pose3d_cli.training.schedule import in_steps
from pose3d_cli.training.tasks.base import Plan, Task


@dataclass(frozen=True)
class Data:
    """The group `data` of a configuration.

    Attributes:
        name: That the set must have; empty for any.
        inputs: Likewise.
        truth: Likewise.
        train: What `Dataset.choose` is told for training.
        test: Likewise for the held-out sequences.
    """

    name: str = ""
    inputs: str = ""
    truth: str = ""
    train: Mapping[str, Any] = field(default_factory=dict)
    test: Mapping[str, Any] = field(default_factory=dict)

    def open(self, folder: Path) -> Dataset:
        """The prepared set in a folder.

        Raises:
            InputError: there is none.
            ConfigError: it has another name, other inputs or another truth.
        """
        dataset = open_folder(folder)
        for key in ("name", "inputs", "truth"):
            wanted, found = getattr(self, key), getattr(dataset.description, key)
            if wanted and wanted != found:
                raise ConfigError(
                    f'The configuration is for {key} "{wanted}", {folder} holds "{found}"; prepare the other, or '
                    f"train on this one: --set data.{key}={found}."
                )
        return dataset

    def choose(self, dataset: Dataset) -> tuple[Dataset, Dataset]:
        """The sequences that train, and those held out.

        Raises:
            ConfigError: a choice that sets do not have.
            InputError: nothing is left.
        """
        learnt: Dataset = groups.make(dataset.choose, self.train, "data.train")
        heldout: Dataset = groups.make(dataset.choose, self.test, "data.test")
        return learnt, heldout


@dataclass(frozen=True)
class Prepared(Keys):
    """What is read of a prepared set.

    Attributes:
        data: Which set, and which sequences of it.
        windows: Which windows of them.
        training: What a network reads and gives, and what its weights will say of themselves.
    """

    data: Data
    windows: WindowSettings
    training: Training


class PreparedTask(Task):
    """A network learns from windows of keypoints, and of joints unless it needs none.

    Args:
        source: The set.
        prepared: What is read of it.
        plan: How the network is trained.
        frames: T, window length.
        needs_joints: Whether keypoints alone are of no use.

    Raises:
        ConfigError: parts that do not fit each other.
        InputError: no prepared set, or one that lacks what is trained on.
    """

    def __init__(self, source: Path, prepared: Prepared, plan: Plan, *, frames: int, needs_joints: bool = True) -> None:
        dataset = prepared.data.open(source)
        if needs_joints:
            _require_joints(dataset, prepared.training)
        learnt, self.heldout = prepared.data.choose(dataset)
        self.training = prepared.training
        self.windows = LabelledWindows(learnt, frames, prepared.windows, prepared.training)
        self.batch, self.seed = plan.batch, plan.seed
        self.schedule = in_steps(plan.schedule, self.windows.steps(plan.batch))

    @property
    def data(self) -> Mapping[str, str]:
        """See `Task.data`."""
        return self.windows.dataset.digests

    def batches(self, world: World) -> Callable[[int], Batch]:
        """Inputs (B, T, J, C) and targets (B, T, J', 3), see `LabelledWindows.batch`."""
        return partial(batches.of_windows, self.windows, self.batch, self.seed, world)


def _require_joints(dataset: Dataset, training: Training) -> None:
    if "joints" not in dataset.has:
        raise InputError(f"{dataset.folder} has no joints to train a lifter on; it is of use for the task masked.")
    found = dataset.description.joint_skeleton
    if found != training.output_skeleton:
        raise ConfigError(
            f"The configuration trains for {training.output_skeleton}, {dataset.folder} holds {found}; give the data "
            "set that it is for."
        )
