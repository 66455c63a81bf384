"""Balance: where the centre of mass is, which way plumb lines point, and bodies that lean put right halfway."""

from __future__ import annotations

import fakes
import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild import balance
from in_the_wild.skeletons import COCO17, HUMAN36M17, get_skeleton

UP = np.array([0.0, -1.0, 0.0])


def lean_of(joints: np.ndarray) -> float:
    """Degrees between the mean plumb line and up."""
    line = balance.plumb_lines(joints, HUMAN36M17).sum(axis=0)
    return float(np.degrees(np.arccos(line @ UP / np.linalg.norm(line))))


def test_the_centre_of_mass_of_somebody_who_stands_is_near_the_navel() -> None:
    joints, _ = fakes.walking(25)
    ankles = joints[:, HUMAN36M17.indices("left_ankle", "right_ankle"), 1].mean()
    head = joints[:, HUMAN36M17.index("head"), 1].mean()
    centre = balance.centre_of_mass(joints, HUMAN36M17)[:, 1].mean()
    assert 0.48 < (ankles - centre) / (ankles - head) < 0.62


def test_half_of_a_lean_is_put_right() -> None:
    joints, _ = fakes.walking(100)
    upright = lean_of(joints)
    leaning = joints @ Rotation.from_rotvec([np.radians(12), 0, 0]).as_matrix().T
    mended = balance.uprighted(leaning, HUMAN36M17, UP, step=0.04)
    assert abs(lean_of(mended) - lean_of(leaning) / 2) < max(1.0, upright)
    before, after = (np.linalg.norm(one[:, 1:] - one[:, :1], axis=2) for one in (leaning, mended))
    np.testing.assert_allclose(after, before, atol=1e-9)


def test_who_lies_stays_so() -> None:
    joints, _ = fakes.walking(50)
    lying = joints @ Rotation.from_rotvec([0, 0, np.pi / 2]).as_matrix().T
    np.testing.assert_allclose(balance.uprighted(lying, HUMAN36M17, UP, step=0.04), lying, atol=1e-12)


def test_which_skeletons_tell() -> None:
    assert all(balance.can_tell(one) for one in (COCO17, HUMAN36M17, get_skeleton("mpi_inf_3dhp17")))
