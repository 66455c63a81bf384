"""Shapes and letters: with and without a background, and never more dashes than can be seen."""

from __future__ import annotations

import numpy as np
import pytest

from in_the_wild.drawing.lettering import draw_clock, draw_text, text_width
from in_the_wild.drawing.shapes import capsules, dashes, empty, fill, straight, stroke

ORANGE = (255, 146, 36)


def drawn(image: np.ndarray) -> np.ndarray:
    radius = np.array([12.3])
    fill(image, capsules(np.array([[30.2, 40.1]]), np.array([[90.7, 60.4]]), radius, radius)[0], ORANGE)
    stroke(image, np.array([[[10.0, 80.0], [140.0, 95.0]]]), ORANGE, 2)
    draw_text(image, "Left", 20, 30, 14, ORANGE)
    return image


def test_colours_are_as_strong_at_an_edge_that_is_half_transparent() -> None:
    image = straight(drawn(empty(150, 100, None)))
    alpha = image[..., 3]
    edge = (alpha > 60) & (alpha < 200)
    assert edge.sum() > 50
    assert np.abs(image[edge][:, :3].astype(int) - ORANGE).max() <= 6
    assert (image[alpha == 0] == 0).all()


@pytest.mark.parametrize("ground", [(23, 26, 32), (250, 250, 251)])
def test_what_is_laid_over_a_ground_looks_as_if_it_had_been_drawn_there(ground: tuple[int, int, int]) -> None:
    image = straight(drawn(empty(150, 100, None))).astype(float)
    share = image[..., 3:] / 255
    laid = image[..., :3] * share + np.array(ground) * (1 - share)
    assert np.abs(laid - drawn(empty(150, 100, ground))).max() <= 4


def test_dashes_begin_and_end_where_the_line_does() -> None:
    a, b = np.array([3.0, 4.0]), np.array([83.0, 64.0])
    begins, ends = dashes(a, b, 9.0, 5.0)
    assert len(begins) == 8
    np.testing.assert_allclose(begins[0], a)
    np.testing.assert_allclose(ends[-1], b)
    lengths = np.linalg.norm(ends - begins, axis=1)
    np.testing.assert_allclose(lengths, lengths[0])
    assert len(dashes(a, a, 9.0, 5.0)[0]) == 1
    assert len(dashes(a, b * 1e7, 9.0, 5.0)[0]) < 100


def test_letters_are_as_high_as_asked_and_stand_on_their_line() -> None:
    image = empty(200, 100, (0, 0, 0))
    draw_text(image, "HEH", 10, 60, 20, (255, 255, 255))
    rows = np.flatnonzero((image > 128).any(axis=(1, 2)))
    assert (rows.min(), rows.max()) == (40, 59)
    columns = np.flatnonzero((image > 128).any(axis=(0, 2)))
    assert columns.max() - columns.min() == pytest.approx(text_width("HEH", 20), abs=6)


def test_any_text_can_be_drawn_anywhere() -> None:
    image = empty(60, 40, (0, 0, 0))
    for text in ("", "M\u00fcller", "\u5317\u4eac", "x" * 5000, "a\nb"):
        for at in ((5, 20), (-500, 20), (70, 900)):
            draw_text(image, text, *at, 8, (255, 255, 255))
    plain, accented = (empty(60, 40, (0, 0, 0)) for _ in range(2))
    draw_text(plain, "Muller", 2, 20, 8, (255, 255, 255))
    draw_text(accented, "M\u00fcller", 2, 20, 8, (255, 255, 255))
    assert np.array_equal(plain, accented)


def test_a_clock_stands_still_while_it_runs() -> None:
    first = []
    for clock in ("1:11.11", "1:00.00", "1:47.93"):
        image = empty(200, 40, (0, 0, 0))
        draw_clock(image, clock, 190, 30, 16, (255, 255, 255))
        first.append(np.flatnonzero((image > 60).any(axis=(0, 2))).min())
    assert np.ptp(first) <= 3
