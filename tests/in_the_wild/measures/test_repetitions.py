"""Repetitions: squats whose number, depth and times are known by construction."""

from __future__ import annotations

import numpy as np
import pytest
import true_people

from in_the_wild.errors import InputError
from in_the_wild.measures.events import Repetitions
from in_the_wild.measures.repetitions import repetitions
from in_the_wild.measures.table import measured
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17

THIGH, SHANK = 0.42, 0.4
BEGINS_S, DEPTH = 1.0, 90.0


def bend(seconds: np.ndarray, count: int, period: float, pause: float) -> np.ndarray:
    """(T,) degrees of the knees: so many squats after a second, each of a period, with pauses between them."""
    time = seconds - BEGINS_S
    within = time % (period + pause)
    bent = DEPTH * (1 - np.cos(2 * np.pi * within / period)) / 2
    moving = (time >= 0) & (within < period) & (time < count * (period + pause))
    return np.where(moving, bent, 0)


def squatter(
    count: int, *, period: float = 2.0, pause: float = 0.0, fps: float = 30.0, noise: float = 0.0, arms: float = 0.0
) -> Poses:
    """Somebody whose knees and hips bend while the ankles stay, looking along y; arms rise by so much with them."""
    seconds = np.arange(round((BEGINS_S + count * (period + pause) + 1) * fps)) / fps
    knee = np.radians(bend(seconds, count, period, pause))
    joints = np.zeros((len(seconds), 17, 3))
    down = np.stack([np.zeros_like(knee), np.sin(knee / 2), np.cos(knee / 2)], axis=1)  # the shank's way up
    up = down * (1, -1, 1)  # the thigh's
    trunk = {"pelvis": 0.0, "spine": 0.23, "thorax": 0.5, "neck": 0.6, "head": 0.72}
    for side, x in (("left", -0.1), ("right", 0.1)):
        ankle = np.array([x, 0, 0.08])
        hip = ankle + SHANK * down + THIGH * up
        shoulder = hip + np.array([0.8 * x, 0, 0.5])
        raised = np.radians(arms) * knee / np.radians(DEPTH)
        arm = np.stack([0 * knee, np.sin(raised), -np.cos(raised)], axis=1)
        places = {"ankle": ankle, "knee": ankle + SHANK * down, "hip": hip, "shoulder": shoulder,
                  "elbow": shoulder + 0.28 * arm, "wrist": shoulder + 0.5 * arm}  # fmt: skip
        for joint, place in places.items():
            joints[:, HUMAN36M17.index(f"{side}_{joint}")] = place
    hips = joints[:, HUMAN36M17.indices("left_hip", "right_hip")].mean(axis=1)
    for joint, above in trunk.items():
        joints[:, HUMAN36M17.index(joint)] = hips + np.array([0, 0, above])
    joints += np.random.default_rng(0).normal(0, noise, joints.shape)
    frames = len(seconds)
    return Poses(
        keypoints=joints, scores=np.ones((frames, 17)), frame=np.arange(frames), person_id=np.zeros(frames),
        skeleton=HUMAN36M17, space="world", video=Source("squats.mp4", 640, 480, fps, seconds),
    )  # fmt: skip


def counted(poses: Poses, of: str = "") -> Repetitions:
    return repetitions(poses, of)[0]


@pytest.mark.parametrize("fps", [10.0, 29.97, 60.0])
@pytest.mark.parametrize("count", [3, 10])
def test_squats_are_counted_with_their_times_and_their_depth(count: int, fps: float) -> None:
    found = counted(squatter(count, period=2.0, pause=0.5, fps=fps), "left_knee_flexion")
    assert len(found) == count
    assert found.tempo == pytest.approx(60 / 2.5, rel=0.03)
    # A twentieth of the range is no movement yet: of a squat of two seconds the first and the last fifth of a second.
    for k, one in enumerate(found.each):
        begins = BEGINS_S + 2.5 * k
        assert one.turn == pytest.approx(begins + 1.0, abs=1.1 / fps)
        assert one.start == pytest.approx(begins + 0.2, abs=0.05 + 1.1 / fps)
        assert one.end == pytest.approx(begins + 1.8, abs=0.05 + 1.1 / fps)
        assert one.range == pytest.approx(DEPTH, abs=4 if fps < 20 else 2)
        assert one.duration == one.end - one.start


def test_a_height_turns_at_the_bottom() -> None:
    poses = squatter(5)
    found, knees = counted(poses, "pelvis_height"), counted(poses, "right_knee_flexion")
    assert found.unit == "m"
    assert [one.frames[1] for one in found.each] == [one.frames[1] for one in knees.each]
    assert found.each[0].range == pytest.approx((THIGH + SHANK) * (1 - np.cos(np.radians(DEPTH / 2))), abs=0.01)


def test_what_repeats_is_found() -> None:
    assert counted(squatter(4)).of in ("left_knee_flexion", "right_knee_flexion")
    raised = counted(squatter(4, arms=150.0))
    assert raised.of.removeprefix("left_").removeprefix("right_") in ("shoulder_flexion", "shoulder_elevation")
    assert len(raised) == 4


def test_somebody_who_begins_at_the_bottom_rests_there() -> None:
    poses = squatter(4)
    bottom = poses.rows(poses.seconds >= BEGINS_S + 1.0)
    found = counted(bottom, "left_knee_flexion")
    assert [one.turn for one in found.each] == pytest.approx([3.0, 5.0, 7.0], abs=0.05)


def test_errors_of_joints_make_no_repetitions() -> None:
    assert len(counted(squatter(6, noise=0.01), "left_knee_flexion")) == 6
    still = counted(squatter(0, noise=0.01))
    assert (still.of, len(still)) == ("", 0)
    assert len(counted(squatter(0, noise=0.01), "left_knee_flexion")) == 0


def test_a_walk_is_strides_and_one_squat_is_no_set() -> None:
    walked = true_people.walker()
    strides = counted(walked.rows(walked.frame < 80))
    assert strides.tempo == pytest.approx(60, rel=0.05)
    assert len(counted(true_people.of_clip("demo"))) == 0
    assert len(counted(true_people.of_clip("dancer"), "left_shoulder_abduction")) >= 3


def test_repetitions_are_listed_with_the_other_measures() -> None:
    poses = squatter(5)
    listed = {one.name: one for one in measured(poses, repeated="pelvis_height")}
    found = counted(poses, "pelvis_height")
    assert listed["pelvis_height_repetition_range"].values.tolist() == [one.range for one in found.each]
    assert listed["pelvis_height_repetition_start"].values.tolist() == [one.start for one in found.each]
    assert listed["pelvis_height_repetition_time"].frames.tolist() == [one.frames[1] for one in found.each]


def test_other_names_are_refused() -> None:
    with pytest.raises(InputError, match=r'no angle or height "left_knee"\. Did you mean'):
        squatter(3).repetitions("left_knee")
