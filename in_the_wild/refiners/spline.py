"""Fills missing frames by smooth curves that do not overshoot (Akima's, modified).

    Akima, "A New Method of Interpolation and Smooth Curve Fitting Based on Local Procedures", JACM 1970; scipy's
    `Akima1DInterpolator`
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
import numpy as np
from scipy.interpolate import Akima1DInterpolator, PchipInterpolator, CubicSpline, make_interp_spline

from in_the_wild.poses import SPACES, Poses
from in_the_wild.refiners._tracks import filled, straight
from in_the_wild.refiners.base import Refiner


class Spline(Refiner):
    spaces: ClassVar[tuple[str, ...]] = tuple(SPACES)
    fills = True
    smooths = False

    def __init__(self, kind="pchip"):
        self.kind = kind
    @property
    def settings(self) -> Mapping[str, Any]:
        """See `Refiner.settings`."""
        return {"name": "spline", "kind": self.kind}

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: a row for every frame from first to last."""
        return filled(person, self._curve)

    def _curve(self, known, values, at):
        if self.kind == "pchip": return PchipInterpolator(known, values, axis=0)(at)
        if self.kind == "cubic": return CubicSpline(known, values, axis=0, bc_type="natural")(at)
        if self.kind == "akima": return Akima1DInterpolator(known, values, axis=0)(at) if len(known)>2 else straight(known, values, at)
