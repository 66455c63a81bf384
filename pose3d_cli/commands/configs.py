"""`pose3d configs`: what can be trained, and the values that a configuration sets."""

from __future__ import annotations

from typing import Annotated

from pose3d_cli import config
from pose3d_cli.commands import _family

PANEL = _family.PANEL
# Folders of configurations that the list shows as one line; the name of a folder lists it.
_FOLDERS = {"mocap": "of the mocap benchmark, which anyone can run", "published": "of what papers report"}


def _names() -> list[str]:
    return [*config.names(), *_FOLDERS]


def configs(
    name: Annotated[str | None, _family.one("configuration", _names, also="FILE", check=False)] = None,
) -> None:
    """What pose3d train can train, or every value of one configuration.

    Example: pose3d configs pstmo_coco_27
    """
    from pose3d_cli import terminal

    if name is None or name in _FOLDERS:
        _list(name)
        return
    values = config.load(name)
    _family.facts(name, [(key, _family.typed(value)) for key, value in config.flat(values)])
    terminal.aside(f"To train it: pose3d train {name} --data DIR -o runs/{name} --set KEY=VALUE")


def _list(folder: str | None) -> None:
    """A line for each in a folder of them; those in none are of the weights that come with the program."""
    files = [config.find(name) for name in config.names()]
    own = [file for file in files if file.parent.name == (folder or "configs")]
    rows = [(file.stem, _family.opening(file)) for file in own]
    if folder is None:
        for other, of in _FOLDERS.items():
            rows.append((other, f"{sum(file.parent.name == other for file in files)} configurations {of}"))
    _family.lines("configs", f"Configurations {_FOLDERS[folder]}" if folder else "Configurations", rows)
