"""What people give as input into the videos that it means: files, folders, patterns, lists and addresses.

    clip.mp4, photo.jpg                          themselves
    folder                                       the videos and pictures in it; numbered pictures are one video
    "clips/**/*.mp4"                             what the pattern matches, quoted or not
    @list.txt                                    what its lines mean, one of these each
    frames/%04d.png                              numbered pictures, as one video
    https://example.org/clip.mp4, rtsp://camera  what is read from there
    s3://bucket/clip.mp4, s3://bucket/clips      a file in a store, the videos and pictures in a folder of one

It opens no video; what is a video is told by names in a folder alone, as everything else is named by somebody.
"""

from __future__ import annotations

import dataclasses
import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NoReturn

from in_the_wild import stores
from in_the_wild.errors import InputError, listed
from in_the_wild.files import regular_file
from in_the_wild.video.footage import PICTURES, Address, PictureSequence, Video, files_in

VIDEOS = {
    ".3g2", ".3gp", ".asf", ".avi", ".divx", ".dv", ".f4v", ".flv", ".gif", ".insv", ".m2ts", ".m2v", ".m4v", ".mjpeg",
    ".mjpg", ".mkv", ".mod", ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".nut", ".ogv", ".qt", ".tod", ".ts",
    ".vob", ".webm", ".wmv", ".y4m",
}  # fmt: skip

_WILD = "*?["
_LONGEST_LIST, _LONGEST_NAME = 1 << 24, 1000  # bytes, characters
_NAMED = 10  # files in one sentence


def expand(given: Sequence[str | Path | Video]) -> list[Video]:
    """All videos that the inputs mean, in their order; one that several of them mean is there once.

    What is said of an input holds for all videos that it means.

    Raises:
        InputError: an input that means nothing, a file that is not there, or one that is named twice.
    """
    found: dict[str, tuple[Video, bool]] = {}
    missing = []
    for named in given:
        like = Video.of(named)
        several = _meant(like)
        for video in [like] if several is None else several:
            footage = video.footage
            if isinstance(footage, Path) and not os.path.exists(footage):  # which knows names that are too long
                missing.append(str(footage))
                continue
            key = os.path.realpath(footage) if isinstance(footage, Path) else str(footage)
            if several is None and key in found and found[key][1]:
                raise InputError(f"Every video can be given once; {footage} came more than once.")
            found.setdefault(key, (video, several is None))
    if missing:
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        raise InputError(
            f"Video files were expected, found no {', '.join(missing[:_NAMED])}{more}; check name and folder."
        )
    return [video for video, _ in found.values()]


def one(given: str | Path | Video) -> Video:
    """The only video that an input means.

    Raises:
        InputError: it means none, or several.
    """
    return alone(expand([given]))


def alone(videos: Sequence[Video]) -> Video:
    """The only one of these videos.

    Raises:
        InputError: there are several.
    """
    if len(videos) > 1:
        names = listed([video.name for video in videos])
        raise InputError(f"One video was expected, found {len(videos)}: {names}. Give one of them.")
    return videos[0]


def taken_singly(videos: Sequence[Video]) -> list[str]:
    """Sentences on numbered pictures that are there one by one, where somebody may have meant a film of them."""
    pictures = {video.footage for video in videos if isinstance(video.footage, Path)}
    pictures = {file for file in pictures if file.suffix.lower() in PICTURES}
    sequences = [one for folder in sorted({file.parent for file in pictures}) for one in PictureSequence.all_in(folder)]
    return [
        f"{len(one.files)} numbered pictures are taken one by one; to take them as one video give {one}."
        for one in sequences
        if pictures.issuperset(one.files)
    ]


def _meant(given: Video) -> list[Video] | None:
    """The videos that an input means; None where it is one itself."""
    if isinstance(given.source, str) and isinstance(given.footage, Address) and given.footage.in_store:
        return _in_store(given)
    if not isinstance(given.source, (str, Path)) or not isinstance(given.footage, (Path, PictureSequence)):
        return None
    text, path = str(given.source), Path(given.source)
    if os.path.isfile(path):
        return None
    if text.startswith("@"):
        return _each(_lines(Path(text[1:])), given)
    if os.path.isdir(path):
        return _each(_in_folder(path) or _refuse_empty(path), given)
    if any(letter in text for letter in _WILD):
        return _each(_matching(text), given)
    if text.isdecimal():
        raise InputError(
            f"{text} is no file, and cameras are not read by their number; record a video and give its file, give the "
            f"rtsp address of a camera in the network, or look at it live: pose3d run {text} --live."
        )
    return None


def _each(sources: Iterable[str | Path | PictureSequence], like: Video) -> list[Video]:
    """All videos that these sources mean, read as another one is."""
    videos = []
    for source in sources:
        one = dataclasses.replace(like, source=source)
        videos += _meant(one) or [one]
    if any(isinstance(video.footage, PictureSequence) for video in videos):
        # Videos beside numbered pictures have rates of their own.
        return [video if isinstance(video.footage, PictureSequence) else video.replace(fps=None) for video in videos]
    return videos


def _in_folder(folder: Path) -> list[Path | PictureSequence]:
    """The videos, pictures and sequences of pictures in a folder, not in those within it."""
    sequences = PictureSequence.all_in(folder)
    taken = {file for sequence in sequences for file in sequence.files}
    media = [file for file in files_in(folder) if _is_named_as_media(file) and file not in taken]
    return [*media, *sequences]


def _in_store(given: Video) -> list[Video] | None:
    """The videos and pictures that an address in a store means; None where its name is one's own."""
    url = str(given.source)
    if not any(letter in url for letter in _WILD) and _is_named_as_media(url):
        return None
    found = [file for file in stores.find(url) if _is_named_as_media(file)]
    if not found:
        raise InputError(f"No video and no picture is at {stores.shown(url)}; check the address.")
    return [given.replace(source=file) for file in found]


def _is_named_as_media(file: str | Path) -> bool:
    return PurePosixPath(file).suffix.lower() in VIDEOS | PICTURES


def _refuse_empty(folder: Path) -> NoReturn:
    """Say what is in a folder instead of videos."""
    names = [file.name for file in files_in(folder)]
    holds = f"it holds {listed(names)}" if names else "it has no files"
    inner = any(one.is_dir() for one in folder.iterdir())
    deeper = f'; for those in the folders within it give "{folder}/**/*.mp4"' if inner else ""
    raise InputError(f"No video and no picture is in the folder {folder}: {holds}{deeper}.")


def _matching(pattern: str) -> list[Path | PictureSequence]:
    """The files that match, and what is in folders that do."""
    matches = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]
    inside = [one for match in matches if match.is_dir() for one in _in_folder(match)]
    taken = {file for one in inside if isinstance(one, PictureSequence) for file in one.files}
    found = [match for match in matches if not match.is_dir() and match not in taken] + inside
    if not found:
        raise InputError(f"No file matches {pattern}; check the pattern, and the folder it is seen from.")
    return found


def _lines(path: Path) -> Iterator[str]:
    """What a list names, beside itself or else as seen from here; empty lines and those with # in front are passed."""
    regular_file(path, expected="a list of videos")
    with path.open("rb") as file:
        content = file.read(_LONGEST_LIST)
    if b"\0" in content:
        raise InputError(f"A list of videos was expected, {path} is no text; give a video without the @.")
    lines = [os.fsdecode(line.strip()) for line in content.removeprefix(b"\xef\xbb\xbf").splitlines()]
    named = [line for line in lines if line and not line.startswith("#")]
    if not named:
        raise InputError(f"{path} names no video; write one into each line.")
    for line in named:
        if len(line) > _LONGEST_NAME:
            raise InputError(
                f"{path} has a line of {len(line)} characters, which is no name; write one into each line."
            )
        if line.startswith("@"):
            raise InputError(f"{path} names another list, {line}; name the videos themselves.")
        beside = path.parent / line
        yield str(beside) if "://" not in line and _is_there(beside) else line


def _is_there(path: Path) -> bool:
    """Whether something of this name or pattern is there."""
    return os.path.exists(path) or (any(letter in str(path) for letter in _WILD + "%") and os.path.isdir(path.parent))
