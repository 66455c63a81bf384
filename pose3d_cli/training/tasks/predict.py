"""Train a network for sparse poses to predict the moments to come, on a prepared set."""

from __future__ import annotations

from typing import ClassVar

from pose3d_cli.training.tasks._sparse_prepared import SparsePreparedTask


class Predict(SparsePreparedTask):
    """True joints of the past -> those to come."""

    kinds: ClassVar[tuple[str, ...]] = ("predict",)
