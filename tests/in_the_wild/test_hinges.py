"""How a limb turns about itself: found from its bend, kept where it is straight, never flipped."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from in_the_wild.hinges import axes

FPS = 50.0
_FIRST = np.array([1.0, 0, 0])
_UNTURNED = np.array([0, 0, 1.0])


def limb(turn: np.ndarray, bend: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Directions (T, 3) of two bones that are turned about the first and bent, radians; and the hinge's axis."""
    axis = Rotation.from_rotvec(turn[:, None] * _FIRST).apply(_UNTURNED)
    first = np.tile(_FIRST, (len(turn), 1))
    return first, Rotation.from_rotvec(bend[:, None] * axis).apply(first), axis


def found(first: np.ndarray, second: np.ndarray | None, *, one_way: bool = False) -> np.ndarray:
    return axes(first, second, np.tile(_UNTURNED, (len(first), 1)), fps=FPS, one_way=one_way)


def degrees_between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.degrees(np.arccos(np.clip((one * other).sum(axis=1), -1, 1)))


def test_a_bent_limb_tells_its_turn() -> None:
    time = np.arange(200) / FPS
    first, second, axis = limb(1.5 * np.sin(2 * time), 1.0 + 0.5 * np.cos(3 * time))
    assert degrees_between(found(first, second), axis).max() < 0.5


def test_where_it_is_straight_it_stays_or_goes_smoothly_to_what_comes() -> None:
    turn = np.concatenate([np.full(50, 0.5), np.full(25, np.nan), np.full(50, 1.1)])
    bend = np.where(np.isnan(turn), 0, 0.8)
    first, second, _ = limb(np.nan_to_num(turn), bend)
    axis = found(first, second)
    angle = np.arctan2(-axis[:, 1], axis[:, 2])
    assert (np.diff(angle) > -0.01).all()
    assert np.abs(np.diff(angle)).max() < 0.08
    np.testing.assert_allclose(angle[[10, 62, 115]], [0.5, 0.8, 1.1], atol=0.03)


def test_noise_in_a_nearly_straight_limb_does_not_shake_it() -> None:
    noise = np.random.default_rng(0)
    first, second, _ = limb(np.full(300, 0.4), np.full(300, 0.05))
    second = second + noise.normal(scale=0.02, size=second.shape)
    second /= np.linalg.norm(second, axis=1, keepdims=True)
    raw = np.cross(first, second)
    raw /= np.linalg.norm(raw, axis=1, keepdims=True)
    axis = found(first, second)
    assert degrees_between(raw[1:], raw[:-1]).max() > 60, "the bend alone shakes"
    assert degrees_between(axis[1:], axis[:-1]).max() < 5


@pytest.mark.parametrize("one_way", [False, True])
def test_an_overstretched_limb_keeps_its_axis(one_way: bool) -> None:
    """Ten degrees the wrong way, where the cross product of the bones looks to the other side."""
    bend = np.radians(25 - 35 * np.sin(np.linspace(0, np.pi, 100)))
    first, second, axis = limb(np.full(100, 0.6), bend)
    assert degrees_between(found(first, second, one_way=one_way), axis).max() < 3


def test_a_knee_that_is_said_to_bend_forwards_does_not_turn_the_leg_round() -> None:
    bend = np.full(100, 0.7)
    bend[40:50] = -0.7
    first, second, axis = limb(np.zeros(100), bend)
    assert degrees_between(found(first, second, one_way=True), axis).max() < 10
    assert degrees_between(found(first, second), axis).max() > 90, "an elbow would: it can"


def test_nothing_known_is_no_turn() -> None:
    first, _, _ = limb(np.zeros(20), np.zeros(20))
    np.testing.assert_allclose(found(first, None), np.tile(_UNTURNED, (20, 1)), atol=1e-9)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_clips_of_few_frames(count: int) -> None:
    first, second, axis = limb(np.full(count, 0.3), np.full(count, 1.0))
    assert degrees_between(found(first, second), axis).max() < 1
