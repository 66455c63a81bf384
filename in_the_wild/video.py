"""Video in and video out: exact times, upright pictures, whole files.

    probe(path)        what a video is, from its header and its first picture
    VideoReader(path)  its pictures, one in memory at a time, each with its own time
    VideoWriter(path)  H.264 MP4 that plays in browsers, with the original timing and sound, or a GIF

Decoding is PyAV's work; encoding is an ffmpeg process at the end of a pipe, so that it runs beside Python. Images are
(H, W, 3) uint8 RGB, turned the way a player shows them; times are seconds since the first picture.

Knows nothing about people, poses or drawing.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import math
import os
import re
import secrets
import statistics
import subprocess
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple

import av
import av.container
import av.error
import av.video.reformatter
import cv2
import ffmpeg
import imageio_ffmpeg
import numpy as np

from in_the_wild.errors import OutputError, VideoError

_QUARTER_TURNS = {90: cv2.ROTATE_90_COUNTERCLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_CLOCKWISE}

_HIGHEST_BELIEVABLE_FPS = 300.0  # above it, what a header calls the frame rate is its clock (AVI can say 600)
_UNKNOWN_FPS = 25.0  # for a file that holds no clue at all, such as a single picture
_MISSING_SECONDS = 0.5  # a file that ends this much before its header says has lost its end
_TRANSPORT_PACKETS = (188, 192, 204)  # bytes; a whole transport stream is a multiple of one of them

_UNSPECIFIED = 2  # libav's number for a picture that does not say its colour matrix
_HIGH_DEFINITION = 1280  # pixels along the longer side, from which BT.709 is the rule

_NO_PICTURE = np.zeros((0, 0, 3), dtype=np.uint8)

_TICKS_PER_SECOND = 90_000  # of a variable-rate MP4: 1/24, 1/25, 1/30 and 1001/30000 s are whole numbers of ticks
_CONSTANT_RATE_TOLERANCE = 1e-3  # seconds; Matroska rounds its times to 1 ms

_DISK_TROUBLES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

# What browsers play inside an MP4; any other sound is encoded anew.
_COPIED_SOUND = frozenset({"aac", "mp3", "opus", "flac"})


# ---------------------------------------------------------------------------------------------------------------- in


@dataclass(frozen=True)
class VideoInfo:
    """What is known about a video without decoding more than its first picture.

    Attributes:
        path: the file.
        width: pixels as displayed, that is after rotation and with square pixels.
        height: pixels as displayed.
        fps: average rate, pictures per second, never rounded (29.97 is 30000/1001).
        rotation: degrees counter-clockwise that the stored picture is turned by: 0, 90, 180 or 270.
        has_audio: whether there is sound.
        frames_claimed: how many pictures the header promises; it may lie. None where it says nothing.
        duration: seconds that the header promises, None where it says nothing.
        start: seconds of the first picture on the file's own clock, which its sound shares.
        audio_codec: ffmpeg's name of the sound's format, None without sound.
    """

    path: Path
    width: int
    height: int
    fps: float
    rotation: int
    has_audio: bool
    frames_claimed: int | None
    duration: float | None
    start: float = 0.0
    audio_codec: str | None = None


class Frame(NamedTuple):
    """One picture of a video: its index, its time in seconds since the first one, and (H, W, 3) uint8 RGB."""

    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs here
    time: float
    image: np.ndarray


def probe(path: str | Path) -> VideoInfo:
    """Open a video, decode its first picture, and say what it is.

    Raises:
        VideoError: there is no such file, or no picture can be decoded from it.
    """
    path = Path(path)
    with _open(path) as container:
        stream = _picture_stream(container, path)
        stream.thread_type = "SLICE"  # frame threads would decode many pictures before giving the first
        damage = _Damage()
        packets = container.demux(stream)
        first = next(_decode(packets, stream, damage), None)
        if first is None:
            raise VideoError(
                f"Expected a video, but not one picture of {path} can be decoded: it is incomplete or damaged; "
                "get the file again or convert it to MP4."
            )
        turns = _quarter_turns(first)
        width, height = _square_pixel_size(first, stream)
        sound = container.streams.audio[0] if container.streams.audio else None
        return VideoInfo(
            path=path,
            width=height if turns in (90, 270) else width,
            height=width if turns in (90, 270) else height,
            fps=_frame_rate(stream, packets),
            rotation=turns,
            has_audio=sound is not None,
            frames_claimed=stream.frames or None,
            duration=_promised_duration(container, stream),
            start=0.0 if (start := _stamp(first)) is None else float(start),
            audio_codec=None if sound is None or sound.codec_context is None else sound.codec.canonical_name,
        )


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

    def pictures(self, *, every: int = 1) -> Iterator[Frame]:
        """All frames, with the pictures of some: bringing pictures to RGB is a sixth of the work of reading a video.

        Args:
            every: Frames 0, N, 2N ... and the last have a picture; that of the others is empty, (0, 0, 3).
        """
        self.warning = None
        info = self.info
        stored_size = (info.height, info.width) if info.rotation in (90, 270) else (info.width, info.height)
        clock = _Clock(fps=info.fps)
        converter = av.video.reformatter.VideoReformatter()
        index, time = -1, 0.0
        skipped: av.VideoFrame | None = None
        # Decoding several pictures at once is fastest, but damage close to the end takes the last of them along: then
        # those are fetched by a second pass that decodes one at a time.
        for threads in ("AUTO", "SLICE"):
            damage = _Damage()
            with _open(info.path) as container:
                stream = _picture_stream(container, info.path)
                stream.thread_type = threads
                # Packets of every stream are asked for: only together do they show where the file really ends.
                pictures = _decode(container.demux(), stream, damage)
                for picture in itertools.islice(pictures, index + 1, None):
                    if skipped is not None:
                        yield Frame(index, time, _NO_PICTURE)
                    index += 1
                    time = clock.seconds(_stamp(picture))
                    # Which frame is the last is known when no other comes.
                    skipped = picture if index % every else None
                    if skipped is None:
                        yield Frame(index, time, _to_rgb(picture, stored_size, info.rotation, converter))
                self.warning = _warning(container, damage, info, frames=index + 1, seconds=time + 1.0 / info.fps)
            if not damage.lost_the_last:
                break
        if skipped is not None:
            yield Frame(index, time, _to_rgb(skipped, stored_size, info.rotation, converter))
        if index < 0:
            raise VideoError(
                f"Expected the video {info.path} to be as it was when it was opened, but it no longer gives a picture; "
                "leave the file alone while it is read."
            )


@dataclass
class _Damage:
    """What went wrong while a file was read, and where the last packet of it ended."""

    packets: int = 0
    broke_off: bool = False
    lost_the_last: bool = False  # pictures that the decoder still held
    end: Fraction = field(default_factory=Fraction)  # seconds on the file's own clock


class _Clock:
    """Turns the time stamps of a stream into seconds since its first picture that always increase."""

    _SHARE_OF_A_FRAME = 4  # a picture that claims to be no later than the one before it is put this part after it
    _NEW_CLOCK_SECONDS = 1.0  # a bigger step back is not a slip: the recording's clock was started anew

    def __init__(self, *, fps: float) -> None:
        self._period = 1.0 / fps
        self._origin: Fraction | None = None
        self._last: float | None = None

    def seconds(self, stamp: Fraction | None) -> float:
        """The time of the next picture, whose time stamp is given in seconds, or is None where the file has none."""
        if self._last is None:
            self._origin, self._last = stamp, 0.0
            return 0.0
        expected = self._last + self._period
        if stamp is None:
            self._last = expected
            return expected
        if self._origin is None:
            self._origin = stamp - Fraction(expected)
        time = float(stamp - self._origin)
        if time <= self._last - self._NEW_CLOCK_SECONDS:
            self._origin = stamp - Fraction(expected)
            time = expected
        elif time <= self._last:
            time = self._last + self._period / self._SHARE_OF_A_FRAME
        self._last = time
        return time


def _open(path: Path) -> av.container.InputContainer:
    """Open a file for decoding, or say in one sentence why it cannot be."""
    expected = "Expected a video file (MP4, MOV, MKV, WebM, AVI ...), but"
    if path.is_dir():
        raise VideoError(f"{expected} {path} is a folder; name a file in it.")
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except FileNotFoundError:
        raise VideoError(f"{expected} there is no file {path}; check the name and the folder.") from None
    except OSError as error:
        raise VideoError(f"{expected} {path} cannot be read ({error.strerror}); check its permissions.") from error
    if not head:
        raise VideoError(f"{expected} {path} is empty (0 bytes); copy or download it again.")
    try:
        # "file:" keeps libav from taking a colon in a name for a protocol.
        return av.open(f"file:{path}", metadata_errors="replace")
    except av.error.FFmpegError as error:
        if head[4:8] == b"ftyp":
            raise VideoError(
                f"{expected} {path} is an incomplete MP4: its index (the moov atom, often the last thing written) is "
                "missing or damaged, as after a recording or a download that was cut off; get the whole file again."
            ) from error
        raise VideoError(f"{expected} {path} is in no format that is known; check that it is a video.") from error


def _picture_stream(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    """The video stream of a file; the cover picture of a song is not one."""
    cover = av.stream.Disposition.attached_pic
    streams = [stream for stream in container.streams.video if not stream.disposition & cover]
    if not streams:
        found = "holds sound alone" if container.streams.audio else "holds no pictures"
        raise VideoError(f"Expected a video, but {path} {found}; give a file with pictures.")
    if streams[0].codec_context is None:
        raise VideoError(f"Expected a video, but {path} is in an encoding that is not known; convert it to H.264 MP4.")
    return streams[0]


def _decode(packets: Iterator[av.Packet], stream: av.VideoStream, damage: _Damage) -> Iterator[av.VideoFrame]:
    """Decode what can be decoded of a stream, in the order of display, and note what cannot."""
    while True:
        try:
            packet = next(packets, None)
        except (av.error.FFmpegError, OSError):
            damage.broke_off = True
            packet = None
        if packet is not None:
            time = packet.pts if packet.pts is not None else packet.dts
            if time is not None and packet.time_base is not None:
                damage.end = max(damage.end, (time + (packet.duration or 0)) * packet.time_base)
            if packet.stream.index != stream.index:
                continue
            # A transport stream is marked so after each disturbance; elsewhere it is half a packet at the file's end.
            if packet.is_corrupt and "mpegts" not in stream.container.format.name:
                damage.broke_off = True
                continue
        try:
            yield from stream.decode(packet)
        except av.error.EOFError:  # the demuxer's own last, empty packet has already drained the decoder
            return
        except av.error.FFmpegError:
            damage.packets += 1
            damage.lost_the_last |= packet is None or packet.size == 0
        if packet is None:
            return


def _warning(
    container: av.container.InputContainer, damage: _Damage, info: VideoInfo, *, frames: int, seconds: float
) -> str | None:
    """One sentence on what a file lacked, or None; frames and seconds are what it gave."""
    formats = container.format.name.split(",")
    missing = 0.0
    # Other formats write no duration; libav guesses it from the bit rate, or from the last packet there is.
    if container.duration is not None and ("mov" in formats or "matroska" in formats):
        missing = ((container.start_time or 0) + container.duration) / av.time_base - float(damage.end)
    cut_packet = "mpegts" in formats and all(info.path.stat().st_size % size for size in _TRANSPORT_PACKETS)
    gave = f"{info.path} gave {frames} frames ({seconds:.2f} s)"
    if missing > _MISSING_SECONDS:
        return f"{gave} and then broke off, {missing:.2f} s before its promised end; get the whole file for the rest."
    if damage.broke_off or cut_packet:
        return f"{gave} and then broke off; get the whole file for the rest."
    if damage.packets:
        return f"{gave}, but is damaged in {damage.packets} place(s), where pictures may be missing or spoilt."
    return None


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


def _stamp(picture: av.VideoFrame) -> Fraction | None:
    """When a picture is shown, in seconds on the file's own clock; None where the file does not say."""
    return None if picture.pts is None or picture.time_base is None else picture.pts * picture.time_base


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
    if not aspect or abs(aspect - 1) < 0.01:  # such a ratio is a rounding in the file, not worth a resampling
        return picture.width, picture.height
    return max(1, round(picture.width * aspect)), picture.height


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


# --------------------------------------------------------------------------------------------------------------- out


def ffmpeg_binary() -> str:
    """The ffmpeg to run: $IMAGEIO_FFMPEG_EXE if set, else the one that imageio-ffmpeg brings, else the one on PATH.

    Raises:
        OutputError: there is none.
    """
    try:
        return imageio_ffmpeg.get_ffmpeg_exe()
    except RuntimeError as error:
        raise OutputError(
            "Expected an ffmpeg program to write video with, but found none; reinstall imageio-ffmpeg, or install "
            "ffmpeg on the PATH."
        ) from error


class VideoWriter:
    """Writes (H, W, 3) uint8 RGB images to a video; to be used as a context manager.

        with VideoWriter("out.mp4", width=640, height=480, fps=30000 / 1001) as video:
            video.write(image)

    The suffix chooses: `.mp4` is H.264 that plays in browsers (yuv420p, index in front; an odd width or height gains a
    black row or column), `.gif` has a palette made for the clip and no sound.

    The file appears under its name when the block ends, whole; when the block is left by an exception, or ffmpeg
    fails, nothing appears, and what was there before stays. A block that wrote no image is an error: there is no
    such thing as a video without pictures.

    Args:
        path: the file to write, in a folder that exists.
        width: pixels of the images.
        height: pixels of the images.
        fps: pictures per second, where timestamps does not say otherwise.
        timestamps: seconds of each image, increasing, on the clock of Frame.time. The first becomes 0 in the file.
            Where they differ from a constant rate by more than 1 ms, the file has a variable rate and keeps each time
            to 1/90000 s. (A GIF has a constant rate; its images are repeated or left out to keep to the times.)
        audio_from: a video whose sound is added, in step with the images: that of the time from the first timestamp to
            the end of the last image (all of it without timestamps). Copied as it is where browsers play it in an
            MP4, otherwise encoded as AAC. A video without sound is all right.
        crf: x264's quality, 0 (lossless) to 51; 18 to 23 are usual.
        preset: x264's trade of speed for size, "ultrafast" to "veryslow".
        threads: at most so many threads for encoding; ffmpeg's own choice by default.
        gif_width: a wider GIF is scaled down to so many pixels.
        gif_fps: of a faster video every second (third ...) picture makes a GIF, to stay within so many a second.

    Raises:
        OutputError: when entered, if the file cannot be created; when written to or left, if ffmpeg fails (a full
            disk, say), or if no image was written.
        VideoError: when entered, if audio_from is not a video.
        ValueError: a size, rate, time or image that makes no sense.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        width: int,
        height: int,
        fps: float,
        timestamps: Sequence[float] | np.ndarray | None = None,
        audio_from: str | Path | None = None,
        crf: int = 20,
        preset: str = "veryfast",
        threads: int | None = None,
        gif_width: int = 640,
        gif_fps: float = 25.0,
    ) -> None:
        self.path = Path(path)
        if self.path.suffix.lower() not in (".mp4", ".gif"):
            raise OutputError(f"Expected the name of a .mp4 or .gif to write, but found {self.path}; rename it.")
        if width < 1 or height < 1:
            raise ValueError(f"Expected a width and height of 1 pixel or more, found {width}x{height}.")
        if not (math.isfinite(fps) and fps > 0):
            raise ValueError(f"Expected a positive number of frames per second, found {fps}.")
        self._times = None if timestamps is None else np.asarray(timestamps, dtype=np.float64)
        if self._times is not None and not (
            self._times.ndim == 1 and np.isfinite(self._times).all() and (np.diff(self._times) > 0).all()
        ):
            raise ValueError("Expected timestamps to be a flat list of seconds that increase; found others.")
        self._width, self._height = width, height
        self._fps = fps
        self._rate = _constant_rate(self._times, fps)  # None where it varies
        self._audio_from = None if audio_from is None else Path(audio_from)
        self._x264 = {"crf": crf, "preset": preset}
        self._threads = {} if threads is None else {"threads": threads}
        self._gif_width, self._gif_fps = gif_width, gif_fps
        self._is_gif = self.path.suffix.lower() == ".gif"
        self._written = 0

    def __enter__(self) -> VideoWriter:
        token = secrets.token_hex(4)
        self._whole = self.path.with_name(f".{self.path.stem}.{token}.part{self.path.suffix.lower()}")
        # A GIF's palette is known only once all its pictures are: until then they wait, small and lossless, in a file
        # (ffmpeg's split filter would hold them in memory: 1 GB for 40 s).
        self._piped_to = self._whole.with_suffix(".mkv") if self._is_gif else self._whole
        command = self._command()
        with contextlib.ExitStack() as undo:
            _create(self._whole, shown_as=self.path)
            undo.callback(self._whole.unlink, missing_ok=True)
            self._process = _Encoder(command, shown_as=self.path)
            undo.callback(self._process.kill)
            self._images = (
                _SteadyImages(self._process)
                if self._rate is not None
                else _TimedImages(self._process, self._width, self._height)
            )
            undo.pop_all()
        return self

    def write(self, image: np.ndarray) -> None:
        """Add one image: (H, W, 3) uint8 RGB of the size that was announced."""
        expected = (self._height, self._width, 3)
        if image.shape != expected or image.dtype != np.uint8:
            raise ValueError(f"Expected an image {expected} of uint8, found {image.shape} of {image.dtype}.")
        seconds = 0.0
        if self._times is not None:
            if self._written >= len(self._times):
                raise ValueError(f"Expected {len(self._times)} images, one for each timestamp, found one more.")
            seconds = float(self._times[self._written] - self._times[0])
        self._images.write(np.ascontiguousarray(image), seconds)
        self._written += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            self._process.kill()
            with contextlib.suppress(av.error.FFmpegError):  # it remembers that writing failed
                self._images.close()
            self._piped_to.unlink(missing_ok=True)
            self._whole.unlink(missing_ok=True)

    def _finish(self) -> None:
        if not self._written:
            raise OutputError(f"Expected at least one image to write to {self.path}, but there was none.")
        self._images.close()
        self._process.finish()
        if self._is_gif:
            self._make_gif()
        try:
            os.replace(self._whole, self.path)
        except OSError as error:
            raise OutputError(
                f"The finished video cannot be put at {self.path} ({error.strerror}); name another file."
            ) from error

    def _command(self) -> list[str]:
        """The ffmpeg command that takes images from a pipe."""
        if self._rate is not None:
            size = f"{self._width}x{self._height}"
            images = ffmpeg.input("pipe:0", format="rawvideo", pix_fmt="rgb24", s=size, framerate=str(self._rate))
            timing = {}
        else:
            # Nothing but the first packet's header need be looked at: probing would swallow frames of megabytes each.
            images = ffmpeg.input("pipe:0", format="nut", analyzeduration=0, probesize=32)
            timing = {
                "fps_mode": "passthrough",
                "enc_time_base": f"1:{_TICKS_PER_SECOND}",
                # MP4 takes the length of the whole from the last image in the order of coding and its duration: so no
                # B-frames, which would make that another image than the last in time, and the duration has to be said.
                "bf": 0,
                "bsf:v": f"setts=duration={round(_TICKS_PER_SECOND / self._fps)}",
            }
        if self._is_gif:
            return self._compile(self._small(images), self._piped_to, vcodec="libx264rgb", qp=0, preset="ultrafast")
        pictures = images.video
        if self._width % 2 or self._height % 2:
            pictures = pictures.filter("pad", self._width + self._width % 2, self._height + self._height % 2)
        pictures = pictures.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
        pictures = pictures.filter("setparams", colorspace="bt709", color_primaries="bt709", color_trc="bt709")
        options = {"vcodec": "libx264", **self._x264, **timing, "movflags": "+faststart"}
        sound = self._sound()
        if sound is None:
            return self._compile(pictures, self._piped_to, **options)
        stream, sound_options = sound
        return self._compile(pictures, stream, self._piped_to, **options, **sound_options)

    def _sound(self) -> tuple[ffmpeg.nodes.FilterableStream, dict[str, str]] | None:
        """The sound of the source as an ffmpeg input that starts with the first image, and how to store it."""
        if self._audio_from is None:
            return None
        source = probe(self._audio_from)
        if not source.has_audio:
            return None
        start, length = source.start, None
        if self._times is not None and len(self._times):
            start += float(self._times[0])
            length = float(self._times[-1] - self._times[0]) + 1.0 / self._fps
        # Shifting, not seeking: seeking is exact to a packet at best, and in some formats not even to a second.
        stream = ffmpeg.input(f"file:{source.path}", itsoffset=f"{-start:.6f}").audio
        if source.audio_codec in _COPIED_SOUND:
            return stream, {"acodec": "copy"} | ({} if length is None else {"t": f"{length:.6f}"})
        end = {} if length is None else {"end": f"{length:.6f}"}
        return stream.filter("atrim", start=0, **end), {"acodec": "aac", "audio_bitrate": "160k"}

    def _small(self, images: ffmpeg.nodes.FilterableStream) -> ffmpeg.nodes.FilterableStream:
        """Images thinned out and scaled down to what a GIF can bear."""
        rate = self._rate or _exact(self._fps)
        small = images.video.filter("fps", str(rate / math.ceil(rate / Fraction(self._gif_fps))))
        if self._width > self._gif_width:
            small = small.filter("scale", self._gif_width, -1, flags="lanczos")
        return small

    def _make_gif(self) -> None:
        """Turn the waiting pictures into a GIF: one pass for the palette, one to use it."""
        pictures = ffmpeg.input(f"file:{self._piped_to}").video
        palette = self._run(
            self._compile(pictures.filter("palettegen", stats_mode="full"), "pipe:1", format="image2pipe", vcodec="png")
        )
        coloured = ffmpeg.filter(
            [pictures, ffmpeg.input("pipe:0", format="png_pipe").video],
            "paletteuse",
            dither="bayer",
            bayer_scale=5,
            diff_mode="rectangle",
        )
        self._run(self._compile(coloured, self._whole, loop=0), given=palette)

    def _compile(self, *streams_and_target: ffmpeg.nodes.Stream | Path | str, **options: object) -> list[str]:
        *streams, target = streams_and_target
        name = f"file:{target}" if isinstance(target, Path) else target
        output = ffmpeg.output(*streams, name, **options, **self._threads)
        # -copyts: times are those of the files, as probe() sees them; ffmpeg would guess where each one starts.
        output = output.global_args("-hide_banner", "-nostats", "-loglevel", "error", "-copyts")
        return ffmpeg.compile(output, cmd=ffmpeg_binary(), overwrite_output=True)

    def _run(self, command: list[str], given: bytes = b"") -> bytes:
        """Run an ffmpeg that reads and writes files, to its end; what it said on its standard output."""
        done = subprocess.run(command, input=given, capture_output=True, check=False)
        if done.returncode:
            raise _failure(self.path, done.stderr.decode(errors="replace").splitlines(), done.returncode)
        return done.stdout


class _Encoder:
    """A running ffmpeg that takes images on its standard input; what it complains about is read as it comes."""

    def __init__(self, command: list[str], *, shown_as: Path) -> None:
        self._shown_as = shown_as
        self._dead = False
        try:
            # In a session of its own Ctrl-C does not reach ffmpeg: this process decides what becomes of the file.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise OutputError(
                f"Expected to run {command[0]} to write {shown_as}, but it does not start ({error.strerror}); "
                "reinstall imageio-ffmpeg."
            ) from error
        assert self._process.stdin is not None
        assert self._process.stderr is not None
        self._input: IO[bytes] = self._process.stdin
        self._complaints: deque[str] = deque(maxlen=50)
        # A pipe that nobody empties would stop ffmpeg once it is full.
        self._listener = threading.Thread(target=self._listen, args=(self._process.stderr,), daemon=True)
        self._listener.start()

    def _listen(self, stream: IO[bytes]) -> None:
        with stream:
            for line in stream:
                self._complaints.append(line.decode(errors="replace"))

    def write(self, data: bytes | memoryview) -> int:
        """Hand over bytes, waiting until ffmpeg takes them; how many they were."""
        if not self._dead:
            try:
                self._input.write(data)
            except OSError:  # ffmpeg has gone: a broken pipe
                raise self._failure() from None
        return len(data)

    def finish(self) -> None:
        """Say that there is no more, and wait until ffmpeg has written the rest."""
        with contextlib.suppress(OSError):  # a pipe that breaks here shows in the return code
            self._input.close()
        if self._process.wait():
            raise self._failure()

    def kill(self) -> None:
        """End ffmpeg if it still runs; whatever is written from now on is thrown away."""
        self._dead = True
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(OSError):
            self._input.close()
        self._listener.join()

    def _failure(self) -> OutputError:
        code = self._process.wait()
        self._listener.join()
        return _failure(self._shown_as, list(self._complaints), code)


class _SteadyImages:
    """Images down a pipe as bare bytes, at a constant rate."""

    def __init__(self, encoder: _Encoder) -> None:
        self._encoder = encoder

    def write(self, image: np.ndarray, seconds: float) -> None:
        """Send one image; its time goes without saying."""
        self._encoder.write(image.reshape(-1).data)

    def close(self) -> None:
        """Nothing follows the last image."""


class _TimedImages:
    """Images down a pipe, each with its time: uncompressed, in a NUT container."""

    _CHUNK = 1 << 20  # bytes at a time from libav to the pipe

    def __init__(self, encoder: _Encoder, width: int, height: int) -> None:
        self._time_base = Fraction(1, _TICKS_PER_SECOND)
        self._container = av.open(encoder, "w", format="nut", buffer_size=self._CHUNK)
        self._stream = self._container.add_stream("rawvideo", rate=25)
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, "rgb24"
        self._stream.codec_context.time_base = self._time_base

    def write(self, image: np.ndarray, seconds: float) -> None:
        """Send one image, to be shown at so many seconds."""
        frame = av.VideoFrame.from_numpy_buffer(image, format="rgb24")
        frame.pts, frame.time_base = round(seconds * _TICKS_PER_SECOND), self._time_base
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Send what ends the container."""
        self._container.close()


def _constant_rate(times: np.ndarray | None, fps: float) -> Fraction | None:
    """The constant rate, fps if possible, that times (N,) in seconds keep to; None where they vary."""
    if times is None or len(times) < 2:
        return _exact(fps)
    seconds = times - times[0]
    for rate in (_exact(fps), _exact((len(times) - 1) / seconds[-1])):
        if np.abs(np.arange(len(times)) / float(rate) - seconds).max() <= _CONSTANT_RATE_TOLERANCE:
            return rate
    return None


def _exact(fps: float) -> Fraction:
    """The fraction that a frame rate stands for: 29.97002997 is 30000/1001."""
    return Fraction(fps).limit_denominator(1001) or Fraction(fps)


def _create(path: Path, *, shown_as: Path) -> None:
    """Make an empty file to write to, or say in one sentence why it cannot be."""
    if shown_as.is_dir():
        raise OutputError(f"Expected to write the file {shown_as}, but that is a folder; name a file in it.")
    try:
        path.open("xb").close()
    except OSError as error:
        raise OutputError(
            f"Expected to write {shown_as}, but no file can be made in that folder ({error.strerror}); "
            "make the folder, or name another."
        ) from error


def _failure(path: Path, complaints: Sequence[str], code: int) -> OutputError:
    """What ffmpeg died of, in one sentence."""
    said = [re.sub(r"^(\[[^\]]*\] *)+", "", line).strip() for line in complaints]
    said = [line for line in said if line and line != "Conversion failed!"]
    for trouble in map(os.strerror, _DISK_TROUBLES):
        if any(trouble in line for line in said):
            return OutputError(f"{path} cannot be written ({trouble}); make room there, or name another folder.")
    cause = said[-1].rstrip(".") if said else f"it ended with code {code} without a word"
    return OutputError(f"{path} cannot be written, because ffmpeg failed: {cause}.")
