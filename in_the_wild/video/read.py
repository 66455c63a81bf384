"""The pictures of a video, one in memory at a time, each with its own time.

Images are (H, W, 3) uint8 RGB, turned the way a player shows them, or is asked for; times are seconds since the video's
first picture. Whoever reads the same `Video` sees the same frames.
"""

from __future__ import annotations

import itertools
import logging
import math
from array import array
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import av.video.reformatter
import cv2
import numpy as np

from in_the_wild.errors import VideoError, listed, printable
from in_the_wild.threads import limited
from in_the_wild.video.clock import Clock
from in_the_wild.video.container import decode, open_video, picture_stream, stamp
from in_the_wild.video.damage import Ledger
from in_the_wild.video.develop import Developer
from in_the_wild.video.footage import Address, PictureSequence, Video
from in_the_wild.video.interlace import deinterlaced
from in_the_wild.video.probe import VideoInfo, first_picture, probe
from in_the_wild.video.seek import entry
from in_the_wild.video.shape import Shape, Shapes, Sizes

_log = logging.getLogger(__name__)
_INSTANT = 1e-6  # seconds to which times are compared
_NAMED = 5  # in one sentence

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

    Times come from the file, so that a variable frame rate is kept; they start at 0 with the video, and always
    increase. Pictures are counted by decoding them, from 0 where reading begins. A file that breaks off, or is damaged
    in places, gives the pictures that it has.

    Args:
        video: the file; or a `Video`, which says what part of it is read, and how it is turned.

    Attributes:
        video: what is read.
        info: what probe() says about it.
        warning: after an iteration that ran to its end, one sentence on what the file lacked, or None.
        notes: after it, sentences on what else there is to know: pictures that change their size, rates taken for
            granted.

    Raises:
        VideoError: when made, if there is no such file or no picture can be decoded from it.
    """

    def __init__(self, video: str | Path | Video) -> None:
        self.video = Video.of(video)
        self.info = probe(self.video)
        _log.info("%s: %dx%d, %.4g frames/s", self.video.name, self.info.width, self.info.height, self.info.fps)
        self.warning: str | None = None
        self.notes: list[str] = []

    @property
    def truncated(self) -> bool:
        """Whether the last iteration found the file cut off or damaged."""
        return self.warning is not None

    @property
    def warnings(self) -> list[str]:
        """All that there is to say after an iteration, damage first."""
        return ([] if self.warning is None else [self.warning]) + self.notes

    @property
    def sound(self) -> VideoInfo | None:
        """The file that has its sound, with times on the same clock; None where there is none."""
        return replace(self.info, path=self.video.files[0]) if self.info.sound else None

    @property
    def frames_expected(self) -> int | None:
        """About how many pictures will come; None where nobody says it."""
        total, video = self.info.frames_claimed, self.video
        last = math.inf if total is None else total / self.info.fps
        seconds = min(last, math.inf if video.end is None else video.end) - (video.start or 0.0)
        if video.whole or math.isinf(seconds):
            return total
        return max(1, round(seconds * self.info.fps))

    def __iter__(self) -> Iterator[Frame]:
        return self.pictures()

    def pictures(self, *, on_demand: bool = False, thumbnails: bool = False) -> Iterator[Frame]:
        """All frames.

        Args:
            on_demand: Pictures are brought to RGB, a sixth of the work of reading a video, when they are asked for; by
                whoever goes through the frames, in one thread at a time. Otherwise here.
            thumbnails: Every frame has a thumbnail; one of 1280x720 takes 0.1 ms.

        Raises:
            VideoError: there is no picture in the part that is read.
        """
        self.warning, self.notes = None, []
        developer = Developer(self.info, mirror=self.video.mirror)
        shrinker = av.video.reformatter.VideoReformatter()  # not the developer's: each keeps its tables for one size
        sizes = Sizes(self.info.width, self.info.height)
        thumbnail = _NO_PICTURE
        index = -1
        for index, (time, picture, shape) in enumerate(self._decoded()):
            sizes.add(time, shape)
            if thumbnails:
                thumbnail = _thumbnail(picture, shrinker)
            develop = partial(developer.image, picture, shape)
            yield Frame(index, time, develop if on_demand else develop(), thumbnail)
        if index < 0:
            raise self._nothing_came()
        self.notes += sizes.note()

    def _decoded(self) -> Iterator[tuple[float, av.VideoFrame, Shape]]:
        """The pictures of the part that is read, with their times, and how they are shown."""
        if isinstance(self.video.footage, PictureSequence):
            yield from self._numbered(self.video.footage)
        else:
            yield from self._of_file(self.video.files[0])

    def _numbered(self, sequence: PictureSequence) -> Iterator[tuple[float, av.VideoFrame, Shape]]:
        """Those of numbered pictures."""
        unreadable = []
        for file, place in zip(sequence.files, sequence.places, strict=True):
            time = float(place) / self.info.fps
            if self._is_before(time):
                continue
            if self._is_after(time):
                break
            try:
                picture, shape = first_picture(file, self.video)
            except VideoError:
                unreadable.append(file.name)
                continue
            yield time, picture, shape
        lacks = []
        if sequence.missing and self.video.whole:
            lacks.append(f"lack {sequence.missing} by their numbers")
        if unreadable:
            lacks.append(f"have {len(unreadable)} that cannot be read ({listed(unreadable[:_NAMED])})")
        name = printable(sequence.path)
        if lacks:
            self.warning = f"The pictures {name} {' and '.join(lacks)}; the others keep their times."
        if self.video.fps is None:
            self.notes.append(f"{self.info.fps:g} pictures a second are assumed of {name}; say it with --fps.")

    def _of_file(self, path: Path) -> Iterator[tuple[float, av.VideoFrame, Shape]]:
        """Those of a file."""
        begin = self._entry(path)
        origin = None if begin is None and not isinstance(self.video.footage, Address) else self.info.start
        clock = Clock(fps=self.info.fps, origin=origin)
        decoded, times, ended = 0, array("d"), False
        # Decoding several pictures at once is fastest, but damage close to the end takes the last of them along: then
        # those are fetched by a second pass that decodes one at a time.
        for threads in ("AUTO", "SLICE"):
            with open_video(path) as container:
                stream = picture_stream(container, path, self.video.stream_in_file)
                stream.thread_type = threads
                stream.codec_context.thread_count = limited()
                ledger = Ledger(container, stream, path, whole=self.video.whole)
                if begin is not None:
                    container.seek(begin, stream=stream)
                shapes = Shapes(stream, self.video.rotate)
                # Packets of every stream are asked for: only together do they show where the file really ends.
                pictures = deinterlaced(decode(container.demux(), stream, ledger))
                for picture in itertools.islice(pictures, decoded, None):
                    decoded += 1
                    time = clock.seconds(stamp(picture))
                    if ended := self._is_after(time):
                        break
                    if not self._is_before(time):
                        times.append(time)
                        yield time, picture, shapes.of(picture)
            if ended or not ledger.lost_the_last:
                break
        lasted = times[-1] - times[0] + 1.0 / self.info.fps if times else 0.0
        self.warning = ledger.warning(frames=len(times), seconds=lasted, repaired=clock.repaired)

    def _entry(self, path: Path) -> int | None:
        """Where decoding begins, see `seek.entry`."""
        if self.video.start is None:
            return None
        # A picture within the rounding of the start belongs to the part.
        return entry(path, self.video.stream_in_file, self.info.start + Fraction(self.video.start - _INSTANT))

    def _is_before(self, time: float) -> bool:
        """Whether a time comes before the part that is read."""
        return self.video.start is not None and time < self.video.start - _INSTANT

    def _is_after(self, time: float) -> bool:
        """Whether a time comes after the part that is read."""
        return self.video.end is not None and time > self.video.end + _INSTANT

    def _nothing_came(self) -> VideoError:
        """Why there was not one picture."""
        name, video = printable(self.info.path), self.video
        if video.whole:
            return VideoError(
                f"Expected the video {name} to be as it was when it was opened, but it no longer gives a picture; "
                "leave the file alone while it is read."
            )
        asked = f"from {video.start or 0:g} s" + ("" if video.end is None else f" to {video.end:g} s")
        lasts = "" if self.info.duration is None else f"; it lasts about {self.info.duration:.2f} s"
        return VideoError(f"{name} has no picture {asked}{lasts}. Choose another start or end.")


def _thumbnail(picture: av.VideoFrame, shrinker: av.video.reformatter.VideoReformatter) -> np.ndarray:
    """A small copy of a decoded picture: the mean of four of its pixels; that of all would take three times as long."""
    width, height = _THUMBNAIL
    sampled = shrinker.reformat(
        picture, width=2 * width, height=2 * height, format="rgb24", interpolation="FAST_BILINEAR"
    ).to_ndarray()
    return cv2.resize(sampled, _THUMBNAIL, interpolation=cv2.INTER_AREA)
