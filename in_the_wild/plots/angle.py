"""Joint angles, as `pose3d measure` tells them: all those of a joint, or one by its own name."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.measures import angles
from in_the_wild.measures.curves import Curves
from in_the_wild.plots.base import OverTime
from in_the_wild.poses import Poses


class Angle(OverTime):
    """`left_knee` has its flexion, `left_hip` flexion and abduction; `trunk_inclination` is one alone."""

    quantity: ClassVar[str] = "Angle"
    usual: ClassVar[tuple[str, ...]] = ("left_knee", "right_knee")

    def curves(self, poses: Poses, of: str) -> Curves:
        """See `OverTime.curves`."""
        names = [name for name in angles.NAMES if name == of or name.startswith(f"{of}_")]
        if not names:
            raise InputError(f'There is no angle "{of}". {did_you_mean(of, angles.NAMES)}')
        found = angles.angles(poses)
        values = {
            person: np.stack([curve for name, curve in found.person(person).items() if name in names], axis=1)
            for person in found.persons
        }
        parts = tuple(name.removeprefix(of).removeprefix("_") for name in names)
        return Curves(found.seconds, parts, found.unit, values)
