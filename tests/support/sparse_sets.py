"""Prepared sets of sparse poses: the four published ones, tiny, and our own motion."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import labelled
import published_sets

from in_the_wild import plugins
from in_the_wild.sparse import Training
from pose3d_cli.datasets.prepared.sequences import Dataset, Description, Labelled, Writer, open_folder

# A network of eleven frames.
SMALL: dict[str, Any] = {
    "interval": 5, "segments": 2, "channels": 16, "hidden": 32, "layers": 1, "reduce_time": 1, "dropout": 0.0,
}  # fmt: skip
# Weights that say nothing of what their numbers are, and those of Human3.6M's joints.
ARRAYS = Training()
CAMERA17 = Training(space="camera", skeleton="human36m17")


def prepared(folder: Path, description: Description, sequences: Sequence[Labelled]) -> Dataset:
    """A set of some sequences."""
    with Writer(folder, description) as writer:
        for sequence in sequences:
            writer.add(sequence)
    return open_folder(folder)


def write(folder: Path) -> dict[str, Dataset]:
    """All of them by name; of our own motion ("own") the joints stand for an estimator's too."""
    made = {}
    for name in published_sets.DECIWATCH:
        given = published_sets.write_deciwatch(folder / "given", name)
        reader = plugins.load("pose3d_cli.datasets.readers", name)(given)
        made[name] = prepared(folder / name, reader.describe(), list(reader.read()))
    made["own"] = open_folder(labelled.write(folder / "own", frames=30))
    return made
