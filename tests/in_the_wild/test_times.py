"""Times as people type them."""

from __future__ import annotations

import pytest

from in_the_wild.errors import InputError
from in_the_wild.times import parse_time


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("0", 0), ("90", 90), ("1.5", 1.5), (".5", 0.5), ("2.", 2), ("1:30", 90), ("01:02:03.25", 3723.25),
     ("100:00:00", 360000), (" 7 ", 7), ("75:00", 4500)],
)  # fmt: skip
def test_seconds_and_clocks(text: str, seconds: float) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "-1", "1:60", "1:75:00", "1:2:3:4", "1m", "one", "1:", ":30", "nan", "inf", "1e3"]
)
def test_what_is_no_time_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match="A time in seconds or h:mm:ss was expected"):
        parse_time(text)
