"""Stature: heights as people write them, and as bones tell them."""

from __future__ import annotations

import numpy as np
import pytest

from in_the_wild.errors import InputError
from in_the_wild.heights import Heights
from in_the_wild.skeletons import COCO17, HUMAN36M17
from in_the_wild.stature import stature


def test_heights_are_of_everybody_of_persons_or_of_both() -> None:
    assert [Heights.parse("1.80").of(person) for person in (0, 7)] == [1.8, 1.8]
    assert [Heights.parse("0:1.80,2:1.65").of(person) for person in (0, 1, 2)] == [1.8, None, 1.65]
    assert [Heights.parse("1.7, 2:1.65").of(person) for person in (0, 2)] == [1.7, 1.65]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("180", "found 180; did you mean 1.80"),
        ("0:165", "did you mean 1.65"),
        ("18", "found 18."),
        ("-1.8", "0.5 to 2.6"),
        ("nan", "found nan"),
        ("tall", "such as 1.80"),
        ("a:1.80", "such as 0:1.80,2:1.65"),
        ("", "such as 1.80"),
    ],
)
def test_what_nobody_is_as_tall_as_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        Heights.parse(text)


def test_bones_tell_how_tall_somebody_is_whatever_the_pose() -> None:
    joints = np.zeros((3, 17, 3))
    heights = {"ankle": 0.08, "knee": 0.50, "hip": 0.92, "pelvis": 0.92, "spine": 1.15, "thorax": 1.42, "neck": 1.52,
               "head": 1.68}  # fmt: skip
    for j, joint in enumerate(HUMAN36M17.joints):
        joints[:, j, 2] = heights.get(joint.split("_")[-1], 0)
    standing = stature(joints, HUMAN36M17)
    assert standing == pytest.approx(1.03 * (1.68 - 0.08))
    ankles = HUMAN36M17.indices("left_ankle", "right_ankle")
    knees = HUMAN36M17.indices("left_knee", "right_knee")
    joints[:, ankles] = joints[:, knees] + [0, 0.42, 0]  # on the knees
    assert stature(joints, HUMAN36M17) == pytest.approx(standing)


def test_joints_without_a_head_tell_nothing() -> None:
    with pytest.raises(InputError, match="coco17 lacks a head"):
        stature(np.zeros((2, 17, 3)), COCO17)
