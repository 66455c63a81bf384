"""The video's camera in the scene: what stands in the world lands on the pixels that it was seen at."""

from __future__ import annotations

import fakes
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from in_the_wild import camera_motion
from in_the_wild.page.lens import lens
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17

FRAMES = 30
TILTED = Rotation.from_euler("x", 12, degrees=True).as_matrix()


@pytest.fixture
def poses() -> Poses:
    """Two people before a camera that looks down, each at another distance."""
    joints, root = fakes.walking(FRAMES)
    return Poses(
        keypoints=np.concatenate([joints, 0.9 * joints]) @ TILTED,
        root=np.concatenate([root, root + np.array([0.5, 0.1, 1.5])]),
        scores=np.ones((2 * FRAMES, len(HUMAN36M17))),
        frame=np.tile(np.arange(FRAMES), 2),
        person_id=np.repeat([0, 3], FRAMES),
        skeleton=HUMAN36M17,
        space="camera",
        video=fakes.video(FRAMES),
        meta={"focal": float(fakes.FOCAL)},
    )


def test_the_camera_sees_people_of_the_scene_where_they_were_seen(poses: Poses) -> None:
    assert poses.root is not None
    world = poses.world()
    found = lens(poses, world)
    assert found is not None
    assert found.focal == fakes.FOCAL
    assert list(found.places) == [0, 3]
    for person, place in found.places.items():
        rows = poses.person_id == person
        seen = (world.keypoints[rows] - place) @ found.axes.T
        expected = fakes.project(poses.keypoints[rows] + poses.root[rows, None])
        np.testing.assert_allclose(fakes.project(seen), expected, atol=0.05)


def test_there_is_none_where_nobody_knows_it(poses: Poses) -> None:
    world = poses.world()
    assert lens(world, world) is None
    assert lens(poses.replace(meta={}), world) is None
    assert lens(poses.replace(root=None), world) is None
    assert lens(poses.rows(poses.person_id > 3), world.rows(poses.person_id > 3)) is None


def test_there_is_none_where_the_camera_went_along(poses: Poses) -> None:
    world = poses.world()
    walked = world.replace(keypoints=world.keypoints + 0.1 * world.seconds[:, None, None])
    assert lens(poses, walked) is None


def test_there_is_none_where_the_camera_zoomed(poses: Poses) -> None:
    note = {"seconds": [0.0, 1.0], "shots": [0.0], "steps": [[0, 0, 0, 1], [0, 0, 0, 1.5]], "turned": 0, "zoomed": 1.5}
    zoomed = poses.with_meta(**{camera_motion.NOTE: note})
    assert lens(zoomed, poses.world()) is None
