"""When a detector looks."""

from __future__ import annotations

import pytest

from in_the_wild.errors import InputError
from in_the_wild.looks import Looks


@pytest.mark.parametrize(
    ("text", "looks"),
    [("auto", Looks()), ("every", Looks(rate=None, adaptive=False)), ("8.5", Looks(rate=8.5, adaptive=False))],
)
def test_what_a_person_says_and_back(text: str, looks: Looks) -> None:
    assert Looks.parse(text) == looks
    assert str(looks) == text


def test_every_goes_before() -> None:
    assert Looks.parse("auto", every=5) == Looks(rate=None, adaptive=False, every=5)
    assert str(Looks.parse("auto", every=5)) == "every 5"


@pytest.mark.parametrize("text", ["", "often", "0", "-3", "1000", "nan", "inf"])
def test_what_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="look"):
        Looks.parse(text)


@pytest.mark.parametrize("every", [0, -1, "a"])
def test_every_is_a_number_of_frames(every: int) -> None:
    with pytest.raises(InputError, match="every"):
        Looks.parse("auto", every=every)


@pytest.mark.parametrize(("fps", "step"), [(10, 1), (24, 2), (25, 2), (29.97, 3), (30, 3), (50, 5), (60, 6), (120, 12)])
def test_steps_are_whole_frames_near_the_rate(fps: float, step: int) -> None:
    due = [n for n in range(1, 30) if Looks().due(frames=n, seconds=n / fps, period=1 / fps)]
    assert due[0] == step
