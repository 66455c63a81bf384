"""The weights that come with the program, by name; no network is imported for them."""

from __future__ import annotations

import importlib.resources
from pathlib import Path

from in_the_wild.errors import WeightsError, did_you_mean

_ASSETS = "in_the_wild.assets"
_SUFFIX = ".pt"


def names() -> list[str]:
    """The names of all of them."""
    folder = importlib.resources.files(_ASSETS)
    return sorted(item.name.removesuffix(_SUFFIX) for item in folder.iterdir() if item.name.endswith(_SUFFIX))


def find(name_or_path: str) -> Path:
    """The file of shipped weights, or of a path.

    Raises:
        WeightsError: neither a file nor a name of shipped weights.
    """
    path = Path(name_or_path)
    if path.is_file():
        return path
    if name_or_path in names():
        return Path(str(importlib.resources.files(_ASSETS) / f"{name_or_path}{_SUFFIX}"))
    raise WeightsError(
        f'Weights "{name_or_path}" are neither a file nor come with the program. {did_you_mean(name_or_path, names())}'
    )
