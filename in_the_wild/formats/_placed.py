"""Poses as formats of our own hold them: as they are, or with another axis up and in other units.

It knows nothing about any one format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.formats import _axes
from in_the_wild.formats._fields import FieldsFormat
from in_the_wild.poses import Poses


@dataclass(frozen=True, kw_only=True)
class PlacedFormat(FieldsFormat):
    """A format of our own, which holds poses as they are unless other axes or units are asked for.

    Args:
        up: The axis that points up in what is written, "y" or "z"; "" leaves the axes as they are.
        units: Of what is written: "m", "cm" or "mm".

    Raises:
        InputError: another value of one of them.
    """

    up: str = ""
    units: str = "m"

    def __post_init__(self) -> None:
        _axes.check(space="world", up=self.up or "z", units=self.units)

    @classmethod
    def custom(cls) -> str:
        """See `Format.custom`."""
        return "as they are, m or px"

    @property
    def coordinates(self) -> str:
        """See `Format.coordinates`."""
        return f"{f'{self.up} up' if self.up else 'as they are'}, {self.units} or px"

    def placed(self, poses: Poses) -> Placed:
        """Poses in the axes and units of these settings.

        Raises:
            InputError: keypoints in the picture, which have neither.
        """
        changed = bool(self.up) or self.units != "m"
        if poses.space == "image":
            if changed:
                raise InputError(
                    "Keypoints in the picture are in pixels, y down: leave out units and up, or lift them."
                )
            return Placed(poses, poses.keypoints, None, "", "px")
        if not changed:
            return Placed(poses, poses.keypoints, poses.root, "", "m")
        how = {"space": poses.space, "up": self.up, "units": self.units}
        root = None if poses.root is None else _axes.to_file(poses.root, **how)
        return Placed(poses, _axes.to_file(poses.keypoints, **how), root, self.up, self.units)


@dataclass(frozen=True)
class Placed:
    """Poses as they stand in a file.

    Attributes:
        poses: All but their places.
        keypoints: (N, J, C) in these axes and units.
        root: (N, 3), or None.
        up: The axis that points up; "" where the axes are our own.
        unit: "px", "m", "cm" or "mm".
    """

    poses: Poses
    keypoints: np.ndarray
    root: np.ndarray | None
    up: str
    unit: str


def ours(fields: Mapping[str, Any], *, up: str, units: str = "m") -> dict[str, Any]:
    """The fields of a file with keypoints and root in our axes, metres; the inverse of `PlacedFormat.placed`.

    Args:
        fields: See `_fields.poses_of`; their space says that of the file.
        up: As of `Placed`.
        units: "m", "cm" or "mm".

    Raises:
        ValueError: axes that there are not, or that keypoints in a picture do not have.
    """
    space = fields.get("space")
    if not up and units == "m":
        return dict(fields)
    if space not in _axes.MOTION_SPACES or up not in ("", *_axes.UPS) or units not in _axes.METRES:
        raise ValueError(f"coordinates of {space} space, {up or 'no axis'} up, in {units}")
    turned = {
        name: _axes.from_file(np.asarray(fields[name], np.float64), space=space, up=up, units=units)
        for name in ("keypoints", "root")
        if fields.get(name) is not None
    }
    return {**fields, **turned}
