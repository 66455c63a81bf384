"""Curves: measures of people over time, by name, in one unit.

It knows nothing about what is measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from in_the_wild.errors import InputError


@dataclass(frozen=True)
class Curves:
    """Measures over a whole video; `curves.person(0)["left_knee_flexion"]` is one of them.

    Attributes:
        seconds: (T,) of every frame of the video.
        names: Of the measures, M.
        unit: Of all of them, such as "deg".
        values: For each person's id (T, M); NaN where somebody, or what is needed of him, was not seen.
    """

    seconds: np.ndarray
    names: tuple[str, ...]
    unit: str
    values: Mapping[int, np.ndarray] = field(repr=False)

    @property
    def persons(self) -> list[int]:
        """The ids of those who were measured."""
        return list(self.values)

    def person(self, person: int) -> dict[str, np.ndarray]:
        """One person's measures by name, (T,) each.

        Raises:
            InputError: nobody of this id.
        """
        if person not in self.values:
            ids = ", ".join(map(str, self.values)) or "none"
            raise InputError(f"There is no person {person}; the ids are {ids}.")
        return dict(zip(self.names, self.values[person].T, strict=True))
