"""How the video comes along with a page: within it, beside it by a relative path, or not at all, and why not.

It knows nothing about poses but the video that they were found in.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import quote

import av
import av.container
import av.error

from in_the_wild.errors import InputError
from in_the_wild.page import preview
from in_the_wild.video.footage import PICTURES, PictureSequence, Video

How = Literal["auto", "embed", "link", "none"]

LARGEST_BY_ITSELF = 8 << 20  # bytes of a video that a page takes in where nobody says so
LARGEST_AS_IT_IS = 32 << 20  # bytes of one that is taken in as it is; of a larger one a smaller copy
# What browsers decode on any machine, and the containers that they read it from.
_CODECS = {"h264", "vp8", "vp9", "av1"}
_PIXELS = {"yuv420p", "yuvj420p"}
_TYPES = {
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/mp4",
    ".webm": "video/webm",
    ".mkv": "video/webm",
}


@dataclass(frozen=True)
class Footage:
    """The video of a page.

    Attributes:
        source: What a browser opens: a data address or a relative path; empty where there is nothing to open.
        began: Seconds on the browser's clock of time 0 of the poses.
        rotate: Degrees counter-clockwise by which it is turned to look as the poses do.
        mirror: Whether it is then flipped left to right.
        missing: Why there is nothing to open, or where it is to be looked for if that fails, in a sentence.
    """

    source: str = ""
    began: float = 0.0
    rotate: int = 0
    mirror: bool = False
    missing: str = ""


@dataclass(frozen=True)
class _Stream:
    """What a browser needs to know of a file's pictures.

    Attributes:
        plays: Whether any browser decodes them.
        began: Seconds on a player's clock, which begins with whatever stream is first, of the first picture.
    """

    plays: bool
    began: float


def as_way(text: object) -> How | None:
    """One of the ways that a video can come along; None where it is none, such as a file's name."""
    return next((way for way in get_args(How) if way == text), None)


def footage(video: Video | None, page: Path, how: How = "auto") -> Footage:
    """A video as a page at this place shows it.

    Args:
        video: The one that the poses were found in; None where nobody knows it.
        page: The file that will show it.
        how: "embed", "link", "none", or "auto", which embeds small ones and links others. To be embedded, videos that
            browsers do not decode, and large ones, are made smaller copies of.

    Raises:
        InputError: a video that is to be embedded or linked, and cannot.
        VideoError: a video that is to be copied, and cannot be decoded.
    """
    if how == "none":
        return Footage(missing="This page was made without its video.")
    if video is None:
        if how != "auto":
            raise InputError("The video that the poses were found in is not where it was; name it: --video FILE.")
        return Footage(missing="The video was not found when this page was made.")
    if isinstance(video.footage, Path) and video.footage.suffix.lower() in PICTURES:
        return Footage(preview.picture(video))
    stream = _stream(video)
    small = _size(video) <= (LARGEST_BY_ITSELF if how == "auto" else LARGEST_AS_IT_IS)
    if how != "link" and small and stream is not None and stream.plays:
        return _turned(video, _data(video.files[0]), stream.began)
    if how == "embed":
        source, first = preview.film(video)
        return Footage(source, began=-first)
    return _linked(video, page, stream, must=how == "link")


def _linked(video: Video, page: Path, stream: _Stream | None, *, must: bool) -> Footage:
    """A video beside the page."""
    why = f"{video.name} is not one file of a film; embed it: pose3d view --video embed."
    if stream is not None:
        source = _relative(video.files[0], page)
        if source:
            why = f"{video.name} is not where this page looks for it, or this browser does not decode it"
            return _turned(video, source, stream.began, f"{why}; to have it within: pose3d view --video embed.")
        why = f"{video.name} lies too far from this page to be linked; embed it: pose3d view --video embed."
    if must:
        raise InputError(why)
    return Footage(missing=why)


def _turned(video: Video, source: str, began: float, missing: str = "") -> Footage:
    missing = missing or f"This browser does not decode {video.name}."
    return Footage(source, began, video.rotate, video.mirror, missing)


def _stream(video: Video) -> _Stream | None:
    """What there is to play; None of what is no file, or not the stream that a player shows."""
    if not isinstance(video.footage, Path) or video.stream:
        return None
    try:
        with av.open(str(video.footage)) as container:
            return _of_file(container, video.footage.suffix.lower())
    except (av.error.FFmpegError, IndexError, OSError):
        return None


def _of_file(container: av.container.InputContainer, suffix: str) -> _Stream:
    stream = container.streams.video[0]
    context = stream.codec_context
    plays = context.name in _CODECS and context.pix_fmt in _PIXELS and suffix in _TYPES
    began = 0.0
    if stream.start_time is not None and stream.time_base is not None and container.start_time is not None:
        began = float(stream.start_time * stream.time_base) - container.start_time / av.time_base
    return _Stream(plays, began)


def _size(video: Video) -> int:
    return 0 if isinstance(video.footage, PictureSequence) else sum(file.stat().st_size for file in video.files)


def _data(file: Path) -> str:
    return preview.data(_TYPES[file.suffix.lower()], file.read_bytes())


def _relative(file: Path, page: Path) -> str:
    """The way from the page to the file; empty where it would name all folders of this machine."""
    here, there = page.parent.resolve(), file.resolve()
    common = Path(os.path.commonpath([here, there])) if here.anchor == there.anchor else None
    if common is None or common == Path(here.anchor):
        return ""
    return quote(Path(os.path.relpath(there, here)).as_posix())
