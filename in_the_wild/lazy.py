"""Packages whose names are those of their modules, resolved at first use: importing them costs nothing."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence


def resolver(package: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """A package's `__getattr__`.

    Args:
        package: Its name.
        homes: Names by the module that holds them.
    """

    def find(name: str) -> object:
        for home, names in homes.items():
            if name in names:
                return getattr(importlib.import_module(f"{package}.{home}"), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find
