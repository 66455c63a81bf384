"""The world: upright, on its floor, not mirrored; with a ground that was found and without."""

from __future__ import annotations

import json

import fakes
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from in_the_wild import world
from in_the_wild.camera_motion import NOTE, turns_at
from in_the_wild.errors import InputError
from in_the_wild.ground import ANKLE, Ground
from in_the_wild.skeletons import HUMAN36M17


@pytest.mark.parametrize(("pitch", "roll"), [(0, 0), (20, 0), (-15, 10)])
def test_the_world_is_upright_on_the_floor_and_not_mirrored(pitch: float, roll: float) -> None:
    joints, root = fakes.walking(50)
    tilt = Rotation.from_euler("xz", [pitch, roll], degrees=True).as_matrix()
    scene = world.to_world(fakes.poses3d(joints @ tilt.T, root @ tilt.T))
    feet = scene.keypoints[:, HUMAN36M17.indices("left_ankle", "right_ankle")]
    head = scene.keypoints[:, HUMAN36M17.index("head")]
    assert abs(feet[..., 2].min() - ANKLE) < 0.03
    np.testing.assert_allclose(head[:, 2] - feet[..., 2].mean(axis=1), 1.58, atol=0.03)
    # He faces the camera, so that his left is at the picture's right; and he walks that way.
    left, right = (scene.keypoints[:, HUMAN36M17.index(f"{side}_shoulder"), 0] for side in ("left", "right"))
    assert (left > right).all()
    assert scene.keypoints[-1, 0, 0] - scene.keypoints[0, 0, 0] > 1.0
    # His nose side is towards the camera, which is at smaller y.
    neck, thorax = (scene.keypoints[:, HUMAN36M17.index(name), 1] for name in ("neck", "thorax"))
    assert (neck < thorax).all()


def test_a_few_frames_gone_wrong_do_not_lift_a_person_but_climbing_down_does() -> None:
    joints, root = fakes.walking(100)
    sunk = root.copy()
    sunk[10:20, 1] += 0.25  # a tenth of the frames
    feet = world.to_world(fakes.poses3d(joints, sunk)).keypoints[..., 2].min(axis=1)
    assert abs(np.median(feet) - ANKLE) < 0.02
    wall = root.copy()
    wall[:80, 1] -= 1.5
    feet = world.to_world(fakes.poses3d(joints, wall)).keypoints[..., 2].min(axis=1)
    assert abs(feet[-1] - ANKLE) < 0.05
    assert feet[0] == pytest.approx(1.5 + ANKLE, abs=0.1)


def found(up: np.ndarray, *, height: float | None = 1.5) -> Ground:
    return Ground(up, height, (1.0,), (1.0, 2.0))


def test_a_ground_that_was_found_says_where_the_floor_is() -> None:
    joints, root = fakes.walking(50)
    tilt = Rotation.from_euler("x", 20, degrees=True).as_matrix()
    up = tilt @ [0.0, -1.0, 0.0]
    poses = fakes.poses3d(joints @ tilt.T, root @ tilt.T)
    ankles = (joints + root[:, None])[:, HUMAN36M17.indices("left_ankle", "right_ankle")] @ tilt.T @ up
    height = ANKLE - float(np.percentile(ankles.min(axis=1), 25))
    note = json.loads(json.dumps(world.noted(found(up, height=height), start=0.0, stands=12)))
    scene = world.to_world(poses.with_meta(**{world.GROUND_NOTE: [note]}))
    assert abs(scene.keypoints[..., 2].min() - ANKLE) < 0.03
    assert "m above the floor, by feet that stand" in scene.meta[world.NOTE]
    assert note["tilt"] == pytest.approx(20, abs=0.1)
    assert "12 stands" in note["how"]["camera_height"]


def test_who_is_far_above_the_common_floor_stands_on_something() -> None:
    joints, root = fakes.walking(50)
    note = world.noted(found(np.array([0.0, -1.0, 0.0]), height=3.0), start=0.0, stands=3)
    above = world.to_world(fakes.poses3d(joints, root).with_meta(**{world.GROUND_NOTE: [note]}))
    alone = world.to_world(fakes.poses3d(joints, root))
    assert above.keypoints[..., 2].min() > alone.keypoints[..., 2].min() + 0.4


def test_poses_of_another_space_are_refused() -> None:
    with pytest.raises(InputError, match="camera space"):
        world.to_world(fakes.poses2d(np.zeros((3, 17, 2))))


def test_notes_without_a_ground_tell_none_and_one_without_a_floor_tells_up() -> None:
    assert world.grounds_of({}) == []
    note = world.noted(found(np.array([0.0, -1.0, 0.0]), height=None), start=2.0, stands=0)
    ((start, again),) = world.grounds_of({world.GROUND_NOTE: [note]})
    assert (start, again.camera_height) == (2.0, None)


def test_without_a_ground_up_is_told_in_the_axes_of_the_first_picture() -> None:
    """A camera that looks down more and more: its own up is another one in every picture."""
    joints, root = fakes.walking(50)
    seconds = np.arange(50) / 25
    steps = np.array([[0, 0, 0, 1], *[[np.radians(0.6), 0, 0, 1]] * 49])
    notes = {NOTE: {"seconds": seconds, "steps": steps, "shots": [0]}, "focal": fakes.WIDTH}
    turns = turns_at(notes, seconds, focal=1.0)
    assert turns is not None
    seen = fakes.poses3d(np.einsum("tij,tkj->tki", turns, joints), np.einsum("tij,tj->ti", turns, root))
    scene = world.to_world(seen.with_meta(**notes))
    trunk = scene.keypoints[:, HUMAN36M17.index("thorax")] - scene.keypoints[:, 0]
    lean = np.degrees(np.arccos(trunk[:, 2] / np.linalg.norm(trunk, axis=1)))
    assert lean.max() < 3


def test_every_shot_has_its_own_ground() -> None:
    joints, root = fakes.walking(50)
    ups = [np.array([0.0, -1.0, 0.0]), np.array([0.0, -np.cos(0.4), -np.sin(0.4)])]
    notes = [world.noted(found(up, height=None), start=start, stands=0) for up, start in zip(ups, (0, 1), strict=True)]
    poses = fakes.poses3d(joints, root)
    scene = world.to_world(poses.with_meta(**{world.GROUND_NOTE: notes}))
    trunk = (scene.keypoints[:, HUMAN36M17.index("thorax")] - scene.keypoints[:, 0])[:, 1]
    assert np.ptp(trunk[:25]) < 0.05
    assert abs(trunk[25:].mean() - trunk[:25].mean()) > 0.1
