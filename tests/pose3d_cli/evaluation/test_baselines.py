"""MixSynthFormer on windows, beside what needs no network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from in_the_wild import sparse
from in_the_wild.refiners._mixsynthformer_network import MixSynthFormerNetwork
from pose3d_cli.evaluation import baselines

ARGUMENTS: dict[str, Any] = {
    "coordinates": 34, "interval": 5, "segments": 4, "channels": 16, "hidden": 32, "layers": 1, "reduce_time": 1,
    "dropout": 0.05,
}  # fmt: skip


def test_errors_are_in_the_units_that_their_names_say() -> None:
    truth = np.random.default_rng(0).uniform(size=(2, 11, 17, 2))
    truth[..., 0, :], truth[..., 1, :] = 0, (0.5, 2)  # the longer side is 2
    image = sparse.Training(space="image", skeleton="coco17")
    off = (truth + np.array([0.06, 0.08])).reshape(2, 11, 34)
    assert baselines.errors(image, off, truth.reshape(2, 11, 34)) == {"error_percent": pytest.approx(5.0)}
    joints = np.random.default_rng(1).normal(size=(2, 11, 51))
    camera = sparse.Training(space="camera", skeleton="human36m17")
    found = baselines.errors(camera, joints + 0.01, joints)
    assert found["mpjpe_mm"] == pytest.approx(10 * 3**0.5)
    assert found["p_mpjpe_mm"] == pytest.approx(0, abs=1e-6)


def test_only_baselines_are_compared_with() -> None:
    training = sparse.Training(space="camera", skeleton="human36m17")
    errors = {
        "mpjpe_mm": 9.0,
        "p_mpjpe_mm": 5.0,
        "linear_mpjpe_mm": 9.0,
        "linear_p_mpjpe_mm": 1.0,
        "pchip_mpjpe_mm": 9.1,
    }
    assert baselines.no_better_than(training, errors) == ["linear_mpjpe_mm"]


def test_baselines_continue_steady_motion() -> None:
    network = MixSynthFormerNetwork(**{**ARGUMENTS, "coordinates": 2, "interval": 1, "segments": 8})
    training = sparse.Training(task="predict", space="camera", skeleton="human36m17", past=5)
    motion = np.arange(9.0)[None, :, None] * np.array([1.0, -2.0])
    found = baselines.baselines(network, training, motion[:, :5])
    np.testing.assert_allclose(found["velocity"], motion[:, 5:])
    np.testing.assert_allclose(found["last_pose"], np.repeat(motion[:, 4:5], 4, axis=1))
    filling = baselines.baselines(network, sparse.Training(), motion)
    for name in ("linear", "pchip"):
        np.testing.assert_allclose(filling[name], motion, atol=1e-12)
