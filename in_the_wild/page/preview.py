"""Copies of videos and pictures that any browser shows: small, the part that was read, turned as it was read.

It knows nothing about pages.
"""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

import cv2
import numpy as np

from in_the_wild.errors import VideoError
from in_the_wild.video.footage import Video
from in_the_wild.video.kinds import Encoding
from in_the_wild.video.pictures import jpeg
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter

_HEIGHT = 540  # pixels of a film's copy, at most
_PICTURE = 1080  # of a picture's
_ENCODING = Encoding(crf=26, preset="veryfast")
_QUALITY = 88  # of JPEG


def film(video: Video) -> tuple[str, float]:
    """A copy of a film as a data address, and the seconds of its first picture, which the copy begins with.

    Raises:
        VideoError: it cannot be decoded.
    """
    reader = VideoReader(video)
    width, height = _within(reader.info.width, reader.info.height, _HEIGHT)
    times = [frame.time for frame in VideoReader(video)]
    if not times:
        raise VideoError(f"A video with pictures was expected, found none in {video.name}.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.mp4"
        with VideoWriter(
            path, width=width, height=height, fps=reader.info.fps, timestamps=times, encoding=_ENCODING
        ) as writer:
            for frame in reader:
                writer.write(_scaled(frame.image, width, height))
        return data("video/mp4", path.read_bytes()), times[0]


def picture(video: Video) -> str:
    """A copy of a picture as a data address.

    Raises:
        VideoError: it cannot be decoded.
    """
    image = next(iter(VideoReader(video))).image
    width, height = _within(image.shape[1], image.shape[0], _PICTURE)
    return data("image/jpeg", jpeg(_scaled(image, width, height), _QUALITY))


def data(kind: str, content: bytes) -> str:
    """A data address of some bytes."""
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _within(width: int, height: int, most: int) -> tuple[int, int]:
    """Even numbers of pixels of the same shape, the shorter side no longer than that."""
    scale = min(1.0, most / min(width, height))
    return max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)


def _scaled(image: np.ndarray, width: int, height: int) -> np.ndarray:
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
