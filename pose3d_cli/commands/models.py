"""`pose3d models`: the networks that lift."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from in_the_wild import plugins
from in_the_wild.checkpoints import records, shipped
from pose3d_cli.commands import _family
from pose3d_cli.commands._published import published

PANEL = _family.PANEL
_LIFTERS = "in_the_wild.lifters"
_names = partial(plugins.names, _LIFTERS)


def models(name: Annotated[str | None, _family.one("model", _names)] = None) -> None:
    """Networks that lift 2D keypoints to 3D, and the checkpoints that their authors published.

    Example: pose3d models pstmo
    """
    _family.show(name, "models", "Networks that lift 2D to 3D", _LIFTERS, _facts, weights=_weights)
    published(
        [record for record in records.records() if record.model == name],
        use="To use such a file: pose3d run clip.mp4 --weights FILE; under another name, add --variant NAME.",
    )


def _weights(name: str) -> str:
    """Those that come with the program."""
    return ", ".join(one for one in shipped.names() if one == f"{name}_coco")


def _facts(network: Any) -> list[tuple[str, str]]:
    made = network()
    return [
        ("gives 3D of", "every frame" if network.every_frame else "the centre frame"),
        ("window as published", f"{made.frames} frames"),
        ("parameters as published", f"{sum(parameter.numel() for parameter in made.parameters()):,}"),
        ("weights that come along", _weights(network.__module__.rpartition(".")[2]) or "none"),
    ]
