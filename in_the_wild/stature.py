"""Stature: how tall people are by their bones, and how tall somebody says that they are.

It is light to import, so that a command line is checked at once. It knows nothing about files and refiners.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.skeletons import Skeleton

# Metres, of people from their first steps on.
_SHORTEST, _TALLEST = 0.5, 2.6
# By how much people are taller than their bones from ankle to hip and pelvis to head, as ankles are above the soles:
# the median of motion capture.
_TALLER = 1.03
_TOPS = ("head_top", "head")


@dataclass(frozen=True)
class Heights:
    """Metres that people are tall.

    >>> Heights.parse("1.80,2:1.65").of(2)
    1.65

    Attributes:
        everybody: Of those who are not named; None where nobody says.
        named: By person id.

    Raises:
        InputError: a height that nobody has.
    """

    everybody: float | None = None
    named: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for metres in (self.everybody, *self.named.values()):
            if metres is not None and not _SHORTEST <= metres <= _TALLEST:
                meant = f"; did you mean {metres / 100:.2f}?" if _SHORTEST <= metres / 100 <= _TALLEST else "."
                raise InputError(
                    f"A height in metres from {_SHORTEST} to {_TALLEST} was expected, found {metres:g}{meant}"
                )

    @classmethod
    def parse(cls, text: str) -> Heights:
        """Of "1.80", everybody's height, "0:1.80,2:1.65", those of persons by their ids, or both.

        Raises:
            InputError: a text that says none of these.
        """
        everybody, named = None, {}
        for part in text.split(","):
            person, colon, metres = part.rpartition(":")
            try:
                if colon:
                    named[int(person)] = float(metres)
                else:
                    everybody = float(metres)
            except ValueError:
                raise InputError(
                    f'A height is metres, such as 1.80, or those of persons, such as 0:1.80,2:1.65; found "{text}".'
                ) from None
        return cls(everybody, named)

    def of(self, person: int) -> float | None:
        """Metres that a person is tall; None where nobody says."""
        return self.named.get(person, self.everybody)


def stature(joints: np.ndarray, skeleton: Skeleton) -> float:
    """Metres from the soles to the top of the head of somebody who stands straight, by the bones.

    Args:
        joints: (T, J, 3) metres, whatever the pose.
        skeleton: With a head, hips, knees and ankles.

    Raises:
        InputError: joints without these.
    """
    top = next((joint for joint in _TOPS if joint in skeleton.joints), "")
    legs = [[f"{side}_{joint}" for joint in ("hip", "knee", "ankle")] for side in ("left", "right")]
    missing = {joint for leg in legs for joint in leg} - set(skeleton.joints)
    if missing or not top:
        lacks = ", ".join(sorted(missing)) or "a head"
        raise InputError(
            f"How tall somebody is, is told by head, hips, knees and ankles; {skeleton.name} lacks {lacks}."
        )
    trunk = [top]
    while (above := skeleton.parent_indices[skeleton.index(trunk[-1])]) >= 0:
        trunk.append(skeleton.joints[above])
    leg = sum(_length(joints, skeleton, one) for one in legs) / 2
    return _TALLER * (_length(joints, skeleton, trunk) + leg)


def _length(joints: np.ndarray, skeleton: Skeleton, chain: list[str]) -> float:
    """Metres along the bones from joint to joint, each its median over the frames."""
    bones = np.diff(joints[:, skeleton.indices(*chain)], axis=1)
    return float(np.median(np.linalg.norm(bones, axis=2), axis=0).sum())
