"""The video's camera in the scene: what stands in the world lands on the pixels that it was seen at."""

from __future__ import annotations

import fakes
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from in_the_wild import camera_motion
from in_the_wild.calibration.base import Calibration
from in_the_wild.lens import Lens
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


def test_a_calibration_is_brought_to_the_size_of_the_video(poses: Poses) -> None:
    width, height = poses.video.width, poses.video.height
    calibration = Calibration("cam", (2 * width, 2 * height), (1200.0, 1200.0), (700.0, 500.0), (-0.1, 0.0, 0.0, 0.0))
    noted = poses.with_meta(**Lens(calibration=calibration).notes(width=width, height=height))
    found = lens(noted, poses.world())
    assert found is not None
    assert found.calibration == calibration.of_size(width, height)
    corners = np.array([[0.0, 0.0], [width, 0], [0, height], [width, height]])
    farthest = np.linalg.norm(calibration.of_size(width, height).rays(corners), axis=1).max()
    assert found.reach(width, height) == pytest.approx(farthest)


def test_a_tilted_sensor_is_not_known_to_pages(poses: Poses) -> None:
    tilted = Calibration("cam", None, (600.0, 600.0), (320.0, 240.0), (*[0.0] * 12, 0.1, 0.0))
    noted = poses.with_meta(**Lens(calibration=tilted).notes(width=poses.video.width, height=poses.video.height))
    assert lens(noted, poses.world()) is None


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
