"""What tasks on a prepared set share: which set they are for, and which of its sequences train and test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from in_the_wild.checkpoints import Training
from in_the_wild.errors import ConfigError, InputError
from pose3d_cli.datasets.prepared.sequences import Dataset, open_folder
from pose3d_cli.training import groups


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


def require_joints(dataset: Dataset, training: Training) -> None:
    """Refuse a set that a lifter cannot be trained on.

    Raises:
        InputError: it has no joints.
        ConfigError: it has those of another skeleton than the lifter is to give.
    """
    if "joints" not in dataset.has:
        raise InputError(f"{dataset.folder} has no joints to train a lifter on; it is of use for the task masked.")
    found = dataset.description.joint_skeleton
    if found != training.output_skeleton:
        raise ConfigError(
            f"The configuration trains for {training.output_skeleton}, {dataset.folder} holds {found}; give the data "
            "set that it is for."
        )
