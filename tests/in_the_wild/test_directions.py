"""Frames of directions, and the shortest turns between them."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.directions import across, frames, shortest, unit


def directions(count: int, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(count, 3)))


def test_frames_hold_the_first_direction_and_lean_to_the_second() -> None:
    first, second = directions(100), directions(100, seed=1)
    made = frames(first, second)
    np.testing.assert_allclose(made @ made.swapaxes(1, 2), np.tile(np.eye(3), (100, 1, 1)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(made), 1)
    np.testing.assert_allclose(made[..., 0], first)
    assert ((made[..., 1] * second).sum(axis=1) > 0).all()


def test_across_finds_a_direction_even_along_itself() -> None:
    along = directions(20)
    found = across(along, along)
    np.testing.assert_allclose((found * along).sum(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1)


def test_the_shortest_turn_is_by_the_angle_between() -> None:
    start, end = directions(100), directions(100, seed=1)
    turn = shortest(start, end)
    np.testing.assert_allclose((turn @ start[..., None])[..., 0], end, atol=1e-9)
    angle = np.arccos((start * end).sum(axis=1))
    np.testing.assert_allclose(Rotation.from_matrix(turn).magnitude(), angle, atol=1e-9)
