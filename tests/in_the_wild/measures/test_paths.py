"""Speeds and heights, of joints whose paths are known."""

from __future__ import annotations

import numpy as np
import pytest
import true_people

from in_the_wild.errors import InputError
from in_the_wild.measures.paths import heights, speeds
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17


def thrown(seconds: np.ndarray) -> Poses:
    """Somebody who flies: 3 metres a second sideways, and up and down as gravity tells."""
    path = np.stack([3 * seconds, 0 * seconds, 1 + 4 * seconds - 9.81 / 2 * seconds**2], axis=-1)
    count = len(seconds)
    return Poses(
        keypoints=np.repeat(path[:, None], 17, axis=1), scores=np.ones((count, 17)), frame=np.arange(count),
        person_id=np.zeros(count), skeleton=HUMAN36M17, space="world",
        video=Source("thrown.mp4", 640, 480, 25, seconds),
    )  # fmt: skip


@pytest.mark.parametrize("uneven", [False, True])
def test_speeds_are_those_of_the_path_also_of_frames_that_are_unevenly_apart(uneven: bool) -> None:
    seconds = np.arange(25) / 25
    seconds = seconds**1.3 if uneven else seconds
    found = speeds(thrown(seconds))
    assert found.unit == "m/s"
    expected = np.hypot(3, 4 - 9.81 * seconds)
    np.testing.assert_allclose(found.person(0)["left_wrist_speed"][1:-1], expected[1:-1], rtol=1e-4)


def test_heights_are_above_the_floor() -> None:
    found = heights(thrown(np.arange(25) / 25))
    assert found.unit == "m"
    assert found.person(0)["head_height"].max() == pytest.approx(1 + 4**2 / 2 / 9.81, abs=0.001)


def test_next_to_a_gap_nobody_knows_the_speed() -> None:
    poses = thrown(np.arange(25) / 25)
    gap = poses.rows(poses.frame != 12)
    assert np.flatnonzero(np.isnan(speeds(gap).person(0)["pelvis_speed"])).tolist() == [11, 12, 13]
    assert np.flatnonzero(np.isnan(heights(gap).person(0)["pelvis_height"])).tolist() == [12]


def test_a_single_frame_has_heights_alone() -> None:
    one = thrown(np.zeros(1))
    assert np.isnan(speeds(one).person(0)["pelvis_speed"]).all()
    assert heights(one).person(0)["pelvis_height"].tolist() == [1.0]


def test_without_a_path_there_are_no_speeds() -> None:
    relative = true_people.walker().replace(space="camera")
    with pytest.raises(InputError, match=r"need the root's path, found joints of walker\.mp4"):
        speeds(relative)
