"""How pictures are to be shown: turned, with square pixels; and where that changes within a video."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import av

_HIGHEST_ASPECT = 10  # of one pixel; anamorphic films have 2
_NAMED = 5  # changes in one sentence


@dataclass(frozen=True)
class Shape:
    """How a decoded picture is to be shown.

    Attributes:
        width, height: pixels with square pixels, before it is turned.
        turns: degrees counter-clockwise, 0, 90, 180 or 270.
    """

    width: int
    height: int
    turns: int

    @property
    def displayed(self) -> tuple[int, int]:
        """Width and height after it is turned."""
        return (self.height, self.width) if self.turns in (90, 270) else (self.width, self.height)


def shape_of(picture: av.VideoFrame, aspect: Fraction | None, rotate: int) -> Shape:
    """How a decoded picture is shown.

    Args:
        picture: as it was stored.
        aspect: width to height of one of its pixels, where that is known.
        rotate: degrees by which it is turned, beyond what it says itself.
    """
    turns = (round(picture.rotation / 90) * 90 + rotate) % 360
    # A ratio near 1 is a rounding in the file, not worth a resampling; one far from it is damage.
    if not aspect or abs(aspect - 1) < 0.01 or not 1 / _HIGHEST_ASPECT < aspect < _HIGHEST_ASPECT:
        return Shape(picture.width, picture.height, turns)
    return Shape(max(1, round(picture.width * aspect)), picture.height, turns)


class Shapes:
    """How the pictures of a stream are shown: as its header says, until their size changes."""

    def __init__(self, stream: av.VideoStream, rotate: int) -> None:
        self._stream, self._rotate = stream, rotate
        self._aspect = stream.sample_aspect_ratio
        self._stored: tuple[int, int] | None = None
        self._shape: Shape | None = None

    def of(self, picture: av.VideoFrame) -> Shape:
        """How one picture is shown."""
        stored = picture.width, picture.height
        if self._shape is None or stored != self._stored:
            if self._shape is not None:
                self._aspect = self._stream.codec_context.sample_aspect_ratio
            self._stored, self._shape = stored, shape_of(picture, self._aspect, self._rotate)
        return self._shape


class Sizes:
    """Notes where pictures have another shape than the video."""

    def __init__(self, width: int, height: int) -> None:
        self._first = width, height
        self._changes: list[tuple[float, tuple[int, int]]] = []
        self._last = self._first

    def add(self, time: float, shape: Shape) -> None:
        """The next picture."""
        if shape.displayed != self._last:
            self._last = shape.displayed
            self._changes.append((time, self._last))

    def note(self) -> list[str]:
        """A sentence, where there is something to tell."""
        if not self._changes:
            return []
        sizes = ", ".join(f"{width}x{height} at {time:.2f} s" for time, (width, height) in self._changes[:_NAMED])
        more = ", ..." if len(self._changes) > _NAMED else ""
        width, height = self._first
        return [f"Pictures change their size ({sizes}{more}) and are fitted into the first, {width}x{height}."]
