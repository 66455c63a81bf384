"""This program's own calibrations, JSON, which `written` makes.

    {"pose3d_camera": 1, "name", "width", "height", "focal": [x, y], "centre": [x, y], "distortion": [...], "fisheye"}

"pose3d_camera" is the version. What is not known, such as the size, is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from in_the_wild.calibration.base import Calibration, of_matrix
from in_the_wild.errors import InputError

_KEY, _VERSION = "pose3d_camera", 1


def written(camera: Calibration) -> dict[str, Any]:
    """A camera as JSON types."""
    size = {} if camera.size is None else {"width": camera.size[0], "height": camera.size[1]}
    rest = {"distortion": list(camera.distortion), "fisheye": camera.fisheye}
    return {
        _KEY: _VERSION, "name": camera.name, **size, "focal": list(camera.focal), "centre": list(camera.centre), **rest
    }  # fmt: skip


def cameras_in(data: Mapping[str, Any]) -> list[Calibration]:
    """The inverse of `written`; none of another file.

    Raises:
        InputError: another version.
    """
    if _KEY not in data:
        return []
    if data[_KEY] != _VERSION:
        raise InputError(f"A camera of version {_VERSION} was expected, found {data[_KEY]}; update pose3d.")
    try:
        (fx, fy), (cx, cy) = data["focal"], data["centre"]
    except (KeyError, TypeError, ValueError):
        raise InputError('A camera with "focal" and "centre", two numbers each, was expected; found others.') from None
    size = (data["width"], data["height"]) if "width" in data and "height" in data else None
    matrix = [[fx, 0, cx], [0, fy, cy], [0, 0, 1]]
    return [
        of_matrix(str(data.get("name", "camera")), matrix, data.get("distortion", []), size=size,
                  fisheye=data.get("fisheye", False))
    ]  # fmt: skip
