"""What tasks for sparse poses on motion capture before virtual cameras share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from in_the_wild.errors import ConfigError
from in_the_wild.poses import SPACES
from in_the_wild.skeletons import get_skeleton
from in_the_wild.sparse import SparseNetwork, Training
from pose3d_cli.datasets.synthetic.sparse import Examples, Pair
from pose3d_cli.evaluation import baselines
from pose3d_cli.training import batches
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import World
from pose3d_cli.training.schedule import in_steps
from pose3d_cli.training.tasks._sparse import NewSparseNetwork, SparseTask
from pose3d_cli.training.tasks._virtual import Motion
from pose3d_cli.training.tasks.base import Plan


class SparseVirtualTask(SparseTask):
    """A network for sparse poses learns from motion capture that random virtual cameras see.

    Args:
        source: A folder of motion capture packs.
        sparse: What is trained.
        motion: What it is trained on.
        plan: How.

    Raises:
        ConfigError: parts that do not fit each other.
        InputError: motion capture that is missing.
    """

    # What the weights must say of themselves: the task, the space, the joints.
    trains: ClassVar[tuple[str, str, str]]

    # Where batches come from, and what is held out: what is read (K, ·, D) and what is to be answered (K, T, D).
    examples: Examples
    heldout: Pair

    def __init__(self, source: Path, sparse: NewSparseNetwork, motion: Motion, plan: Plan) -> None:
        self._require_what_it_trains(sparse.training)
        super().__init__(sparse, plan)
        width = len(get_skeleton(self.training.skeleton)) * SPACES[self.training.space]
        if self.network.coordinates != width:
            raise ConfigError(
                f"{self.training.skeleton} in {self.training.space} space is {width} numbers per frame, found "
                f"{self.network.coordinates}; set arguments.coordinates."
            )
        self.schedule = in_steps(plan.schedule)
        self.windows = motion.windows(source, frames=self.network.frames)
        self.views, self.every = motion.views(source), motion.heldout.every

    def _require_what_it_trains(self, training: Training) -> None:
        found = (training.task, training.space, training.skeleton)
        if found != self.trains:
            raise ConfigError(
                f"The task {self.name()} trains to {' '.join(self.trains)}: training.task, space and skeleton; found "
                f"{' '.join(found)}."
            )

    def batches(self, world: World) -> Callable[[int], Batch]:
        """What the network reads (B, K, D) and what it is to answer (B, T, D)."""
        return partial(batches.of_drawn, self.examples, self.batch, self.seed, world)

    def evaluate(self, network: SparseNetwork) -> dict[str, float]:
        """Errors of the network and of the baselines, see `pose3d_cli.evaluation.baselines.check`."""
        return baselines.check(network, self.training, *self.heldout)
