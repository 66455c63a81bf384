"""The kinds of film that can be written, by the ending of a file's name, and how ffmpeg encodes the pictures of each.

Knows nothing about where images come from, nor about what is done with a file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ffmpeg

from in_the_wild.video.hardware import working_encoder
from in_the_wild.video.sound import MOV, MP4, WEBM, Container


@dataclass(frozen=True)
class Encoding:
    """How much work and space the pictures of a film are worth.

    Attributes:
        crf: x264's quality, 0 (lossless) to 51; 18 to 23 are usual.
        preset: x264's trade of speed for size, "ultrafast" to "veryslow".
        threads: at most so many threads for encoding; ffmpeg's own choice by default.
        hardware: whether a graphics card may encode H.264, where there is one that works.
        loop_width: a wider GIF, WebP or APNG is scaled down to so many pixels.
        loop_fps: of a faster video every second (third ...) picture makes a GIF, WebP or APNG, to stay within so many a
            second.
        max_mb: megabytes that a GIF, WebP or APNG must not exceed: it then has a lower rate, fewer pixels and fewer
            colours than the two above allow.
    """

    # Of a 720p overlay, "veryfast" at 20 takes 28 ms of a processor a picture, this 16; files are a quarter larger, and
    # 0.5 dB farther from the pictures.
    crf: int = 21
    preset: str = "superfast"
    threads: int | None = None
    hardware: bool = True
    loop_width: int = 640
    loop_fps: float = 25.0
    max_mb: float | None = None


ORDINARY = Encoding()


@dataclass(frozen=True)
class Pictures:
    """Pictures on their way into a film.

    Attributes:
        stream: what ffmpeg reads.
        width, height: pixels.
        alpha: whether they have transparency.
        encoding: what they are worth.
    """

    stream: ffmpeg.nodes.FilterableStream
    width: int
    height: int
    alpha: bool
    encoding: Encoding

    def even(self) -> ffmpeg.nodes.FilterableStream:
        """The stream with even sides, which halved colour asks for: an odd one gains a black row or column."""
        if not (self.width % 2 or self.height % 2):
            return self.stream
        padded: ffmpeg.nodes.FilterableStream = self.stream.filter(
            "pad", self.width + self.width % 2, self.height + self.height % 2, color="black@0"
        )
        return padded


@dataclass(frozen=True)
class Kind:
    """A kind of film.

    Attributes:
        encode: the pictures as they are encoded, and ffmpeg's options for that; None for what loops, see `loops`.
        sound: what it holds of sound; None for none.
        alpha: whether its pictures can be transparent.
        waits_for_last: whether its times need the duration of the last picture said, and no pictures out of order.
    """

    encode: Callable[[Pictures], tuple[ffmpeg.nodes.FilterableStream, dict[str, Any]]] | None = None
    sound: Container | None = None
    alpha: bool = True
    waits_for_last: bool = False


def _mp4(pictures: Pictures) -> tuple[ffmpeg.nodes.FilterableStream, dict[str, Any]]:
    """H.264 that plays in browsers, its index in front."""
    worth = pictures.encoding
    options: dict[str, Any] = {"vcodec": "libx264", "crf": worth.crf, "preset": worth.preset}
    if worth.hardware:
        options = working_encoder(pictures.width, pictures.height, worth.crf) or options
    return _in_bt709(pictures.even(), "yuv420p"), {**options, "movflags": "+faststart"}


def _mov(pictures: Pictures) -> tuple[ffmpeg.nodes.FilterableStream, dict[str, Any]]:
    """ProRes 4444, which programs that edit films take, transparency included."""
    pixels = "yuva444p10le" if pictures.alpha else "yuv444p10le"
    return _in_bt709(pictures.stream, pixels), {"vcodec": "prores_ks", "profile:v": "4444", "vendor": "apl0"}


def _webm(pictures: Pictures) -> tuple[ffmpeg.nodes.FilterableStream, dict[str, Any]]:
    """VP9, whose transparency browsers show."""
    options = {"vcodec": "libvpx-vp9", "crf": 30, "b:v": 0, "deadline": "good", "cpu-used": 5, "row-mt": 1}
    # Transparency does not go with pictures that are encoded ahead of their time.
    options |= {"auto-alt-ref": 0} if pictures.alpha else {}
    return _in_bt709(pictures.even(), "yuva420p" if pictures.alpha else "yuv420p"), options


def _in_bt709(stream: ffmpeg.nodes.FilterableStream, pixels: str) -> ffmpeg.nodes.FilterableStream:
    """Colours as players expect them of films, and said so."""
    converted: ffmpeg.nodes.FilterableStream = (
        stream.filter("scale", out_color_matrix="bt709", out_range="tv")
        .filter("format", pixels)
        .filter("setparams", colorspace="bt709", color_primaries="bt709", color_trc="bt709")
    )
    return converted


KINDS: Mapping[str, Kind] = {
    ".mp4": Kind(_mp4, sound=MP4, alpha=False, waits_for_last=True),
    ".mov": Kind(_mov, sound=MOV, waits_for_last=True),
    ".webm": Kind(_webm, sound=WEBM),
    ".gif": Kind(),
    ".webp": Kind(),
    ".apng": Kind(),
}
