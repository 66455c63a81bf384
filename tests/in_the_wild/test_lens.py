"""Lenses: what is known of them, in which order it counts, and keypoints without their distortion."""

from __future__ import annotations

import json

import fakes
import numpy as np
import pytest

from in_the_wild.calibration import Calibration
from in_the_wild.errors import InputError
from in_the_wild.lens import ASSUMED, Lens

SIZE = {"width": 1280.0, "height": 720.0}
CALIBRATION = Calibration("bent", (1280, 720), (1020.0, 1010.0), (650.0, 355.0), (-0.25, 0.08, 0.0, 0.0))


def test_what_is_given_counts_before_what_the_file_says_and_that_before_a_usual_lens() -> None:
    given = Lens(focal=1000).stated(26)
    assert (given.focal_in(**SIZE), given.source) == (1000, "given focal length")
    stated = ASSUMED.stated(26)
    assert "26 mm equivalent" in stated.source
    assert not stated.is_given
    assert ASSUMED.stated(None) == ASSUMED
    known = [Lens(calibration=CALIBRATION), Lens(fov=60), stated, ASSUMED]
    assert np.all(np.diff([lens.uncertainty for lens in known]) > 0)


def test_equivalents_are_about_the_diagonal_of_film() -> None:
    """36 mm wide film of 3:2: a 50 mm lens sees 39.6 degrees of it. A film is cut out of a photograph of 4:3."""
    assert np.isclose(Lens(equivalent=50).focal_in(width=3000, height=2000), 3000 * 50 / 36, rtol=1e-3)
    photograph, film = (Lens(equivalent=26).focal_in(width=1920, height=height) for height in (1440, 1080))
    assert np.isclose(photograph, film, rtol=1e-6)


def test_several_at_once_and_impossible_ones_are_refused() -> None:
    with pytest.raises(InputError, match="not several"):
        Lens(focal=1000, calibration=CALIBRATION)
    with pytest.raises(InputError, match="another shape"):
        Lens(calibration=CALIBRATION).pinhole(width=720, height=1280)


def test_rectified_keypoints_are_those_of_the_pinhole_camera() -> None:
    joints, root = fakes.walking(6)
    points = np.repeat((joints + root[:, None])[:, :1], 17, axis=1)
    rays = points[..., :2] / points[..., 2:]
    poses = fakes.poses2d(CALIBRATION.pixels(rays))
    lens = Lens(calibration=CALIBRATION)
    camera = lens.pinhole(**SIZE)
    np.testing.assert_allclose(lens.rectified(poses).keypoints, rays * camera.focal + camera.centre, atol=0.02)
    assert ASSUMED.rectified(poses) is poses


@pytest.mark.parametrize("lens", [Lens(focal=700.0), Lens(calibration=CALIBRATION)])
def test_notes_tell_the_lens_again(lens: Lens) -> None:
    notes = json.loads(json.dumps(lens.notes(**SIZE)))
    assert Lens.noted(notes) == lens
    assert Lens.noted({}) is None
