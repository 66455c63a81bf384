"""`pose3d datasets`: data sets that can be prepared, and what a prepared one holds."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from in_the_wild import plugins
from pose3d_cli.commands import _family, _prepared_set
from pose3d_cli.commands._prepared_set import READERS

PANEL = _family.PANEL
_names = partial(plugins.names, READERS)


def datasets(
    name: Annotated[str | None, _family.one("data set", _names, also="DIR", check=False)] = None,
    check: Annotated[
        bool, typer.Option("--check", help="With DIR: compare the arrays with the checksums they were written with.")
    ] = False,
) -> None:
    """Data sets that pose3d prepare reads, and what a prepared folder holds.

    Example: pose3d datasets data/h36m
    """
    if check and (name is None or name in _names()):
        raise typer.BadParameter("Only a prepared folder can be checked: pose3d datasets DIR --check")
    if name is not None and name not in _names():
        _prepared_set.tell(Path(name), check=check)
        return

    def facts(reader: Any) -> list[tuple[str, str]]:
        return [
            ("files", reader.layout),
            _family.settings_of(reader),
            ("to prepare it", f"pose3d prepare {name} --from DIR --to DIR --set KEY=VALUE"),
        ]

    _family.show(name, "datasets", "Data sets", READERS, facts)
