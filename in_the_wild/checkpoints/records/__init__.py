"""Checkpoints that the authors of the networks published: one file for each network, named like its plug-in.

    records.names()                        what users may type
    records.get("pstmo_s_243_in_the_wild")

Each file is data: what all checkpoints of its project share, then each of them by name. The weights themselves are
where the records say. Adding a network's is adding a file.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from in_the_wild import documents
from in_the_wild.checkpoints.records.base import Record, over
from in_the_wild.errors import ConfigError, did_you_mean

LIFTERS, REFINERS = "lifters", "refiners"
# Under this name a file says what its records share.
_PROJECT = "project"


def names(family: str = LIFTERS) -> list[str]:
    """The names of all records of a family, sorted."""
    return [record.name for record in records(family)]


def records(family: str = LIFTERS) -> list[Record]:
    """All records of a family, by name."""
    return [record for record in _all().values() if record.family == family]


def get(name: str) -> Record:
    """The record of this name, of whichever family.

    Raises:
        ConfigError: there is none.
    """
    known = _all()
    if name not in known:
        raise ConfigError(f'There is no published checkpoint "{name}". {did_you_mean(name, known)}')
    return known[name]


@cache
def _all() -> dict[str, Record]:
    return {record.name: record for record in sorted(_read(), key=lambda record: record.name)}


def _read() -> Iterator[Record]:
    for file in Path(__file__).parent.glob("*.toml"):
        said = documents.load(file, expected="records of published checkpoints")
        project = said.pop(_PROJECT)
        for name, own in said.items():
            yield Record(name=name, **_frozen(over(project, own)))


def _frozen(value: Any) -> Any:
    """The same with tuples for lists: a record does not change, and configurations say sizes so."""
    if isinstance(value, dict):
        return {key: _frozen(inner) for key, inner in value.items()}
    return tuple(value) if isinstance(value, list) else value
