"""A configuration's keys become typed arguments; what does not fit is said by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

from in_the_wild import plugins
from in_the_wild.errors import ConfigError
from pose3d_cli import config
from pose3d_cli.training import groups, tasks


@dataclass(frozen=True)
class Windows:
    rule: str = "centred"
    step: int = 1

    def __post_init__(self) -> None:
        if self.step < 1:
            raise ConfigError(f"windows.step is at least 1, found {self.step}.")


@dataclass(frozen=True)
class Network(groups.Keys):
    model: str
    arguments: Mapping[str, Any]
    start_from: str | None = None


class Learn:
    passed_over: ClassVar[tuple[str, ...]] = ("masks",)

    def __init__(self, source: Path, network: Network, windows: Windows, seed: int, test: Windows = Windows()) -> None:
        self.all = source, network, windows, seed, test


class Drawn:
    def __init__(self, source: Path, sampling: Windows | None = None) -> None:
        self.all = source, sampling


VALUES: dict[str, Any] = {"model": "pstmo", "arguments": {"frames": 9}, "windows": {"step": 3}, "seed": 7}


def test_keys_are_the_arguments_of_a_constructor() -> None:
    names = groups.names(Learn, without=("source",))
    assert names == {
        "model": True, "arguments": True, "start_from": False, "windows": True, "seed": True, "test": False,
    }  # fmt: skip


def test_groups_become_what_their_types_say() -> None:
    source, network, windows, seed, test = groups.build(Learn, VALUES, source=Path("data")).all
    assert (source, network) == (Path("data"), Network("pstmo", {"frames": 9}))
    assert (windows, seed, test) == (Windows(step=3), 7, Windows())
    # A group that may be left out may also be None.
    assert groups.build(Learn, {**VALUES, "test": None}, source=Path()).all[-1] == Windows()
    assert groups.build(Learn, {**VALUES, "test": {"step": 2}}, source=Path()).all[-1] == Windows(step=2)
    for given, expected in (({}, None), ({"sampling": None}, None), ({"sampling": {"step": 2}}, Windows(step=2))):
        assert groups.build(Drawn, given, source=Path()).all[-1] == expected


@pytest.mark.parametrize(
    ("windows", "message"),
    [
        ({"stap": 1}, 'group windows of the configuration has no key "stap". Did you mean "step"'),
        ({"step": 0}, r"windows\.step is at least 1, found 0"),
        ({"step": "three"}, r"windows\.step of the configuration must be a whole number, found 'three'"),
        ({"step": True}, "must be a whole number, found True"),
        ({"rule": None}, r"windows\.rule of the configuration must be text, found None"),
        (3, "windows of the configuration must be a group of keys, found 3"),
    ],
)
def test_a_group_that_does_not_fit_is_named(windows: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        groups.build(Learn, {**VALUES, "windows": windows}, source=Path())


def test_values_are_of_their_types() -> None:
    for values, message in (
        ({"seed": 1.5}, "seed of the configuration must be a whole number, found 1.5"),
        ({"model": ["pstmo"]}, "model of the configuration must be text"),
        ({"arguments": None}, "arguments of the configuration must be a group of keys, found None"),
        ({"start_from": 3}, "start_from of the configuration must be text or none, found 3"),
    ):
        with pytest.raises(ConfigError, match=message):
            groups.build(Learn, {**VALUES, **values}, source=Path())


@pytest.mark.parametrize("name", plugins.names(tasks.FAMILY))
def test_every_task_says_its_keys(name: str) -> None:
    """The plan and a network are in all of them, and nothing that is passed over is needed."""
    kind = plugins.load(tasks.FAMILY, name)
    keys = groups.names(kind, without=("source",))
    assert {"model", "training", "batch", "seed", "schedule"} <= keys.keys()
    assert not keys.keys() & set(kind.passed_over)
    assert kind.name() == name


@pytest.mark.parametrize("name", config.names())
def test_every_shipped_configuration_has_the_keys_of_its_task(name: str) -> None:
    values = config.load(name)
    kind = plugins.load(tasks.FAMILY, values.pop("task"))
    keys = groups.names(kind, without=("source",))
    assert {key for key, needed in keys.items() if needed} <= values.keys() <= {*keys, *kind.passed_over}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, 'Configuration "own" must say by its key task what is trained; it has none. .*lift_virtual'),
        ({"stage": "lift"}, "it has none"),
        ({"task": "recovr"}, 'found "recovr". Did you mean "recover"'),
        ({"task": "lift", "windwos": {}}, 'of the task lift has an unknown group "windwos". Did you mean "windows"'),
        ({"task": "recover", "noise": {}}, 'of the task recover has an unknown group "noise"'),
        ({"task": "masked", "model": "pstmo"}, "what the task masked needs; missing: arguments, data, windows"),
    ],
)
def test_a_configuration_that_is_no_tasks_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        tasks.build(values, source=Path(), name="own")


def test_options_stand_for_keys_that_the_task_has() -> None:
    values = {"task": "lift", "model": "pstmo", "start_from": None}
    changed = tasks.replace(values, {"start_from": "mine.pt", "lifter": None}, name="own")
    assert changed == {"task": "lift", "model": "pstmo", "start_from": "mine.pt"}
    with pytest.raises(ConfigError, match='The task lift of "own" has no lifter; leave --lifter out'):
        tasks.replace(values, {"lifter": "pstmo_coco"}, name="own")
    with pytest.raises(ConfigError, match="leave --start-from out"):
        tasks.replace({"task": "recover"}, {"start_from": "mine.pt"}, name="own")
