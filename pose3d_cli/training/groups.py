"""A configuration's keys as the typed arguments of what is built from them.

What is trained is a class whose constructor says which keys a configuration has. An argument takes the key of its name:
a group of the configuration where the argument is a dataclass, a value where it is anything else. Keys that always
stand together are one argument whose type is a dataclass on `Keys`: its fields are the keys.

    @dataclass(frozen=True)
    class NewLifter(Keys):
        model: str
        arguments: Mapping[str, Any]

    class Lift(Task):
        def __init__(self, source: Path, network: NewLifter, training: Training) -> None: ...

    build(Lift, {"model": "pstmo", "arguments": {...}, "training": {...}}, source=Path("data"))

It knows nothing about which keys there are.
"""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any

from in_the_wild.errors import ConfigError, did_you_mean


class Keys:
    """Keys of a configuration that always stand together."""


def names(kind: type[Any], *, without: tuple[str, ...] = ()) -> dict[str, bool]:
    """The keys that a configuration of a class has, and whether each is needed.

    Args:
        kind: The class.
        without: Arguments of its constructor that no configuration gives.
    """
    found: dict[str, bool] = {}
    for name, hint, needed in _arguments(kind):
        if _is_keys(hint):
            found |= names(hint)
        elif name not in without:
            found[name] = needed
    return found


def build(kind: type[Any], values: Mapping[str, Any], **given: Any) -> Any:
    """Build a class from a configuration.

    Args:
        kind: The class.
        values: The configuration's keys; those that the class does not have are not looked at.
        given: Arguments of the constructor that no configuration gives.

    Raises:
        ConfigError: a group with a key that it does not have, or with a value that makes no sense.
    """
    arguments = dict(given)
    for name, hint, needed in _arguments(kind):
        if name in given:
            continue
        if _is_keys(hint):
            arguments[name] = build(hint, values)
        elif name in values:
            value = values[name]
            if not dataclasses.is_dataclass(hint):
                require(value, hint, name)
                arguments[name] = value
            elif value is not None or needed:
                require(value, Mapping, name)
                arguments[name] = make(typing.cast(type[Any], hint), value, name)
    return kind(**arguments)


def make(kind: Callable[..., Any], values: Mapping[str, Any], group: str) -> Any:
    """Build something from a group of a configuration; a key that it does not know is the user's mistake.

    Args:
        kind: What is called.
        values: Its arguments by name.
        group: What the group is called.

    Raises:
        ConfigError: a key that is not known, one that is missing, or a value that makes no sense.
    """
    check(values, inspect.signature(kind).parameters, group)
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        for key, value in values.items():
            require(value, hints[key], f"{group}.{key}")
    try:
        return kind(**values)
    except TypeError as error:
        raise ConfigError(f"The group {group} of the configuration does not fit what it is for: {error}.") from error


def check(values: Iterable[str], known: Collection[str], group: str) -> None:
    """Refuse keys of a group that it does not have.

    Raises:
        ConfigError: such a key; the message names the nearest one.
    """
    for key in values:
        if key not in known:
            raise ConfigError(f'The group {group} of the configuration has no key "{key}". {did_you_mean(key, known)}')


# What values of a configuration are, in words; whatever has another type is not checked.
_WORDS: Mapping[Any, tuple[tuple[type, ...], str]] = {
    bool: ((bool,), "true or false"),
    int: ((int,), "a whole number"),
    float: ((int, float), "a number"),
    str: ((str,), "text"),
    type(None): ((type(None),), "none"),
    Mapping: ((Mapping,), "a group of keys"),
    Sequence: ((list, tuple), "a list"),
    tuple: ((list, tuple), "a list"),
}


def require(value: Any, hint: Any, name: str) -> None:
    """Refuse a value of a configuration that is not of its type.

    Args:
        value: As the configuration has it.
        hint: Its type: one of those that configurations have, or a union of them.
        name: What it is called.

    Raises:
        ConfigError: it is of another type.
    """
    is_union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    kinds = [typing.get_origin(kind) or kind for kind in (typing.get_args(hint) if is_union else (hint,))]
    if not all(kind in _WORDS for kind in kinds):
        return
    fits = any(isinstance(value, _WORDS[kind][0]) and (kind is bool or type(value) is not bool) for kind in kinds)
    if not fits:
        expected = " or ".join(_WORDS[kind][1] for kind in kinds)
        raise ConfigError(f"{name} of the configuration must be {expected}, found {value!r}.")


def _arguments(kind: type[Any]) -> list[tuple[str, Any, bool]]:
    """The arguments of a constructor: name, type, whether it is needed."""
    hints = typing.get_type_hints(kind if dataclasses.is_dataclass(kind) else kind.__init__)
    parameters = inspect.signature(kind).parameters.values()
    return [(one.name, _group(hints[one.name]), one.default is inspect.Parameter.empty) for one in parameters]


def _group(hint: Any) -> Any:
    """The dataclass of a group that may be missing; any other type as it is."""
    kinds = [kind for kind in typing.get_args(hint) if kind is not type(None)]
    return kinds[0] if len(kinds) == 1 and dataclasses.is_dataclass(kinds[0]) else hint


def _is_keys(hint: Any) -> bool:
    return inspect.isclass(hint) and issubclass(hint, Keys)
