"""Keypoints without ids get those of tracking; those that have ids keep them."""

from __future__ import annotations

import fakes
import numpy as np
import pytest

from in_the_wild.errors import VideoError
from in_the_wild.poses import Poses
from in_the_wild.steps.identify import identify


def two(frames: int = 30) -> Poses:
    """Two who walk, without ids."""
    joints, root = fakes.walking(frames)
    both = [fakes.poses2d(fakes.coco_pixels(joints, root + np.array([aside, 0, 0]))) for aside in (0.0, 1.4)]
    return Poses.join([one.replace(person_id=np.full(frames, -1)) for one in both])


def test_people_without_ids_are_told_apart() -> None:
    found, told = identify(two())
    assert (found.persons, len(found), told) == ([0, 1], 60, [])
    for person in found.persons:
        steps = np.diff(found.of_person(person).keypoints[:, 0, 0])
        assert np.abs(steps).max() < 20, "nobody becomes the other one"


def test_ids_that_are_there_stay_and_poses_without_are_left_out_and_told() -> None:
    ids = np.tile([7, -1], 30)
    found, told = identify(two().replace(person_id=ids))
    assert (found.persons, len(found)) == ([7], 30)
    assert told == ["30 of 60 poses in fake.mp4 have no id beside others that have one; they are left out."]
    same, told = identify(found)
    assert same is found
    assert told == []


def test_doubles_are_left_out_and_told() -> None:
    once = two()
    found, told = identify(Poses.join([once, once.replace(keypoints=once.keypoints + 1)]))
    assert len(found) == 60
    assert "60 of 120 poses in fake.mp4 are left out by tracking" in told[0]


def test_the_video_is_opened_where_there_is_something_to_track() -> None:
    tracked, _ = identify(two())
    assert identify(tracked, video="nowhere.mp4") == (tracked, [])
    with pytest.raises(VideoError):
        identify(two(), video="nowhere.mp4")
