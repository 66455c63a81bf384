"""What MixSynthFormer's tasks on motion capture before virtual cameras share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from in_the_wild.errors import ConfigError
from in_the_wild.refiners.mixsynthformer import MixSynthFormerNetwork, Training
from pose3d_cli.datasets.synthetic.sparse import Examples, Pair
from pose3d_cli.evaluation import baselines
from pose3d_cli.training import batches
from pose3d_cli.training.batches import Batch
from pose3d_cli.training.distributed import World
from pose3d_cli.training.schedule import in_steps
from pose3d_cli.training.tasks._sparse import NewSparseNetwork, SparseTask, require_width
from pose3d_cli.training.tasks._virtual import Motion
from pose3d_cli.training.tasks.base import Plan


class SparseVirtualTask(SparseTask):
    """MixSynthFormer learns from motion capture that random virtual cameras see.

    Attributes:
        windows: Motion through virtual cameras.
        views: The held-out people.
        examples: Where batches come from.
        heldout: What it is checked on: what it reads (K, ·, D) and what it should answer (K, T, D).

    Args:
        source: A folder of motion capture packs.
        sparse: What is trained.
        training: What its weights will say of themselves.
        motion: What it is trained on.
        plan: How.

    Raises:
        ConfigError: parts that do not fit each other.
        InputError: motion capture that is missing.
    """

    # What the weights must say of themselves: the task, the space, the joints.
    trains: ClassVar[tuple[str, str, str]]

    examples: Examples
    heldout: Pair

    def __init__(self, source: Path, sparse: NewSparseNetwork, training: Training, motion: Motion, plan: Plan) -> None:
        found = (training.task, training.space, training.skeleton)
        if found != self.trains:
            raise ConfigError(
                f"The task {self.name()} trains to {' '.join(self.trains)}: training.task, space and skeleton; found "
                f"{' '.join(found)}."
            )
        super().__init__(sparse, training, plan)
        require_width(self.network, training)
        self.schedule = in_steps(plan.schedule)
        self.motion = motion
        self.windows = motion.windows(source, frames=self.network.frames)
        self.views = motion.views(source)

    def batches(self, world: World) -> Callable[[int], Batch]:
        """What the network reads (B, K, D) and what it is to answer (B, T, D)."""
        return partial(batches.of_drawn, self.examples, self.batch, self.seed, world)

    def evaluate(self, network: MixSynthFormerNetwork) -> dict[str, float]:
        """Errors of the network and of the baselines, see `pose3d_cli.evaluation.baselines.check`."""
        return baselines.check(network, self.training, *self.heldout)
