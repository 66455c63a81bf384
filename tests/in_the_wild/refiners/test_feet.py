"""Feet: a mannequin's true path, seen by an unsteady detector, says which feet stand."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from in_the_wild.refiners._clip import Clip, Sight
from in_the_wild.refiners._feet import Feet, contacts, feet_of, runs
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.synthetic import clips

ANKLES = list(HUMAN36M17.indices("right_ankle", "left_ankle"))
UP = np.array([0.0, -1.0, 0.0])


@cache
def walk() -> tuple[np.ndarray, np.ndarray]:
    """(T,) seconds and (T, 17, 3) metres before a camera."""
    truth = clips.scene("walker").truth()
    return truth["time"], truth["joints_camera"][:, 0].astype(np.float64)


def seen(noise: float) -> Clip:
    """The walk, its keypoints off by so many metres at the person's depth."""
    time, joints = walk()
    rays = joints[..., :2] / joints[..., 2:]
    rays = rays + np.random.default_rng(0).normal(0, noise, rays.shape) / joints[:, :1, 2:]
    sight = Sight(range(17), rays, np.ones(rays.shape[:2]))
    return Clip(HUMAN36M17, time, joints - joints[:, :1], joints[:, 0], sight)


def truly(below: float) -> np.ndarray:
    """(T, F) whether ankles are slower than so many metres a second."""
    time, joints = walk()
    slow: np.ndarray = np.linalg.norm(np.gradient(joints[:, ANKLES], time, axis=0), axis=2) < below
    return slow


def test_feet_that_hardly_move_across_the_view_stand() -> None:
    feet = feet_of(seen(0.001))
    assert feet.joints == ANKLES
    assert feet.standing[truly(0.05)].mean() > 0.9
    assert feet.standing[~truly(0.6)].mean() < 0.05


def test_the_more_unsteadily_a_foot_is_seen_the_faster_it_may_be() -> None:
    steady, unsteady, wild = (feet_of(seen(noise)).slow for noise in (0.0005, 0.002, 0.1))
    assert (steady < unsteady).all()
    assert (unsteady < wild).all()
    assert wild == pytest.approx(0.25)


def test_feet_that_noise_hides_are_held_by_their_speed_in_space() -> None:
    time, joints = walk()
    feet = feet_of(seen(0.02))
    assert feet.standing[truly(0.05)].mean() < 0.7
    stillness = feet.stillness(joints, time, UP)
    assert stillness[truly(0.05)[1:]].mean() > 0.8
    assert stillness[~truly(0.6)[1:]].mean() < 0.05
    rested = feet.rested(joints, time, UP)
    assert rested[truly(0.05)].mean() > 0.85
    assert rested[~truly(0.4)].mean() < 0.01


def test_a_foot_above_the_other_one_is_not_held() -> None:
    time = np.arange(50) / 25
    joints = np.zeros((50, 17, 3))
    joints[:, ANKLES[0], 1] = -0.4
    feet = Feet(ANKLES, np.ones((50, 2), bool), np.zeros((50, 2), bool), np.full(2, 0.1))
    assert feet.stillness(joints, time, UP)[0].tolist() == [pytest.approx(1 / 17**2), 1]
    assert feet.stillness(joints, time, None)[0].tolist() == [1, 1]
    assert feet.rested(joints, time, UP).all(axis=0).tolist() == [False, True]


def test_feet_that_were_not_seen_do_not_stand() -> None:
    clip = seen(0.001)
    assert clip.sight is not None
    clip.sight.weights[:, ANKLES[0]] = 0
    feet, (time, joints) = feet_of(clip), walk()
    assert not feet.standing[:, 0].any()
    assert not feet.stillness(joints, time, UP)[:, 0].any()
    assert not feet.rested(joints, time, UP)[:, 0].any()


def test_a_contact_is_where_a_foot_stood_on_average() -> None:
    paths = np.zeros((6, 1, 3))
    paths[:, 0, 0] = [0, 1, 3, 9, 9, 7]
    standing = np.array([0, 1, 1, 0, 0, 1], bool)[:, None]
    assert runs(standing[:, 0]).tolist() == [[1, 3], [5, 6]]
    assert contacts(paths, standing).tolist() == [[2, 0, 0], [7, 0, 0]]
