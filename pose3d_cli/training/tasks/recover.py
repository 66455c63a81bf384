"""Train a network for sparse poses to recover the frames between those that an estimator saw, on a prepared set."""

from __future__ import annotations

from typing import ClassVar

from pose3d_cli.training.tasks._sparse_prepared import SparsePreparedTask


class Recover(SparsePreparedTask):
    """An estimator's poses on every N-th frame -> the true ones on all: keypoints, joints or SMPL's rotations."""

    kinds: ClassVar[tuple[str, ...]] = ("2d", "3d", "smpl")
