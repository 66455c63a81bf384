"""Files that lie elsewhere: in a bucket, on a server, on whatever fsspec has a file system for.

    s3://bucket/clips/a.mp4, gs://bucket/out, sftp://host/out, memory://out

A file is fetched whole. A folder is worked on as a copy on this machine, and put back once that has ended well: file by
file, the one that says that the others are complete at last. Object stores (S3, Google's, Azure's) have no half-written
files; elsewhere one that is being copied may be seen as far as it is. It knows nothing about what is in them.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from in_the_wild.errors import InputError, OutputError, PluginError, Pose3DError, printable
from in_the_wild.files import whole_folder
from in_the_wild.plugins import back_end

_log = logging.getLogger(__name__)
_WILD = "*?["


def is_address(text: str) -> bool:
    """Whether a text names a file by the way to it, such as "s3://", and not by its path."""
    return "://" in text


def shown(url: str) -> str:
    """An address as it is told: without the name and the password that may stand before the host."""
    parts = urlsplit(url)
    return printable(parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl())


def name_of(url: str) -> str:
    """The last name in an address.

    >>> name_of("s3://bucket/out/"), name_of("s3://bucket")
    ('out', 'bucket')
    """
    return PurePosixPath(url.rstrip("/")).name


def check(url: str) -> None:
    """Find out, without going there, whether there is a way to an address.

    Raises:
        InputError: nothing reads addresses of its kind.
        PluginError: fsspec, or the package that it needs for them, is not installed.
    """
    _kind(url)


def fetch(url: str, path: Path) -> None:
    """Copy a file to this machine.

    Raises:
        InputError: it is not there, or cannot be had.
        OutputError: there is no room for it.
    """
    system, place = _opened(url)
    with _told(url, "read", InputError):
        system.get_file(place, str(path))
    _log.info("%s: fetched, %d bytes", shown(url), path.stat().st_size)


def exists(url: str) -> bool:
    """Whether a file is there now.

    Raises:
        InputError: that cannot be found out.
    """
    return _type(url) == "file"


def find(url: str) -> list[str]:
    """The addresses of the files in a folder, not in those within it, or of those that match a pattern; sorted.

    Raises:
        InputError: that cannot be found out, or there is no such folder.
    """
    wild = min((url.index(letter) for letter in _WILD if letter in url), default=len(url))
    folder = url.rstrip("/") if wild == len(url) else url[:wild].rpartition("/")[0]
    system, place = _opened(url)
    with _told(url, "read", InputError):
        system.invalidate_cache()
        found = system.ls(place, detail=True) if wild == len(url) else system.glob(place, detail=True).values()
    _, root = _opened(folder)
    names = (str(entry["name"]).strip("/").removeprefix(root.strip("/")) for entry in found if entry["type"] == "file")
    return sorted(f"{folder}/{name.lstrip('/')}" for name in names)


def put(path: Path, url: str) -> None:
    """Copy a file of this machine to an address.

    Raises:
        OutputError: it cannot be written there.
    """
    system, place = _opened(url)
    with _told(url, "written", OutputError):
        # What has no root has no folders, and would make a bucket of a name that was misspelt.
        if system.root_marker:
            system.makedirs(place.rpartition("/")[0], exist_ok=True)
        system.put_file(str(path), place)


def make_writable(url: str) -> None:
    """Find out before the work, not after it, that nothing can be written into a folder.

    Raises:
        OutputError: it cannot.
        PluginError: see `check`.
    """
    try:
        check(url)
    except InputError:
        raise OutputError(
            f"Results go to a folder, or to an address that fsspec knows (s3, gs, sftp ...), found {shown(url):.80}."
        ) from None
    with tempfile.TemporaryDirectory(prefix="pose3d") as own:
        trial = Path(own, ".writable")
        trial.touch()
        put(trial, f"{url}/{trial.name}")
    _remove([trial.name], url)


@contextmanager
def folder(url: str, here: Path, *, last: str, own: Iterable[str] = ()) -> Iterator[None]:
    """Have a folder of this machine stand for one in a store, and put it there when the block ends well.

    Where it is there already, a block that was broken off has left it, and it is taken as it is. It is gone when all is
    put, and when the block has changed nothing.

    Args:
        url: The folder in the store, which need not be there yet.
        here: The folder of this machine.
        last: The name of the file that says that the others are complete: it is taken away from the store first and put
            there at the end, so that whoever sees it sees all of them.
        own: Names of files that are taken away from the store where the block leaves none.

    Raises:
        InputError: what is there cannot be had.
        OutputError: results cannot be written there.
    """
    before: dict[str, tuple[int, int]] = {}
    if not here.is_dir():
        with whole_folder(here) as copy:
            for name in sorted(names_in(url), key=lambda name: name == last):
                fetch(f"{url}/{name}", copy / name)
        before = _state(here)
    try:
        yield
    except BaseException:
        if _state(here) == before:
            shutil.rmtree(here)
        raise
    after = _state(here)
    changed = {name for name in after if after[name] != before.get(name)}
    there = names_in(url)
    gone = ({*before, *own} & there) - after.keys()
    if changed or gone:
        _remove(gone | ({last} & there), url)
        for name in sorted(changed | ({last} & after.keys()), key=lambda name: (name == last, name)):
            put(here / name, f"{url}/{name}")
    shutil.rmtree(here)


def _remove(names: Iterable[str], url: str) -> None:
    """Take files away from a folder in a store."""
    system, place = _opened(url)
    with _told(url, "written", OutputError):
        for name in sorted(names):
            system.rm_file(f"{place}/{name}")


@contextmanager
def at_hand(here: Path, url: str | None) -> Iterator[Path]:
    """A folder of this machine, or an empty one of the same name for what is put at an address afterwards."""
    if url is None:
        yield here
        return
    with tempfile.TemporaryDirectory(prefix="pose3d") as own:
        named = Path(own, here.name)
        named.mkdir()
        yield named


def names_in(url: str) -> set[str]:
    """The names of the files in a folder; none where there is no folder.

    Raises:
        InputError: that cannot be found out.
    """
    return {name_of(address) for address in find(url)} if _type(url) == "directory" else set()


def _type(url: str) -> str | None:
    """Whether a "file" or a "directory" is there now, or nothing."""
    system, place = _opened(url)
    with _told(url, "read", InputError):
        system.invalidate_cache()
        try:
            return str(system.info(place)["type"])
        except FileNotFoundError:
            return None


def _state(folder: Path) -> dict[str, tuple[int, int]]:
    """Of each file its size and when it was written: whether it is the same as before."""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    return {path.name: (path.stat().st_size, path.stat().st_mtime_ns) for path in files}


def _kind(url: str) -> Any:
    """fsspec's file system for an address."""
    scheme = url.partition("://")[0]
    fsspec = back_end("fsspec", install="fsspec")
    try:
        return fsspec.get_filesystem_class(scheme)
    except ValueError:
        raise InputError(
            f"Addresses of http, https, rtsp and those that fsspec knows (s3, gs, sftp ...) are read, found {url:.80}; "
            "save the video to a file."
        ) from None
    except ImportError as error:
        needed = getattr(error.__cause__, "name", None) or scheme
        raise PluginError(
            f"Files of {scheme}:// need a package that is not installed ({error}). Install it: pip install {needed}"
        ) from error


def _opened(url: str) -> tuple[Any, str]:
    """The file system that an address is on, and the path there."""
    _kind(url)
    fsspec = back_end("fsspec", install="fsspec")
    with _told(url, "read", InputError):
        system, place = fsspec.core.url_to_fs(url)
    return system, str(place).rstrip("/")


@contextmanager
def _told(url: str, what: str, error: type[Pose3DError]) -> Iterator[None]:
    """Whatever a file system raises while the block uses it, in a sentence: each has errors of its own."""
    try:
        yield
    except Pose3DError:
        raise
    except FileNotFoundError as failure:
        raise error(f"{shown(url)} cannot be {what}: it is not there; check the address.") from failure
    except Exception as failure:
        reason = " ".join(str(failure).split()) or type(failure).__name__
        raise error(
            f"{shown(url)} cannot be {what} ({reason:.200}); check the address and the access to it."
        ) from failure
