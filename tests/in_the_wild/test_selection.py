"""What may be said of whom to keep, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from in_the_wild.errors import InputError
from in_the_wild.selection import EVERYBODY, WORDS, Order, Selection, parse_roi


@pytest.mark.parametrize(
    ("given", "order", "most", "ids"),
    [
        (("all",), "largest", None, None),
        (("largest",), "largest", 1, None),
        (("centre",), "centre", 1, None),
        (("longest",), "longest", 1, None),
        (("moving",), "moving", 1, None),
        (("moving", None, 3), "moving", 3, None),
        (("all", None, 3), "largest", 3, None),
        ((2,), "largest", 2, None),
        (("2",), "largest", 2, None),
        ((5, None, 3), "largest", 3, None),
        (("ids:4",), "largest", None, (4,)),
        (("ids:0,12,7",), "largest", None, (0, 12, 7)),
    ],
)
def test_what_is_said(given: tuple[Any, ...], order: Order, most: int | None, ids: Any) -> None:
    selection = Selection(*given)
    assert selection.order == order
    assert selection.most == most
    assert selection.ids == ids
    assert selection.is_everybody == (given == ("all",))


def test_a_region_leaves_people_out() -> None:
    selection = Selection(roi=parse_roi("10,20,300,400.5"))
    assert not selection.is_everybody
    assert selection.settings == {"persons": "all", "roi": [10, 20, 300, 400.5], "max_people": None}


def test_given_in_short_or_in_full() -> None:
    assert Selection.of("all") == EVERYBODY
    assert Selection.of(3) == Selection.of("3") == Selection(3)
    assert Selection.of(Selection("moving")) == Selection("moving")


@pytest.mark.parametrize("persons", ["nobody", "", "0", 0, -1, "1.5", "ids", "ids:", "ids:a", "ids:1,", "0,2"])
def test_what_says_nothing_is_refused(persons: str | int) -> None:
    with pytest.raises(InputError, match=r"whole number from 1, nor ids such as ids:0,2"):
        Selection(persons)


def test_typing_errors_are_answered_with_the_right_word() -> None:
    for word in WORDS:
        with pytest.raises(InputError, match=f'Did you mean "{word}"'):
            Selection(word[:-1])


@pytest.mark.parametrize("text", ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "0,0,0,100", "0,0,100,-1"])
def test_what_is_no_region_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="x,y,width,height"):
        parse_roi(text)


def test_at_most_nobody_is_refused() -> None:
    with pytest.raises(InputError, match="found 0"):
        Selection(max_people=0)
