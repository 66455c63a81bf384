"""The pictures of a video, one in memory at a time, each with its own time.

Images are (H, W, 3) uint8 RGB, turned the way a player shows them; times are seconds since the first picture.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import av.container
import av.video.reformatter
import cv2
import numpy as np

from in_the_wild.errors import VideoError, printable
from in_the_wild.video.container import decode, open_video, picture_stream, stamp
from in_the_wild.video.damage import Ledger
from in_the_wild.video.probe import probe

_QUARTER_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}

_UNSPECIFIED = 2  # libav's number for a picture that does not say its colour matrix
_HIGH_DEFINITION = 1280  # pixels along the longer side, from which BT.709 is the rule

_THUMBNAIL = (64, 36)  # width, height
_NO_PICTURE = np.zeros((0, 0, 3), dtype=np.uint8)


class Frame:
    """One picture of a video.

    Attributes:
        index: From 0.
        time: Seconds since the first picture.
        thumbnail: (36, 64, 3) uint8 RGB, as stored: squeezed to that shape and not turned. It is empty where none was
            asked for.
    """

    __slots__ = ("_image", "index", "thumbnail", "time")

    def __init__(
        self, index: int, time: float, image: np.ndarray | Callable[[], np.ndarray], thumbnail: np.ndarray = _NO_PICTURE
    ) -> None:
        self.index, self.time, self.thumbnail = index, time, thumbnail
        self._image = image

    @property
    def image(self) -> np.ndarray:
        """(H, W, 3) uint8 RGB; made when it is first asked for."""
        if not isinstance(self._image, np.ndarray):
            self._image = self._image()
        return self._image


class VideoReader:
    """The pictures of a video, decoded one at a time; can be iterated any number of times.

    Times come from the file, so that a variable frame rate is kept; they start at 0 and always increase. Pictures are
    counted by decoding them. A file that breaks off, or is damaged in places, gives the pictures that it has.

    Attributes:
        info: what probe() says about the file.
        warning: after an iteration that ran to its end, one sentence on what the file lacked, or None.

    Raises:
        VideoError: when made, if there is no such file or no picture can be decoded from it.
    """

    def __init__(self, path: str | Path) -> None:
        self.info = probe(path)
        self.warning: str | None = None

    @property
    def truncated(self) -> bool:
        """Whether the last iteration found the file cut off or damaged."""
        return self.warning is not None

    def __iter__(self) -> Iterator[Frame]:
        return self.pictures()

    def pictures(self, *, on_demand: bool = False, thumbnails: bool = False) -> Iterator[Frame]:
        """All frames.

        Args:
            on_demand: Pictures are brought to RGB, a sixth of the work of reading a video, when they are asked for; by
                whoever goes through the frames, in one thread at a time. Otherwise here.
            thumbnails: Every frame has a thumbnail; one of 1280x720 takes 0.1 ms.
        """
        self.warning = None
        info = self.info
        stored_size = (info.height, info.width) if info.rotation in (90, 270) else (info.width, info.height)
        clock = _Clock(fps=info.fps)
        # One for each size that comes out, since each keeps its tables for one.
        converter, shrinker = av.video.reformatter.VideoReformatter(), av.video.reformatter.VideoReformatter()
        index, time = -1, 0.0
        thumbnail = _NO_PICTURE
        # Decoding several pictures at once is fastest, but damage close to the end takes the last of them along: then
        # those are fetched by a second pass that decodes one at a time.
        for threads in ("AUTO", "SLICE"):
            with open_video(info.path) as container:
                stream = picture_stream(container, info.path)
                stream.thread_type = threads
                ledger = Ledger(container, stream, info.path)
                # Packets of every stream are asked for: only together do they show where the file really ends.
                pictures = decode(container.demux(), stream, ledger)
                for picture in itertools.islice(pictures, index + 1, None):
                    index += 1
                    time = clock.seconds(stamp(picture))
                    if thumbnails:
                        thumbnail = _thumbnail(picture, shrinker)
                    to_rgb = partial(_to_rgb, picture, stored_size, info.rotation, converter)
                    yield Frame(index, time, to_rgb if on_demand else to_rgb(), thumbnail)
            self.warning = ledger.warning(frames=index + 1, seconds=time + 1.0 / info.fps, repaired=clock.repaired)
            if not ledger.lost_the_last:
                break
        if index < 0:
            raise VideoError(
                f"Expected the video {printable(info.path)} to be as it was when it was opened, but it no longer gives "
                "a picture; leave the file alone while it is read."
            )


class _Clock:
    """Turns the time stamps of a stream into seconds since its first picture that always increase.

    Attributes:
        repaired: how many of them were missing or did not increase.
    """

    _SHARE_OF_A_FRAME = 4  # a picture that claims to be no later than the one before it is put this part after it
    _NEW_CLOCK_SECONDS = 1.0  # a bigger step back is not a slip: the recording's clock was started anew

    def __init__(self, *, fps: float) -> None:
        self._period = 1.0 / fps
        self._origin: Fraction | None = None
        self._last: float | None = None
        self.repaired = 0

    def seconds(self, stamp: Fraction | None) -> float:
        """The time of the next picture, whose time stamp is given in seconds, or is None where the file has none."""
        if self._last is None:
            self._origin, self._last = stamp, 0.0
            return 0.0
        expected = self._last + self._period
        if stamp is None:
            self.repaired += self._origin is not None  # a stream without any times is whole
            self._last = expected
            return expected
        if self._origin is None:
            self._origin = stamp - Fraction(expected)
        time = float(stamp - self._origin)
        if time <= self._last - self._NEW_CLOCK_SECONDS:
            self.repaired += 1
            self._origin = stamp - Fraction(expected)
            time = expected
        elif time <= self._last:
            self.repaired += 1
            time = self._last + self._period / self._SHARE_OF_A_FRAME
        self._last = time
        return time


def _to_rgb(
    picture: av.VideoFrame,
    stored_size: tuple[int, int],
    rotation: int,
    converter: av.video.reformatter.VideoReformatter,
) -> np.ndarray:
    """A decoded picture as displayed: (H, W, 3) uint8 RGB, C-contiguous; stored_size is (width, height) unturned."""
    matrix = None
    if picture.colorspace == _UNSPECIFIED and not picture.format.is_rgb and max(stored_size) >= _HIGH_DEFINITION:
        matrix = av.video.reformatter.Colorspace.ITU709  # as players do; libav would take BT.601 at every size
    rgb = converter.reformat(
        picture, width=stored_size[0], height=stored_size[1], format="rgb24", src_colorspace=matrix
    ).to_ndarray()
    if rotation:
        return cv2.rotate(rgb, _QUARTER_TURNS[rotation])
    return np.ascontiguousarray(rgb)


def _thumbnail(picture: av.VideoFrame, shrinker: av.video.reformatter.VideoReformatter) -> np.ndarray:
    """A small copy of a decoded picture: the mean of four of its pixels; that of all would take three times as long."""
    width, height = _THUMBNAIL
    sampled = shrinker.reformat(
        picture, width=2 * width, height=2 * height, format="rgb24", interpolation="FAST_BILINEAR"
    ).to_ndarray()
    return cv2.resize(sampled, _THUMBNAIL, interpolation=cv2.INTER_AREA)
