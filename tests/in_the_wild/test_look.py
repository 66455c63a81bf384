"""The one look: it can be told to a page, and be read by everybody."""

from __future__ import annotations

import json

import numpy as np
import pytest

from in_the_wild import look
from in_the_wild.look import THEMES, Colour, Theme

# What dichromats see of linear red, green and blue (Vienot, Brettel and Mollon 1999; Brettel for the third).
_DICHROMATS = {
    "protan": [[0.112, 0.888, 0.0], [0.112, 0.888, 0.0], [0.004, -0.004, 1.0]],
    "deutan": [[0.293, 0.707, 0.0], [0.293, 0.707, 0.0], [-0.021, 0.021, 1.0]],
}


def _light(colour: Colour) -> np.ndarray:
    return (np.array(colour) / 255) ** 2.2


def _contrast(a: Colour, b: Colour) -> float:
    """As the Web Content Accessibility Guidelines count it."""
    bright, dark = sorted((float(_light(c) @ (0.2126, 0.7152, 0.0722)) + 0.05 for c in (a, b)), reverse=True)
    return bright / dark


def test_it_is_plain_data() -> None:
    told = json.loads(json.dumps(look.plain()))
    assert told["themes"]["light"]["sides"].keys() == {"left", "right", "middle"}
    assert told["certain"] == look.CERTAIN


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_and_lines_can_be_read(theme: Theme) -> None:
    for colour in (theme.text, theme.quiet):
        assert _contrast(colour, theme.background) > 4.5
    for colour in (*theme.sides.values(), *theme.people, *theme.results, theme.truth, theme.warning):
        assert _contrast(colour, theme.background) > 3
    for colour in theme.people:
        assert _contrast(colour, theme.label) > 3


@pytest.mark.parametrize("kind", _DICHROMATS)
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_colour_blind_tell_sides_and_results_apart(theme: Theme, kind: str) -> None:
    seen = np.array(_DICHROMATS[kind])
    for a, b in ((theme.sides["left"], theme.sides["right"]), theme.results[:2]):
        apart = (seen @ _light(a)).clip(0, 1) ** (1 / 2.2) - (seen @ _light(b)).clip(0, 1) ** (1 / 2.2)
        assert np.abs(apart).max() > 0.2
