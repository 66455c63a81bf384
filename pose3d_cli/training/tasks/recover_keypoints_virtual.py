"""Train a network for sparse poses to recover COCO keypoints between the frames on which a detector found them."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from in_the_wild.skeletons import COCO17
from pose3d_cli.datasets.synthetic import sparse as examples
from pose3d_cli.training.tasks._sparse import NewSparseNetwork
from pose3d_cli.training.tasks._sparse_virtual import SparseVirtualTask
from pose3d_cli.training.tasks._virtual import Motion
from pose3d_cli.training.tasks.base import Plan


class RecoverKeypointsVirtual(SparseVirtualTask):
    """Keypoints of a detector on every N-th frame -> the exact ones on all; see `SparseVirtualTask`."""

    passed_over: ClassVar[tuple[str, ...]] = ("lifter", "pool", "past_noise")
    trains = ("fill", "image", COCO17.name)

    def __init__(self, source: Path, sparse: NewSparseNetwork, motion: Motion, plan: Plan) -> None:
        super().__init__(source, sparse, motion, plan)
        interval = self.network.interval
        self.examples = examples.Keypoints(self.windows, interval)
        self.heldout = examples.heldout_keypoints(
            self.views,
            frames=self.network.frames,
            interval=interval,
            every=self.every,
            noise=self.windows.noise,
        )
