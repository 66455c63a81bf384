"""Jumps: those of a body whose flights are known by construction, at any rate and of any size."""

from __future__ import annotations

import numpy as np
import pytest
import true_people

from in_the_wild.errors import InputError
from in_the_wild.measures.jumps import GRAVITY, jumps
from in_the_wild.measures.table import measured
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17

ANKLES = HUMAN36M17.indices("left_ankle", "right_ankle")
STANDS = 0.95  # metres, the pelvis's height
PUSH = 1.3 * GRAVITY  # the acceleration with which legs push off, and with which they land
DOWN_S = 0.6  # seconds of crouching


def height(seconds: np.ndarray, starts: list[float], jump: float) -> tuple[np.ndarray, np.ndarray]:
    """(T,) of the pelvis over its stand, and of feet over the floor, of somebody who jumps so high at some times.

    He crouches slowly, pushes off at a constant acceleration until he stands, flies, and lands in the same way.
    """
    pelvis, feet = np.zeros_like(seconds), np.zeros_like(seconds)
    speed = np.sqrt(2 * GRAVITY * jump)
    push_s, flight_s = speed / PUSH, 2 * speed / GRAVITY
    crouch = speed * push_s / 2
    for start in starts:
        time = seconds - start
        crouching = (time >= 0) & (time < DOWN_S)
        pelvis[crouching] = -crouch * (1 - np.cos(np.pi * time[crouching] / DOWN_S)) / 2
        pushing, flying = time - DOWN_S, time - DOWN_S - push_s
        on = (pushing >= 0) & (pushing < push_s)
        pelvis[on] = -crouch + crouch * (pushing[on] / push_s) ** 2
        up = (flying >= 0) & (flying < flight_s)
        pelvis[up] = feet[up] = speed * flying[up] - GRAVITY * flying[up] ** 2 / 2
        landing = flying - flight_s
        on = (landing >= 0) & (landing < push_s)
        pelvis[on] = -crouch + crouch * (1 - landing[on] / push_s) ** 2
        rising = (landing - push_s >= 0) & (landing - push_s < DOWN_S)
        pelvis[rising] = -crouch * (1 + np.cos(np.pi * (landing[rising] - push_s) / DOWN_S)) / 2
    return pelvis, feet


def jumper(*, fps: float, starts: list[float], jump: float, noise: float = 0.0) -> Poses:
    """Somebody in the world who jumps, standing otherwise; errors of joints are those of metres given."""
    seconds = np.arange(round(6 * fps)) / fps
    pelvis, feet = height(seconds, starts, jump)
    joints = np.zeros((len(seconds), 17, 3))
    joints[..., 2] = STANDS + pelvis[:, None]
    joints[:, ANKLES, 2] = 0.08 + feet[:, None]
    joints += np.random.default_rng(0).normal(0, noise, joints.shape)
    count = len(seconds)
    return Poses(
        keypoints=joints, scores=np.ones((count, 17)), frame=np.arange(count), person_id=np.zeros(count),
        skeleton=HUMAN36M17, space="world", video=Source("jump.mp4", 640, 480, fps, seconds),
    )  # fmt: skip


@pytest.mark.parametrize("fps", [30.0, 59.94, 120.0])
@pytest.mark.parametrize("jump", [0.15, 0.3, 0.5])
def test_jumps_are_as_high_and_as_long_as_they_are(jump: float, fps: float) -> None:
    found = jumper(fps=fps, starts=[0.5, 3.1], jump=jump).jumps()[0]
    flight_s = 2 * np.sqrt(2 * jump / GRAVITY)
    assert len(found) == 2
    for one, start in zip(found, (0.5, 3.1), strict=True):
        assert one.takeoff == pytest.approx(start + DOWN_S + GRAVITY * flight_s / 2 / PUSH, abs=0.01)
        assert one.flight_time == pytest.approx(flight_s, abs=0.02)
        assert one.height_by_flight == pytest.approx(jump, abs=0.02)
        assert one.height_by_rise == pytest.approx(jump, abs=0.02)
        assert one.frame == np.ceil(one.takeoff * fps)


def test_errors_of_joints_do_not_hide_jumps() -> None:
    (found,) = jumper(fps=30, starts=[1.0], jump=0.35, noise=0.003).jumps()[0]
    assert found.height_by_flight == pytest.approx(0.35, abs=0.05)
    assert found.height_by_rise == pytest.approx(0.35, abs=0.05)


def test_a_smaller_scale_tells_in_the_rise_alone() -> None:
    poses = jumper(fps=60, starts=[1.0], jump=0.3)
    (full,), (small,) = poses.jumps()[0], poses.replace(keypoints=0.8 * poses.keypoints).jumps()[0]
    assert small.height_by_rise == pytest.approx(0.8 * full.height_by_rise, abs=0.01)
    assert small.height_by_flight == pytest.approx(full.height_by_flight, abs=0.02)


def test_feet_that_stay_make_no_jump() -> None:
    poses = jumper(fps=30, starts=[1.0], jump=0.3)
    grounded = poses.keypoints.copy()
    grounded[:, ANKLES, 2] = 0.08
    assert jumps(poses.replace(keypoints=grounded))[0] == []


def test_walking_squatting_and_kicking_are_no_jumps() -> None:
    for clip in ("demo", "walker", "boxer"):
        assert true_people.of_clip(clip).jumps() == {0: []}


def test_a_flight_that_nobody_saw_whole_is_not_told() -> None:
    poses = jumper(fps=30, starts=[1.0], jump=0.3)
    (found,) = poses.jumps()[0]
    assert poses.rows(poses.frame > found.frame + 2).jumps()[0] == []
    assert poses.rows((poses.frame < found.frame + 3) | (poses.frame > found.frame + 5)).jumps()[0] == []


def test_jumps_are_listed_with_the_other_measures() -> None:
    poses = jumper(fps=60, starts=[0.5, 3.1], jump=0.3)
    listed = {one.name: one for one in measured(poses)}
    found = poses.jumps()[0]
    assert listed["jump_flight_time"].values.tolist() == [one.flight_time for one in found]
    assert listed["jump_height_by_rise"].unit == "m"
    assert listed["jump_height_by_flight"].frames.tolist() == [one.frame for one in found]


def test_without_a_path_nothing_is_told() -> None:
    with pytest.raises(InputError, match="need the root's path"):
        jumper(fps=30, starts=[1.0], jump=0.3).replace(space="camera").jumps()
