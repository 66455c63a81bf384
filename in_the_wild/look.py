"""The one look of films, pages and plots: colours, how doubt is shown, type, and how thick a body's limbs are.

Orange is a person's left and blue the right, a pair that colour-blind people tell apart; what is in the middle has the
colour of text. People, and results that are compared, have colours far from both. All of it is plain data, red, green
and blue from 0 to 255, so that a page can be told of it as JSON (`plain`); nothing here knows what is drawn, or how.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from in_the_wild.reasons import UNSEEN

Colour = tuple[int, int, int]

LEFT, RIGHT, MIDDLE = (255, 146, 36), (64, 156, 255), (236, 238, 242)
SIDE_COLOURS: Mapping[str, Colour] = {"left": LEFT, "right": RIGHT, "middle": MIDDLE}


@dataclass(frozen=True)
class Theme:
    """Everything that depends on whether the ground is dark or light.

    Attributes:
        background: Behind everything.
        floor: The floor, and what fades into the distance.
        grid, grid_metre: Its lines, and those at whole metres.
        rim: Its edge, axes and scales.
        text, quiet: What is read first, and what only where it is looked for.
        outline: About limbs and labels, so that they stand out from any picture.
        label: Letters on a label in the colour of a person.
        sides: Of lines and limbs by "left", "right" and "middle".
        people: One colour for each id in turn.
        results: One colour for each of the results that are compared, in turn.
        truth: Of motion capture beside them.
        warning: Of errors, cuts and warnings.
    """

    background: Colour
    floor: Colour
    grid: Colour
    grid_metre: Colour
    rim: Colour
    text: Colour
    quiet: Colour
    outline: Colour
    label: Colour
    sides: Mapping[str, Colour]
    people: tuple[Colour, ...]
    results: tuple[Colour, ...]
    truth: Colour
    warning: Colour


DARK = Theme(
    background=(23, 26, 32),
    floor=(45, 50, 60),
    grid=(61, 67, 80),
    grid_metre=(82, 90, 106),
    rim=(108, 117, 135),
    text=(226, 229, 236),
    quiet=(158, 166, 182),
    outline=(16, 18, 23),
    label=(16, 18, 23),
    sides=SIDE_COLOURS,
    people=((240, 228, 66), (204, 121, 167), (0, 190, 140), (200, 200, 205), (190, 150, 255)),
    results=((240, 228, 66), (176, 140, 255), (64, 208, 176), (236, 120, 188)),
    truth=(236, 238, 242),
    warning=(255, 92, 92),
)

LIGHT = Theme(
    background=(250, 250, 251),
    floor=(233, 236, 241),
    grid=(212, 217, 226),
    grid_metre=(184, 191, 204),
    rim=(140, 148, 164),
    text=(28, 31, 38),
    quiet=(92, 100, 116),
    outline=(34, 38, 46),
    label=(255, 255, 255),
    sides={"left": (222, 108, 0), "right": (0, 104, 208), "middle": (74, 81, 96)},
    people=((150, 130, 0), (176, 74, 132), (0, 132, 96), (98, 104, 116), (112, 72, 200)),
    results=((150, 130, 0), (96, 72, 200), (0, 132, 108), (188, 52, 132)),
    truth=(28, 31, 38),
    warning=(200, 30, 40),
)

THEMES: Mapping[str, Theme] = {"dark": DARK, "light": LIGHT}

# Doubt, from 0 to 1, see `doubts`: at 0 limbs are whole, below 1 they are dashed and fade, at 1 they are faint dots. A
# joint is certain that is expected to be off by no more than CERTAIN_MM, millimetres, and lost from LOST_MM on; where
# expected errors are not known, one that scores CERTAIN. The joints of a good clip are off by 65 on average.
CERTAIN_MM, LOST_MM = 150.0, 300.0
CERTAIN = 0.5
FADED_MOST = 0.62  # share of the floor's colour in a limb that nobody saw
DASH, DASH_GAP = 3.0, 2.5  # lengths of a dash and of the gap after it, in half widths of the line
DOTS_APART = 6.0  # from one dot's middle to the next, in its half widths

# Type: films draw with the face that Pillow brings, plots with the one that matplotlib brings, pages with the reader's.
FILM_FONT = "Aileron"
PLOT_FONT = "DejaVu Sans"
PAGE_FONTS = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'

# Half the thickness of a limb at each joint, in metres.
RADII: Mapping[str, float] = {
    "pelvis": 0.055,
    "spine": 0.052,
    "belly": 0.052,
    "thorax": 0.050,
    "neck": 0.050,
    "head": 0.075,
    "head_top": 0.075,
    "face": 0.075,
    "shoulder": 0.042,
    "elbow": 0.034,
    "wrist": 0.026,
    "hip": 0.056,
    "knee": 0.044,
    "ankle": 0.032,
    "heel": 0.030,
    "big_toe": 0.024,
    "foot_index": 0.024,
    "hand": 0.034,
}
THIN = 0.020  # at joints that are not listed: face, fingers, toes
CHIN = 0.060  # where the head meets the neck


def radius(joint: str) -> float:
    """Half the thickness in metres of a limb at a joint, whichever side it is on.

    >>> radius("left_knee") == radius("right_knee") == RADII["knee"]
    True
    """
    return RADII.get(re.sub(r"^(left|right)_", "", joint), THIN)


def doubts(scores: np.ndarray, error_mm: np.ndarray | None = None) -> np.ndarray:
    """How little joints are to be trusted, in 0..1: 0 for certain ones, 1 for those that nobody saw.

    >>> doubts(np.array([0.9, 0.25, 0.05]))
    array([0. , 0.5, 1. ])
    >>> doubts(np.array([0.9, 0.25, 0.05]), np.array([180.0, 60.0, 90.0]))
    array([0.2, 0. , 1. ])

    Args:
        scores: (...) in [0, 1].
        error_mm: (...) expected errors, which then count instead of scores that are above `UNSEEN`.
    """
    off = 1.0 - scores / CERTAIN if error_mm is None else (error_mm - CERTAIN_MM) / (LOST_MM - CERTAIN_MM)
    return np.where(scores <= UNSEEN, 1.0, np.minimum(np.maximum(off, 0.0), 1.0))


def plain() -> dict[str, Any]:
    """All of it for a page: numbers, texts, lists and tables alone, as JSON has them.

    >>> plain()["themes"]["dark"]["sides"]["left"]
    (255, 146, 36)
    """
    return {
        "themes": {name: dataclasses.asdict(theme) for name, theme in THEMES.items()},
        "certain": CERTAIN,
        "certainMillimetres": CERTAIN_MM,
        "lostMillimetres": LOST_MM,
        "unseen": UNSEEN,
        "fadedMost": FADED_MOST,
        "dash": [DASH, DASH_GAP],
        "fonts": PAGE_FONTS,
        "radii": {**RADII, "thin": THIN, "chin": CHIN},
    }
