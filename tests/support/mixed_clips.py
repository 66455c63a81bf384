"""Clips as somebody's folder has them, cut from real films: of several sizes, rates and lengths, wide and tall."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from in_the_wild.video.footage import Video
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter

_ROOT = Path(__file__).parents[2]
_SIZES = ((480, 272), (640, 360), (854, 480), (272, 480), (360, 640), (400, 400))  # width, height
_RATES = (15, 24, 25, 30000 / 1001, 50)


def films() -> list[Path]:
    """What clips are cut from: the demo, and the films that lie beside the checkout."""
    return [_ROOT / "assets" / "demo.mp4", *sorted((_ROOT / ".." / "shared" / "data" / "video").glob("*.mp4"))]


def make_clips(folder: Path, count: int, *, seconds: tuple[float, float] = (1.0, 3.0)) -> list[Path]:
    """Write so many clips into a folder, the same ones each time; seconds are those of the shortest and the longest."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(0)
    sources = [_pictures(film) for film in films()]
    return [
        _written(folder / f"clip{number:03d}.mp4", sources[number % len(sources)], chance, seconds)
        for number in range(count)
    ]


def _pictures(film: Path) -> list[np.ndarray]:
    """All pictures of a film, no higher than the largest clip."""
    most = max(height for _, height in _SIZES)
    return [_scaled(frame.image, most / frame.image.shape[0]) for frame in VideoReader(Video(film))]


def _scaled(image: np.ndarray, scale: float) -> np.ndarray:
    height, width, _ = image.shape
    return cv2.resize(image, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)


def _written(path: Path, pictures: Sequence[np.ndarray], chance: random.Random, seconds: tuple[float, float]) -> Path:
    """A clip of the middle of so many pictures, whatever is outside cut off."""
    width, height = chance.choice(_SIZES)
    fps = chance.choice(_RATES)
    frames = min(round(chance.uniform(*seconds) * fps), len(pictures))
    first = chance.randrange(len(pictures) - frames + 1)
    with VideoWriter(path, width=width, height=height, fps=fps) as film:
        for picture in pictures[first : first + frames]:
            film.write(_middle(picture, width, height))
    return path


def _middle(picture: np.ndarray, width: int, height: int) -> np.ndarray:
    """The middle of a picture in another size."""
    scale = max(width / picture.shape[1], height / picture.shape[0])
    large = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    top, left = (large.shape[0] - height) // 2, (large.shape[1] - width) // 2
    return np.ascontiguousarray(large[top : top + height, left : left + width])
