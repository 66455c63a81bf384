"""Regions: where they are, and that what is cropped, found and put back is where it was."""

from __future__ import annotations

import math

import numpy as np
import pytest

from in_the_wild.detectors._regions import MARGIN, Region


def test_about_points_is_turned_upright() -> None:
    upright = Region.about_points(np.array([100.0, 200.0]), np.array([100.0, 120.0]))
    assert (upright.x, upright.y, upright.size, upright.angle) == pytest.approx((100, 200, 160 * MARGIN, 0))
    lying = Region.about_points(np.array([100.0, 200.0]), np.array([180.0, 200.0]))
    assert lying.angle == pytest.approx(math.pi / 2)  # up is to the right


def test_about_a_box() -> None:
    region = Region.about_box(np.array([10.0, 20.0, 50.0, 120.0]))
    assert (region.x, region.y, region.size, region.angle) == pytest.approx((30, 70, 125, 0))


@pytest.mark.parametrize("angle", [0.0, 0.4, math.pi / 2, -2.5])
def test_what_is_cropped_is_put_back_where_it_was(angle: float) -> None:
    image = np.zeros((120, 160, 3), np.uint8)
    image[50:53, 90:93] = 255
    region = Region(80.0, 60.0, 100.0, angle)
    crop = region.crop(image, 200)
    y, x = np.nonzero(crop[..., 0] > 127)
    np.testing.assert_allclose(region.to_picture(np.array([x.mean(), y.mean()]) / 200), [91, 51], atol=0.5)


def test_directions_turn_as_places_do() -> None:
    region = Region(80.0, 60.0, 100.0, 0.7)
    places = region.to_picture(np.array([[0.5, 0.5], [0.8, 0.1]]))
    np.testing.assert_allclose(region.turn(np.array([0.3, -0.4, 9.0]))[:2] * 100, places[1] - places[0])
    assert region.turn(np.array([0.3, -0.4, 9.0]))[2] == 9.0


def test_beyond_the_picture_it_is_black() -> None:
    crop = Region(0.0, 0.0, 40.0).crop(np.full((30, 30, 3), 200, np.uint8), 40)
    assert (crop[:19, :19] == 0).all()
    assert (crop[21:, 21:] == 200).all()


def test_a_region_without_a_size_is_impossible() -> None:
    assert not Region(1.0, 1.0, 0.0).possible
    assert not Region(math.nan, 1.0, 50.0).possible
    assert Region(1.0, 1.0, 50.0).possible
