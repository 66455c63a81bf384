"""Where pose3d works: folders that can be written, room on their disks, a browser for pages."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from in_the_wild.files import cache_folder
from pose3d_cli import browser
from pose3d_cli.checkup.finding import Check, Trouble

_GIGABYTE = 1e9
_ROOM = 1.0  # gigabytes below which a film may not fit


def checks() -> list[Check]:
    """Folders first."""
    return [
        Check("this folder", lambda: _writable(Path.cwd()), "work in another folder, or name one with -o"),
        Check("cache", lambda: _writable(cache_folder()), "let POSE3D_HOME name a folder of your own", needed=False),
        Check("browser", _browser, "open view.html in a browser yourself", needed=False),
    ]


def _writable(folder: Path) -> str:
    """That a file can be made in a folder, or in the nearest that is there, and how much room there is."""
    there = next(one for one in (folder, *folder.parents) if one.is_dir())
    try:
        with tempfile.TemporaryFile(dir=there):
            free = shutil.disk_usage(there).free / _GIGABYTE
    except OSError as error:
        raise Trouble(f"{folder} cannot be written ({os.strerror(error.errno or 0)})") from error
    if free < _ROOM:
        raise Trouble(f"{folder} has {free:.2f} GB left", "make room on the disk, or work on another")
    return f"{folder}, {free:.0f} GB left"


def _browser() -> str:
    name = browser.found()
    if name is None:
        raise Trouble("none can be opened from here", missing=True)
    return name
