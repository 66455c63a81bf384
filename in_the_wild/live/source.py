"""What is looked at live: a camera of this machine, an address, or a file that comes as fast as it was filmed.

    Camera(0)                          the first camera, by OpenCV
    Video("rtsp://camera/1")           whatever comes from there, when it comes
    Video("clip.mp4")                  paced by its own times

Pictures come with the moment at which they were there, on the clock of `time.monotonic`, from which the delay of a
figure is counted. Their sides are even, as films have to have them: of an odd one the last row or column is left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np

from in_the_wild.errors import VideoError
from in_the_wild.video.clock import Clock
from in_the_wild.video.container import picture_stream, stamp
from in_the_wild.video.develop import Developer
from in_the_wild.video.footage import Address, Video
from in_the_wild.video.probe import VideoInfo
from in_the_wild.video.read import Frame, VideoReader
from in_the_wild.video.record import connected
from in_the_wild.video.shape import Shapes

_UNKNOWN_FPS = 30.0  # of cameras that do not say their rate
_MILLISECOND = 3  # digits that times are rounded to, so that a recording keeps them exactly


@dataclass(frozen=True)
class Camera:
    """A camera of this machine, by its number from 0."""

    number: int

    @property
    def name(self) -> str:
        """What it is called, and results after it."""
        return f"camera{self.number}"


@dataclass(frozen=True)
class Picture:
    """One picture that came.

    Attributes:
        time: Seconds since the first one, rising, to the millisecond.
        there_at: When it was there, on the clock of `time.monotonic`.
        width: Pixels, even.
        height: Pixels, even.
    """

    time: float
    there_at: float
    width: int
    height: int
    _image: Callable[[], np.ndarray]

    def image(self) -> np.ndarray:
        """(height, width, 3) uint8 RGB, made now; by one thread at a time."""
        return np.ascontiguousarray(self._image()[: self.height, : self.width])


def pictures(source: Camera | Video) -> Iterator[Picture]:
    """The pictures of a source as they come; leaving the iteration closes it.

    Raises:
        VideoError: no such camera, address or file, or one that gives no picture, or gives none any more.
    """
    if isinstance(source, Camera):
        return _of_camera(source)
    if isinstance(source.footage, Address):
        return _of_address(source, source.footage)
    return _of_file(source)


def _of_camera(camera: Camera) -> Iterator[Picture]:
    opened = cv2.VideoCapture(camera.number)
    with ExitStack() as stack:
        stack.callback(opened.release)
        if not opened.isOpened():
            raise VideoError(
                f"Camera {camera.number} cannot be opened; check that it is connected, that no other program uses it, "
                "and its number: the first is 0."
            )
        first, came = None, False
        while True:
            read, image = opened.read()
            now = time.monotonic()
            if not read:
                break
            came, first = True, now if first is None else first
            rgb = partial(cv2.cvtColor, image, cv2.COLOR_BGR2RGB)
            yield _picture(now - first, now, (image.shape[1], image.shape[0]), rgb)
        if not came:
            raise VideoError(f"Camera {camera.number} gives no picture; close what else uses it, and try again.")


def _of_file(video: Video) -> Iterator[Picture]:
    """Those of a file, each when it is due."""
    reader = VideoReader(video)
    began: float | None = None
    for frame in reader.pictures(on_demand=True):
        began = time.monotonic() - frame.time if began is None else began
        due = began + frame.time
        _wait_until(due)
        yield _picture(frame.time, due, (reader.info.width, reader.info.height), partial(_image_of, frame))


def _of_address(video: Video, address: Address) -> Iterator[Picture]:
    """Those that come from a network: from a camera when they come, of a film with an end when they are due."""
    with connected(address) as container:
        stream = picture_stream(container, address.path, video.stream)
        stream.thread_type = "SLICE"  # frame threads would hold several pictures back
        ends = container.duration is not None or container.size > 0
        shapes, rate = Shapes(stream, video.rotate), float(stream.guessed_rate or _UNKNOWN_FPS)
        clock, developer, began, size = Clock(fps=rate), None, 0.0, (0, 0)
        for picture in container.decode(stream):
            seconds, shape, there = clock.seconds(stamp(picture)), shapes.of(picture), time.monotonic()
            if developer is None:
                size, began = shape.displayed, there - seconds
                info = VideoInfo(address.path, *size, rate, shape.turns, None, None)
                developer = Developer(info, mirror=video.mirror)
            if ends:
                there = began + seconds
                _wait_until(there)
            yield _picture(seconds, there, size, partial(developer.image, picture, shape))
    if developer is None:
        raise VideoError(f"Not one picture of {address} can be decoded; check the address.")


def _picture(seconds: float, there_at: float, size: tuple[int, int], image: Callable[[], np.ndarray]) -> Picture:
    width, height = size
    return Picture(round(seconds, _MILLISECOND), there_at, width - width % 2, height - height % 2, image)


def _image_of(frame: Frame) -> np.ndarray:
    return frame.image


def _wait_until(moment: float) -> None:
    time.sleep(max(0.0, moment - time.monotonic()))
