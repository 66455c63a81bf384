"""What is written into a picture beside the poses: titles, the time, what colours mean, and what was assumed."""

from __future__ import annotations

import numpy as np

from in_the_wild.drawing.lettering import draw_clock, draw_text, text_width
from in_the_wild.drawing.shapes import capsules, fill
from in_the_wild.drawing.stage import in_one_place
from in_the_wild.look import Colour, Theme
from in_the_wild.poses import Poses

_EDGE = 0.035  # of the shorter side, from a picture's edge to its texts
# Where the pieces of a key's limb begin and end, as shares of its length.
Pieces = tuple[tuple[float, float], ...]
_WHOLE: Pieces = ((0.0, 1.0),)
_DASHES: Pieces = ((0.0, 0.3), (0.7, 1.0))
_DOTS: Pieces = ((0.0, 0.0), (0.5, 0.5), (1.0, 1.0))
# How results tell what people's places were found by: `in_the_wild.lens` says it.
_ASSUMED = "assumed focal length"
_KNOWN = ("given focal length", "given field of view", "calibration ", "focal length of the file's metadata")


def text_height(size: tuple[int, int]) -> float:
    """The height of capitals in a picture of this width and height, in pixels."""
    return max(7.5, min(size) / 50)


def assumptions(world: Poses) -> tuple[str, ...]:
    """What a film of poses rests on, in words that need no knowledge of cameras."""
    if in_one_place(world):
        return ("Places unknown: people stand side by side",)
    source = world.root_source
    if source == _ASSUMED:
        return ("Lens assumed: places and distances are rough",)
    said = f"Places from the {source}" if source.startswith(_KNOWN) else source
    return (said,) if said else ()


def draw_title(image: np.ndarray, title: str, notes: tuple[str, ...], theme: Theme) -> None:
    """A title at the top left, and lines below it."""
    rows, columns = image.shape[:2]
    height = text_height((columns, rows))
    edge = _EDGE * min(rows, columns)
    y = edge + height
    for text, colour in ((title, theme.text), *((note, theme.quiet) for note in notes)):
        if text:
            room = columns - 2 * edge - (6 * height if y < edge + 2 * height else 0)
            tall = min(height, height * room / max(1.0, text_width(text, height)))
            draw_text(image, text, edge, y, tall, colour)
            y += 1.9 * height


def draw_time(image: np.ndarray, seconds: float, theme: Theme) -> None:
    """The time at the top right."""
    rows, columns = image.shape[:2]
    height, edge = text_height((columns, rows)), _EDGE * min(rows, columns)
    minutes, hundredths = divmod(round(seconds * 100), 6000)
    clock = f"{minutes}:{hundredths // 100:02}.{hundredths % 100:02}"
    draw_clock(image, clock, columns - edge, edge + height, height, theme.quiet)


def draw_legend(image: np.ndarray, spacing: float | None, theme: Theme, height: float = 0.0) -> None:
    """At the bottom: which colour is left and which right, what dashes and dots are, how large the floor's squares.

    Args:
        image: Drawn into.
        spacing: Metres between the floor's lines; None where there is no floor.
        theme: The colours.
        height: Of capitals, in pixels; 0 takes what suits the picture.
    """
    rows, columns = image.shape[:2]
    height = height or text_height((columns, rows))
    edge = _EDGE * min(rows, columns)
    x, y = edge, rows - edge
    for text, colour, pieces in (
        ("left", theme.sides["left"], _WHOLE),
        ("right", theme.sides["right"], _WHOLE),
        ("uncertain", theme.quiet, _DASHES),
        ("unseen", theme.quiet, _DOTS),
    ):
        x = _key(image, x, y - height / 2, height, colour, pieces)
        draw_text(image, text, x, y, height, theme.quiet)
        x += text_width(text, height) + 1.6 * height
    if spacing is not None:
        text = f"squares {spacing:g} m"
        if x + text_width(text, height) < columns - edge:
            draw_text(image, text, columns - edge, y, height, theme.quiet, align="right")


def _key(image: np.ndarray, x: float, y: float, height: float, colour: Colour, pieces: Pieces) -> float:
    """A short limb of these pieces that begins at x; where the text after it begins."""
    length, thick = 2.0 * height, 0.42 * height
    radius = np.array([thick * (1.0 if len(pieces) == 1 else 0.4)])
    for begin, end in pieces:
        a, b = (np.array([[x + thick + share * (length - 2 * thick), y]]) for share in (begin, end))
        fill(image, capsules(a, b, radius, radius)[0], colour)
    return x + length + 0.6 * height
