"""The one table: what it refuses, and what its copies keep."""

from __future__ import annotations

import fakes
import numpy as np
import pytest

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses, Source


def test_arrays_are_read_only_copies() -> None:
    keypoints = np.zeros((3, 17, 2))
    poses = fakes.poses2d(keypoints)
    keypoints += 1
    assert poses.keypoints.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        poses.keypoints[0] = 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keypoints": np.zeros((3, 17, 3))}, r"must have shape \(3, 17, 2\), found \(3, 17, 3\)"),
        ({"scores": np.zeros((3, 16))}, r"scores .* \(3, 17\), found \(3, 16\)"),
        ({"scores": np.full((3, 17), 1.5)}, r"\[0, 1\], found 1.5"),
        ({"keypoints": np.full((3, 17, 2), np.nan)}, "NaN"),
        ({"frame": [0, 1, 9]}, r"0\.\.2, found 0 to 9"),
        ({"frame": [0, 1, 1]}, "at most one pose in a frame"),
        ({"space": "moon"}, '"moon"'),
        ({"root": np.zeros((3, 2))}, r"root .* \(3, 3\)"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        fakes.poses2d(np.zeros((3, 17, 2))).replace(**changes)


def test_timestamps_must_rise() -> None:
    with pytest.raises(InputError, match="rising"):
        Source(path="a", width=1, height=1, fps=1.0, timestamps=np.array([0.0, 0.5, 0.5]))


def test_joining_people_and_taking_one_out_again() -> None:
    first = fakes.poses2d(np.full((3, 17, 2), 1.0))
    second = first.replace(person_id=[4, 4, 4], keypoints=np.full((3, 17, 2), 2.0))
    both = Poses.join([second, first])
    assert both.persons == [0, 4]
    np.testing.assert_array_equal(both.frame, [0, 0, 1, 1, 2, 2])
    np.testing.assert_array_equal(both.of_person(4).keypoints, second.keypoints)
