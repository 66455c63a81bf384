"""How the video comes along with a page: within it, beside it by a relative path, or not at all, and why not.

It knows nothing about poses but the video that they were found in.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

import av
import av.error

from in_the_wild.video.footage import Video

How = Literal["auto", "embed", "link", "none"]

LARGEST_EMBEDDED = 8 << 20  # bytes of a video that a page takes in by itself
_TYPES = {".mp4": "video/mp4", ".m4v": "video/mp4", ".mov": "video/quicktime", ".webm": "video/webm",
          ".mkv": "video/x-matroska", ".ogv": "video/ogg"}  # fmt: skip


@dataclass(frozen=True)
class Footage:
    """The video of a page.

    Attributes:
        source: What a browser opens: a data address or a relative path; empty where there is nothing to open.
        began: Seconds on the browser's clock of time 0 of the poses.
        rotate: Degrees counter-clockwise by which it is turned to look as the poses do.
        mirror: Whether it is then flipped left to right.
        missing: Why there is nothing to open, in a sentence.
    """

    source: str = ""
    began: float = 0.0
    rotate: int = 0
    mirror: bool = False
    missing: str = ""


def as_way(text: object) -> How | None:
    """One of the ways that a video can come along; None where it is none, such as a file's name."""
    return next((way for way in get_args(How) if way == text), None)


def footage(video: Video | None, page: Path, how: How = "auto") -> Footage:
    """A video as a page at this place shows it.

    Args:
        video: The one that the poses were found in; None where nobody knows it.
        page: The file that will show it.
        how: "embed", "link", "none", or "auto", which embeds small ones and links others.

    Raises:
        InputError: a video that cannot be embedded although that is asked for.
    """
    if how == "none" or video is None:
        return Footage(missing="This page was made without its video.")
    file = video.footage
    if not isinstance(file, Path) or not file.is_file():
        return Footage(missing=f"The video {video.name} was not there when this page was made.")
    if how == "embed" or (how == "auto" and file.stat().st_size <= LARGEST_EMBEDDED):
        kind = _TYPES.get(file.suffix.lower(), "video/mp4")
        source = f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
    else:
        source = _relative(file, page)
        if not source:
            return Footage(missing=f"The video {video.name} lies too far from this page to be linked.")
    return Footage(source=source, began=_began(file), rotate=video.rotate, mirror=video.mirror)


def _relative(file: Path, page: Path) -> str:
    """The way from the page to the file; empty where it would name all folders of this machine."""
    here, there = page.parent.resolve(), file.resolve()
    common = Path(os.path.commonpath([here, there])) if here.anchor == there.anchor else None
    if common is None or common == Path(here.anchor):
        return ""
    return quote(Path(os.path.relpath(there, here)).as_posix())


def _began(file: Path) -> float:
    """Seconds on a player's clock, which begins with whatever stream is first, of the first picture."""
    try:
        with av.open(str(file)) as container:
            stream = container.streams.video[0]
            if stream.start_time is None or stream.time_base is None or container.start_time is None:
                return 0.0
            return float(stream.start_time * stream.time_base) - container.start_time / av.time_base
    except (av.error.FFmpegError, IndexError):
        return 0.0
