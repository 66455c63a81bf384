"""Checkpoints that the authors of the networks published: one file for each network, named like its plug-in.

    records.names()                        what users may type
    records.get("pstmo_s_243_in_the_wild")

Each file holds numbers and names alone, as `RECORDS`; the weights themselves are where the records say. Adding a
network's is adding a file.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from in_the_wild.checkpoints.records.base import Record
from in_the_wild.errors import ConfigError, did_you_mean

LIFTERS, REFINERS = "lifters", "refiners"


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
    found: list[Record] = []
    for module in pkgutil.iter_modules(__path__):
        if module.name != "base":
            found += importlib.import_module(f"{__name__}.{module.name}").RECORDS
    return {record.name: record for record in sorted(found, key=lambda record: record.name)}
