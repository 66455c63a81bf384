"""Releases of what can change the numbers, for the records of what was made."""

from __future__ import annotations

import importlib.metadata
import platform

__version__ = "0.1.0"


def versions(*packages: str) -> dict[str, str]:
    """The releases of this program, of Python, and of these packages; "not installed" where one is missing."""
    found = {"pose3d": __version__, "python": platform.python_version()}
    for package in packages:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found
