"""Who hides whom is what one sees: people before, behind and beside each other."""

from __future__ import annotations

import numpy as np
import pytest

from pose3d_cli.datasets.synthetic.mannequin.camera import Camera
from pose3d_cli.datasets.synthetic.mannequin.look import Look
from pose3d_cli.datasets.synthetic.mannequin.visibility import visibility
from pose3d_cli.datasets.synthetic.motion import actions as act
from pose3d_cli.datasets.synthetic.motion.play import play

CAMERA = Camera.look_at(position=(0, -4, 1.3), target=(0, 0, 0.95), width=160, height=120, fov=50)
STANDING = play([act.stand()], fps=10).placed(heading=180)


def seen(*places: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Shares (P,) and joints (P, 17) that are seen of people who stand at these places."""
    shift = np.array([[x, y, 0.0] for x, y in places])[:, None]
    joints, face = STANDING.joints[:1] + shift, STANDING.face[:1] + shift
    return visibility(joints, face, joints, camera=CAMERA, looks=[Look()] * len(places))


def test_people_side_by_side_are_seen_whole() -> None:
    share, joints = seen((-0.8, 0), (0.8, 0))
    assert (share == 1).all()
    assert joints.all(), "a body does not hide its own joints"


def test_who_stands_behind_is_hidden() -> None:
    share, joints = seen((0, 0), (0, 0.6))
    assert share[0] == 1
    assert share[1] < 0.3
    assert joints[0].all()
    assert not joints[1].all()


def test_half_behind_is_half_seen() -> None:
    share, _ = seen((0, 0), (0.25, 0.6))
    assert 0.3 < share[1] < 0.9


@pytest.mark.parametrize(("x", "low", "high"), [(1.8, 0.2, 0.8), (4.0, 0, 0), (30.0, 0, 0)])
def test_outside_the_picture_nobody_is_seen(x: float, low: float, high: float) -> None:
    share, joints = seen((x, 0))
    assert low <= share[0] <= high
    assert joints.any() == (high > 0)
    assert not joints.all()


def test_nobody() -> None:
    share, joints = visibility(np.zeros((0, 17, 3)), np.zeros((0, 5, 3)), np.zeros((0, 17, 3)), camera=CAMERA, looks=[])
    assert share.shape == (0,)
    assert joints.shape == (0, 17)
