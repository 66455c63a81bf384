"""`pose3d refiners`: what smooths poses and fills missing frames."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from in_the_wild import plugins
from in_the_wild.checkpoints import records
from pose3d_cli.commands import _family
from pose3d_cli.commands._published import published

PANEL = _family.PANEL
_REFINERS = "in_the_wild.refiners"
_names = partial(plugins.names, _REFINERS)


def refiners(name: Annotated[str | None, _family.one("refiner", _names)] = None) -> None:
    """What smooths poses and fills missing frames.

    Example: pose3d refiners butterworth
    """

    def facts(refiner: Any) -> list[tuple[str, str]]:
        does = [word for word, so in (("smooths", refiner.smooths), ("fills missing frames", refiner.fills)) if so]
        return [
            ("does", " and ".join(does)),
            ("poses in", ", ".join(refiner.spaces)),
            _family.settings_of(refiner),
            ("to use it", f"pose3d run clip.mp4 --refiner {name}:KEY=VALUE"),
        ]

    _family.show(name, "refiners", "Refiners", _REFINERS, facts)
    published(
        [record for record in records.records(records.REFINERS) if record.model == name],
        use=f"To use such a file: --refiner {name}:weights=FILE.",
    )
