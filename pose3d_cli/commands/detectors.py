"""`pose3d detectors`: what finds people in pictures."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from in_the_wild import plugins
from in_the_wild.settings import defaults_of
from pose3d_cli.commands import _family

PANEL = _family.PANEL
_DETECTORS = "in_the_wild.detectors"
_names = partial(plugins.names, _DETECTORS)


def detectors(name: Annotated[str | None, _family.one("detector", _names)] = None) -> None:
    """What finds 2D keypoints of people in pictures.

    Example: pose3d detectors rtmpose
    """
    if name is None:
        _family.members("detectors", "Detectors", _DETECTORS)
        return
    detector = plugins.load(_DETECTORS, name)
    _family.facts(
        name,
        [
            ("what it is", plugins.title(_DETECTORS, name)),
            ("keypoints", f"{detector.skeleton.name}: {len(detector.skeleton)} of a person"),
            ("settings", _family.settings(defaults_of(detector))),
            ("to use it", f"pose3d run clip.mp4 --detector {name}"),
        ],
    )
