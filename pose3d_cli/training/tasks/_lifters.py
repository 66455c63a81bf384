"""What tasks around a lifter share: how a new one is made, how one is tested on a prepared set, batches of windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from in_the_wild import checkpoints, plugins
from in_the_wild.lifters.base import Lifter
from in_the_wild.skeletons import get_skeleton
from pose3d_cli.datasets.lifting import Inference, Refiner, predict
from pose3d_cli.datasets.prepared.sequences import Dataset
from pose3d_cli.metrics import joints3d
from pose3d_cli.training import groups, losses, start
from pose3d_cli.training.groups import Keys
from pose3d_cli.training.tasks.base import device_of

FAMILY = "in_the_wild.lifters"


@dataclass(frozen=True)
class NewLifter(Keys):
    """A lifter that is to be trained.

    Attributes:
        model: Its plug-in name.
        arguments: Of its constructor.
        loss: One of `pose3d_cli.training.losses`.
        start_from: Weights to start from, a name or a file.
        start_parts: Parts of the network to take from there; None takes all.
    """

    model: str
    arguments: Mapping[str, Any]
    loss: str
    start_from: str | None = None
    start_parts: Sequence[str] | None = None

    def make(self, training: checkpoints.Training) -> tuple[Lifter, losses.Loss]:
        """The lifter, initialised, and its loss.

        Raises:
            ConfigError: an argument that it does not have, or a loss that is not for it.
            WeightsError: weights to start from that do not fit.
        """
        lifter: Lifter = groups.make(plugins.load(FAMILY, self.model), self.arguments, "arguments")
        loss = losses.get(self.loss, lifter, skeleton=get_skeleton(training.output_skeleton))
        if self.start_from is not None:
            start.start_from(lifter, checkpoints.find(self.start_from), model=self.model, parts=self.start_parts)
        return lifter, partial(loss, lifter)

    def save(self, lifter: Lifter, file: Path, *, training: checkpoints.Training) -> None:
        """Write weights of it."""
        checkpoints.save(file, model=self.model, lifter=lifter, arguments=self.arguments, training=training)


def heldout_errors(
    lifter: Lifter,
    training: checkpoints.Training,
    heldout: Dataset,
    inference: Inference,
    *,
    refine: Refiner | None = None,
) -> dict[str, float]:
    """Means over all frames of a set, the root put to zero: MPJPE and P-MPJPE in millimetres.

    Args:
        lifter: In eval mode.
        training: What it reads and gives.
        heldout: What it is tested on.
        inference: How that is lifted.
        refine: What the joints go through.
    """
    root = get_skeleton(training.output_skeleton).root
    mpjpe, p_mpjpe = [], []
    for sequence in heldout:
        found = predict(
            lifter, training, sequence, heldout.description, inference, refine=refine, device=device_of(lifter)
        )
        joints, truth = found.joints * 1e3, found.truth * 1e3
        joints[:, root] = 0
        mpjpe.append(joints3d.mpjpe(joints, truth))
        p_mpjpe.append(joints3d.p_mpjpe(joints, truth))
    return {"mpjpe_mm": float(np.concatenate(mpjpe).mean()), "p_mpjpe_mm": float(np.concatenate(p_mpjpe).mean())}
