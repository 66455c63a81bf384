"""A regression finds what tells hidden joints, and calls as many seen ones hidden as it is allowed to."""

from __future__ import annotations

import numpy as np
import pytest

from in_the_wild.unseen import FEATURES
from pose3d_cli.training.unseen import Table, fit

KINDS = np.array(["knee", "wrist"])


def drawn(count: int) -> Table:
    """Joints hidden by log-odds of -1, one more for wrists, twice the first feature and less the second."""
    rng = np.random.default_rng(1)
    features = rng.normal(size=(count, len(FEATURES)))
    kind = KINDS[rng.integers(2, size=count)]
    odds = -1.0 + (kind == "wrist") + 2 * features[:, 0] - features[:, 1]
    return Table(kind, features, rng.uniform(size=count) < 1 / (1 + np.exp(-odds)))


def test_what_tells_is_found_in_its_proportions() -> None:
    found = fit(drawn(40_000))
    first, second, *others = found.features.values()
    assert first > 0.5  # a ridge makes all weights smaller
    assert second == pytest.approx(-first / 2, rel=0.1)
    assert others == pytest.approx([0] * len(others), abs=0.05)
    assert found.joints["wrist"] > found.joints["knee"]


def test_a_fiftieth_of_what_is_seen_is_called_hidden() -> None:
    table = drawn(20_000)
    found = fit(table)
    odds = table.features @ list(found.features.values()) + [found.joints[kind] for kind in table.kind]
    assert (odds[~table.hidden] > found.above).mean() == pytest.approx(0.02, abs=0.002)
    assert (odds[table.hidden] > found.above).mean() > 0.15
