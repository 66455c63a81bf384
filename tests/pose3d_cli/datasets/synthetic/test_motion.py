"""Authored motion: bones keep their lengths, feet stay on the floor, mirror images are mirror images."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.synthetic.motion import actions
from pose3d_cli.datasets.synthetic.motion.curves import Action
from pose3d_cli.datasets.synthetic.motion.kinematics import Figure, forward_kinematics
from pose3d_cli.datasets.synthetic.motion.play import play

ACTIONS: dict[str, Callable[[], Action]] = {
    action.__name__: action
    for action in (
        actions.stand,
        actions.walk,
        actions.turn,
        actions.squat,
        actions.kick,
        actions.wave,
        actions.jumping_jacks,
        actions.crouch,
        actions.reach,
        actions.throw,
        actions.lunge,
        actions.punch,
        actions.sway,
    )
}


@pytest.mark.parametrize("name", ACTIONS)
def test_bones_keep_their_lengths(name: str) -> None:
    moving = play([ACTIONS[name]()], fps=10)
    for joint, parent in enumerate(HUMAN36M17.parent_indices):
        if parent < 0 or HUMAN36M17.joints[joint] == "neck":  # the neck point belongs to the skull, which nods
            continue
        lengths = np.linalg.norm(moving.joints[:, joint] - moving.joints[:, parent], axis=-1)
        assert np.ptp(lengths) < 1e-9
    shin = moving.joints[0, HUMAN36M17.index("left_knee")] - moving.joints[0, HUMAN36M17.index("left_ankle")]
    assert np.linalg.norm(shin) == pytest.approx(Figure().shin)


@pytest.mark.parametrize("name", ACTIONS)
def test_the_lower_foot_is_on_the_floor(name: str) -> None:
    moving = play([ACTIONS[name]()], fps=30)
    feet = moving.joints[:, HUMAN36M17.indices("left_ankle", "right_ankle")]
    lowest = feet[..., 2].min(axis=1) - Figure().ankle
    assert lowest.min() > -0.006
    assert lowest.max() < 0.006 or (name == "jumping_jacks" and 0.08 < lowest.max() < 0.12)
    # And where it bears the weight it does not slide (jumping jacks land with their feet on the move).
    bearing = feet[..., 2].argmin(axis=1)
    speed = np.linalg.norm(np.diff(feet[..., :2], axis=0), axis=-1)[np.arange(len(feet) - 1), bearing[:-1]] * 30
    assert np.median(speed) < 0.1 or name == "jumping_jacks"


def test_walking_goes_where_the_figure_looks_and_turning_turns_it() -> None:
    walk = play([actions.walk(seconds=2.2)], fps=30).placed(heading=-90)
    travelled = walk.joints[-1, 0] - walk.joints[0, 0]
    assert travelled[0] > 1.5
    assert abs(travelled[1]) < 0.3
    nose, left_ear, right_ear = walk.face[0, 0], walk.face[0, 3], walk.face[0, 4]
    assert (nose - 0.5 * (left_ear + right_ear))[0] > 0.08

    turned = play([actions.stand(), actions.turn(degrees=90), actions.stand()], fps=30)
    ears = turned.face[:, 4] - turned.face[:, 3]  # from left to right
    angle = np.degrees(np.arctan2(ears[..., 1], ears[..., 0]))
    assert angle[-1] - angle[0] == pytest.approx(90, abs=12)


def test_a_mirrored_action_is_the_mirror_image() -> None:
    time = np.linspace(0, 1.5, 7)
    flat = {"heading": np.zeros(7)}
    joints, face = forward_kinematics(actions.throw().sample(time) | flat, figure=Figure())
    twin, twin_face = forward_kinematics(actions.throw().mirrored().sample(time) | flat, figure=Figure())
    np.testing.assert_allclose(twin[:, HUMAN36M17.flip] * (-1, 1, 1), joints, atol=1e-12)
    np.testing.assert_allclose(twin_face[:, [0, 2, 1, 4, 3]] * (-1, 1, 1), face, atol=1e-12)


def test_poses_at_given_times_are_those_of_the_steady_clip() -> None:
    steady = play([actions.kick()], fps=25)
    asked = play([actions.kick()], time=steady.time[[3, 10, 11]])
    np.testing.assert_allclose(asked.joints, steady.joints[[3, 10, 11]], atol=1e-12)
