"""Pictures into picture files: a single one, numbered ones in place of a film, or a JPEG's bytes.

Knows nothing about ffmpeg.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np

from in_the_wild.errors import OutputError
from in_the_wild.files import refuse_overwriting, whole_file

# What each kind is encoded with.
PICTURES = {
    ".png": (cv2.IMWRITE_PNG_COMPRESSION, 3),
    ".jpg": (cv2.IMWRITE_JPEG_QUALITY, 93),
    ".jpeg": (cv2.IMWRITE_JPEG_QUALITY, 93),
}
_WITH_ALPHA = (".png",)


def jpeg(image: np.ndarray, quality: int) -> bytes:
    """(H, W, 3) uint8 RGB as a JPEG of a quality up to 100."""
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    return encoded.tobytes()


def write_picture(path: Path, image: np.ndarray, *, inputs: Sequence[Path] = ()) -> None:
    """Write one picture; the file appears whole or not at all.

    Args:
        path: A .png or .jpg.
        image: (H, W, 3) uint8 RGB, or (H, W, 4) with straight alpha.
        inputs: Files that must not be written over.

    Raises:
        OutputError: the file cannot be written, is an input, or has no room for alpha.
    """
    suffix = path.suffix.lower()
    if image.shape[2] == 4 and suffix not in _WITH_ALPHA:
        raise OutputError(f"A {suffix} has no transparency; name a .png, or choose a dark or light background.")
    refuse_overwriting(path, inputs)
    code = cv2.COLOR_RGBA2BGRA if image.shape[2] == 4 else cv2.COLOR_RGB2BGR
    _, encoded = cv2.imencode(suffix, cv2.cvtColor(image, code), PICTURES[suffix])
    with whole_file(path) as file:
        file.write(encoded.tobytes())


def write_numbered(pattern: Path, images: Iterable[np.ndarray], *, inputs: Sequence[Path] = ()) -> None:
    """Write pictures under numbers from 1 on; each appears whole or not at all.

    Args:
        pattern: "frames/%04d.png": the number as C writes it.
        images: See `write_picture`.
        inputs: Files that must not be written over.

    Raises:
        OutputError: see `write_picture`; or a pattern that asks for something else than one number.
    """
    if not re.fullmatch(r"[^%]*%(0\d+)?d[^%]*", pattern.name):
        raise OutputError(f"Expected one number in the name of pictures, such as %04d.png, but found {pattern.name}.")
    for number, image in enumerate(images, start=1):
        write_picture(pattern.with_name(pattern.name % number), image, inputs=inputs)
