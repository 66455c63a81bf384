"""The one door for files: what is read passes one guard, what is written appears whole or not at all.

    with files.guarded(files.regular_file(path, expected="a motion capture pack"), expected="a motion capture pack"):
        ...  # whatever the parser raises becomes one sentence with the file's name

`arrays` reads NumPy's files and `documents` JSON, YAML and TOML through it. It knows nothing about what is in a file.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from in_the_wild.errors import InputError, OutputError, Pose3DError

_log = logging.getLogger(__name__)
# What stands for a file that is none, by the test that tells it.
_NO_FILES = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)
# How much of a parser's own words is repeated, characters.
_REASON = 120
# Separators, and what no file system, terminal or shell likes in a name.
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')

# How much of a file's beginning and end tells it from others, bytes.
_FINGERPRINT = 1 << 20


def cache_folder() -> Path:
    """Where files are kept between runs: $POSE3D_HOME, or ~/.cache/pose3d. It need not be there yet."""
    return Path(os.environ.get("POSE3D_HOME") or Path.home() / ".cache" / "pose3d")


def make_writable(folder: Path) -> None:
    """Make a folder, and find out before the work, not after it, that results cannot be written there.

    Raises:
        OutputError: they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(
            f"Results cannot be written into {folder}: {error.strerror}. Choose another folder."
        ) from error


def fingerprint(path: Path) -> str:
    """Tell a file from others by its size, beginning and end, without reading all of a long video."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(_FINGERPRINT))
        file.seek(max(0, size - _FINGERPRINT))
        digest.update(file.read(_FINGERPRINT))
    return digest.hexdigest()


def sha256(path: Path) -> str:
    """The sha256 of a file, which may be larger than the memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


def regular_file(path: str | Path, *, expected: str, error: type[Pose3DError] = InputError) -> Path:
    """A path, once it is sure that an ordinary file is there: pipes and devices would keep a reader waiting.

    Args:
        path: What was given.
        expected: What it should be, with its article: "an .npz file of poses".
        error: What is raised.

    Raises:
        InputError: nothing is there, or no ordinary file.
    """
    path = Path(path)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise error(f"{_capital(expected)} was expected, found no file {path}; check name and folder.") from None
    except (OSError, ValueError) as failure:  # ValueError: a name with a zero byte in it
        reason = getattr(failure, "strerror", None) or failure
        raise error(f"{_capital(expected)} was expected, {path} cannot be opened: {reason}.") from failure
    found = next((name for test, name in _NO_FILES if test(mode)), None)
    if found is not None:
        raise error(f"{_capital(expected)} was expected, found {found}: {path}. Give a file.")
    return path


@contextmanager
def guarded(path: Path, *, expected: str, error: type[Pose3DError] = InputError) -> Iterator[None]:
    """Whatever a parser raises while the block reads a file becomes one sentence.

    Damaged bytes make parsers stumble in any way, so every exception counts; the block holds the parser and what checks
    its answer, nothing else. What the program raises itself passes as it is.

    Args:
        path: The file that is read.
        expected: What it should be, with its article: "an .npz file of poses".
        error: What is raised.

    Raises:
        InputError: the file cannot be read as what it should be.
    """
    try:
        yield
    except Pose3DError:
        raise
    except Exception as failure:
        raise error(f"{path} cannot be read: {expected} was expected, found {_found(failure)}.") from failure


def _found(failure: Exception) -> str:
    """What a file turned out to be, from what its parser raised."""
    if isinstance(failure, MemoryError):
        return "one that asks for more memory than there is"
    if isinstance(failure, RecursionError):
        return "one that is nested too deep"
    if isinstance(failure, UnicodeError):
        return "bytes that are no UTF-8 text"
    if isinstance(failure, EOFError):
        return "one that ends too early"
    if isinstance(failure, OSError) and failure.strerror:
        return f"one that does not open ({failure.strerror})"
    reason = " ".join(str(failure).split())
    shown = reason if len(reason) <= _REASON else f"{reason[:_REASON]}..."
    named = f"{type(failure).__name__}: {shown}" if isinstance(failure, (KeyError, AttributeError)) else shown
    return f"a damaged file or one of another kind{f' ({named})' if reason else ''}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes its name only when the block ends well; the old one stays otherwise.

    Raises:
        OutputError: the folder or the file cannot be written, the disk is full, or there is something that is no file.
    """
    with _told_if_not_written(path), ExitStack() as left:
        # Anything but an ordinary file would be replaced by one: /dev/null too, where the system lets it happen.
        if path.exists() and not path.is_file():
            raise OutputError(f"Cannot write {path}: it is there and is no ordinary file. Choose another name.")
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem[:64]}.", suffix=path.suffix)
        left.callback(Path(temporary).unlink, missing_ok=True)
        # mkstemp makes private files; results are as readable as any other file of the user's.
        umask = os.umask(0)
        os.umask(umask)
        os.fchmod(handle, 0o666 & ~umask)
        with os.fdopen(handle, "wb") as file:
            yield file
        os.replace(temporary, path)
        _log.info("%s: written, %d bytes", path, path.stat().st_size)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Make a folder that takes its name only when the block ends well; one that is there is replaced then.

    Yields:
        An empty folder beside it, to be filled.

    Raises:
        OutputError: the folder cannot be written, or the disk is full.
    """
    with _told_if_not_written(path), ExitStack() as left:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name[:64]}."))
        left.callback(shutil.rmtree, temporary, ignore_errors=True)
        yield temporary
        temporary.chmod(0o755)
        if path.is_dir():
            shutil.rmtree(path)
        temporary.replace(path)


@contextmanager
def _told_if_not_written(path: Path) -> Iterator[None]:
    """What the system refuses while the block writes, in a sentence."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"Cannot write {path}: {error.strerror or error}. Choose a folder that can be written and has space."
        ) from error


def refuse_overwriting(output: Path, inputs: Iterable[str | Path | None]) -> None:
    """Refuse to write over what is read, by whatever name: links of both kinds, "..", a name in other letters.

    Args:
        output: What will be written.
        inputs: What is read; None, and names of no file, are passed over.

    Raises:
        OutputError: they are one file.
    """
    for given in inputs:
        if given is not None and _same_file(output, Path(given)):
            raise OutputError(f"{output} would be written over the input {given}; choose another name.")


def _same_file(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # one of them is not there, so nothing is overwritten
        return False


def set_aside(path: Path) -> Path:
    """Rename a damaged file to NAME.damaged, so that another can be made; returns its new path.

    Raises:
        OutputError: it cannot be renamed.
    """
    endings = itertools.chain([".damaged"], (f".damaged{number}" for number in itertools.count(2)))
    aside = next(new for new in (path.with_name(path.name + ending) for ending in endings) if not new.exists())
    try:
        path.rename(aside)
    except OSError as error:
        raise OutputError(f"{path} is damaged and cannot be renamed: {error.strerror or error}.") from error
    return aside


def name_within(text: str) -> str:
    """A name for a file or folder made of any text, such as a video's name: it never leads out of its folder.

    >>> name_within("../clip: 1"), name_within("..")
    ('.._clip_ 1', '_')
    """
    name = _NOT_IN_NAMES.sub("_", text).strip()
    return name if name.strip(".") else "_"
