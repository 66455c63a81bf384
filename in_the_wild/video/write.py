"""Images into a video file: H.264 MP4 that plays in browsers, with the original timing and sound, or a GIF.

Encoding is an ffmpeg process at the end of a pipe, so that it runs beside Python.
"""

from __future__ import annotations

import contextlib
import math
import os
import secrets
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import av.error
import ffmpeg
import numpy as np

from in_the_wild.errors import OutputError, printable
from in_the_wild.files import refuse_overwriting
from in_the_wild.video.encoder import TICKS_PER_SECOND, Encoder, SteadyImages, TimedImages, compiled, failure, file_url
from in_the_wild.video.probe import VideoInfo, probe
from in_the_wild.video.sound import Sound, sound_of
from in_the_wild.video.timing import Timing, exact


@dataclass(frozen=True)
class Encoding:
    """How much work and space the pictures of a film are worth.

    Attributes:
        crf: x264's quality, 0 (lossless) to 51; 18 to 23 are usual.
        preset: x264's trade of speed for size, "ultrafast" to "veryslow".
        threads: at most so many threads for encoding; ffmpeg's own choice by default.
        gif_width: a wider GIF is scaled down to so many pixels.
        gif_fps: of a faster video every second (third ...) picture makes a GIF, to stay within so many a second.
    """

    crf: int = 20
    preset: str = "veryfast"
    threads: int | None = None
    gif_width: int = 640
    gif_fps: float = 25.0


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
        audio_from: a video, or what `probe` says of it, whose sound is added, in step with the images: that of the
            time from the first timestamp to the end of the last image (all of it without timestamps). Copied as it is
            where browsers play it in an MP4, otherwise encoded as AAC; a track for which neither works is left out. A
            video without sound is all right.
        encoding: what its pictures are worth.

    Attributes:
        warnings: once entered, sentences on what the file will lack: sound that can neither be copied nor decoded.

    Raises:
        OutputError: when made, if the file is the one that the sound comes from; when entered, if it cannot be created;
            when written to or left, if ffmpeg fails (a full disk, say), or if no image was written.
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
        audio_from: str | Path | VideoInfo | None = None,
        encoding: Encoding = Encoding(),
    ) -> None:
        self.path = Path(path)
        if self.path.suffix.lower() not in (".mp4", ".gif"):
            raise OutputError(
                f"Expected the name of a .mp4 or .gif to write, but found {printable(self.path)}; rename it."
            )
        if width < 1 or height < 1:
            raise ValueError(f"Expected a width and height of 1 pixel or more, found {width}x{height}.")
        self._timing = Timing.of(fps, timestamps)
        self._rate = self._timing.rate  # None where it varies
        self._width, self._height = width, height
        self._audio_from = audio_from
        refuse_overwriting(self.path, [audio_from.path if isinstance(audio_from, VideoInfo) else audio_from])
        self._encoding = encoding
        self._is_gif = self.path.suffix.lower() == ".gif"
        self._written = 0
        self.warnings: list[str] = []

    def __enter__(self) -> VideoWriter:
        # Not made from the file's own name, which may be as long as names can be.
        self._whole = self.path.with_name(f".{secrets.token_hex(8)}.part{self.path.suffix.lower()}")
        # A GIF's palette is known only once all its pictures are: until then they wait, small and lossless, in a file
        # (ffmpeg's split filter would hold them in memory: 1 GB for 40 s).
        self._piped_to = self._whole.with_suffix(".mkv") if self._is_gif else self._whole
        command = self._command()
        with contextlib.ExitStack() as undo:
            _create(self._whole, shown_as=self.path)
            undo.callback(self._whole.unlink, missing_ok=True)
            self._process = Encoder(command, shown_as=self.path)
            undo.callback(self._process.kill)
            self._images = (
                SteadyImages(self._process)
                if self._rate is not None
                else TimedImages(self._process, self._width, self._height)
            )
            undo.pop_all()
        return self

    def write(self, image: np.ndarray) -> None:
        """Add one image: (H, W, 3) uint8 RGB of the size that was announced."""
        expected = (self._height, self._width, 3)
        if image.shape != expected or image.dtype != np.uint8:
            raise ValueError(f"Expected an image {expected} of uint8, found {image.shape} of {image.dtype}.")
        self._images.write(np.ascontiguousarray(image), self._timing.seconds(self._written))
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
            raise OutputError(f"Expected at least one image to write to {printable(self.path)}, but there was none.")
        self._images.close()
        self._process.finish()
        if self._is_gif:
            self._make_gif()
        try:
            os.replace(self._whole, self.path)
        except OSError as error:
            raise OutputError(
                f"The finished video cannot be put at {printable(self.path)} ({error.strerror}); name another file."
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
                "enc_time_base": f"1:{TICKS_PER_SECOND}",
                # MP4 takes the length of the whole from the last image in the order of coding and its duration: so no
                # B-frames, which would make that another image than the last in time, and the duration has to be said.
                "bf": 0,
                "bsf:v": f"setts=duration={round(TICKS_PER_SECOND / self._timing.fps)}",
            }
        if self._is_gif:
            return self._compile(self._small(images), self._piped_to, vcodec="libx264rgb", qp=0, preset="ultrafast")
        pictures = images.video
        if self._width % 2 or self._height % 2:
            pictures = pictures.filter("pad", self._width + self._width % 2, self._height + self._height % 2)
        pictures = pictures.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuv420p")
        pictures = pictures.filter("setparams", colorspace="bt709", color_primaries="bt709", color_trc="bt709")
        x264 = {"vcodec": "libx264", "crf": self._encoding.crf, "preset": self._encoding.preset}
        sound = self._sound()
        return self._compile(
            pictures, *sound.streams, self._piped_to, **x264, **timing, movflags="+faststart", **sound.options
        )

    def _sound(self) -> Sound:
        """The sound of the source while the images are shown."""
        sound = Sound()
        if self._audio_from is not None:
            source = self._audio_from if isinstance(self._audio_from, VideoInfo) else probe(self._audio_from)
            sound = sound_of(source, start=self._timing.start, length=self._timing.length)
        self.warnings = list(sound.warnings)
        return sound

    def _small(self, images: ffmpeg.nodes.FilterableStream) -> ffmpeg.nodes.FilterableStream:
        """Images thinned out and scaled down to what a GIF can bear."""
        rate = self._rate or exact(self._timing.fps)
        small = images.video.filter("fps", str(rate / math.ceil(rate / Fraction(self._encoding.gif_fps))))
        if self._width > self._encoding.gif_width:
            small = small.filter("scale", self._encoding.gif_width, -1, flags="lanczos")
        return small

    def _make_gif(self) -> None:
        """Turn the waiting pictures into a GIF: one pass for the palette, one to use it."""
        pictures = ffmpeg.input(file_url(self._piped_to)).video
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
        name = file_url(target) if isinstance(target, Path) else target
        if self._encoding.threads is not None:
            options["threads"] = self._encoding.threads
        return compiled(ffmpeg.output(*streams, name, **options))

    def _run(self, command: list[str], given: bytes = b"") -> bytes:
        """Run an ffmpeg that reads and writes files, to its end; what it said on its standard output."""
        done = subprocess.run(command, input=given, capture_output=True, check=False)
        if done.returncode:
            raise failure(self.path, done.stderr.decode(errors="replace").splitlines(), done.returncode)
        return done.stdout


def _create(path: Path, *, shown_as: Path) -> None:
    """Make an empty file to write to, or say in one sentence why it cannot be."""
    if shown_as.is_dir():
        raise OutputError(f"Expected to write the file {printable(shown_as)}, but that is a folder; name a file in it.")
    try:
        path.open("xb").close()
    except OSError as error:
        raise OutputError(
            f"Expected to write {printable(shown_as)}, but no file can be made in that folder ({error.strerror}); "
            "make the folder, or name another."
        ) from error
