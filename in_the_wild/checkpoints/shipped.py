"""The weights that come with the program, by name; no network is imported for them."""

from __future__ import annotations

import importlib.resources
import os
from pathlib import Path

from in_the_wild.errors import InputError, WeightsError, did_you_mean
from in_the_wild.files import regular_file

# What is taken where neither weights nor a model are named.
DEFAULT = "pstmo_coco"
_ASSETS = "in_the_wild.assets"
_SUFFIX = ".pt"


def names() -> list[str]:
    """The names of all of them."""
    folder = importlib.resources.files(_ASSETS)
    return sorted(item.name.removesuffix(_SUFFIX) for item in folder.iterdir() if item.name.endswith(_SUFFIX))


def default(model: str | None = None) -> str:
    """The name of the weights that a model has where none are named; without a model, `DEFAULT`.

    Raises:
        InputError: none of this model come with the program.
    """
    if model is None:
        return DEFAULT
    name = f"{model}_coco"
    if name not in names():
        raise InputError(
            f"No weights of {model} come with the program: give a file with --weights; pose3d models says where "
            "its authors publish theirs."
        )
    return name


def find(name_or_path: str | Path) -> Path:
    """The file of shipped weights, or of a path.

    Raises:
        WeightsError: neither a file nor a name of shipped weights.
    """
    name, known = str(name_or_path), names()
    if os.path.isfile(name):  # False, too, for what can be no file's name
        return Path(name)
    if name in known:
        return Path(str(importlib.resources.files(_ASSETS) / f"{name}{_SUFFIX}"))
    if os.path.exists(name):
        regular_file(name, expected="a checkpoint", error=WeightsError)
    raise WeightsError(f'Weights "{name}" are neither a file nor come with the program. {did_you_mean(name, known)}')
