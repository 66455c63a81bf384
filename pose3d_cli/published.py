"""Published checkpoints: what the six projects released, one file of `configs/lifters` or `configs/refiners` for each.

A file of theirs holds numbers and nothing else. Which network they belong to is read from their names and shapes
(`in_the_wild.checkpoints.recognise`); what keypoints it reads, at which frame rate, and what it was trained on, is
found here: by the file's name, or else by the shapes, where they leave one answer.

    find("pstmo", {"frames": 243, "layers": 4, ...}, "PSTMO_no_refine_11_4288_h36m_cpn.pth")

It knows nothing about loading weights.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from in_the_wild.errors import ConfigError, InputError
from pose3d_cli import config

LIFTERS, REFINERS = "lifters", "refiners"
_KEYS = ("model", "arguments", "window", "training", "data", "published", "released", "files", "licence", "url")


@dataclass(frozen=True)
class Variant:
    """A network as its authors trained it.

    Attributes:
        name: File name of its record, what users type.
        model: Plug-in name of the network.
        arguments: Its constructor arguments.
        window: Frames that it sees at once.
        training: What `in_the_wild.checkpoints.Training` is told of it, besides data and licence.
        data: What it was trained on.
        published: What is said of it: "mpjpe" and "p_mpjpe" in millimetres, "parameters" in millions, their "source",
            a "note"; what no source says is left out.
        released: Whether its authors give its weights away; None where they do not say.
        files: File names under which they do, with wildcards; none where the names are not known.
        licence: Of the weights.
        url: Where its authors publish it.
    """

    name: str
    model: str
    arguments: Mapping[str, Any]
    window: int
    training: Mapping[str, Any]
    data: str
    published: Mapping[str, Any]
    released: bool | None
    files: Sequence[str]
    licence: str
    url: str


@dataclass(frozen=True)
class Found:
    """What is known of an authors' file.

    Attributes:
        variants: The checkpoints that it can be; they read and give the same. When `how` is "assumed", the one that it
            is taken to have been trained like.
        how: "named" by the user, by its "file name", by its "shapes", or "assumed" for a network of another size.
    """

    variants: Sequence[Variant] = field(repr=False)
    how: str

    @property
    def names(self) -> str:
        """What it can be, in words."""
        return " or ".join(variant.name for variant in self.variants)

    @property
    def data(self) -> str:
        """What it was trained on, as far as that is certain, in words."""
        data = " or ".join(dict.fromkeys(variant.data for variant in self.variants))
        if self.how == "assumed":
            return "not said by the file"
        return f"{data} (by the shapes)" if self.how == "shapes" else data


def names(family: str = LIFTERS) -> list[str]:
    """The published variants of a family; no file of them is read."""
    return config.names(family)


def load(name_or_path: str, *, family: str = LIFTERS) -> Variant:
    """One published variant by name, or one of a user's own by the file that describes it.

    Raises:
        ConfigError: no such variant, or a file that describes none.
    """
    values = config.load(name_or_path, folder=family)
    missing, unknown = [key for key in _KEYS if key not in values], [key for key in values if key not in _KEYS]
    if missing or unknown:
        raise ConfigError(
            f"{name_or_path} does not describe a published checkpoint: the keys {', '.join(_KEYS)} were expected; "
            f"missing: {', '.join(missing) or 'none'}, unknown: {', '.join(unknown) or 'none'}."
        )
    return Variant(name=config.find(name_or_path, folder=family).stem, **values)


def variants(family: str = LIFTERS) -> list[Variant]:
    """All published variants of a family, by name."""
    return [load(name, family=family) for name in names(family)]


def find(model: str, told: Mapping[str, Any], file_name: str) -> Found | None:
    """The published lifter that an authors' file holds.

    Args:
        model: Plug-in name of its network.
        told: Constructor arguments that its shapes tell.
        file_name: How it is called.

    Returns:
        None where nothing of this network with as many joints was published.

    Raises:
        InputError: several fit that do not read and give the same.
    """
    # Records are named after their networks, so that no others are read.
    candidates = [load(name) for name in names() if name.startswith(f"{model}_")]
    fitting = [variant for variant in candidates if _agrees(variant, told, list(variant.arguments))]
    named = [variant for variant in fitting if _is_called(variant, file_name)]
    for group, how in ((named, "file name"), (fitting, "shapes")):
        if len({_use(variant) for variant in group}) > 1:
            raise InputError(
                f"{file_name} can be {', '.join(variant.name for variant in group)}, which do not read and give the "
                "same: say which with --variant."
            )
        if group:
            return Found(group, how)
    # Of another size than any published one. What it reads is taken from one of its kind on Human3.6M, if there is one.
    kind = [key for key, value in told.items() if isinstance(value, (str, bool)) or key in ("joints", "out_joints")]
    alike = [variant for variant in candidates if _agrees(variant, told, kind)]
    alike.sort(key=lambda variant: (not variant.data.startswith("Human3.6M"), not variant.released))
    return Found(alike[:1], "assumed") if alike else None


def _agrees(variant: Variant, told: Mapping[str, Any], keys: Sequence[str]) -> bool:
    """Whether a variant has these arguments, as far as both sides tell them."""
    arguments = variant.arguments
    return all(_plain(arguments[key]) == _plain(told[key]) for key in keys if key in told and key in arguments)


def _is_called(variant: Variant, file_name: str) -> bool:
    return any(fnmatch.fnmatch(file_name.casefold(), pattern.casefold()) for pattern in variant.files)


def _use(variant: Variant) -> tuple[object, ...]:
    """All that decides how weights are used."""
    return tuple(sorted((key, _plain(value)) for key, value in (*variant.arguments.items(), *variant.training.items())))


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
