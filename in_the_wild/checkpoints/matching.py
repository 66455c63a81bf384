"""Which of the published checkpoints an authors' file is.

A file of theirs holds numbers and nothing else. Which network they belong to is read from their names and shapes
(`in_the_wild.checkpoints.networks`); what keypoints it reads, at which frame rate, and what it was trained on, is found
here: by the file's name, or else by the shapes, where they leave one answer.

    find("pstmo", {"frames": 243, "layers": 4, ...}, "PSTMO_no_refine_11_4288_h36m_cpn.pth")

It knows nothing about loading weights.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from in_the_wild.checkpoints.records import records
from in_the_wild.checkpoints.records.base import Record
from in_the_wild.errors import InputError


@dataclass(frozen=True)
class Found:
    """What is known of an authors' file.

    Attributes:
        variants: The checkpoints that it can be; they read and give the same. When `how` is "assumed", the one that it
            is taken to have been trained like.
        how: "named" by the user, by its "file name", by its "shapes", or "assumed" for a network of another size.
    """

    variants: Sequence[Record] = field(repr=False)
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
    candidates = [record for record in records() if record.model == model]
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


def _agrees(variant: Record, told: Mapping[str, Any], keys: Sequence[str]) -> bool:
    """Whether a variant has these arguments, as far as both sides tell them."""
    arguments = variant.arguments
    return all(_plain(arguments[key]) == _plain(told[key]) for key in keys if key in told and key in arguments)


def _is_called(variant: Record, file_name: str) -> bool:
    return any(fnmatch.fnmatch(file_name.casefold(), pattern.casefold()) for pattern in variant.files)


def _use(variant: Record) -> tuple[object, ...]:
    """All that decides how weights are used."""
    return tuple(sorted((key, _plain(value)) for key, value in (*variant.arguments.items(), *variant.training.items())))


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
