"""Rotations that do not jump."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from in_the_wild.directions import unit
from in_the_wild.rotations import continuous_euler, continuous_quaternions, from_6d, to_6d


def directions(count: int, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(count, 3)))


def tumbling(count: int = 400) -> Rotation:
    """A motion through every attitude, gimbal locks of all orders nearly met."""
    time = np.linspace(0, 4, count)
    return Rotation.from_rotvec(np.stack([3 * np.sin(time), 2.5 * np.cos(1.7 * time), 4 * time], axis=1))


def test_six_numbers_there_and_back() -> None:
    vectors = directions(50) * np.linspace(0.1, 3, 50)[:, None]
    np.testing.assert_allclose(from_6d(to_6d(vectors)), vectors, atol=1e-12)


def test_quaternions_keep_their_sign() -> None:
    turns = tumbling()
    found = continuous_quaternions(turns.as_matrix(), np.arange(len(turns)))
    assert np.linalg.norm(np.diff(found, axis=0), axis=1).max() < 0.05
    np.testing.assert_allclose(Rotation.from_quat(found).as_matrix(), turns.as_matrix(), atol=1e-12)


def test_what_is_not_known_turns_evenly_from_before_to_after() -> None:
    degrees = np.array([0.0, 10, 99, 99, 99, 170, 99])
    turns = Rotation.from_euler("z", degrees[:, None], degrees=True).as_matrix()
    for known, expected in (([0, 1, 5], [0, 10, 50, 90, 130, 170, 170]), ([1], [10] * 7)):
        found = Rotation.from_quat(continuous_quaternions(turns, np.array(known)))
        np.testing.assert_allclose(found.as_euler("xyz", degrees=True)[:, 2], expected, atol=1e-9)


@pytest.mark.parametrize("order", ["ZYX", "YXZ", "ZXY", "XYZ"])
def test_euler_angles_follow_each_other(order: str) -> None:
    turns = tumbling(4000)
    found = continuous_euler(turns.as_quat(), order)
    np.testing.assert_allclose(
        Rotation.from_euler(order, found, degrees=True).as_matrix(), turns.as_matrix(), atol=1e-9
    )
    usual = turns.as_euler(order, degrees=True)
    assert np.abs(np.diff(usual, axis=0)).max() > 170, "this motion does pass where angles jump"
    assert np.abs(np.diff(found, axis=0)).max() < 90


def test_euler_angles_go_through_gimbal_lock() -> None:
    """A somersault about the middle axis: one angle grows, two stay."""
    degrees = np.linspace(0, 720, 145)
    found = continuous_euler(Rotation.from_euler("Y", degrees[:, None], degrees=True).as_quat(), "ZYX")
    np.testing.assert_allclose(found, np.stack([0 * degrees, degrees, 0 * degrees], axis=1), atol=1e-6)
