"""Round cones, the hulls of two spheres, flattened by a linear map where a body is flat: all parts of a body are such.

One closed-form ray intersection (`raycast`) so draws chest, limbs, head and hands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pose3d_cli.datasets.synthetic.mannequin.look import Colour
from pose3d_cli.datasets.synthetic.mannequin.vectors import Array

STRIPES_PER_METRE = 9.0


@dataclass(frozen=True)
class RoundCone:
    """The hull of two spheres, seen through a linear map `shape` (rows: body axes divided by their scales).

    Colour is `colour2` where `plane . (x - a) > 1` in world space, or in stripes, else `colour`.
    """

    a: Array
    b: Array
    ra: float
    rb: float
    colour: Colour
    colour2: Colour | None = None
    plane: Array = field(default_factory=lambda: np.zeros(3))
    shape: Array = field(default_factory=lambda: np.eye(3))
    cloth: float = 0.0  # strength of the folds drawn into the shading
    stripes: float = 0.0  # stripes of colour2 per metre along the last body axis; 0 none
    offset: float = 0.0  # metres along that axis at which this part starts, for stripes that run through several parts


def cone(a: Array, b: Array, ra: float, rb: float, colour: Colour, *, cloth: float = 0.0) -> RoundCone:
    """A round cone of one colour."""
    return RoundCone(a=a, b=b, ra=ra, rb=rb, colour=colour, cloth=cloth)


def two_tone(
    a: Array, b: Array, ra: float, rb: float, near: Colour, far: Colour, *, reach: float, cloth: float
) -> RoundCone:
    """A limb in the `near` colour up to the fraction `reach` of its length, beyond that in the `far` one."""
    axis = b - a
    if reach <= 0:
        return cone(a, b, ra, rb, far)
    if reach >= 1:
        return cone(a, b, ra, rb, near, cloth=cloth)
    return RoundCone(a=a, b=b, ra=ra, rb=rb, colour=near, colour2=far, plane=axis / (axis @ axis) / reach, cloth=cloth)


def stretched(frame: Array, scale: Sequence[float]) -> Array:
    """The map of a part that is stretched by `scale` along the body axes in the rows of `frame`."""
    return frame / np.asarray(scale)[:, None]


def flat(a: Array, b: Array, ra: float, rb: float, shape: Array, colour: Colour, *, cloth: float = 0.0) -> RoundCone:
    """A round cone seen through a map, as `stretched` makes one."""
    return RoundCone(a=a, b=b, ra=ra, rb=rb, colour=colour, shape=shape, cloth=cloth)


def striped(part: RoundCone, colour: Colour | None, *, offset: float = 0.0) -> RoundCone:
    """The same part with stripes of a colour, which begin `offset` metres further down; None leaves it as it is."""
    if colour is None:
        return part
    return replace(part, colour2=colour, stripes=STRIPES_PER_METRE, offset=offset)


def ellipsoid(centre: Array, frame: Array, semi: Sequence[float], colour: Colour, *, cloth: float = 0.0) -> RoundCone:
    """An ellipsoid with half axes `semi` along the rows of `frame`."""
    return flat(centre, centre, 1.0, 1.0, stretched(frame, semi), colour, cloth=cloth)
