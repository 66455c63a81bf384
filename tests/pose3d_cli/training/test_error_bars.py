"""A regression finds what errors were drawn from, and no table outweighs another by its length."""

from __future__ import annotations

import numpy as np
import pytest

from in_the_wild.error_bars import FEATURES
from pose3d_cli.training.error_bars import Table, fit

KINDS = np.array(["knee", "wrist"])


def drawn(count: int, *, constant: float, seed: int) -> Table:
    """Errors around exp(constant + 0.5 for wrists + 0.8 of the first feature - 0.3 of the second)."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(count, len(FEATURES)))
    kind = KINDS[rng.integers(2, size=count)]
    mean = np.exp(constant + 0.5 * (kind == "wrist") + 0.8 * features[:, 0] - 0.3 * features[:, 1])
    return Table(kind, features, mean * rng.gamma(2.0, 0.5, size=count))


def test_the_weights_are_found() -> None:
    found = fit([drawn(40_000, constant=4.0, seed=1)])
    expected = dict.fromkeys(FEATURES, 0.0) | {FEATURES[0]: 0.8, FEATURES[1]: -0.3}
    assert found.features == pytest.approx(expected, abs=0.03)
    assert found.joints == pytest.approx({"knee": 4.0, "wrist": 4.5}, abs=0.03)
    assert found.limits[FEATURES[0]] == pytest.approx((-2.58, 2.58), abs=0.1)


def test_a_short_table_counts_as_much_as_a_long_one() -> None:
    found = fit([drawn(30_000, constant=3.0, seed=2), drawn(3_000, constant=5.0, seed=3)])
    # The mean of what both are drawn from: log of (exp(3) + exp(5)) / 2.
    assert found.joints["knee"] == pytest.approx(np.log((np.exp(3) + np.exp(5)) / 2), abs=0.15)
