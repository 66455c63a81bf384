"""`pose3d formats`: the files that poses are kept in, on one screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

from in_the_wild import plugins
from pose3d_cli.commands import _family

if TYPE_CHECKING:
    from in_the_wild.formats.base import Format

PANEL = _family.PANEL
_FORMATS = "in_the_wild.formats"
_names = partial(plugins.names, _FORMATS)


def formats(name: Annotated[str | None, _family.one("format", _names)] = None) -> None:
    """Kinds of files that poses are read from and written to, each with its own axes and units.

    Example: pose3d formats csv
    """
    if name is not None:
        kind = plugins.load(_FORMATS, name)
        _family.facts(name, [("what it is", plugins.title(_FORMATS, name)), *_facts(kind)])
        return
    kinds: list[type[Format]] = [plugins.load(_FORMATS, each) for each in _names()]
    # Those that go out first, then those that come in alone.
    rows = [(kind.name(), *_line(kind)) for kind in sorted(kinds, key=lambda kind: not kind.writes)]
    _family.lines("formats", "File formats", rows, ("what it is", "ends in", "read", "written", "axes and units"))


def _line(kind: type[Format]) -> tuple[str, ...]:
    yes = ("", "yes")
    return kind.title, " ".join(kind.suffixes), yes[kind.reads], yes[kind.writes], kind.custom() if kind.writes else ""


def _facts(kind: Any) -> list[tuple[str, str]]:
    ways = [word for word, so in (("read", kind.reads), ("written", kind.writes)) if so]
    return [
        ("names end in", ", ".join(kind.suffixes)),
        ("poses are", " and ".join(ways)),
        ("coordinates are", f"written {kind.custom()}" if kind.writes else ""),
        _family.settings_of(kind),
        ("to make one", f"pose3d export poses3d.npz poses3d{kind.suffixes[0]}" if kind.writes else ""),
    ]
