"""What is known of a checkpoint that authors published.

It knows nothing about reading them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from in_the_wild.errors import ConfigError


@dataclass(frozen=True)
class Record:
    """A network as its authors trained it.

    Attributes:
        name: What users type.
        model: Plug-in name of the network.
        arguments: Its constructor arguments.
        window: Frames that it sees at once.
        training: What the family's `Training` is told of it, besides data and licence.
        data: What it was trained on.
        reported: What is said of it: "mpjpe" and "p_mpjpe" in millimetres, "parameters" in millions, their "source", a
            "note"; what no source says is left out.
        licence: Of the weights.
        url: Where its authors publish it.
        released: Whether its authors give its weights away; None where they do not say.
        files: File names under which they do, with wildcards; none where the names are not known.
        family: The plug-ins that the network is one of: "lifters" or "refiners".
    """

    name: str
    model: str
    arguments: Mapping[str, Any]
    window: int
    training: Mapping[str, Any]
    data: str
    reported: Mapping[str, Any]
    licence: str
    url: str
    released: bool | None = None
    files: Sequence[str] = ()
    family: str = "lifters"


# What a description of one's own must say.
_KINDS: Mapping[str, tuple[type, ...]] = {
    "model": (str,),
    "arguments": (Mapping,),
    "window": (int,),
    "training": (Mapping,),
    "data": (str,),
    "reported": (Mapping,),
    "released": (bool, type(None)),
    "files": (list, tuple),
    "licence": (str,),
    "url": (str,),
}


def over(shared: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a record that says what is its own; single arguments and training stay where it is silent."""
    both = {**shared, **own}
    for key in ("arguments", "training"):
        if isinstance(both[key], Mapping):
            both[key] = {**shared[key], **both[key]}
    return both


def describe(name: str, values: Mapping[str, Any], *, like: Record | None = None) -> Record:
    """A record of one's own, as a settings file says it.

    Args:
        name: What it is called.
        values: The attributes of `Record` but its name and family.
        like: Where what the values leave out is taken from; single arguments and training too.

    Raises:
        ConfigError: keys that are missing or unknown, or a value that is no such thing.
    """
    if like is not None:
        values = over({key: getattr(like, key) for key in _KINDS}, values)
    missing, unknown = [key for key in _KINDS if key not in values], [key for key in values if key not in _KINDS]
    if missing or unknown:
        raise ConfigError(
            f"{name} does not describe a published checkpoint: the keys {', '.join(_KINDS)} were expected; "
            f"missing: {', '.join(missing) or 'none'}, unknown: {', '.join(unknown) or 'none'}."
        )
    for key, kind in _KINDS.items():
        if not isinstance(values[key], kind):
            raise ConfigError(f"{name} does not describe a published checkpoint: its {key} is {values[key]!r}.")
    return Record(name=name, **values)
