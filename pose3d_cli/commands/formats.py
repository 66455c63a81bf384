"""`pose3d formats`: the files that poses are kept in."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from in_the_wild import plugins
from pose3d_cli.commands import _family

PANEL = _family.PANEL
_FORMATS = "in_the_wild.formats"
_names = partial(plugins.names, _FORMATS)


def formats(name: Annotated[str | None, _family.one("format", _names)] = None) -> None:
    """Kinds of files that poses are read from and written to.

    Example: pose3d formats csv
    """
    _family.show(name, "formats", "File formats", _FORMATS, _facts, files=_suffixes, poses=_ways)


def _facts(kind: Any) -> list[tuple[str, str]]:
    name = kind.__module__.rpartition(".")[2]
    return [
        ("names end in", _suffixes(name)),
        ("poses are", _ways(name)),
        _family.settings_of(kind),
        ("to make one", f"pose3d export poses3d.npz poses3d{kind.suffixes[0]}" if kind.writes else ""),
    ]


def _suffixes(name: str) -> str:
    return ", ".join(plugins.load(_FORMATS, name).suffixes)


def _ways(name: str) -> str:
    kind = plugins.load(_FORMATS, name)
    return " and ".join(word for word, so in (("read", kind.reads), ("written", kind.writes)) if so)
