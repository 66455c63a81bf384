"""Train a network for sparse poses to predict Human3.6M's joints in the moments to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.synthetic import sparse as examples
from pose3d_cli.training import groups
from pose3d_cli.training.tasks._sparse import NewSparseNetwork
from pose3d_cli.training.tasks._sparse_virtual import SparseVirtualTask
from pose3d_cli.training.tasks._virtual import Motion
from pose3d_cli.training.tasks.base import Plan


class PredictVirtual(SparseVirtualTask):
    """Joints of the past, with errors -> those to come; see `SparseVirtualTask`.

    Args:
        source: A folder of motion capture packs.
        sparse: What is trained.
        motion: What it is trained on.
        past_noise: Errors of the past, see `pose3d_cli.datasets.synthetic.sparse.Continuations`.
        plan: How.
    """

    passed_over: ClassVar[tuple[str, ...]] = ("lifter", "pool")
    trains = ("predict", "camera", HUMAN36M17.name)

    def __init__(
        self,
        source: Path,
        sparse: NewSparseNetwork,
        motion: Motion,
        past_noise: Mapping[str, Any],
        plan: Plan,
    ) -> None:
        super().__init__(source, sparse, motion, plan)
        drawn = partial(examples.Continuations, replace(self.windows, noise=None), self.training.past)
        self.examples = groups.make(drawn, past_noise, "past_noise")
        self.heldout = examples.heldout_continuations(
            self.views, frames=self.network.frames, past=self.training.past, every=self.every
        )
