"""Errors against the truth of a clip that was rendered: those of the limbs, where everybody saw the person."""

from __future__ import annotations

import numpy as np
import pytest

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.metrics.against_truth import LIMB_JOINTS, Truth, compare, same_person


def _poses(joints: np.ndarray, scores: np.ndarray | None = None, space: str = "camera") -> Poses:
    count = len(joints)
    return Poses(
        keypoints=joints,
        scores=np.ones((count, 17)) if scores is None else scores,
        frame=np.arange(count),
        person_id=np.zeros(count),
        skeleton=HUMAN36M17,
        space=space,
        video=Source(path="x.mp4", width=100, height=100, fps=25, timestamps=np.arange(count) / 25),
    )


def test_errors_against_the_truth() -> None:
    joints = np.random.default_rng(0).normal(size=(6, 17, 3))
    truth = Truth(joints=joints, visible=np.array([1, 1, 1, 1, 1, 0], bool))
    quarter = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]])
    # The person is not found in frame 1, and a joint of the limbs is 120 mm off in all the others.
    off, scores = joints.copy(), np.ones((6, 17))
    off[:, HUMAN36M17.index("left_wrist"), 0] += 0.12
    off[1], scores[1] = 100, 0
    torso = joints.copy()
    torso[:, HUMAN36M17.indices("spine", "thorax", "neck", "head", "pelvis")] += 5
    found = compare(
        {"moved": _poses(joints + 3), "turned": _poses(2 * joints @ quarter), "off": _poses(off, scores),
         "torso": _poses(torso)}, truth
    )  # fmt: skip
    assert {one.frames for one in found.values()} == {4}
    assert found["moved"].mpjpe == pytest.approx(0, abs=1e-3)
    assert found["torso"].mpjpe == pytest.approx(0, abs=1e-3)
    assert found["turned"].p_mpjpe == pytest.approx(0, abs=1e-2)
    assert found["turned"].mpjpe > 500
    assert found["off"].mpjpe == pytest.approx(120 / len(LIMB_JOINTS), rel=1e-4)


def test_only_poses_of_the_same_clip_are_compared() -> None:
    truth = Truth(joints=np.ones((6, 17, 3)), visible=np.ones(6, bool))
    with pytest.raises(InputError, match="6 frames"):
        compare({"short": _poses(np.ones((5, 17, 3)))}, truth)
    with pytest.raises(InputError, match="world space"):
        compare({"flat": _poses(np.ones((6, 17, 3)), space="world")}, truth)
    with pytest.raises(InputError, match="no frame"):
        compare({"nobody": _poses(np.ones((6, 17, 3)), np.zeros((6, 17)))}, truth)


def test_the_same_person_is_who_stands_where_the_poses_do() -> None:
    rng = np.random.default_rng(1)
    places = np.array([[1.5, 0, 3], [-1.5, 0, 5]])
    everybody = rng.normal(0, 0.3, (4, 2, 17, 3)) + places[:, None]  # (T, P, J, 3)
    # Ten degrees beside the second, and nearer: how far away somebody is, a picture hardly tells.
    there = everybody[:, 1, 0] / 2
    turn = np.radians(10)
    across = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    poses = _poses(np.zeros((4, 17, 3))).replace(root=there @ across.T).rows(np.array([2, 3]))
    joints, apart = same_person(poses, everybody)
    np.testing.assert_allclose(joints, everybody[2:, 1] - everybody[2:, 1, :1])
    assert (apart < 10.01).all()
    assert (apart > 9).all()
