"""Images into a film of any kind that `kinds` lists, with the original timing and sound; or into numbered pictures.

Encoding is an ffmpeg process at the end of a pipe, so that it runs beside Python.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import av
import av.error
import ffmpeg
import numpy as np

from in_the_wild.errors import OutputError, printable
from in_the_wild.files import refuse_overwriting
from in_the_wild.threads import limited
from in_the_wild.video.encoder import TICKS_PER_SECOND, Encoder, SteadyImages, TimedImages, compiled, file_url
from in_the_wild.video.kinds import KINDS, ORDINARY, Encoding, Kind, Pictures
from in_the_wild.video.loops import Loop, Waiting, make_loop
from in_the_wild.video.probe import VideoInfo, probe
from in_the_wild.video.sound import Sound, sound_of
from in_the_wild.video.timing import Timing, exact

_ENDINGS = f"{', '.join(sorted(set(KINDS) - {'.mp4'}))} or .mp4"


class VideoWriter:
    """Writes (H, W, 3) uint8 RGB images to a film; to be used as a context manager.

        with VideoWriter("out.mp4", width=640, height=480, fps=30000 / 1001) as video:
            video.write(image)

    The suffix chooses: `.mp4` is H.264 that plays in browsers (yuv420p, index in front; an odd width or height gains a
    black row or column), `.mov` ProRes 4444 for programs that edit films, `.webm` VP9; `.gif`, `.webp` and `.apng` play
    in a loop without sound, as small as a limit asks for. All but `.mp4` can be transparent.

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
            to 1/90000 s. (What loops has a constant rate; its images are repeated or left out to keep to the times.)
        audio_from: a video, or what `probe` says of it, whose sound is added, in step with the images: that of the
            time from the first timestamp to the end of the last image (all of it without timestamps). Copied as it is
            where browsers play it in such a file, otherwise encoded anew; a track for which neither works is left out.
            A video without sound is all right.
        encoding: what its pictures are worth.
        alpha: whether images are (H, W, 4), with straight alpha.

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
        encoding: Encoding = ORDINARY,
        alpha: bool = False,
    ) -> None:
        self.path = Path(path)
        self._kind = _kind_of(self.path, alpha=alpha)
        if encoding.max_mb is not None and self._kind.encode is not None:
            raise OutputError(
                f"A limit of megabytes is for .gif, .webp and .apng, not for {printable(self.path)}; make it "
                "smaller by its height."
            )
        if width < 1 or height < 1:
            raise ValueError(f"Expected a width and height of 1 pixel or more, found {width}x{height}.")
        self._timing = Timing.of(fps, timestamps)
        self._rate = self._timing.rate  # None where it varies
        self._width, self._height = width, height
        self._audio_from = audio_from
        refuse_overwriting(self.path, [audio_from.path if isinstance(audio_from, VideoInfo) else audio_from])
        self._encoding = encoding if encoding.threads else replace(encoding, threads=limited() or None)
        self._alpha = alpha
        self._loops = self._kind.encode is None
        self._written = 0
        self.warnings: list[str] = []

    def __enter__(self) -> VideoWriter:
        with contextlib.ExitStack() as undo:
            # Not made from the file's own name, which may be as long as names can be.
            self._whole = self.path.with_name(f".{secrets.token_hex(8)}.part{self.path.suffix.lower()}")
            _create(self._whole, shown_as=self.path)
            undo.callback(self._whole.unlink, missing_ok=True)
            self._piped_to = self._whole
            if self._loops:
                # A palette is known only once all pictures are, and a limit is met by trying: until then they wait,
                # lossless, in a file (ffmpeg's split filter would hold them in memory: 1 GB for 40 s).
                workshop = tempfile.TemporaryDirectory(dir=self.path.parent, prefix=".", ignore_cleanup_errors=True)
                self._piped_to = Path(undo.enter_context(workshop)) / "pictures.mkv"
            self._process = Encoder(self._command(), shown_as=self.path)
            undo.callback(self._process.kill)
            self._images = (
                SteadyImages(self._process)
                if self._rate is not None
                else TimedImages(self._process, self._width, self._height, "rgba" if self._alpha else "rgb24")
            )
            self._undo = undo.pop_all()
        return self

    def write(self, image: np.ndarray) -> None:
        """Add one image: (H, W, 3) uint8 RGB of the size that was announced, (H, W, 4) with straight alpha."""
        expected = (self._height, self._width, 4 if self._alpha else 3)
        if image.shape != expected or image.dtype != np.uint8:
            raise ValueError(f"Expected an image {expected} of uint8, found {image.shape} of {image.dtype}.")
        self._images.write(np.ascontiguousarray(image), self._timing.seconds(self._written))
        self._written += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._undo:
            try:
                if kind is None:
                    self._finish()
            finally:
                self._process.kill()
                with contextlib.suppress(av.error.FFmpegError):  # it remembers that writing failed
                    self._images.close()

    def _finish(self) -> None:
        if not self._written:
            raise OutputError(f"Expected at least one image to write to {printable(self.path)}, but there was none.")
        self._images.close()
        self._process.finish()
        if self._loops:
            self._make_loop()
        try:
            os.replace(self._whole, self.path)
        except OSError as error:
            raise OutputError(
                f"The finished video cannot be put at {printable(self.path)} ({error.strerror}); name another file."
            ) from error

    def _command(self) -> list[str]:
        """The ffmpeg command that takes images from a pipe."""
        timing: dict[str, Any] = {}
        if self._rate is not None:
            size, pixels = f"{self._width}x{self._height}", "rgba" if self._alpha else "rgb24"
            images = ffmpeg.input("pipe:0", format="rawvideo", pix_fmt=pixels, s=size, framerate=str(self._rate))
        else:
            # Nothing but the first packet's header need be looked at: probing would swallow frames of megabytes each.
            images = ffmpeg.input("pipe:0", format="nut", analyzeduration=0, probesize=32)
            timing = {"fps_mode": "passthrough", "enc_time_base": f"1:{TICKS_PER_SECOND}"}
            if self._kind.waits_for_last:
                # The length of the whole is taken from the last image in the order of coding and its duration: so no
                # B-frames, which would make that another image than the last in time, and the duration has to be said.
                timing |= {"bf": 0, "bsf:v": f"setts=duration={round(TICKS_PER_SECOND / self._timing.fps)}"}
        if self._kind.encode is None:
            steady = images.video.filter("fps", str(self._rate or exact(self._timing.fps)))
            waiting = {"vcodec": "ffv1"} if self._alpha else {"vcodec": "libx264rgb", "qp": 0, "preset": "ultrafast"}
            return self._compile(steady, **waiting)
        pictures = Pictures(images.video, self._width, self._height, self._alpha, self._encoding)
        stream, options = self._kind.encode(pictures)
        sound = self._sound()
        return self._compile(stream, *sound.streams, **options, **timing, **sound.options)

    def _sound(self) -> Sound:
        """The sound of the source while the images are shown."""
        sound = Sound()
        if self._audio_from is not None and self._kind.sound is not None:
            source = self._audio_from if isinstance(self._audio_from, VideoInfo) else probe(self._audio_from)
            sound = sound_of(source, self._kind.sound, start=self._timing.start, length=self._timing.length)
        self.warnings = list(sound.warnings)
        return sound

    def _make_loop(self) -> None:
        """Turn the waiting pictures into what plays in a loop."""
        worth = self._encoding
        rate = self._rate or exact(self._timing.fps)
        waiting = Waiting(self._piped_to, self._width, rate, self._alpha, worth.threads, self.path)
        made = self._piped_to.with_name(f"film{self.path.suffix.lower()}")
        make_loop(waiting, made, Loop(worth.loop_width, worth.loop_fps), worth.max_mb)
        os.replace(made, self._whole)

    def _compile(self, *streams: ffmpeg.nodes.Stream, **options: Any) -> list[str]:
        if self._encoding.threads is not None:
            options["threads"] = self._encoding.threads
        return compiled(ffmpeg.output(*streams, file_url(self._piped_to), **options))


def _kind_of(path: Path, *, alpha: bool) -> Kind:
    """The kind of film that a name's ending asks for.

    Raises:
        OutputError: no such kind, or one that cannot be transparent and shall be.
    """
    kind = KINDS.get(path.suffix.lower())
    if kind is None:
        raise OutputError(f"Expected the name of a film to write ({_ENDINGS}), but found {printable(path)}; rename it.")
    if alpha and not kind.alpha:
        raise OutputError(
            f"A {path.suffix} cannot be transparent ({printable(path)}); name a .mov, .webm or .png, or choose a dark "
            "or light background."
        )
    return kind


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
