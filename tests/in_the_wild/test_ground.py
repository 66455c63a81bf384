"""The ground: found exactly where feet are seen exactly, and by balance where they are not."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from in_the_wild.ground import ANKLE, Evidence, estimate

HEIGHT = 1.6  # metres of the camera


def up_of(tilt: float, roll: float = 0.0) -> np.ndarray:
    """Up in a camera that looks down by `tilt` and is rolled by `roll` degrees."""
    level = np.array([0.0, -1.0, 0.0])
    return np.asarray(Rotation.from_euler("xz", [tilt, -roll], degrees=True).apply(level))


def contacts(up: np.ndarray, count: int, *, seed: int = 0, size: float = 1.0, noise: float = 0.0) -> np.ndarray:
    """Places 3 to 8 m away on a floor `HEIGHT` under the camera, of somebody who looks so many times larger."""
    random = np.random.default_rng(seed)
    ahead = np.array([0.0, 0.0, 1.0]) - up[2] * up
    aside = np.cross(ahead, up)
    places = random.uniform(3, 8, (count, 1)) * ahead + random.uniform(-2, 2, (count, 1)) * aside
    places += (ANKLE - HEIGHT) * up
    return size * places * (1 + noise * random.normal(size=(count, 1)))


@pytest.mark.parametrize(("tilt", "roll"), [(0.0, 0.0), (25.0, 0.0), (-10.0, 8.0)])
def test_contacts_mend_a_balance_that_is_off(tilt: float, roll: float) -> None:
    up = up_of(tilt, roll)
    leaning = Rotation.from_rotvec([np.radians(4), 0, 0]).apply(up)
    found = estimate([Evidence(leaning, contacts(up, 40))])
    assert np.degrees(np.arccos(found.up @ up)) < 0.5
    assert found.camera_height == pytest.approx(HEIGHT, abs=0.05)
    assert found.tilt == pytest.approx(tilt, abs=0.5)
    assert found.roll == pytest.approx(roll, abs=0.5)
    assert found.sizes == pytest.approx((1.0,), abs=1e-4)


def test_one_place_says_nothing_of_the_tilt_and_balance_all() -> None:
    up = up_of(15)
    leaning = Rotation.from_rotvec([np.radians(4), 0, 0]).apply(up)
    found = estimate([Evidence(leaning, contacts(up, 1))])
    assert np.degrees(np.arccos(found.up @ leaning)) < 0.2
    alone = estimate([Evidence(leaning, np.zeros((0, 3)))])
    assert np.allclose(alone.up, leaning)
    assert alone.camera_height is None
    assert alone.sure[1] > found.sure[1] * 0.9


def test_steps_on_the_spot_do_not_add_up_to_certainty() -> None:
    """The lifter is off in the same way at each of them: a minute or an hour of them says the same."""
    up = up_of(15)
    near, far = (ahead + np.array([0.2, 0, 0]) for ahead in contacts(up, 2, seed=3)[:, None])
    far = 1.1 * far  # as the lifter believes
    steps = [np.concatenate([near, far]).repeat(count, axis=0) for count in (1, 20, 1000)]
    once, minute, hour = (estimate([Evidence(up, some)]) for some in steps)
    assert hour.sure[1] > 0.5 * once.sure[1]
    assert np.degrees(np.arccos(hour.up @ minute.up)) < 0.3


def test_a_smaller_person_is_told_by_the_common_floor() -> None:
    up = up_of(20)
    people = [Evidence(up, contacts(up, 30)), Evidence(up, contacts(up, 30, seed=1)),
              Evidence(up, contacts(up, 30, seed=2, size=1.15))]  # fmt: skip
    small = estimate(people).sizes
    assert small[2] / small[0] == pytest.approx(1 / 1.15, abs=0.04)
    assert np.prod(small) == pytest.approx(1, abs=1e-3)


def test_a_foot_on_a_chair_does_not_tilt_the_floor() -> None:
    up = up_of(10)
    stood = contacts(up, 40, noise=0.03)
    stood[:4] += 0.5 * up
    found = estimate([Evidence(up, stood)])
    assert np.degrees(np.arccos(found.up @ up)) < 1.0
    assert found.camera_height == pytest.approx(HEIGHT, abs=0.08)


def test_a_camera_on_its_side_has_a_ground_too() -> None:
    found = estimate([Evidence(np.array([1.0, 0, 0]), np.zeros((0, 3)))])
    assert np.allclose(found.up, [1, 0, 0])
    assert found.roll == pytest.approx(-90)
