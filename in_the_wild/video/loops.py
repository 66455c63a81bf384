"""Pictures that wait in a file into a GIF, an animated WebP or an APNG: as they are, or as well as a limit allows.

Knows nothing about where the pictures come from.
"""

from __future__ import annotations

import math
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import ffmpeg

from in_the_wild.errors import OutputError, printable
from in_the_wild.video.encoder import compiled, failure, file_url

_MB = 1_000_000
_SMALLEST = 64  # pixels of width below which nobody can see anything


@dataclass(frozen=True)
class Loop:
    """How much of the pictures is kept.

    Attributes:
        width: Pixels; wider ones are scaled down.
        fps: Pictures a second; of faster ones every second (third ...) is kept.
        colours: Of a palette, and of WebP the quality, whose best is as good as that of 256.
    """

    width: int
    fps: float
    colours: int = 256


# What is given up for a smaller file, little by little: shares of the width, pictures a second, colours.
_LESS = (
    (1.0, 25, 256), (1.0, 20, 256), (1.0, 15, 256), (0.9, 15, 256), (0.8, 15, 192), (0.75, 15, 128), (0.7, 12, 128),
    (0.6, 12, 128), (0.55, 12, 96), (0.5, 10, 96), (0.45, 10, 64), (0.4, 10, 64), (0.35, 10, 48), (0.3, 8, 48),
    (0.25, 8, 32), (0.2, 8, 32), (0.16, 6, 32), (0.12, 5, 16),
)  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """Pictures that wait.

    Attributes:
        path: Lossless, and read as often as it takes.
        width: Pixels.
        rate: Pictures a second.
        alpha: Whether they have transparency.
        threads: At most so many for encoding; None leaves it to ffmpeg.
        shown_as: What the film is called, for errors.
    """

    path: Path
    width: int
    rate: Fraction
    alpha: bool
    threads: int | None
    shown_as: Path


def make_loop(waiting: Waiting, target: Path, loop: Loop, max_mb: float | None) -> None:
    """Write a GIF, WebP or APNG.

    Args:
        waiting: The pictures.
        target: The file, whose ending says the kind.
        loop: How much of the pictures is kept at most.
        max_mb: Megabytes that it must not exceed: it is then the best that fits. None for no limit.

    Raises:
        OutputError: ffmpeg fails, or the least of it is still too large.
    """
    if max_mb is None:
        _encode(waiting, target, loop)
        return
    limit = int(max_mb * _MB)
    rungs = _rungs(loop, min(waiting.width, loop.width))
    # The first of a ladder of ever smaller files that fits, found by halving it.
    low, high = 0, len(rungs)
    best: Path | None = None
    while low < high:
        middle = (low + high) // 2
        attempt = target.with_name(f"{target.stem}.{middle}{target.suffix}")
        _encode(waiting, attempt, rungs[middle])
        if attempt.stat().st_size <= limit:
            if best is not None:
                best.unlink()
            best, high = attempt, middle
        else:
            attempt.unlink()
            low = middle + 1
    if best is None:
        raise OutputError(
            f"{printable(waiting.shown_as)} does not fit into {max_mb:g} MB, however small its pictures are; take "
            "a part of the clip, or allow more."
        )
    best.replace(target)


def _rungs(loop: Loop, width: int) -> list[Loop]:
    """Ever less of the pictures, from all that is allowed on."""
    less = [
        replace(loop, width=max(_SMALLEST, round(share * width)), fps=min(loop.fps, fps), colours=colours)
        for share, fps, colours in _LESS
    ]
    return list(dict.fromkeys(less))


def _encode(waiting: Waiting, target: Path, loop: Loop) -> None:
    pictures = ffmpeg.input(file_url(waiting.path)).video
    if waiting.rate > Fraction(loop.fps).limit_denominator(1001):
        pictures = pictures.filter("fps", str(waiting.rate / math.ceil(waiting.rate / Fraction(loop.fps))))
    if waiting.width > loop.width:
        pictures = pictures.filter("scale", loop.width, -1, flags="lanczos")
    _WRITERS[target.suffix](waiting, target, loop, pictures)


def _webp(waiting: Waiting, target: Path, loop: Loop, pictures: ffmpeg.nodes.Stream) -> None:
    quality = round(45 + 35 * math.log2(loop.colours / 16) / 4)
    converted = pictures.filter("format", "yuva420p" if waiting.alpha else "yuv420p")
    _run(waiting, converted, target, vcodec="libwebp_anim", quality=quality, compression_level=4, loop=0)


def _apng(waiting: Waiting, target: Path, loop: Loop, pictures: ffmpeg.nodes.Stream) -> None:
    if waiting.alpha or loop.colours == 256:
        plain = pictures.filter("format", "rgba" if waiting.alpha else "rgb24")
    else:
        plain = _with_palette(waiting, loop, pictures)
    _run(waiting, plain, target, format="apng", plays=0, pred="mixed")


def _gif(waiting: Waiting, target: Path, loop: Loop, pictures: ffmpeg.nodes.Stream) -> None:
    _run(waiting, _with_palette(waiting, loop, pictures), target, loop=0)


def _with_palette(waiting: Waiting, loop: Loop, pictures: ffmpeg.nodes.Stream) -> ffmpeg.nodes.Stream:
    """Pictures in few colours: one pass for a palette made for the clip, one to use it."""
    palette = waiting.path.with_suffix(".png")
    chosen = pictures.filter(
        "palettegen", stats_mode="full", max_colors=loop.colours, reserve_transparent=int(waiting.alpha)
    )
    _run(waiting, chosen, palette, update=1, **{"frames:v": 1})
    return ffmpeg.filter(
        [pictures, ffmpeg.input(file_url(palette)).video],
        "paletteuse",
        dither="bayer",
        bayer_scale=5,
        diff_mode="rectangle",
    )


_WRITERS: dict[str, Callable[[Waiting, Path, Loop, ffmpeg.nodes.Stream], None]] = {
    ".gif": _gif,
    ".webp": _webp,
    ".apng": _apng,
}


def _run(waiting: Waiting, stream: ffmpeg.nodes.Stream, target: Path, **options: Any) -> None:
    """Run an ffmpeg that reads and writes files, to its end."""
    if waiting.threads is not None:
        options["threads"] = waiting.threads
    command = compiled(ffmpeg.output(stream, file_url(target), **options))
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode:
        raise failure(waiting.shown_as, done.stderr.decode(errors="replace").splitlines(), done.returncode)
