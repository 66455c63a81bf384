"""Decoded pictures into images as displayed: upright, square pixels, RGB of standard range, all of one size.

A picture of another shape than the first, as where somebody turned the phone while it filmed, is fitted between black
bars.
"""

from __future__ import annotations

import av
import av.video.reformatter
import cv2
import numpy as np

from in_the_wild.video.probe import VideoInfo
from in_the_wild.video.shape import Shape
from in_the_wild.video.tone import ToneMapping

_QUARTER_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}

_UNSPECIFIED = 2  # libav's number for a picture that does not say its colour matrix
_HIGH_DEFINITION = 1280  # pixels along the longer side, from which BT.709 is the rule
_SAME_SHAPE = 0.01  # ratios of width to height that differ by less, as by rounding, are one


class Developer:
    """Makes images of a video's pictures, in one thread at a time.

    Args:
        info: the video.
        mirror: whether images are flipped left to right at last.
    """

    def __init__(self, info: VideoInfo, *, mirror: bool) -> None:
        self._size = info.width, info.height
        self._transfer = info.transfer
        self._mirror = mirror
        self._converter = av.video.reformatter.VideoReformatter()  # keeps its tables for one size
        self._tones: ToneMapping | None = None

    def image(self, picture: av.VideoFrame, shape: Shape) -> np.ndarray:
        """(H, W, 3) uint8 RGB, C-contiguous."""
        inner = self._within(*shape.displayed)
        width, height = inner[::-1] if shape.turns in (90, 270) else inner
        rgb = self._rgb(picture, width, height)
        if shape.turns:
            rgb = cv2.rotate(rgb, _QUARTER_TURNS[shape.turns])
        if self._mirror:
            rgb = cv2.flip(rgb, 1)
        return np.ascontiguousarray(rgb) if inner == self._size else _between_bars(rgb, *self._size)

    def _within(self, width: int, height: int) -> tuple[int, int]:
        """The size at which a picture of this shape fills the images as far as it can."""
        if abs(width * self._size[1] / (height * self._size[0]) - 1) < _SAME_SHAPE:
            return self._size
        scale = min(self._size[0] / width, self._size[1] / height)
        return max(1, round(scale * width)), max(1, round(scale * height))

    def _rgb(self, picture: av.VideoFrame, width: int, height: int) -> np.ndarray:
        if self._transfer != "sdr":
            if self._tones is None or not self._tones.fits(picture):
                self._tones = ToneMapping(picture, self._transfer)
            picture = self._tones(picture)
        matrix = None
        if picture.colorspace == _UNSPECIFIED and not picture.format.is_rgb and max(width, height) >= _HIGH_DEFINITION:
            matrix = av.video.reformatter.Colorspace.ITU709  # as players do; libav would take BT.601 at every size
        return self._converter.reformat(
            picture, width=width, height=height, format="rgb24", src_colorspace=matrix
        ).to_ndarray()


def _between_bars(image: np.ndarray, width: int, height: int) -> np.ndarray:
    """An image in the middle of a black one that is larger."""
    rows, columns = image.shape[:2]
    top, left = (height - rows) // 2, (width - columns) // 2
    framed = np.zeros((height, width, 3), np.uint8)
    framed[top : top + rows, left : left + columns] = image
    return framed
