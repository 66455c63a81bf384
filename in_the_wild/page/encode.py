"""Poses as few bytes: whole steps of a fixed size, second differences over time, deflated chunk by chunk.

A person who moves smoothly is nearly where a straight line through the two poses before leads, so what is left to
write are small whole numbers. Each chunk of frames stands for itself: a page decodes the one that it shows, the others
later. `src/decode.ts` is the inverse.

A chunk holds, for each person with rows in it, in the order of `Encoded.people`: the coordinates, (C, n) by coordinate
and row, as four planes of bytes, the lowest first; the scores (J, n), one byte each; and where these are known,
expected errors (J, n) as coordinates are, and reasons (J, n), one byte each.

It knows nothing about HTML.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses

STEP = 1e-4  # metres: a tenth of a millimetre
SCORE_STEP = 1 / 100
TIME_STEP = 1e-6  # seconds
ERROR_STEP = 1.0  # millimetres
CHUNK = 512  # frames
# The same for a page's header.
CONSTANTS = {
    "chunkFrames": CHUNK,
    "steps": {"metres": STEP, "score": SCORE_STEP, "seconds": TIME_STEP, "millimetres": ERROR_STEP},
}
_PLANES = 4


@dataclass(frozen=True)
class Track:
    """When one person is seen.

    Attributes:
        id: The person's.
        spans: First and last frame of each unbroken stretch, both included, rising.
    """

    id: int
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Encoded:
    """Poses as a page reads them.

    Attributes:
        people: Who is seen, and when; from this follows which rows a chunk has.
        times: The frames' times from the first on, as `pack` gives them.
        chunks: Of `CHUNK` frames each.
    """

    people: tuple[Track, ...]
    times: bytes
    chunks: tuple[bytes, ...]


def encode(poses: Poses) -> Encoded:
    """Poses in world space as bytes; rows without an id are left out.

    Args:
        poses: In world space.

    Raises:
        InputError: poses in another space.
    """
    if poses.space != "world":
        raise InputError(f'A page shows poses in world space, found "{poses.space}"; convert them first.')
    everybody = [poses.of_person(person) for person in poses.persons]
    frames = poses.video.frames
    starts = range(0, frames, CHUNK)
    return Encoded(
        people=tuple(Track(int(one.person_id[0]), _spans(one.frame)) for one in everybody),
        times=packed_times(poses.video.timestamps),
        chunks=tuple(_chunk(everybody, start) for start in starts),
    )


def packed_times(times: np.ndarray) -> bytes:
    """Seconds (T,), counted from the first."""
    return zlib.compress(pack(_steps(times - times[:1], TIME_STEP)[None]), 9)


def _chunk(everybody: list[Poses], start: int) -> bytes:
    """The rows of some frames, of one person after the other."""
    blocks = []
    for one in everybody:
        first, last = np.searchsorted(one.frame, (start, start + CHUNK))
        if first == last:
            continue
        points = one.keypoints[first:last].reshape(last - first, -1).T  # (3J, n)
        blocks.append(pack(_steps(points, STEP)))
        scores = np.ceil(one.scores[first:last].T / SCORE_STEP - 1e-6)  # what was seen stays above 0
        blocks.append(_levels(scores))
        if one.error_mm is not None:
            blocks.append(pack(_steps(one.error_mm[first:last].T, ERROR_STEP)))
        if one.reasons is not None:
            blocks.append(_levels(one.reasons[first:last].T))
    return zlib.compress(b"".join(blocks), 6)


def _levels(values: np.ndarray) -> bytes:
    """Whole numbers (J, n) from 0 to 255 as differences along each row, a byte each."""
    return np.diff(values.astype(np.int16), prepend=np.int16(0), axis=1).astype(np.uint8).tobytes()


def _steps(values: np.ndarray, step: float) -> np.ndarray:
    return np.rint(values.astype(np.float64) / step).astype(np.int64)


def pack(values: np.ndarray) -> bytes:
    """Whole numbers (C, n) as second differences along each row, in planes of bytes, the lowest first."""
    bent = np.diff(values, n=2, prepend=np.zeros((len(values), 2), np.int64), axis=1)
    folded = ((bent << 1) ^ (bent >> 63)).astype("<u4")  # 0, -1, 1, -2 ... as 0, 1, 2, 3 ...
    return np.moveaxis(folded[..., None].view(np.uint8), -1, 0).tobytes()


def unpack(planes: bytes, rows: int) -> np.ndarray:
    """The inverse of `pack`: (rows, n)."""
    folded = np.moveaxis(np.frombuffer(planes, np.uint8).reshape(_PLANES, rows, -1), 0, -1)
    values = np.ascontiguousarray(folded).view("<u4")[..., 0].astype(np.int64)
    return np.cumsum(np.cumsum((values >> 1) ^ -(values & 1), axis=1), axis=1)


def _spans(frames: np.ndarray) -> tuple[tuple[int, int], ...]:
    """First and last of each run of consecutive frames."""
    breaks = np.flatnonzero(np.diff(frames) > 1)
    firsts = frames[np.concatenate([[0], breaks + 1])]
    lasts = frames[np.concatenate([breaks, [len(frames) - 1]])]
    return tuple(zip(firsts.tolist(), lasts.tolist(), strict=True))
