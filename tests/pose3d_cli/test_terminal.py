"""Tables on a page of a fixed width: numbers stay whole, and names as long as there is room."""

from __future__ import annotations

import pytest

from pose3d_cli import terminal

NUMBERS = [f"number {n}" for n in range(8)]


@pytest.mark.parametrize("length", [20, 90])
def test_numbers_are_never_cut_for_a_long_name(length: int, capsys: pytest.CaptureFixture[str]) -> None:
    name = "dance - " + "arabesque " * (length // 10)
    terminal.table("", ["action", *NUMBERS], [[name, *(f"{n}234.56" for n in range(8))]], numbers=NUMBERS)
    shown = capsys.readouterr().out
    assert max(map(len, shown.splitlines())) <= 140
    for n in range(8):
        assert f"{n}234.56" in shown
        assert f"number {n}" in shown
    assert " ".join(shown.split()).count("arabesque") == length // 10


def test_a_name_to_be_typed_is_whole_where_words_beside_it_can_break(capsys: pytest.CaptureFixture[str]) -> None:
    name = "a_name_that_is_to_be_typed_as_it_stands_here"
    terminal.table("", ["name", "what it is"], [[name, "many words " * 30]])
    assert name in capsys.readouterr().out
