"""What a video is, from its header and its first picture."""

from __future__ import annotations

import contextlib
import itertools
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
import av.container
import av.error

from in_the_wild.errors import InputError, VideoError, printable
from in_the_wild.video.container import decode, open_video, picture_stream, stamp
from in_the_wild.video.damage import Ledger
from in_the_wild.video.footage import USUAL_FPS, Address, PictureSequence, Video
from in_the_wild.video.optics import equivalent_focal
from in_the_wild.video.shape import Shape, shape_of
from in_the_wild.video.tiles import PICTURE_BRANDS

Transfer = Literal["sdr", "hlg", "pq"]

# libav's numbers (ISO/IEC 23091-2) for transfer characteristics of high dynamic range.
_TRANSFERS: Mapping[int, Transfer] = {16: "pq", 18: "hlg"}
_HIGHEST_BELIEVABLE_FPS = 300.0  # above it, what a header calls the frame rate is its clock (AVI can say 600)
_UNKNOWN_FPS = 25.0  # for a file that holds no clue at all, such as a single picture


@dataclass(frozen=True)
class VideoInfo:
    """What is known about a video without decoding more than its first picture.

    Attributes:
        path: the file, or what numbered pictures and addresses are called.
        width: pixels as displayed, that is after rotation and with square pixels.
        height: pixels as displayed.
        fps: average rate, pictures per second, never rounded (29.97 is 30000/1001).
        rotation: degrees counter-clockwise that the stored picture is turned by: 0, 90, 180 or 270; as the file says,
            and then as is asked for.
        frames_claimed: how many pictures the header promises; it may lie. None where it says nothing.
        duration: seconds that the header promises, None where it says nothing.
        start: seconds of the first picture on the file's own clock, which its sound shares.
        sound: ffmpeg's name of the encoding of each track of sound, None where it is not known.
        transfer: how light became numbers: "sdr", or one of high dynamic range, "hlg" or "pq".
        is_picture: whether it is a single picture, and no film.
        equivalent_focal: millimetres, the 35 mm equivalent of the lens that filmed it, where the file says it.
    """

    path: Path
    width: int
    height: int
    fps: float
    rotation: int
    frames_claimed: int | None
    duration: float | None
    start: Fraction = Fraction(0)
    sound: tuple[str | None, ...] = ()
    transfer: Transfer = "sdr"
    is_picture: bool = False
    equivalent_focal: float | None = None

    @property
    def has_audio(self) -> bool:
        """Whether there is sound."""
        return bool(self.sound)


def probe(video: str | Path | Video) -> VideoInfo:
    """Open a video, decode its first picture, and say what it is.

    Raises:
        VideoError: there is no such file, or no picture can be decoded from it.
        InputError: a rate is said of a video that has its own.
    """
    video = Video.of(video)
    if video.fps is not None and not isinstance(video.footage, PictureSequence):
        raise InputError(f"{video.footage} has times of its own; a rate is said of numbered pictures alone.")
    if not isinstance(video.footage, PictureSequence):
        return _of_one_file(video.footage, _probe(video.files[0], video))
    fps, count = video.fps or USUAL_FPS, int(video.footage.places[-1]) + 1
    return replace(
        _first_readable(video),
        path=video.footage.path,
        fps=fps,
        frames_claimed=count,
        duration=count / fps,
        is_picture=False,
    )


def _first_readable(video: Video) -> VideoInfo:
    """What is known of the first of numbered pictures that can be read."""
    for file in video.files:
        with contextlib.suppress(VideoError):
            return _probe(file, video)
    raise VideoError(f"Not one of the {len(video.files)} pictures {video.footage} can be read; check what they are.")


def _of_one_file(footage: Path | Address, info: VideoInfo) -> VideoInfo:
    """What is known of a file, and of an address by its recording, which begins where it was begun."""
    if isinstance(footage, Path):
        return info
    return replace(info, path=footage.path, start=info.start if footage.origin is None else footage.origin)


def _probe(path: Path, video: Video) -> VideoInfo:
    """The same for one file."""
    with open_video(path) as container:
        stream, packets, first = _opened(container, path, video)
        shape = shape_of(first, stream.sample_aspect_ratio, video.rotate)
        fps = _frame_rate(stream, packets)
        return VideoInfo(
            path=path,
            width=shape.displayed[0],
            height=shape.displayed[1],
            fps=fps,
            rotation=shape.turns,
            frames_claimed=stream.frames or None,
            duration=_promised_duration(container, stream),
            start=stamp(first) or Fraction(0),
            sound=tuple(
                None if track.codec_context is None else track.codec.canonical_name for track in container.streams.audio
            ),
            transfer=_TRANSFERS.get(stream.codec_context.color_trc, "sdr"),
            is_picture=_is_picture(container) and not any(packet.size for packet in packets),
            equivalent_focal=equivalent_focal(container.metadata, stream.metadata, first.metadata),
        )


def _is_picture(container: av.container.InputContainer) -> bool:
    """Whether a format is one of single pictures; some hold several all the same."""
    return container.format.name.endswith("_pipe") or container.metadata.get("major_brand") in PICTURE_BRANDS


def first_picture(path: Path, video: Video) -> tuple[av.VideoFrame, Shape]:
    """The first picture of a file, and how it is shown.

    Raises:
        VideoError: there is no such file, or no picture can be decoded from it.
    """
    with open_video(path) as container:
        stream, _, picture = _opened(container, path, video)
        return picture, shape_of(picture, stream.sample_aspect_ratio, video.rotate)


def _opened(
    container: av.container.InputContainer, path: Path, video: Video
) -> tuple[av.VideoStream, Iterator[av.Packet], av.VideoFrame]:
    """The stream that is read, what follows in it, and its first picture."""
    stream = picture_stream(container, path, video.stream_in_file)
    stream.thread_type = "SLICE"  # frame threads would decode many pictures before giving the first
    packets = container.demux(stream)
    first = next(decode(packets, stream, Ledger(container, stream, path)), None)
    if first is None:
        raise VideoError(
            f"Expected a video, but not one picture of {printable(path)} can be decoded: it is incomplete or "
            "damaged; get the file again or convert it to MP4."
        )
    return stream, packets, first


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
