"""Lines of text in pictures, in the face that Pillow brings (Aileron, CC0).

Coordinates are pixels, and a text's height that of its capitals. Letters that the face lacks lose their accents, or
become question marks. Knows nothing about what the words say.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from in_the_wild.look import Colour

_CAPITALS = 0.70  # of the size that a font is asked for, the height of its capitals
_KNOWN = frozenset(map(chr, range(32, 127))) | set("©«°±´·»‘’“”…‹›⁄™")
_MOST_LETTERS = 200  # of a line; the rest of a name that long is nobody's loss


@dataclass(frozen=True)
class _Ink:
    """A line of text as a mask.

    Attributes:
        mask: (h, w, 1) shares in 0..1.
        left, top: Pixels from the text's beginning, and from its base line, to the mask's corner.
        advance: Pixels to where the next letter goes.
    """

    mask: np.ndarray
    left: int
    top: int
    advance: float


def text_width(text: str, height: float) -> float:
    """Pixels from the beginning of a line to its end."""
    return _ink(_plain(text), _quarters(height)).advance


def draw_text(
    image: np.ndarray, text: str, x: float, y: float, height: float, colour: Colour, align: str = "left"
) -> None:
    """One line of text with capitals `height` pixels high, its base line at `y`; what lies outside is cut off.

    Args:
        image: (H, W, 3) RGB, or (H, W, 4) with alpha that the colours are multiplied by; drawn into.
        text: The line.
        x, y: Pixels: where it begins, has its middle or ends, and its base line.
        height: Of capitals, in pixels.
        colour: Of the letters.
        align: "left", "middle" or "right".
    """
    ink = _ink(_plain(text), _quarters(height))
    x -= {"left": 0.0, "middle": ink.advance / 2, "right": ink.advance}[align]
    _stamp(image, ink, round(x), round(y), colour)


def draw_clock(image: np.ndarray, clock: str, x: float, y: float, height: float, colour: Colour) -> None:
    """A time that ends at `x`, every digit as wide as the others, so that it stands still while it runs."""
    digit = _ink("0", _quarters(height)).advance
    for letter in reversed(clock):
        ink = _ink(letter, _quarters(height))
        x -= digit if letter.isdigit() else ink.advance
        _stamp(image, ink, round(x), round(y), colour)


def _stamp(image: np.ndarray, ink: _Ink, x: int, y: int, colour: Colour) -> None:
    left, top = x + ink.left, y + ink.top
    rows, columns = ink.mask.shape[:2]
    x0, y0 = max(left, 0), max(top, 0)
    x1, y1 = min(left + columns, image.shape[1]), min(top + rows, image.shape[0])
    if x1 <= x0 or y1 <= y0:
        return
    share = ink.mask[y0 - top : y1 - top, x0 - left : x1 - left]
    region = image[y0:y1, x0:x1]
    region += (
        ((np.array((*colour, 255)[: image.shape[2]], dtype=np.float32) - region) * share)
        .astype(np.int16)
        .astype(np.uint8)
    )  # differences below 0 come out right, for numbers of a byte wrap around


def _quarters(height: float) -> int:
    """A height in quarters of a pixel, by which drawn text is kept; smaller than 2 pixels is no text."""
    return max(8, round(height * 4))


def _plain(text: str) -> str:
    """The text in letters that the face has."""
    text = text[:_MOST_LETTERS]
    if set(text) <= _KNOWN:
        return text
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return "".join(one if one in _KNOWN else "?" for one in bare)


@lru_cache(maxsize=32)
def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


@lru_cache(maxsize=1024)
def _ink(text: str, quarters: int) -> _Ink:
    """A line of text with capitals so many quarters of a pixel high."""
    font = _font(quarters / 4 / _CAPITALS)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(text, anchor="ls"))
    drawn = Image.new("L", (max(1, right - left), max(1, bottom - top)))
    ImageDraw.Draw(drawn).text((-left, -top), text, fill=255, font=font, anchor="ls")
    mask = np.asarray(drawn, dtype=np.float32)[:, :, None] / 255
    return _Ink(mask, left, top, font.getlength(text))
