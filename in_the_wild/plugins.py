"""A family's members are its file names: list them without importing any, load one by name.

A family is a package, such as `in_the_wild.detectors`, whose `base.py` holds the family's base class, named after the
package (detectors: Detector). Every other file of it is one member with one public class on that base; `blocks.py` and
names with a leading underscore are shared parts. Adding a member is adding a file: there is no list to edit.

It knows nothing about what the families do.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Collection
from pathlib import Path
from types import ModuleType
from typing import Any

from in_the_wild.errors import PluginError, did_you_mean

_SHARED_PARTS = ("base", "blocks")
# mediapipe ran the networks that the project now runs itself.
_FORMER_NAMES = {"mediapipe": "blazepose"}
# What an extra of pose3d brings, by the names that are imported; setup.cfg says which packages hold them.
EXTRAS = {
    "c3d": "formats",
    "h5py": "train",
    "matplotlib": "plot",
    "mmengine": "train",
    "pandas": "pandas",
    "pyarrow": "formats",
    "ray": "ray",
    "tensorboard": "train",
}


def names(package: str) -> list[str]:
    """The members of a family, sorted; none of them is imported.

    Args:
        package: The family's package, such as "in_the_wild.detectors".
    """
    spec = importlib.util.find_spec(package)  # the package is not imported either: its front door may be heavy
    found = (module.name for module in pkgutil.iter_modules((spec and spec.submodule_search_locations) or []))
    return sorted(name for name in found if name not in _SHARED_PARTS and not name.startswith("_"))


def current_name(name: str, known: Collection[str]) -> str:
    """The name that a member of a family has today; members go on being found under a former one.

    >>> current_name("mediapipe", ["blazepose", "movenet"])
    'blazepose'

    Args:
        name: What was asked for.
        known: The family's members.
    """
    return name if name in known else _FORMER_NAMES.get(name, name)


def title(package: str, name: str) -> str:
    """What a member is: the first line of its file, which is read and not imported.

    Args:
        package: The family's package, such as "in_the_wild.detectors".
        name: The member's file name without ".py".
    """
    found = importlib.util.find_spec(f"{package}.{name}")
    source = Path(found.origin).read_text(encoding="utf-8") if found is not None and found.origin else ""
    says = ast.get_docstring(ast.parse(source)) or ""
    return says.partition("\n")[0]


def load(package: str, name: str) -> type[Any]:
    """Import one member of a family and return its class; no other member is imported.

    Args:
        package: The family's package, such as "in_the_wild.detectors".
        name: The member's file name without ".py".

    Raises:
        PluginError: no member of this name, a package it needs that is not installed, or a file that does not hold
            exactly one public class on the family's base.
    """
    family = package.rpartition(".")[2]
    kind = family.removesuffix("s")
    known = names(package)
    name = current_name(name, known)
    if name not in known:
        raise PluginError(f'There is no {kind} "{name}". {did_you_mean(name, known)}')
    base = getattr(importlib.import_module(f"{package}.base"), kind.capitalize())
    try:
        module = importlib.import_module(f"{package}.{name}")
    except ImportError as error:
        if _is_ours(error):
            raise
        raise PluginError(
            f'The {kind} "{name}" needs a package that cannot be imported ({error}). '
            f"Install it: {install_command(error.name or name)}"
        ) from error
    classes = [
        member
        for member in vars(module).values()
        if inspect.isclass(member)
        and issubclass(member, base)
        and member.__module__ == module.__name__
        and not member.__name__.startswith("_")
    ]
    if len(classes) != 1:
        found = ", ".join(member.__name__ for member in classes) or "none"
        raise PluginError(
            f"{module.__name__} must hold exactly one public class on {base.__name__}, found {found}. "
            "Start the names of helper classes with an underscore."
        )
    return classes[0]


def back_end(module: str, *, install: str) -> ModuleType:
    """Import the package that a plug-in is built on, when the plug-in is first used.

    Args:
        module: What is imported, such as "onnxruntime".
        install: What pip is asked for, such as "onnxruntime >=1.20".

    Raises:
        PluginError: the package is not installed, or does not work here.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise PluginError(f"{module} cannot be imported ({error}). Install it: pip install {install}") from error


def install_command(module: str) -> str:
    """What brings a package that is missing.

    >>> install_command("h5py.defs")
    'pip install "pose3d[train]"'
    """
    package = module.partition(".")[0]
    return f'pip install "pose3d[{EXTRAS[package]}]"' if package in EXTRAS else f"pip install {package}"


def _is_ours(error: ImportError) -> bool:
    """Whether the module that is missing belongs to this project: a mistake of ours that a user cannot mend."""
    return (error.name or "").partition(".")[0] in ("in_the_wild", "pose3d_cli")
