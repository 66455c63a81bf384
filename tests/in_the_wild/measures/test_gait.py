"""Steps: a mannequin's, whose gait cycle is known, and those of people drawn on the floor."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import true_people
from scipy.spatial.transform import Rotation

from in_the_wild.errors import InputError
from in_the_wild.excerpt import trimmed
from in_the_wild.measures.gait import Gait, gait
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17, mirror

# Of `clips.walker`: two steps in a second, for 3.2 seconds.
CYCLE, WALKS_S = 1.0, 3.2
FPS = 50.0


@cache
def walked() -> Gait:
    return gait(true_people.walker())[0]


def marching(*, length: float = 0.7, width: float = 0.2, step_s: float = 0.5, stand_s: float = 0.6, steps: int = 10,
             fps: float = FPS) -> Poses:  # fmt: skip
    """Somebody who walks along x, feet put down one after the other, the left one first."""
    seconds = np.arange(round((steps * step_s + 1) * fps)) / fps
    joints = np.zeros((len(seconds), 17, 3))
    standing: dict[str, list[list[int]]] = {"left_ankle": [], "right_ankle": []}
    for side, foot in enumerate(standing):
        begins = 0.3 + step_s * np.arange(side, steps, 2)
        places = length * np.arange(side, steps, 2)
        known = np.ravel(np.column_stack([begins, begins + stand_s]))
        j = HUMAN36M17.index(foot)
        joints[:, j, 0] = np.interp(seconds, known, np.repeat(places, 2))
        joints[:, j, 1] = width / 2 * (1 - 2 * side)  # left is at positive y of who walks along x
        standing[foot] = [[round(begin * fps), round((begin + stand_s) * fps) - 1] for begin in begins]
    count = len(seconds)
    return Poses(
        keypoints=joints, scores=np.ones((count, 17)), frame=np.arange(count), person_id=np.zeros(count),
        skeleton=HUMAN36M17, space="world", video=Source("march.mp4", 640, 480, fps, seconds),
        meta={"whole_clip": {"0": {"standing": standing}}},
    )  # fmt: skip


def test_cadence_is_that_of_the_gait_cycle() -> None:
    steps = walked().steps
    assert [step.foot for step in steps] == ["right", "left", "right", "left", "right"]
    assert all(step.seconds < WALKS_S for step in steps)
    assert walked().cadence == pytest.approx(2 * 60 / CYCLE, rel=0.03)


def test_steps_are_as_long_as_ankles_move_in_half_a_cycle() -> None:
    poses = true_people.walker()
    pelvis = poses.person(0)["pelvis"][: round(WALKS_S * 25), :2]
    path = float(np.linalg.norm(np.diff(pelvis, axis=0), axis=1).sum())
    # Feet on the inner side of the bend make shorter ways than the pelvis, those on the outer side longer ones.
    assert walked().step_length == pytest.approx(path / WALKS_S * CYCLE / 2, rel=0.05)


def test_what_is_put_down_is_measured() -> None:
    found = gait(marching())[0]
    assert len(found.contacts) == 10
    assert len(found.steps) == 9
    assert found.cadence == pytest.approx(120)
    assert found.step_length == pytest.approx(0.7)
    assert found.step_width == pytest.approx(0.2)
    assert found.stance == pytest.approx(0.6)
    first, second = found.steps[:2]
    assert np.isnan([first.length, first.width]).all(), "where the right foot stood before nobody knows"
    assert (second.foot, second.frame, second.seconds) == ("left", 65, 1.3)


def test_turned_and_moved_the_steps_are_the_same() -> None:
    straight = marching()
    turn = Rotation.from_euler("z", 130, degrees=True).as_matrix()
    turned = gait(straight.replace(keypoints=straight.keypoints @ turn.T + (5, 3, 0)))[0]
    assert turned.step_length == pytest.approx(0.7, abs=1e-5)
    assert turned.step_width == pytest.approx(0.2, abs=1e-5)


def test_mirrored_the_other_foot_steps() -> None:
    poses = true_people.walker()
    found = poses.meta["whole_clip"]["0"]["standing"]
    swapped = {"left_ankle": found["right_ankle"], "right_ankle": found["left_ankle"]}
    mirrored = gait(
        poses.replace(keypoints=mirror(poses.keypoints, HUMAN36M17.flip)).with_meta(
            whole_clip={"0": {"standing": swapped}}
        )
    )[0]
    assert [step.foot for step in mirrored.steps] == ["left", "right", "left", "right", "left"]
    for name in ("cadence", "step_length", "step_width", "stance"):
        assert getattr(mirrored, name) == pytest.approx(getattr(walked(), name), abs=1e-5)


def test_who_stands_makes_no_steps() -> None:
    poses = marching(length=0.0)
    found = gait(poses)[0]
    assert [contact.foot for contact in found.contacts] == ["left", "right"]
    assert len(found.steps) == 1, "the right foot was put down beside the left one"
    still = gait(poses.with_meta(whole_clip={"0": {"standing": {"left_ankle": [[0, 299]]}}}))[0]
    assert not still.steps
    assert np.isnan([still.cadence, still.step_length, still.step_width, still.stance]).all()


def test_a_pause_is_no_slow_step() -> None:
    assert not gait(marching(step_s=1.7, stand_s=1.0))[0].steps


def test_a_foot_that_stood_before_anybody_looked_has_not_landed() -> None:
    late = marching()
    late = late.rows(late.frame >= 20)  # the left foot was put down in frame 15
    found = gait(late)[0]
    assert [contact.landed for contact in found.contacts[:2]] == [False, True]
    assert len(found.steps) == 8


def test_a_part_has_the_steps_that_are_in_it() -> None:
    whole = true_people.walker()
    part = gait(whole.between(1.0, 2.6))[0]
    steps = {step.frame for step in gait(whole)[0].steps if 1.0 < step.seconds <= 2.6}
    assert {step.frame for step in part.steps} <= steps
    assert len(part.steps) >= len(steps) - 1  # of the first it is not seen where the other foot landed
    cut = gait(trimmed(whole, start=1.0, end=2.6))[0]
    assert [step.seconds for step in cut.steps] == [step.seconds for step in part.steps]
    assert cut.step_length == pytest.approx(part.step_length)


def test_feet_are_not_known_where_nobody_was_seen(recwarn: pytest.WarningsRecorder) -> None:
    whole = marching()
    hidden = (whole.frame >= 60) & (whole.frame < 110)
    found = gait(whole.rows(~hidden))[0]
    assert not recwarn
    assert all(np.isfinite(contact.place).all() for contact in found.contacts)
    assert not any(60 <= contact.first < 110 or 60 <= contact.last < 110 for contact in found.contacts)
    # Who comes back standing has not been seen to land, nor who went away to leave the floor.
    assert not any(contact.landed for contact in found.contacts if contact.first == 110)
    assert not any(contact.left for contact in found.contacts if contact.last == 59)
    assert {contact.first for contact in found.contacts if contact.first == 110} == {110}
    assert gait(whole)[0].steps[-3] == found.steps[-3]


def test_what_tells_no_steps_is_refused() -> None:
    poses = true_people.walker()
    with pytest.raises(InputError, match=r"walker\.mp4 has no note of"):
        gait(poses.replace(meta={}))
    with pytest.raises(InputError, match="need the root's path"):
        gait(poses.replace(space="camera"))
