"""How long bones are, from frame to frame: those of a person are constant, and what is found of them should be."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.measures.curves import Curves
from in_the_wild.plots.base import OverTime
from in_the_wild.poses import Poses


class Bones(OverTime):
    """The bone that ends in a joint: `left_knee` is the left thigh."""

    quantity: ClassVar[str] = "Length"
    usual: ClassVar[tuple[str, ...]] = tuple(
        f"{side}_{joint}" for joint in ("knee", "ankle", "elbow", "wrist") for side in ("left", "right")
    )

    def curves(self, poses: Poses, of: str) -> Curves:
        """See `OverTime.curves`."""
        above = _above(poses, of)
        scale, unit = (1.0, "pixels") if poses.space == "image" else (100.0, "cm")
        values = {}
        for person in poses.persons:
            one = poses.person(person)
            values[person] = scale * np.linalg.norm(one[of].astype(float) - one[above], axis=-1, keepdims=True)
        return Curves(poses.video.timestamps, ("",), unit, values)

    def subject(self, poses: Poses, of: str) -> str:
        """See `OverTime.subject`: "left_knee" is "left_hip_to_knee"."""
        side = poses.skeleton.side(poses.skeleton.index(of))
        return f"{side}_{_above(poses, of)}_to_{of}".replace(f"_{side}_", "_").removeprefix("middle_")


def _above(poses: Poses, of: str) -> str:
    """The joint that a bone comes from."""
    above = poses.skeleton.parents[poses.skeleton.index(of)]
    if above is None:
        raise InputError(f'No bone ends in "{of}", on which all others hang; name another joint.')
    return above
