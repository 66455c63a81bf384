"""Benches name functions of the program that they time, or put something else in the place of: these are there."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name

import pytest

_BENCHES = Path(__file__).parent / "bench"


@pytest.fixture(autouse=True)
def _beside_the_benches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(_BENCHES))


def test_what_is_left_out_in_turn_is_there() -> None:
    parts = import_module("bench_parts")
    named = [name for part in parts.LIFTING for name in part.instead]
    named += [name for instead in parts.SOLVING.values() for name in instead]
    for name in named:
        resolve_name(name)


def test_what_is_timed_is_there() -> None:
    for names in import_module("bench_profile").PARTS.values():
        for name in names:
            resolve_name(name)
