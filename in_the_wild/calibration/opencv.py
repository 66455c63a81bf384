"""OpenCV's calibrations, written by its FileStorage as YAML or JSON, and those of ROS, which have the same names.

    camera_matrix: {rows: 3, cols: 3, data: [...]}, distortion_coefficients: {...}, image_width, image_height

Scripts write the same as plain lists, and call them K and D, or mtx and dist.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from in_the_wild.calibration.base import Calibration, first_of, of_matrix

_MATRIX = ("camera_matrix", "k", "mtx", "intrinsic_matrix", "cameramatrix")
_DISTORTION = ("distortion_coefficients", "dist_coeffs", "dist_coeff", "distcoeffs", "d", "dist", "distortion")
_FISHEYE_MODELS = ("fisheye", "equidistant")


def cameras_in(data: Mapping[str, Any]) -> list[Calibration]:
    """The one camera of such a file; none of another."""
    matrix = first_of(data, *_MATRIX)
    if matrix is None:
        return []
    width, height = first_of(data, "image_width", "width"), first_of(data, "image_height", "height")
    size = first_of(data, "image_size", "img_size") if width is None or height is None else (width, height)
    model = str(first_of(data, "distortion_model", "model") or "").lower()
    fisheye = model in _FISHEYE_MODELS or bool(first_of(data, "fisheye_model", "fisheye"))
    name = str(first_of(data, "camera_name", "name") or "camera")
    return [of_matrix(name, _numbers(matrix), _numbers(first_of(data, *_DISTORTION) or []), size=size, fisheye=fisheye)]


def _numbers(value: Any) -> Any:
    """What a matrix holds, however it is written."""
    return value.get("data") if isinstance(value, Mapping) else value
