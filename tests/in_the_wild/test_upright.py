"""A video on its side is known by the people in it."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_people import on_picture, picture_poses, source, standing

from in_the_wild.upright import wanted_turn

_VIDEO = source(40)


def turned_by(turn: int) -> np.ndarray:
    """A person who stands, (17, 2) pixels, in a picture that was turned clockwise: counter-clockwise puts it right."""
    points = on_picture(standing(), width=640, height=480)
    for _ in range(turn // 90):
        points = np.stack([480 - points[:, 1], points[:, 0]], axis=1)
    return points


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_turn_that_puts_people_on_their_feet(turn: int) -> None:
    assert wanted_turn(picture_poses(turned_by(turn), _VIDEO)) == turn


def test_nothing_is_said_where_somebody_stands_or_few_are_seen() -> None:
    poses = picture_poses(turned_by(90), _VIDEO)
    assert wanted_turn(poses.rows(np.arange(9))) == 0
    assert wanted_turn(picture_poses(turned_by(90), _VIDEO, score=0.2)) == 0
    upright = picture_poses(turned_by(0), _VIDEO)
    mixed = poses.replace(keypoints=np.concatenate([upright.keypoints[:8], poses.keypoints[8:]]))
    assert wanted_turn(mixed) == 0, "a fifth of the time somebody stands, and exercises on the floor otherwise"
    rolling = np.concatenate([poses.keypoints[:20], picture_poses(turned_by(270), _VIDEO).keypoints[:20]])
    assert wanted_turn(poses.replace(keypoints=rolling)) == 0, "to both sides in turn"
