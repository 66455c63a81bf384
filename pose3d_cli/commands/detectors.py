"""`pose3d detectors`: what finds people in pictures."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from in_the_wild import plugins
from pose3d_cli.commands import _family

PANEL = _family.PANEL
_DETECTORS = "in_the_wild.detectors"
_names = partial(plugins.names, _DETECTORS)


def detectors(name: Annotated[str | None, _family.one("detector", _names)] = None) -> None:
    """What finds 2D keypoints of people in pictures.

    Example: pose3d detectors rtmpose
    """

    def facts(detector: Any) -> list[tuple[str, str]]:
        return [
            ("keypoints", f"{detector.skeleton.name}: {len(detector.skeleton)} of a person"),
            _family.settings_of(detector),
            ("to use it", f"pose3d run clip.mp4 --detector {name}"),
        ]

    _family.show(name, "detectors", "Detectors", _DETECTORS, facts)
