"""Errors of joints against the authors' metrics and against properties they must have."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import references
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from in_the_wild.errors import InputError
from pose3d_cli.metrics import joints3d

KINDS = ("plain", "similarity", "reflected", "flat")


@pytest.mark.parametrize("kind", KINDS)
def test_metrics_equal_the_authors(kind: str) -> None:
    arrays = references.load("metrics3d.npz")
    predicted, target = arrays[f"in/pred_{kind}"].astype(float), arrays["in/target"].astype(float)
    near: dict[str, Any] = {"rtol": 1e-4, "atol": 1e-6}
    np.testing.assert_allclose(joints3d.mpjpe(predicted, target), arrays[f"out/mpjpe_per_frame_{kind}"], **near)
    np.testing.assert_allclose(joints3d.p_mpjpe(predicted, target), arrays[f"out/p_mpjpe_per_frame_{kind}"], **near)
    np.testing.assert_allclose(
        joints3d.acceleration_error(predicted, target), arrays[f"out/accel_error_{kind}"], **near
    )
    np.testing.assert_allclose(
        joints3d.align_similarity(predicted, target), arrays[f"out/similarity_aligned_{kind}"], rtol=1e-3, atol=1e-4
    )
    names = json.loads(str(arrays["config"]))["scalars_order"]
    scalars = dict(zip(names, arrays[f"out/scalars_{kind}"], strict=True))
    assert joints3d.mpjpe(predicted, target).mean() == pytest.approx(scalars["mpjpe"], rel=1e-4)
    assert joints3d.n_mpjpe(predicted, target).mean() == pytest.approx(scalars["n_mpjpe"], rel=1e-4)
    assert joints3d.p_mpjpe(predicted, target).mean() == pytest.approx(scalars["p_mpjpe"], rel=1e-4)
    assert joints3d.mpjve(predicted, target).mean() == pytest.approx(scalars["mean_velocity_error_axis0"], rel=1e-4)


@pytest.mark.parametrize("frames", [2, 3, 4])
def test_few_frames_are_aligned_rightly(frames: int) -> None:
    """Where the released code mistakes two or three frames for axes."""
    arrays = references.load("metrics3d_short_bug.npz")
    found = joints3d.p_mpjpe(arrays[f"in/pred_{frames}"].astype(float), arrays[f"in/target_{frames}"].astype(float))
    np.testing.assert_allclose(found, arrays[f"out/p_mpjpe_correct_{frames}"], rtol=1e-4)


@given(seed=st.integers(0, 10_000), scale=st.floats(0.1, 10))
def test_p_mpjpe_does_not_see_a_similarity(seed: int, scale: float) -> None:
    rng = np.random.default_rng(seed)
    target = rng.normal(size=(3, 17, 3))
    moved = scale * target @ Rotation.random(random_state=seed).as_matrix() + rng.normal(size=3)
    assert joints3d.p_mpjpe(moved, target).max() < 1e-6
    assert joints3d.n_mpjpe(scale * target, target).max() < 1e-6


def test_a_mirror_image_is_not_aligned_away() -> None:
    target = np.random.default_rng(0).normal(size=(1, 17, 3))
    assert joints3d.p_mpjpe(target * [-1, 1, 1], target)[0] > 0.3


def test_hand_worked_values() -> None:
    target = np.zeros((4, 2, 3))
    predicted = target.copy()
    predicted[:, 0, 0] = [0, 1, 4, 9]  # one joint runs off: velocity 1, 3, 5, acceleration 2
    np.testing.assert_allclose(joints3d.mpjpe(predicted, target), [0, 0.5, 2, 4.5])
    np.testing.assert_allclose(joints3d.mpjve(predicted, target), [0.5, 1.5, 2.5])
    np.testing.assert_allclose(joints3d.acceleration_error(predicted, target), [1, 1])


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(InputError, match="one shape"):
        joints3d.mpjpe(np.zeros((2, 17, 3)), np.zeros((2, 16, 3)))
