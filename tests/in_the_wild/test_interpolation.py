"""Linear interpolation against its definition."""

from __future__ import annotations

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from in_the_wild.interpolation import interpolate


def test_straight_lines_between_and_the_nearest_beyond() -> None:
    known, values = np.array([1.0, 2.0, 4.0]), np.array([[0.0, 10.0], [1.0, 0.0], [5.0, 4.0]])
    expected = np.array([[0, 10], [0, 10], [0.5, 5], [1, 0], [3, 2], [5, 4], [5, 4]])
    assert_allclose(interpolate(np.array([0, 1, 1.5, 2, 3, 4, 9]), known, values), expected)


def test_one_known_value_is_everywhere() -> None:
    assert_array_equal(interpolate(np.arange(3.0), np.array([7.0]), np.array([[1.5, 2.5]])), [[1.5, 2.5]] * 3)
