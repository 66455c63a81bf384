"""Short clips of somebody who moves, cut from the demo, and what a run made of them, to be compared by bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from fractions import Fraction
from importlib import resources
from pathlib import Path

import av

RATE = 25
SIZE = (480, 272)  # width, height
# Of a run's record, what no two runs have in common.
_OF_ITS_TIME = ("seconds", "frames_per_second")


def make_clips(folder: Path, count: int, *, frames: int = 12) -> list[Path]:
    """Pieces of the demo, each beginning at another of its pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with av.open(str(resources.files("in_the_wild.assets") / "demo.mp4")) as demo:
        pictures = [picture.reformat(*SIZE, format="yuv420p") for picture in demo.decode(video=0)]
    starts = [7 * number % (len(pictures) - frames) for number in range(count)]
    return [
        _written(folder / f"clip{number:03d}.mp4", pictures[start : start + frames])
        for number, start in enumerate(starts)
    ]


def _written(path: Path, pictures: list[av.VideoFrame]) -> Path:
    with av.open(str(path), "w") as film:
        stream = film.add_stream("libx264", rate=RATE)
        stream.width, stream.height = SIZE
        for index, picture in enumerate(pictures):
            picture.pts, picture.time_base = index, Fraction(1, RATE)
            film.mux(stream.encode(picture))
        film.mux(stream.encode())
    return path


def made(folder: Path) -> Mapping[str, str]:
    """The sha256 of every result of a run over many clips, by its path; a record without the times that it took."""
    files = (path for path in sorted(folder.glob("[!.]*/*")) if path.is_file())
    return {str(path.relative_to(folder)): _digest(path) for path in files}


def _digest(path: Path) -> str:
    content = path.read_bytes()
    if path.name == "run.json":
        record = json.loads(content)
        content = json.dumps({name: value for name, value in record.items() if name not in _OF_ITS_TIME}).encode()
    return hashlib.sha256(content).hexdigest()
