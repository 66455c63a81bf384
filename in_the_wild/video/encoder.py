"""ffmpeg: where it is, how it is told of files, a running one that takes images down a pipe, and what it died of.

Knows nothing about which film is made: the command comes from outside.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import IO

import av
import ffmpeg
import imageio_ffmpeg
import numpy as np

from in_the_wild.errors import OutputError, printable

TICKS_PER_SECOND = 90_000  # of a variable-rate MP4: 1/24, 1/25, 1/30 and 1001/30000 s are whole numbers of ticks

_DISK_TROUBLES = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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


def file_url(path: Path) -> str:
    """A file as ffmpeg is given it: never a protocol, a pattern or an option, whatever its name.

    ffmpeg-python knows names as UTF-8 alone, which a file's name need not be: each byte is a letter until `compiled`.
    """
    return os.fsencode(f"file:{path}").decode("latin-1")


def compiled(output: ffmpeg.nodes.OutputStream) -> list[str]:
    """The command that runs ffmpeg, silent but for errors, and overwrites what it writes to.

    Times are those of the files, as `probe` sees them (-copyts); ffmpeg would guess where each one starts.
    """
    output = output.global_args("-hide_banner", "-nostats", "-loglevel", "error", "-copyts")
    arguments = ffmpeg.compile(output, cmd=ffmpeg_binary(), overwrite_output=True)
    return [os.fsdecode(word.encode("latin-1")) if word.startswith("file:") else word for word in arguments]


class Encoder:
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
                f"Expected to run {command[0]} to write {printable(shown_as)}, but it does not start "
                f"({error.strerror}); reinstall imageio-ffmpeg."
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
        return failure(self._shown_as, list(self._complaints), code)


class SteadyImages:
    """Images down a pipe as bare bytes, at a constant rate."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder

    def write(self, image: np.ndarray, seconds: float) -> None:
        """Send one image; its time goes without saying."""
        self._encoder.write(image.reshape(-1).data)

    def close(self) -> None:
        """Nothing follows the last image."""


class TimedImages:
    """Images down a pipe, each with its time: uncompressed, in a NUT container."""

    _CHUNK = 1 << 20  # bytes at a time from libav to the pipe

    def __init__(self, encoder: Encoder, width: int, height: int, pixels: str) -> None:
        self._time_base = Fraction(1, TICKS_PER_SECOND)
        self._container = av.open(encoder, "w", format="nut", buffer_size=self._CHUNK)
        self._stream = self._container.add_stream("rawvideo", rate=25)
        self._pixels = pixels
        self._stream.width, self._stream.height, self._stream.pix_fmt = width, height, pixels
        self._stream.codec_context.time_base = self._time_base

    def write(self, image: np.ndarray, seconds: float) -> None:
        """Send one image, to be shown at so many seconds."""
        frame = av.VideoFrame.from_numpy_buffer(image, format=self._pixels)
        frame.pts, frame.time_base = round(seconds * TICKS_PER_SECOND), self._time_base
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Send what ends the container."""
        self._container.close()


def failure(path: Path, complaints: Sequence[str], code: int) -> OutputError:
    """What ffmpeg died of, in one sentence."""
    name = printable(path)
    said = [re.sub(r"^(\[[^\]]*\] *)+", "", line).strip() for line in complaints]
    said = [line for line in said if line and line != "Conversion failed!"]
    for trouble in map(os.strerror, _DISK_TROUBLES):
        if any(trouble in line for line in said):
            return OutputError(f"{name} cannot be written ({trouble}); make room there, or name another folder.")
    cause = said[-1].rstrip(".") if said else f"it ended with code {code} without a word"
    return OutputError(f"{name} cannot be written, because ffmpeg failed: {cause}.")
