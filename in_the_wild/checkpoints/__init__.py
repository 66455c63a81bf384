"""Checkpoints: read without running anything, recognised, built, saved; the names are those of the files below.

    checkpoints.load("pstmo_coco")        a trained lifter: shipped by name, or from a file of ours or the authors'
    checkpoints.recognise("mine.pth")     which network a file is for, without making it
    checkpoints.read("mine.pth")          what the file holds, never run
    checkpoints.names()                   the weights that come with the program

Each name is resolved at first use, so that nothing heavy is imported for the names of files alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from in_the_wild.lazy import resolver

if TYPE_CHECKING:
    from in_the_wild.checkpoints.lifters import Weights, build, load, save
    from in_the_wild.checkpoints.networks import (
        Checkpoint,
        NotALifterError,
        convert,
        fill,
        load_strictly,
        recognise,
        state_dict,
    )
    from in_the_wild.checkpoints.shipped import find, names
    from in_the_wild.checkpoints.torch_file import read, write
    from in_the_wild.checkpoints.training import AUTHORS, Training

__all__ = [
    "AUTHORS",
    "Checkpoint",
    "NotALifterError",
    "Training",
    "Weights",
    "build",
    "convert",
    "fill",
    "find",
    "load",
    "load_strictly",
    "names",
    "read",
    "recognise",
    "save",
    "state_dict",
    "write",
]

_HOMES = {
    "lifters": ("Weights", "build", "load", "save"),
    "networks": ("Checkpoint", "NotALifterError", "convert", "fill", "load_strictly", "recognise", "state_dict"),
    "shipped": ("find", "names"),
    "torch_file": ("read", "write"),
    "training": ("AUTHORS", "Training"),
}

if not TYPE_CHECKING:
    __getattr__ = resolver(__name__, _HOMES)
