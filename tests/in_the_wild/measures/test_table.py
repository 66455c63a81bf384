"""All measures as one list."""

from __future__ import annotations

import numpy as np
import pytest
import true_people

from in_the_wild.errors import InputError
from in_the_wild.measures.angles import NAMES, angles
from in_the_wild.measures.gait import gait
from in_the_wild.measures.table import Measure, measured


def of(measures: list[Measure], name: str, person: int = 0) -> Measure:
    (found,) = (one for one in measures if (one.name, one.person) == (name, person))
    return found


def test_everything_is_listed_where_it_is_known() -> None:
    poses = true_people.walker()
    poses = poses.rows((poses.frame < 100) | (poses.frame >= 110))
    found = measured(poses)
    knee = of(found, "left_knee_flexion")
    expected = angles(poses).person(0)["left_knee_flexion"]
    assert knee.frames.tolist() == [*range(100), *range(110, 230)]
    assert np.array_equal(knee.values, expected[knee.frames])
    assert np.array_equal(knee.seconds, poses.video.timestamps[knee.frames])
    assert {one.unit for one in found if one.name in NAMES} == {"deg"}
    assert {f"left_wrist_{one}" for one in ("height", "speed")} <= {one.name for one in found}


def test_steps_are_listed_by_the_foot_that_lands() -> None:
    found, walk = measured(true_people.walker()), gait(true_people.walker())[0]
    right = [step for step in walk.steps if step.foot == "right"]
    length, stance = of(found, "right_step_length"), of(found, "right_stance_share")
    assert (length.unit, stance.unit) == ("m", "%")
    assert length.frames.tolist() == [step.frame for step in right]
    assert length.values.tolist() == [step.length for step in right]
    assert stance.values.max() < 60
    assert of(found, "cadence").values.mean() == pytest.approx(walk.cadence, rel=0.01)


def test_without_a_path_or_feet_the_rest_is_listed() -> None:
    poses = true_people.walker()
    assert not [one for one in measured(poses.replace(meta={})) if "step" in one.name]
    centred = poses.keypoints - poses.keypoints[:, :1]
    turned = centred[..., [0, 2, 1]] * (1, -1, 1)  # x right, y down
    names = {one.name for one in measured(poses.replace(keypoints=turned, space="camera"))}
    assert set(NAMES) <= names
    assert not [name for name in names if "speed" in name or "step" in name]


def test_the_fastest_change_does_not_jump_where_an_angle_passes_half_a_turn() -> None:
    seconds = np.arange(10) / 10
    turning = (175 + 20 * np.arange(10) + 180) % 360 - 180
    measure = Measure(0, "left_shoulder_flexion", "deg", np.arange(10), seconds, turning.astype(float))
    assert measure.fastest == pytest.approx(200)
    gaps = Measure(0, "left_shoulder_flexion", "deg", 2 * np.arange(10), 2 * seconds, turning.astype(float))
    assert np.isnan(gaps.fastest)


def test_persons_are_chosen_by_id() -> None:
    poses = true_people.walker()
    both = poses.join([poses, poses.replace(person_id=np.full(len(poses), 3))])
    assert {one.person for one in measured(both)} == {0, 3}
    assert {one.person for one in measured(both, (3,))} == {3}
    with pytest.raises(InputError, match="no person 5; the ids are 0, 3"):
        measured(both, (5,))


def test_nobody_is_refused() -> None:
    poses = true_people.walker()
    with pytest.raises(InputError, match="People with ids were expected"):
        measured(poses.replace(person_id=np.full(len(poses), -1)))
