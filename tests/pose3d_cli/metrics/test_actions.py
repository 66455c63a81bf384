"""Errors per action against the authors' tables."""

from __future__ import annotations

import json

import numpy as np
import pytest
import references

from in_the_wild.errors import InputError
from pose3d_cli.metrics.actions import H36M_ACTIONS, action_average, action_means
from pose3d_cli.metrics.joints3d import mpjpe, p_mpjpe


def test_actions_are_accounted_as_by_the_authors() -> None:
    arrays = references.load("metrics_actions.npz")
    predicted, target = (
        np.concatenate([arrays[f"in/{kind}_{part}"][:, 0] for part in range(3)]).astype(float)
        for kind in ("pred", "target")
    )
    batches = [len(arrays[f"in/action_{part}"]) for part in range(3)]
    actions = [str(action) for part in range(3) for action in arrays[f"in/action_{part}"]]
    protocol1 = action_means(1e3 * mpjpe(predicted, target), actions)
    protocol2 = action_means(1e3 * p_mpjpe(predicted, target), actions, batches=batches)
    table = json.loads(str(arrays["config"]))["per_action"]
    assert set(table) == set(H36M_ACTIONS)
    for action, row in table.items():
        assert protocol1.get(action, 0) == pytest.approx(row["p1_mm"], rel=1e-4)
        assert protocol2.get(action, 0) == pytest.approx(row["p2_mm"], rel=1e-4)
    averages = [action_average(means, over=H36M_ACTIONS) for means in (protocol1, protocol2)]
    np.testing.assert_allclose(averages, arrays["out/p1_p2_mm"], rtol=1e-4)


def test_by_default_samples_count_with_their_own_error_and_absent_actions_not() -> None:
    errors, actions = np.array([1.0, 3, 8, 5]), ["Eating 1", "Eating", "Walking 2", "Walking"]
    assert action_means(errors, actions) == {"Eating": 2.0, "Walking": 6.5}
    assert action_average({"Eating": 2.0, "Walking": 6.5}) == 4.25
    assert action_average({"Eating": 2.0, "Walking": 6.5}, over=H36M_ACTIONS) == pytest.approx(8.5 / 15)
    # One batch of three, one of one: the walker of the first counts with the mean of 1, 3 and 8.
    assert action_means(errors, actions, batches=[3, 1]) == {"Eating": 4.0, "Walking": 4.5}


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="each of 2 samples"):
        action_means(np.zeros(3), ["Eating", "Walking"])
    with pytest.raises(InputError, match="3 samples in batches"):
        action_means(np.zeros(2), ["Eating", "Walking"], batches=[2, 1])
    with pytest.raises(InputError, match="found Flying, not among Directions"):
        action_average({"Flying": 1.0}, over=H36M_ACTIONS)
    with pytest.raises(InputError, match="found none"):
        action_average({})
