"""Train a network for sparse poses to recover Human3.6M's joints between the frames on which they were lifted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from in_the_wild import checkpoints
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.synthetic import sparse as examples
from pose3d_cli.training.groups import Keys
from pose3d_cli.training.tasks._sparse import NewSparseNetwork
from pose3d_cli.training.tasks._sparse_virtual import SparseVirtualTask
from pose3d_cli.training.tasks._virtual import Motion
from pose3d_cli.training.tasks.base import Plan


@dataclass(frozen=True)
class Lifting(Keys):
    """What makes joints of keypoints.

    Attributes:
        lifter: Its weights, a name or a file.
        pool: Stretches of two windows that are lifted once and drawn from.
    """

    lifter: str
    pool: int


class RecoverJointsVirtual(SparseVirtualTask):
    """What a lifter made of keypoints on every N-th frame -> the true joints on all; see `SparseVirtualTask`.

    The stretches that are lifted are kept in the run's folder.

    Args:
        source: A folder of motion capture packs.
        sparse: What is trained.
        motion: What it is trained on.
        lifting: What makes joints of it.
        plan: How.
    """

    passed_over: ClassVar[tuple[str, ...]] = ("past_noise",)
    trains = ("fill", "camera", HUMAN36M17.name)

    def __init__(
        self,
        source: Path,
        sparse: NewSparseNetwork,
        motion: Motion,
        lifting: Lifting,
        plan: Plan,
    ) -> None:
        super().__init__(source, sparse, motion, plan)
        self.lifting = lifting

    def prepare(self, folder: Path, *, device: str) -> None:
        """Lift what is trained on, and what is held out.

        Raises:
            InputError: a lifter of the wrong kind.
            WeightsError: no such lifter.
            OutputError: the stretches cannot be kept.
        """
        lifter = checkpoints.load(self.lifting.lifter, device=device)
        interval = self.network.interval
        longer = examples.stretch_frames(lifter, interval=interval, segments=self.network.segments)
        self.examples = examples.pool(
            replace(self.windows, frames=longer),
            lifter,
            interval=interval,
            count=self.lifting.pool,
            seed=self.seed,
            folder=folder,
        )
        self.heldout = examples.heldout_lifted(
            self.views,
            lifter,
            frames=self.network.frames,
            interval=interval,
            every=self.every,
            noise=self.windows.noise,
        )
