"""Numbers of single precision as text: they come back, and none is longer than numpy writes it."""

from __future__ import annotations

import doctest

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from in_the_wild.formats import _shortest
from in_the_wild.formats._shortest import shortest


def test_the_examples_hold() -> None:
    assert doctest.testmod(_shortest).failed == 0


@given(arrays.arrays(np.float32, st.integers(0, 50), elements=st.floats(width=32, allow_nan=True, allow_infinity=True)))
def test_every_number_comes_back_and_is_short(values: np.ndarray) -> None:
    texts = [repr(number) for number in shortest(values).tolist()]
    np.testing.assert_array_equal(np.array(texts, np.float64).astype(np.float32), values)
    digits = [text.partition("e")[0].strip("-").replace(".", "").strip("0") for text in texts]
    assert all(len(one) <= 9 for one, value in zip(digits, values, strict=True) if abs(value) < 1e6)


def test_shapes_stay() -> None:
    assert shortest(np.zeros((2, 3, 0), np.float32)).shape == (2, 3, 0)
    assert shortest(np.full((2, 3), 0.1, np.float32)).tolist() == [[0.1] * 3] * 2
