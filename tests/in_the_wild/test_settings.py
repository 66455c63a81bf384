"""One grammar for everything that has settings."""

from __future__ import annotations

import doctest
from typing import Any

import pytest

from in_the_wild import plugins, settings
from in_the_wild.errors import InputError, PluginError
from in_the_wild.refiners.base import Refiner

REFINERS = "in_the_wild.refiners"


def test_the_examples_hold() -> None:
    assert doctest.testmod(settings).failed == 0


@pytest.mark.parametrize(
    ("text", "name", "pairs"),
    [
        ("linear", "linear", ()),
        ("linear:", "linear", ()),
        ("a:x=1,y=2", "a", ("x=1", "y=2")),
        (" a : x = 1 , y=2,", "a", ("x = 1", "y=2")),
        ("a:x=[1,2],y=(3, 4)", "a", ("x=[1,2]", "y=(3, 4)")),
        ('a:weights="one, two.pt",y=2', "a", ('weights="one, two.pt"', "y=2")),
        (r"a:weights=C:\mine.pt", "a", (r"weights=C:\mine.pt",)),
    ],
)
def test_a_name_and_its_pairs(text: str, name: str, pairs: tuple[str, ...]) -> None:
    assert settings.parse_spec(text) == settings.Spec(name, pairs)


@pytest.mark.parametrize(
    ("text", "like", "value"),
    [
        ("6", 5.0, 6.0),
        ("1e-3", 5.0, 1e-3),
        ("6", 4, 6),
        ("true", False, True),
        ("True", False, True),
        ("12", "text", "12"),
        ('"two, three"', "text", "two, three"),
        ("None", "text", None),
        ("none", [1], None),
        ("[1, 2]", (3,), (1, 2)),
        ("12", None, 12),
        ("0.5", None, 0.5),
        ("a.pt", None, "a.pt"),
        ("import os", None, "import os"),
    ],
)
def test_a_value_is_of_the_kind_of_its_default(text: str, like: object, value: object) -> None:
    found = settings.parse_value(text, like, name="it")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "like"), [("x", 1), ("1.5", 1), ("1", True), ("x", 1.0), ("3", [1]), ("1" * 400, 1.0)]
)
def test_other_values_are_refused_by_name(text: str, like: object) -> None:
    with pytest.raises(InputError, match=r"^cutoff must be "):
        settings.parse_value(text, like, name="cutoff")


def test_an_unknown_setting_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r'The refiner butterworth has no setting "cutof". Did you mean "cutoff"'):
        settings.make(REFINERS, "butterworth:cutof=6")
    with pytest.raises(InputError, match="cutoff=value was expected"):
        settings.make(REFINERS, "butterworth:cutoff")
    with pytest.raises(PluginError, match="butterworth"):
        settings.make(REFINERS, "buterworth:cutoff=6")


def test_an_object_stays_as_it_is_and_a_text_makes_one() -> None:
    made = settings.make(REFINERS, "butterworth:cutoff=6", order=2, device="cpu")
    assert isinstance(made, Refiner)
    assert dict(made.settings) == {**dict(made.settings), "name": "butterworth", "cutoff": 6.0, "order": 2}
    assert settings.make(REFINERS, made) is made


def test_what_is_typed_goes_before_what_is_usual() -> None:
    made: Any = settings.make(REFINERS, "butterworth:order=3", order=2)
    assert made.settings["order"] == 3


@pytest.mark.parametrize("name", plugins.names(REFINERS))
def test_every_refiner_has_settings_that_can_be_typed(name: str) -> None:
    defaults = settings.defaults_of(plugins.load(REFINERS, name))
    for key, value in defaults.items():
        typed = settings.parse_pairs([f"{key}={value}"], defaults, owner=f"refiner {name}")
        assert typed == {key: value}
