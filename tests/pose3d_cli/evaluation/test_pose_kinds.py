"""Kinds of poses, on bodies that are known to be of them."""

from __future__ import annotations

import numpy as np
import pytest

from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.mocap.packs import BODY22, H36M_IN_BODY22, Mocap
from pose3d_cli.datasets.synthetic.virtual import camera_rotations
from pose3d_cli.evaluation import pose_kinds

WORLD_UP = np.array([0.0, 0.0, 1.0])


def seen(body: np.ndarray, *, azimuth: float = 0.0, pitch: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Joints (T, 17, 3) in a camera, and which way is up there."""
    (rotation,) = camera_rotations(azimuth=np.array([azimuth]), pitch=np.array([pitch]), roll=np.zeros(1))
    return body[:, H36M_IN_BODY22] @ rotation.T, rotation @ WORLD_UP


@pytest.mark.parametrize("pitch", [-0.5, 0.0, 0.6])
def test_a_squat_is_low_at_its_lowest_and_a_walk_is_upright(clips: Mocap, pitch: float) -> None:
    walk, squat = clips.sequence(0), clips.sequence(1)
    low = pose_kinds.tell(*seen(squat, pitch=pitch))["hips low"]
    lowest = int(np.argmin(squat[:, 0, 2]))
    assert low[lowest]
    assert not low[[0, -1]].any()
    walking = pose_kinds.tell(*seen(walk, pitch=pitch))
    assert not walking["hips low"].any()
    assert not walking["trunk bent"].any()
    np.testing.assert_array_equal(walking["upright"], ~walking["back turned"] & ~walking["arm overhead"])


def test_backs_are_turned_from_one_side_alone(clips: Mocap) -> None:
    body = clips.sequence(2)
    hips = body[0, BODY22.index("left_hip")] - body[0, BODY22.index("right_hip")]
    front = np.arctan2(hips[1], hips[0])
    for turn, expected in ((0, False), (np.pi, True), (np.pi / 2, False)):
        joints, up = seen(body[:1], azimuth=front + turn)
        assert pose_kinds.tell(joints, up)["back turned"].item() is expected


def test_arms_and_trunks(clips: Mocap) -> None:
    joints, up = seen(clips.sequence(0)[:3])
    joints[1, HUMAN36M17.index("left_wrist")] = joints[1, HUMAN36M17.index("head")] + 0.1 * up
    joints[2] = joints[2] - joints[2, HUMAN36M17.root]
    joints[2] = joints[2] @ camera_rotations(azimuth=np.zeros(1), pitch=np.array([0.9]), roll=np.zeros(1))[0].T
    found = pose_kinds.tell(joints, up)
    assert found["arm overhead"][:2].tolist() == [False, True]
    assert found["trunk bent"].tolist() == [False, False, True]
    assert tuple(found) == pose_kinds.KINDS
