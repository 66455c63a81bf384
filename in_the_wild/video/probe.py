"""What a video is, from its header and its first picture."""

from __future__ import annotations

import contextlib
import itertools
import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import av.container
import av.error

from in_the_wild.errors import VideoError, printable
from in_the_wild.video.container import decode, open_video, picture_stream, stamp
from in_the_wild.video.damage import Ledger

_HIGHEST_BELIEVABLE_FPS = 300.0  # above it, what a header calls the frame rate is its clock (AVI can say 600)
_HIGHEST_ASPECT = 10  # of one pixel; anamorphic films have 2
_UNKNOWN_FPS = 25.0  # for a file that holds no clue at all, such as a single picture


@dataclass(frozen=True)
class VideoInfo:
    """What is known about a video without decoding more than its first picture.

    Attributes:
        path: the file.
        width: pixels as displayed, that is after rotation and with square pixels.
        height: pixels as displayed.
        fps: average rate, pictures per second, never rounded (29.97 is 30000/1001).
        rotation: degrees counter-clockwise that the stored picture is turned by: 0, 90, 180 or 270.
        frames_claimed: how many pictures the header promises; it may lie. None where it says nothing.
        duration: seconds that the header promises, None where it says nothing.
        start: seconds of the first picture on the file's own clock, which its sound shares.
        sound: ffmpeg's name of the encoding of each track of sound, None where it is not known.
    """

    path: Path
    width: int
    height: int
    fps: float
    rotation: int
    frames_claimed: int | None
    duration: float | None
    start: float = 0.0
    sound: tuple[str | None, ...] = ()

    @property
    def has_audio(self) -> bool:
        """Whether there is sound."""
        return bool(self.sound)


def probe(path: str | Path) -> VideoInfo:
    """Open a video, decode its first picture, and say what it is.

    Raises:
        VideoError: there is no such file, or no picture can be decoded from it.
    """
    path = Path(path)
    with open_video(path) as container:
        stream = picture_stream(container, path)
        stream.thread_type = "SLICE"  # frame threads would decode many pictures before giving the first
        packets = container.demux(stream)
        first = next(decode(packets, stream, Ledger(container, stream, path)), None)
        if first is None:
            raise VideoError(
                f"Expected a video, but not one picture of {printable(path)} can be decoded: it is incomplete or "
                "damaged; get the file again or convert it to MP4."
            )
        turns = _quarter_turns(first)
        width, height = _square_pixel_size(first, stream)
        return VideoInfo(
            path=path,
            width=height if turns in (90, 270) else width,
            height=width if turns in (90, 270) else height,
            fps=_frame_rate(stream, packets),
            rotation=turns,
            frames_claimed=stream.frames or None,
            duration=_promised_duration(container, stream),
            start=0.0 if (start := stamp(first)) is None else float(start),
            sound=tuple(
                None if track.codec_context is None else track.codec.canonical_name for track in container.streams.audio
            ),
        )


def _frame_rate(stream: av.VideoStream, packets: Iterator[av.Packet]) -> float:
    """Average pictures per second: as the header says where that can be, else from the next packets."""
    for rate in (stream.average_rate, stream.guessed_rate):
        if rate is not None and 0 < rate <= _HIGHEST_BELIEVABLE_FPS:
            return float(rate)
    with contextlib.suppress(av.error.FFmpegError):
        some = [packet.dts if packet.pts is None else packet.pts for packet in itertools.islice(packets, 100)]
        stamps = sorted({stamp for stamp in some if stamp is not None})
        gaps = [later - earlier for earlier, later in itertools.pairwise(stamps)]
        if gaps and stream.time_base is not None:
            return float(1 / (statistics.median(gaps) * stream.time_base))
    return _UNKNOWN_FPS


def _promised_duration(container: av.container.InputContainer, stream: av.VideoStream) -> float | None:
    """Seconds of video that the header promises, None where it says nothing."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    return None if container.duration is None else container.duration / av.time_base


def _quarter_turns(picture: av.VideoFrame) -> int:
    """Degrees counter-clockwise to turn a stored picture by, to the nearest quarter turn: 0, 90, 180 or 270."""
    return round(picture.rotation / 90) * 90 % 360


def _square_pixel_size(picture: av.VideoFrame, stream: av.VideoStream) -> tuple[int, int]:
    """Width and height of a stored picture once its pixels are square."""
    aspect = stream.sample_aspect_ratio
    # A ratio near 1 is a rounding in the file, not worth a resampling; one far from it is damage.
    if not aspect or abs(aspect - 1) < 0.01 or not 1 / _HIGHEST_ASPECT < aspect < _HIGHEST_ASPECT:
        return picture.width, picture.height
    return max(1, round(picture.width * aspect)), picture.height
