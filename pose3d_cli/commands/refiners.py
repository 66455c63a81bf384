"""`pose3d refiners`: what smooths poses and fills missing frames."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from in_the_wild import plugins
from in_the_wild.checkpoints import records
from in_the_wild.settings import defaults_of
from pose3d_cli.commands import _family
from pose3d_cli.commands._published import published

PANEL = _family.PANEL
_REFINERS = "in_the_wild.refiners"
_names = partial(plugins.names, _REFINERS)


def refiners(name: Annotated[str | None, _family.one("refiner", _names)] = None) -> None:
    """What smooths poses and fills missing frames.

    Example: pose3d refiners butterworth
    """
    if name is None:
        _family.members("refiners", "Refiners", _REFINERS)
        return
    refiner = plugins.load(_REFINERS, name)
    does = [word for word, so in (("smooths", refiner.smooths), ("fills missing frames", refiner.fills)) if so]
    _family.facts(
        name,
        [
            ("what it is", plugins.title(_REFINERS, name)),
            ("does", " and ".join(does)),
            ("poses in", ", ".join(refiner.spaces)),
            ("settings", _family.settings(defaults_of(refiner))),
            ("to use it", f"pose3d run clip.mp4 --refiner {name}:KEY=VALUE"),
        ],
    )
    published(
        [record for record in records.records(records.REFINERS) if record.model == name],
        use=f"To use such a file: --refiner {name}:weights=FILE.",
    )
