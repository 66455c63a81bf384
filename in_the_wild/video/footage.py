"""What is read: a file, numbered pictures or an address; which part of it, and how its pictures are turned.

    Video("clip.mp4", start=12.5, end=20.0)      a part, its times those of the whole
    Video("selfie.mp4", rotate=90, mirror=True)  turned by a quarter counter-clockwise, then flipped left to right
    Video("frames/%04d.png", fps=30)             numbered pictures, one after the other

It opens nothing but folders, to look for numbered pictures; `probe` and `read` take a `Video`, `inputs` makes them of
what people type.
"""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from in_the_wild import stores
from in_the_wild.errors import InputError, printable
from in_the_wild.files import fingerprint

PICTURES = {
    ".avif", ".bmp", ".dpx", ".exr", ".hdr", ".heic", ".heif", ".jp2", ".jpeg", ".jpg", ".jxl", ".pbm", ".pgm", ".png",
    ".ppm", ".qoi", ".sgi", ".tga", ".tif", ".tiff", ".webp",
}  # fmt: skip
SCHEMES = ("http", "https", "rtsp", "rtsps")
USUAL_FPS = 25.0  # of numbered pictures, where nobody says it

_PATTERN = re.compile(r"%(?:0?(\d+))?d")
_LAST_NUMBER = re.compile(r"(.*?)(\d+)(\D*)")
_FEWEST = 3  # pictures that make a sequence where nobody says that they are one


@dataclass(frozen=True)
class PictureSequence:
    """Numbered pictures of one folder, in the order of their numbers.

    Attributes:
        path: What the user gave: the folder, or a pattern such as frames/%04d.png.
        files: The pictures, at least one.
        numbers: Of each, rising.
    """

    path: Path
    files: tuple[Path, ...]
    numbers: tuple[int, ...]

    def __str__(self) -> str:
        return str(self.path)

    @property
    def name(self) -> str:
        """What they are called for short."""
        return self.path.name

    @cached_property
    def step(self) -> int | None:
        """How far apart numbers are; None where they follow no rule, such as numbers that are times."""
        steps = Counter(after - before for before, after in zip(self.numbers, self.numbers[1:], strict=False))
        if not steps:
            return 1
        step, count = steps.most_common(1)[0]
        return step if step > 0 and 2 * count >= len(self.numbers) - 1 else None

    @cached_property
    def places(self) -> tuple[Fraction, ...]:
        """Of each picture, how many steps it comes after the first: a number that is missing leaves its time free."""
        if self.step is None or len(set(self.numbers)) < len(self.numbers):
            return tuple(Fraction(place) for place in range(len(self.numbers)))
        return tuple(Fraction(number - self.numbers[0], self.step) for number in self.numbers)

    @property
    def missing(self) -> int:
        """How many pictures the numbers between the first and the last leave out."""
        return max(0, math.ceil(self.places[-1]) + 1 - len(self.files))

    @classmethod
    def of_pattern(cls, pattern: Path) -> PictureSequence:
        """The pictures that a pattern means: %d is any number, %04d one of four digits or more.

        Raises:
            InputError: there are none, or the pattern has more than one number.
        """
        pieces = _PATTERN.split(pattern.name)
        if len(pieces) != 3 or _PATTERN.search(str(pattern.parent)):
            raise InputError(f"A name with one number was expected, such as frames/%04d.png; found {pattern}.")
        before, width, after = (piece or "" for piece in pieces)
        number = re.compile(f"{re.escape(before)}({_digits(int(width or 1))}){re.escape(after)}")
        found = {file: match for file in files_in(pattern.parent) if (match := number.fullmatch(file.name))}
        if not found:
            names = [file.name for file in files_in(pattern.parent)]
            alike = [name for name in names if name.startswith(before) and name.endswith(after)] or names
            there = f"in {pattern.parent} there is {printable(alike[0])}" if alike else "that folder has no files"
            raise InputError(f"No picture has a name like {pattern}; {there}. Check the digits: %04d is four, %d any.")
        return cls._ordered(pattern, {file: int(match[1]) for file, match in found.items()})

    @classmethod
    def all_in(cls, folder: Path) -> list[PictureSequence]:
        """The sequences in a folder: names that differ in a number alone, which rises evenly on the whole."""
        named: dict[tuple[str, str, str], dict[Path, int]] = {}
        for file in files_in(folder):
            match = _LAST_NUMBER.fullmatch(file.stem)
            if match and file.suffix.lower() in PICTURES:
                named.setdefault((match[1], match[3], file.suffix.lower()), {})[file] = int(match[2])
        found = []
        for (before, after, suffix), numbers in sorted(named.items()):
            path = folder if len(named) == 1 else folder / f"{before}%d{after}{suffix}"
            sequence = cls._ordered(path, numbers)
            if len(numbers) >= _FEWEST and sequence.step is not None:
                found.append(sequence)
        return found

    @classmethod
    def _ordered(cls, path: Path, numbers: Mapping[Path, int]) -> PictureSequence:
        files = sorted(numbers, key=lambda file: (numbers[file], file.name))
        return cls(path, tuple(files), tuple(numbers[file] for file in files))


def _digits(width: int) -> str:
    """So many digits, or a number that needs more and has no zero before it."""
    return rf"\d{{{width}}}|[1-9]\d{{{width},}}" if width > 1 else r"\d+"


def files_in(folder: Path) -> list[Path]:
    """The files of a folder that are not hidden, by name."""
    try:
        return sorted(file for file in folder.iterdir() if not file.name.startswith(".") and file.is_file())
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be read ({error.strerror}); check its name.") from None


@dataclass(frozen=True)
class Address:
    """A film in a network; what is read of it lies in a file for a while, see `recording`.

    Attributes:
        url: http, https or rtsp, or one of a store.
        recording: The file; None before there is one.
        origin: When the film's first picture is shown, in seconds on the recording's clock.
        stream: Which of its streams of pictures is read; of what is recorded there is the chosen one alone.
    """

    url: str
    recording: Path | None = None
    origin: Fraction | None = None
    stream: int = 0

    def __str__(self) -> str:
        parts = urlsplit(self.url)
        # A name and a password may stand before the host.
        return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()

    @property
    def name(self) -> str:
        """What it is called for short."""
        return self.path.name

    @property
    def in_store(self) -> bool:
        """Whether it is a file somewhere, which is fetched as it is, and no film that is sent."""
        return self.url.partition("://")[0].lower() not in SCHEMES

    @property
    def path(self) -> Path:
        """The host and the path, as a path: what results are named after."""
        parts = urlsplit(self.url)
        return Path("/", parts.hostname or "", *Path(parts.path.strip("/")).parts)


Footage = Path | PictureSequence | Address


@dataclass(frozen=True)
class Video:
    """A video, which part of it is read, and how its pictures are turned.

    Attributes:
        source: A file, numbered pictures (frames/%04d.png) or an address, as the user gives them.
        start: Seconds of the first picture that is read; times stay those of the whole video. None from the beginning.
        end: Seconds of the last one, included; None to the end.
        rotate: Degrees by which pictures are turned counter-clockwise, from how a player shows them: 0, 90, 180 or 270.
        mirror: Whether they are then flipped left to right, for videos that show people as a mirror does: flipped
            back, what is called left is the person's own left.
        stream: Which of several streams of pictures, from 0.
        fps: Pictures a second of numbered pictures, which do not say it; None takes 25. Other videos have times.
        footage: What the source turned out to be.

    Raises:
        InputError: values that make no sense.
    """

    source: str | Footage
    _: KW_ONLY
    start: float | None = None
    end: float | None = None
    rotate: int = 0
    mirror: bool = False
    stream: int = 0
    fps: float | None = None
    footage: Footage = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "footage", _found(self.source) if isinstance(self.source, str) else self.source)
        for name, time in (("start", self.start), ("end", self.end)):
            if time is not None and not 0 <= time < math.inf:
                raise InputError(f"The {name} of what is read must be seconds from 0, found {time:g}.")
        if self.start is not None and self.end is not None and self.end < self.start:
            raise InputError(f"An end after the start was expected, found {self.start:g} to {self.end:g} seconds.")
        if self.rotate not in (0, 90, 180, 270):
            raise InputError(f"Pictures can be turned by 90, 180 or 270 degrees, found {self.rotate}.")
        if self.stream < 0:
            raise InputError(f"Streams of pictures are counted from 0, found {self.stream}.")
        if self.fps is not None and not 0 < self.fps < math.inf:
            raise InputError(f"More than 0 pictures a second were expected, found {self.fps:g}.")

    @classmethod
    def of(cls, given: str | Footage | Video) -> Video:
        """A video as it is given: by its name alone, or with how it is read."""
        return given if isinstance(given, Video) else cls(given)

    @classmethod
    def again(cls, source: str | Footage, settings: Any) -> Video:
        """A video read as it was before.

        Args:
            source: The video.
            settings: What `settings` was then, from a file; None is the usual way.

        Raises:
            InputError: settings that make no sense.
        """
        try:
            return cls(source, **(settings or {}))
        except TypeError:
            raise InputError(f"How {source} was read before cannot be told from {settings}; detect again.") from None

    @property
    def name(self) -> str:
        """What it is called for short: the file's name."""
        return self.footage.name

    @property
    def place(self) -> Path:
        """Where it is, which tells it from others of the same name: a file, the folder of pictures, or an address.

        Of a link it is where that is, not what it leads to: stores of data keep the names that people gave in links.
        """
        if isinstance(self.footage, Address):
            return self.footage.path
        if isinstance(self.footage, Path) or self.footage.path.is_dir():
            return Path(os.path.abspath(str(self.footage)))
        said = _PATTERN.sub("", self.footage.path.stem).strip("_-. ")  # nothing by frames/%04d.png
        return Path(os.path.abspath(self.footage.path.parent)) / said

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read, of which none may be written over."""
        if isinstance(self.footage, Address):
            return () if self.footage.recording is None else (self.footage.recording,)
        return self.footage.files if isinstance(self.footage, PictureSequence) else (self.footage,)

    @property
    def stream_in_file(self) -> int:
        """Which stream of the file it is."""
        return self.footage.stream if isinstance(self.footage, Address) else self.stream

    @property
    def whole(self) -> bool:
        """Whether all of it is read."""
        return self.start is None and self.end is None

    @property
    def settings(self) -> dict[str, Any]:
        """Everything but the source, as JSON holds it; `Video(source, **settings)` is the same again."""
        return {one.name: getattr(self, one.name) for one in fields(self) if one.kw_only and one.init}

    def replace(self, **changes: Any) -> Video:
        """The same, read in another way."""
        return replace(self, **changes)

    def fingerprint(self) -> str:
        """Tell the source from others, by its size, beginning and end; of numbered pictures also by all names."""
        if len(self.files) == 1:
            return fingerprint(self.files[0])
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(f"{printable(file.name)} {file.stat().st_size}\n".encode())
        for file in (self.files[0], self.files[-1]):
            digest.update(fingerprint(file).encode())
        return digest.hexdigest()


def _address(url: str) -> Address:
    """An address, if its parts can be told apart.

    Raises:
        InputError: they cannot.
    """
    address = Address(url)
    try:
        str(address), address.path
    except ValueError as error:
        raise InputError(f"{url:.80} is no address ({error}); check it.") from None
    return address


def _found(text: str) -> Footage:
    """The one video that a text means: a file that is there, an address, or numbered pictures.

    Raises:
        InputError: a pattern that no picture has the name of, or an address of an unknown kind.
        PluginError: what reads addresses of its kind is not installed.
    """
    if stores.is_address(text):
        address = _address(text)
        if address.in_store:
            stores.check(text)
        return address
    path = Path(text)
    if _PATTERN.search(path.name) and not os.path.exists(path):
        return PictureSequence.of_pattern(path)
    if os.path.isdir(path):
        sequences = PictureSequence.all_in(path)
        if len(sequences) == 1:
            return sequences[0]
    return path
