"""Parameters of networks by name: those of the authors' files become those of the networks here.

It knows nothing about which networks there are, nor about files.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from torch import Tensor

from in_the_wild.errors import WeightsError

# The authors' names (regular expression) -> ours; each is tried on what those before it made of a name.
Names = Sequence[tuple[str, str]]


class FromAuthors(ABC):
    """A network that the authors' parameters can be put into."""

    @classmethod
    @abstractmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Translate the authors' parameter names.

        Returns:
            The state dict in this network's names, and the constructor arguments that its shapes tell.

        Raises:
            WeightsError: the parameters are not this network's.
        """


def without_data_parallel(state_dict: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Drop the "module." that `nn.DataParallel` puts before every name, if it is there."""
    return {name.removeprefix("module."): value for name, value in state_dict.items()}


def renamed(state_dict: Mapping[str, Tensor], names: Names, *, only: str | None = None) -> dict[str, Tensor]:
    """The parameters under our names.

    Args:
        state_dict: Under the authors' names.
        names: Theirs and ours.
        only: The network that they must be of: a name that has no other here is none of its.

    Raises:
        WeightsError: a name that has no other here, where `only` is given.
    """
    found = {}
    for theirs, value in state_dict.items():
        name = theirs
        for pattern, ours in names:
            name = re.sub(pattern, ours, name)
        if only is not None and name == theirs:
            raise WeightsError(f"These weights are not {only}'s: it has no parameter {name}.")
        found[name] = value
    return found


def require(
    state_dict: Mapping[str, Tensor], names: Iterable[str], *, network: str, given: Mapping[str, Tensor]
) -> None:
    """Refuse parameters among which one is not that their network has.

    Args:
        state_dict: What there is.
        names: What there must be.
        network: Whose they should be, for the error.
        given: What the file holds, under the authors' names, for the error.

    Raises:
        WeightsError: one of the names is missing.
    """
    for name in names:
        if name not in state_dict:
            raise WeightsError(
                f"These weights are not {network}'s: a parameter {name} was expected, found "
                f"{', '.join(list(given)[:3]) or 'nothing'}, ..."
            )


def numbered(state_dict: Mapping[str, Tensor], prefix: str) -> int:
    """How many modules a list has, such as "blocks.0.", "blocks.1.", ..."""
    return len({name.split(".")[1] for name in state_dict if name.startswith(f"{prefix}.")})
