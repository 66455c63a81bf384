"""Every lifter at a size that tests can afford."""

from __future__ import annotations

import inspect
from typing import Any

import torch

from in_the_wild import plugins
from in_the_wild.lifters.base import Lifter

FAMILY = "in_the_wild.lifters"
NAMES = plugins.names(FAMILY)

# A small network is made with those of these arguments that its constructor has.
SMALL: dict[str, Any] = {
    "frames": 9, "filter_widths": (3, 3), "in_channels": 4, "channels": 32, "hidden": 32, "layers": 2, "depth": 2,
    "heads": 4, "dropout": 0.0, "encoder_dropout": 0.0, "drop_path": 0.0,
}  # fmt: skip


def arguments(name: str) -> dict[str, Any]:
    taken = inspect.signature(plugins.load(FAMILY, name)).parameters
    return {key: value for key, value in SMALL.items() if key in taken}


def windows_for(lifter: Lifter, count: int) -> torch.Tensor:
    return torch.randn(count, lifter.frames, lifter.joints, lifter.in_channels)
