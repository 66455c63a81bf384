"""Clips whose pictures carry their index as a grey level: tests see the right picture at the right time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np

NTSC = Fraction(30000, 1001)
SIZE = (64, 48)  # width, height
RED, GREEN = (220, 20, 20), (20, 200, 40)
UNEVEN = [0.0, 0.02, 0.1, 0.11, 0.15, 0.4, 0.433, 1.2, 1.21, 1.3]  # seconds


def level(index: int) -> int:
    """Different for 45 pictures running, by more than coding changes it."""
    return 16 + 5 * (index % 45)


def picture(index: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Grey by index; the top left corner is red and the top right one green."""
    width, height = size
    image = np.full((height, width, 3), level(index), np.uint8)
    image[: height // 4, : width // 4] = RED
    image[: height // 4, -(width // 4) :] = GREEN
    return image


def indices(images: Sequence[np.ndarray]) -> list[int]:
    """Which picture each image is, read off its middle."""
    return [round((float(image[image.shape[0] // 2, image.shape[1] // 2].mean()) - 16) / 5) for image in images]


def is_colour(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() < 30)


def make_clip(
    path: Path,
    *,
    count: int = 30,
    times: Sequence[float] | None = None,
    rate: Fraction = NTSC,
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    group: int = 10,
    draw: Callable[[int, tuple[int, int]], np.ndarray] = picture,
) -> Path:
    """A clip made by PyAV, which is no part of how VideoWriter makes one."""
    time_base = 1 / rate if times is None else Fraction(1, 1000)
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.codec_context.time_base = time_base
        stream.codec_context.gop_size = group
        for index in range(count if times is None else len(times)):
            frame = av.VideoFrame.from_ndarray(draw(index, size), format="rgb24")
            frame.pts = index if times is None else round(times[index] * 1000)
            frame.time_base = time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def make_flash_and_beep(path: Path) -> Path:
    """Two seconds that turn white, and begin to sound, at 1 s."""
    run_ffmpeg(
        *("-f", "lavfi", "-i", "color=black:s=64x48:r=25:d=2,geq=lum='if(gte(T,0.999),235,16)':cb=128:cr=128"),
        *("-f", "lavfi", "-i", "aevalsrc='if(gte(t,1),sin(6283*t),0)':s=48000:d=2"),
        *("-c:v", "libx264", "-c:a", "aac", path),
    )
    return path


def run_ffmpeg(*arguments: str | Path) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def leftovers(folder: Path, *known: str) -> list[str]:
    return sorted(set(os.listdir(folder)) - set(known))
