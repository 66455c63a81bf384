"""Benches name functions of the program and rows of the README: these are there."""

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


def test_rows_of_the_readme_are_there_and_nothing_else_of_it_changes() -> None:
    tables = import_module("readme_tables")
    text = tables.README.read_text(encoding="utf-8")
    demo, skater = (names[0] for names in tables.SPEED.values())
    for name in tables.rows():
        assert tables.rewritten(text, {name: {}}) == text
    changed = tables.rewritten(text, {"the same without film and page": {1: "12345"}}, after=skater)
    (line,) = set(changed.splitlines()) - set(text.splitlines())
    assert line.startswith("| the same without film and page | 12345 |")
    assert changed.index(demo) < changed.index(skater) < changed.index(line)
    with pytest.raises(LookupError, match="no row"):
        tables.rewritten(text, {"a row that is not there": {}})
