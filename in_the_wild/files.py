"""Files that appear whole or not at all, what tells them apart, and the folder of those that are kept between runs."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from in_the_wild.errors import OutputError


def cache_folder() -> Path:
    """Where files are kept between runs: $POSE3D_HOME, or ~/.cache/pose3d. It need not be there yet."""
    return Path(os.environ.get("POSE3D_HOME") or Path.home() / ".cache" / "pose3d")


def sha256(path: Path) -> str:
    """The sha256 of a file, which may be larger than the memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(1 << 20):
            digest.update(part)
    return digest.hexdigest()


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for writing that takes its name only when the block ends well; the old one stays otherwise.

    Raises:
        OutputError: the folder or the file cannot be written, or the disk is full.
    """
    temporary: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}.", suffix=path.suffix)
        # mkstemp makes private files; results are as readable as any other file of the user's.
        umask = os.umask(0)
        os.umask(umask)
        os.fchmod(handle, 0o666 & ~umask)
        with os.fdopen(handle, "wb") as file:
            yield file
        os.replace(temporary, path)
        temporary = None
    except OSError as error:
        raise OutputError(
            f"Cannot write {path}: {error.strerror or error}. Choose a folder that can be written and has space."
        ) from error
    finally:
        if temporary is not None:
            os.unlink(temporary)
