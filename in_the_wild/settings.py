"""Settings as people type them: a name, and what differs from the usual.

    butterworth
    butterworth:cutoff=6,order=4
    rtmpose:weights=rtmpose-m,person_weights="a, b.onnx"

One grammar for detectors, lifters, refiners and formats, whether they are named in Python or on the command line; the
`key=value` in it is also that of configurations and data sets. A value is read as the kind that its default is. Commas
within brackets or quotes belong to the value.

It knows nothing about what the settings mean.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from in_the_wild import plugins
from in_the_wild.errors import InputError, did_you_mean

_KINDS = {bool: "true or false", int: "a whole number", float: "a number", list: "a list", tuple: "a list"}
# A pair ends at a comma that stands in no quotes and no brackets.
_PAIR = re.compile(r"""(?:"[^"]*"|'[^']*'|\[[^\]]*\]|\([^)]*\)|[^,])+""")


@dataclass(frozen=True)
class Spec:
    """A plug-in as it was named.

    Attributes:
        name: The plug-in's file name.
        pairs: "key=value" each, as typed.
    """

    name: str
    pairs: tuple[str, ...] = ()


def parse_spec(text: str) -> Spec:
    """Take "name" or "name:key=value,key=value" apart.

    >>> parse_spec("butterworth:cutoff=6,order=4")
    Spec(name='butterworth', pairs=('cutoff=6', 'order=4'))
    """
    name, _, settings = text.partition(":")
    return Spec(name=name.strip(), pairs=tuple(pair.strip() for pair in _PAIR.findall(settings)))


def parse_specs(text: str) -> list[Spec]:
    """Take a list of them apart: a comma before "key=value" continues the settings.

    >>> parse_specs("csv:layout=wide,units=mm,json")
    [Spec(name='csv', pairs=('layout=wide', 'units=mm')), Spec(name='json', pairs=())]
    """
    texts: list[str] = []
    for part in _PAIR.findall(text):
        if texts and "=" in part.partition(":")[0]:
            texts[-1] += f",{part}"
        else:
            texts.append(part)
    return [parse_spec(one) for one in texts]


def parse_pairs(texts: Iterable[str], defaults: Mapping[str, object], *, owner: str) -> dict[str, Any]:
    """Settings that were typed, as values of the kinds that their defaults are.

    >>> parse_pairs(["cutoff=6"], {"cutoff": 5.0, "order": 4}, owner="refiner butterworth")
    {'cutoff': 6.0}

    Args:
        texts: "key=value" each.
        defaults: Of all settings that there are.
        owner: What has them, for errors: "refiner butterworth".

    Raises:
        InputError: a setting that there is not, or a value that it cannot have.
    """
    found: dict[str, Any] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        key = key.strip()
        if key not in defaults:
            raise InputError(f'The {owner} has no setting "{key}". {did_you_mean(key, defaults)}')
        if not equals:
            raise InputError(f'The {owner} was given "{text}" where {key}=value was expected, such as {key}=1.')
        found[key] = parse_value(value, defaults[key], name=f"{key} of the {owner}")
    return found


def parse_value(text: str, like: object, *, name: str) -> Any:
    """The value that a text stands for, of the kind that another value has.

    A whole number may stand for a float, true and false are booleans, text needs no quotes, and None stands for text or
    a list that is to be left out. Where the other value is None, whatever the text looks like is taken.

    >>> parse_value("6", 5.0, name="cutoff"), parse_value("mine.pt", None, name="weights")
    (6.0, 'mine.pt')

    Args:
        text: What was typed.
        like: The value whose kind is wanted: a default, or what a configuration says.
        name: What it is, for the error.

    Raises:
        InputError: the text is no value of that kind.
    """
    text = text.strip()
    value = _literal(text)
    if like is None or type(value) is type(like):
        return value
    if value is None and isinstance(like, (str, list, tuple)):
        return None
    if isinstance(like, str):
        return text
    if isinstance(like, float) and type(value) is int and abs(value) <= sys.float_info.max:
        return float(value)
    if isinstance(like, (list, tuple)) and isinstance(value, (list, tuple)):
        return type(like)(value)
    raise InputError(f'{name} must be {_KINDS.get(type(like), "text")}, as {like!r} is; found "{text}".')


def _literal(text: str) -> object:
    """A number, a boolean, None, quoted text or a list of these, where the text looks like one; else the text."""
    try:
        return ast.literal_eval({"true": "True", "false": "False", "none": "None"}.get(text, text))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):  # all that it says it may raise
        return text


def defaults_of(plugin: type[Any]) -> dict[str, object]:
    """The settings of a plug-in and their defaults: what its constructor takes and need not be given."""
    parameters = inspect.signature(plugin).parameters.values()
    return {one.name: one.default for one in parameters if one.default is not inspect.Parameter.empty}


def take(spec: Spec, **defaults: Any) -> tuple[Spec, dict[str, Any]]:
    """Take settings out of a spec that are not the plug-in's own.

    >>> take(parse_spec("blazepose:every=5,persons=2"), every=1)
    (Spec(name='blazepose', pairs=('persons=2',)), {'every': 5})

    Args:
        spec: The plug-in as it was named.
        defaults: What is taken out, and its value where the spec does not say it.

    Returns:
        The spec without them, and their values.

    Raises:
        InputError: a value that one of them cannot have.
    """
    taken = [pair for pair in spec.pairs if pair.partition("=")[0].strip() in defaults]
    found = parse_pairs(taken, defaults, owner=spec.name)
    return Spec(spec.name, tuple(pair for pair in spec.pairs if pair not in taken)), {**defaults, **found}


def make(family: str, given: str | Spec | Any, **usual: Any) -> Any:
    """A plug-in, of its name, of "name:key=value,...", or as it is where an object was given.

    Args:
        family: The family's package, such as "in_the_wild.refiners".
        given: What names it.
        usual: Settings that hold where the text says nothing else, each for plug-ins that have it.

    Raises:
        PluginError: no plug-in of this name, or one whose back end is not installed.
        InputError: a setting that it does not have, or a value that it cannot have.
        WeightsError: weights that cannot be used.
    """
    if not isinstance(given, (str, Spec)):
        return given
    spec = parse_spec(given) if isinstance(given, str) else given
    plugin = plugins.load(family, spec.name)
    defaults = defaults_of(plugin)
    kind = family.rpartition(".")[2].removesuffix("s")
    chosen = parse_pairs(spec.pairs, defaults, owner=f"{kind} {spec.name}")
    taken = inspect.signature(plugin).parameters
    return plugin(**{**{key: value for key, value in usual.items() if key in taken}, **chosen})
