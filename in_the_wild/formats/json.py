"""JSON: everything that poses are, for programs in any language.

    format       "pose3d-poses"
    version      1, or 2 where axes or units are others than our own; a later one is refused, keys that are not known
                 are passed over
    space        "image", "camera" or "world"
    units        "pixels", "metres", "centimetres" or "millimetres"
    up           the axis that points up, "y" or "z", where axes are others than our own
    axes         how x, y and z run, in words
    skeleton     {name, joints: [name, ...], parents: [name or null, ...]}
    video        {file, width, height, fps, seconds: [of every frame, ...]}
    root_source  how the root's path was obtained; empty without one
    meta         what made these numbers
    people       [{id, frames: [...], seconds: [...], keypoints: [[[x, y(, z)], ...joints], ...frames],
                 scores: [[...joints], ...frames], root: [[x, y, z], ...frames],
                 error_mm: [[...joints], ...frames], reasons: [[...joints], ...frames]}, ...]

An id of -1 holds everybody whom nobody has told apart, several in a frame perhaps. A score is between 0 and 1, and 0
means not seen. `root` is there where a path was estimated, `error_mm`, by which joints are expected to be off, where it
is known, and so are `reasons`, why joints are where they are: numbers of the names that `meta` lists. Each of the keys
stands on a line of its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild import documents
from in_the_wild.errors import InputError
from in_the_wild.files import guarded, whole_file
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._placed import Placed, PlacedFormat, ours
from in_the_wild.formats._preview import Preview
from in_the_wild.formats._shortest import shortest
from in_the_wild.poses import Poses

_FORMAT = "pose3d-poses"
_VERSION, _PLACED_VERSION = 1, 2
_EXPECTED = "a JSON file of poses"
_AXES = {
    ("image", ""): "x right, y down from the top left corner",
    ("camera", ""): "x right, y down, z away from the camera; relative to the root joint",
    ("camera", "y"): "x right, y up, z towards the camera; relative to the root joint",
    ("camera", "z"): "x right, y away from the camera, z up; relative to the root joint",
    ("world", ""): "z up, floor at 0",
    ("world", "y"): "y up, floor at 0",
    ("world", "z"): "z up, floor at 0",
}
_UNITS = {"px": "pixels", "m": "metres", "cm": "centimetres", "mm": "millimetres"}
# Poses that are text at a time: an hour's would take gigabytes.
_POSES_AT_A_TIME = 2048
# A person's key, and the field that it is.
_PER_PERSON = {
    "frames": "frame",
    "seconds": "time",
    "keypoints": "keypoints",
    "scores": "scores",
    "root": "root",
    "error_mm": "error_mm",
    "reasons": "reasons",
}


class Json(PlacedFormat):
    """Poses as text that programs in any language read."""

    title: ClassVar[str] = "JSON"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: our own mark, which is written first."""
        return isinstance(preview.json, dict) and preview.json.get("format") == _FORMAT

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        placed = self.placed(poses)
        content = {
            "format": _FORMAT,
            "version": _PLACED_VERSION if placed.up or placed.unit not in ("px", "m") else _VERSION,
            "space": poses.space,
            "units": _UNITS[placed.unit],
            **({"up": placed.up} if placed.up else {}),
            "axes": _AXES[poses.space, placed.up],
            "skeleton": {
                "name": poses.skeleton.name,
                "joints": poses.skeleton.joints,
                "parents": poses.skeleton.parents,
            },
            "video": {
                "file": poses.video.path,
                "width": poses.video.width,
                "height": poses.video.height,
                "fps": poses.video.fps,
                "seconds": poses.video.timestamps.tolist(),
            },
            "root_source": poses.root_source,
            "meta": dict(poses.meta),
        }
        lines = "".join(f'"{key}": {json.dumps(value, allow_nan=False)},\n' for key, value in content.items())
        people = [poses.of_person(person) for person in np.unique(poses.person_id).tolist()]
        with whole_file(path) as file:
            file.write(f'{{\n{lines}"people": ['.encode())
            for number, rows in enumerate(people):
                file.write(b", " if number else b"")
                file.writelines(part.encode() for part in _person(self.placed(rows)))
            file.write(b"]\n}\n")

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        content = documents.load_json(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED):
            if not isinstance(content, dict) or content.get("format", _FORMAT) != _FORMAT or "people" not in content:
                raise InputError(f'{path} holds no poses: an object with "format": "{_FORMAT}" was expected.')
            if content.get("version", _VERSION) not in (_VERSION, _PLACED_VERSION):
                raise InputError(
                    f"{path} has version {content['version']!r:.20} of the format; this program reads {_VERSION} and "
                    f"{_PLACED_VERSION}."
                )
            units = {name: unit for unit, name in _UNITS.items()}[content.get("units") or _UNITS["m"]]
            up = content.get("up") or ""
            fields = ours(_fields(content), up=up, units="m" if units == "px" and not up else units)
            poses = poses_of(path, fields, self)
            return Poses.join([poses])


def _person(placed: Placed) -> Iterator[str]:
    """One person's rows as text, part by part."""
    rows = placed.poses
    lists = {"frames": rows.frame, "seconds": rows.seconds, "keypoints": placed.keypoints, "scores": rows.scores}
    lists |= {} if placed.root is None else {"root": placed.root}
    lists |= {} if rows.error_mm is None else {"error_mm": rows.error_mm}
    lists |= {} if rows.reasons is None else {"reasons": rows.reasons}
    yield f'{{"id": {int(rows.person_id[0])}'
    for key, values in lists.items():
        yield f', "{key}": ['
        for first in range(0, len(values), _POSES_AT_A_TIME):
            part = values[first : first + _POSES_AT_A_TIME]
            # Each number with no more digits than tell it from its neighbours, without the brackets of the list.
            numbers = (shortest(part) if part.dtype == np.float32 else part).tolist()
            yield (", " if first else "") + json.dumps(numbers, allow_nan=False)[1:-1]
        yield "]"
    yield "}"


def _fields(content: Mapping[str, Any]) -> dict[str, Any]:
    skeleton, video, people = content.get("skeleton", {}), content.get("video", {}), content["people"]
    joints = skeleton.get("joints", [])
    fields = {
        "space": content.get("space"),
        "skeleton": skeleton.get("name"),
        "joints": joints or None,
        "parents": skeleton.get("parents"),
        "video": video.get("file"),
        "fps": video.get("fps"),
        "timestamps": video.get("seconds"),
        "root_source": content.get("root_source"),
        "meta": content.get("meta"),
    }
    if "width" in video and "height" in video:
        fields["size"] = [video["width"], video["height"]]
    for key, field in _PER_PERSON.items():
        if people and all(key in person for person in people):
            fields[field] = [row for person in people for row in person[key]]
    if not people:
        coordinates = 2 if content.get("space", "image") == "image" else 3
        fields |= {"keypoints": np.zeros((0, len(joints), coordinates)), "scores": np.zeros((0, len(joints)))}
    else:
        fields["person"] = [person.get("id", at) for at, person in enumerate(people) for _ in person["keypoints"]]
    return fields
