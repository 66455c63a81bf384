"""C3D: markers as motion capture laboratories keep them; read by Visual3D, Mokka, Vicon, MATLAB, ezc3d and many others.

Coordinates are in the world, z up, in millimetres; POINT:UNITS, X_SCREEN and Y_SCREEN say so in the file. Each marker
of a frame has a residual: -1 where it is missing, 0 where it was calculated (what nobody saw), and above 0 where it was
seen. Frames are numbered from the video's beginning, as far as the format's 65535 reach for the first. Several
people are all in one file, each marker with its person before it ("person2:RHip"), or a file each with `people=files`.
The group POSE3D keeps the space, and the skeleton's name.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.files import guarded, regular_file, whole_file
from in_the_wild.formats._axes import METRES, MOTION_SPACES
from in_the_wild.formats._markers import MarkerFormat, tracks_of
from in_the_wild.formats._motion import Motion, poses_of_motion
from in_the_wild.formats._preview import Preview
from in_the_wild.plugins import back_end
from in_the_wild.poses import Poses
from in_the_wild.versions import __version__

_EXPECTED = "a C3D file of markers"
_OWN_GROUP = "POSE3D"
# The second byte of every such file, and a file of another kind whose second byte is the same.
_MARK = 0x50
_PNG = b"\x89PNG"
# Residuals, and the camera that saw a marker.
_MISSING, _CALCULATED, _SEEN, _CAMERA = -1.0, 0.0, 1.0, 1.0
# Dimensions of its tables are bytes.
_MOST_MARKERS = 255
_LAST_FIRST_FRAME = 65535
# What points up, by the axis that runs up the screen.
_SCREEN = {"y": ("+X", "+Y"), "z": ("+X", "+Z")}


@dataclass(frozen=True, kw_only=True)
class C3d(MarkerFormat):
    """Markers for motion capture software.

    Args:
        space: "world" (the floor at 0) or "camera" (the camera at 0).
        up: Which axis points up, "y" or "z", where a file that is read does not say it.
        units: "mm", "cm" or "m", where a file that is read does not say it.
        names: What joints are called: "opensim" or "pose3d". Read are both.
        people: Several are written in one file each, "files", or all in one, "prefixed".
        unseen: Joints that nobody saw are written where the poses have them, "kept", or left out, "missing".

    Raises:
        PluginError: the package c3d is not installed.
    """

    title: ClassVar[str] = "markers of motion capture (C3D)"
    suffixes: ClassVar[tuple[str, ...]] = (".c3d",)

    up: str = "z"
    units: str = "mm"
    people: str = "prefixed"

    def __post_init__(self) -> None:
        super().__post_init__()
        _c3d()

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: the second byte, behind the number of the block where parameters begin."""
        head = preview.head[:512]
        return len(head) == 512 and head[1] == _MARK and head[0] > 1 and not head.startswith(_PNG)

    def _write_markers(self, motion: Motion, labels: list[str], path: Path) -> None:
        if len(labels) > _MOST_MARKERS:
            raise InputError(
                f"A C3D file holds {_MOST_MARKERS} markers, found {len(labels)}; write people apart: c3d:people=files."
            )
        writer = _c3d().Writer(point_rate=motion.fps, point_units=self.units)
        writer.set_point_labels(labels)
        writer.set_screen_axis(*_SCREEN[self.up])
        writer.set_start_frame(min(1 + round(motion.start * motion.fps), _LAST_FIRST_FRAME))
        _say(writer, "MANUFACTURER", COMPANY="pose3d", SOFTWARE="pose3d", VERSION=__version__)
        _say(writer, _OWN_GROUP, SPACE=self.space, SKELETON=motion.skeleton.name)
        nothing = np.zeros((0, 0))
        writer.add_frames([(points, nothing) for points in _points(motion)])
        with whole_file(path) as file, _quiet():
            writer.write(file)

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        path = regular_file(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED), path.open("rb") as file, _quiet():
            reader = _c3d().Reader(file)
            labels = [label.strip() for label in reader.point_labels]
            points = np.array([points[: len(labels), :4] for _, points, _ in reader.read_frames()], np.float32)
            fps, first = float(reader.point_rate), max(1, int(reader.first_frame))
            if not len(points) or not labels:
                raise InputError(f"{path} holds no motion: a C3D file with markers was expected.")
            if not 0 < fps < np.inf:
                raise ValueError(f"a rate of {fps:g} frames a second")
            own = _OWN_GROUP in reader
            read_as = self._as_said(reader)
        residual = points[..., 3]
        places = np.where((residual >= 0)[..., None], points[..., :3].astype(np.float64), np.nan)
        seen = residual > 0 if own else residual >= 0
        skeleton, tracks = tracks_of(labels, places, seen, path)
        motion = Motion(skeleton, fps, (first - 1) / fps, len(points), tuple(tracks))
        return poses_of_motion(motion, path, read_as)

    def _as_said(self, reader: Any) -> C3d:
        """These settings, as far as the file does not say others."""
        said = {
            "units": _text(reader, "POINT:UNITS").lower(),
            "up": _text(reader, "POINT:Y_SCREEN")[-1:].lower(),
            "space": _text(reader, f"{_OWN_GROUP}:SPACE"),
        }
        known = {"units": tuple(METRES), "up": tuple(_SCREEN), "space": MOTION_SPACES}
        return replace(self, **{name: value for name, value in said.items() if value in known[name]})


def _c3d() -> ModuleType:
    return back_end("c3d", install='"pose3d[formats]"')


@contextmanager
def _quiet() -> Iterator[None]:
    """The package warns of what files leave out, and of what it reads all the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _say(writer: Any, group: str, **texts: str) -> None:
    """A group of parameters that are text."""
    for name, text in texts.items():
        writer.get_create(group).add_str(name, "", text, len(text))


def _text(reader: Any, parameter: str) -> str:
    found = reader.get(parameter)
    return "" if found is None else str(found.string_value).strip("\0 ")


def _points(motion: Motion) -> Iterator[np.ndarray]:
    """Per frame the package's (M, 5): place, residual, and which cameras saw the marker."""
    for frame in range(motion.frames):
        joints = np.concatenate([track.joints[frame] for track in motion.tracks])
        seen = np.concatenate([track.seen[frame] for track in motion.tracks])
        there = np.isfinite(joints).all(axis=1)
        points = np.zeros((len(joints), 5), np.float32)
        points[there, :3] = joints[there]
        points[:, 3] = np.where(there, np.where(seen, _SEEN, _CALCULATED), _MISSING)
        points[:, 4] = np.where(there & seen, _CAMERA, 0)
        yield points
