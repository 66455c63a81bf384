"""The tables that MPI-INF-3DHP's Matlab script makes, and how near ours come to them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pose3d_cli.metrics import pck3d

TESTS = ("TS1", "TS2", "TS3", "TS4", "TS5", "TS6")


def assert_tables(scores: Mapping[str, pck3d.Score], arrays: Mapping[str, np.ndarray], prefix: str) -> None:
    """MPJPE within 1e-4 of its value, PCK and AUC within 1e-4 points; an activity without frames is NaN in both."""
    tables = {
        "MPJPE": [list(score.mpjpe.values()) for score in scores.values()],
        "PCK": [list(score.pck.values()) for score in scores.values()],
        "AUC": [list(score.auc.values()) for score in scores.values()],
    }
    np.testing.assert_allclose(tables["MPJPE"], arrays[f"{prefix}_MPJPE"], rtol=1e-4, atol=1e-9)
    for name in ("PCK", "AUC"):
        np.testing.assert_allclose(tables[name], arrays[f"{prefix}_{name}"], rtol=0, atol=1e-4)
