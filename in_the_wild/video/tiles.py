"""Photographs in tiles, as phones write HEIC: put together by ffmpeg, which alone is told how they lie.

Knows nothing about what becomes of them.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import av.container
import ffmpeg

from in_the_wild.errors import VideoError, printable
from in_the_wild.video.encoder import compiled, file_url

PICTURE_BRANDS = {"avif", "heic", "heix", "mif1"}  # of photographs that are built as MP4s are
_TILE = 1 << 19  # libav's AV_DISPOSITION_DEPENDENT


def is_in_tiles(container: av.container.InputContainer) -> bool:
    """Whether what a file has as pictures are pieces of one."""
    tiles = (stream for stream in container.streams.video if int(stream.disposition) & _TILE)
    return container.metadata.get("major_brand") in PICTURE_BRANDS and next(tiles, None) is not None


def put_together(path: Path, opening: dict[str, str]) -> bytes:
    """The whole photograph, as a PNG.

    Args:
        path: the file.
        opening: the options that files are opened with.

    Raises:
        VideoError: ffmpeg cannot read it.
    """
    photograph = ffmpeg.input(file_url(path), **opening)
    command = compiled(ffmpeg.output(photograph, "pipe:1", format="image2pipe", vcodec="png", **{"frames:v": 1}))
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode or not done.stdout:
        raise VideoError(f"{printable(path)} is a photograph in tiles that cannot be put together; save it as a JPEG.")
    return done.stdout
