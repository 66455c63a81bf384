"""Calibrations of cameras, as other programs and this one write them; a file's content tells which it is.

    calibration.read("calib.toml#cam_2").focal

One file beside this one for each kind, whose `cameras_in` knows its own. It knows nothing about videos.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from in_the_wild.calibration import opencv, own, toml
from in_the_wild.calibration.base import Calibration
from in_the_wild.documents import load_bytes, parse_json, parse_toml, parse_yaml
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.files import guarded

__all__ = ["Calibration", "read"]

_EXPECTED = "a calibration (of OpenCV, Pose2Sim, Anipose or pose3d: YAML, JSON or TOML)"
_KINDS = (own, opencv, toml)
# What of OpenCV's YAML is none: its first line, and the type of its matrices.
_FIRST_LINE, _MATRIX_TYPE = b"%YAML:1.0", b"!!opencv-matrix"


def read(path: str | Path) -> Calibration:
    """The camera in a file; "FILE#NAME" is one of several.

    Raises:
        InputError: no such file or camera, a file that holds none, or several of which none is named.
    """
    place, _, wanted = str(path).partition("#")
    cameras = _cameras(Path(place))
    names = [camera.name for camera in cameras]
    if not cameras:
        raise InputError(f"{place} was expected to be {_EXPECTED}, but no camera is in it.")
    if wanted and wanted not in names:
        raise InputError(f'{place} has no camera "{wanted}". {did_you_mean(wanted, names)}')
    if not wanted and len(cameras) > 1:
        known = ", ".join(names)
        raise InputError(f"{place} holds {len(cameras)} cameras, {known}; say which: {place}#{names[0]}.")
    return cameras[names.index(wanted) if wanted else 0]


def _cameras(path: Path) -> list[Calibration]:
    text = load_bytes(path, expected=_EXPECTED)
    with guarded(path, expected=_EXPECTED):
        data = _data(text)
    if not isinstance(data, Mapping):
        return []
    return next((found for kind in _KINDS if (found := kind.cameras_in(data))), [])


def _data(text: bytes) -> Any:
    """What a text stands for, in the language that it is written in.

    Raises:
        Exception: it is in none of them.
    """
    if text.startswith(_FIRST_LINE):
        text = text.partition(b"\n")[2].replace(_MATRIX_TYPE, b"")
        return parse_yaml(text)
    start = text.lstrip()[:1]
    if start == b"{":
        return parse_json(text)
    try:
        return parse_toml(text)
    except ValueError:
        return parse_yaml(text)
