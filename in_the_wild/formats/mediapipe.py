"""MediaPipe's pose landmarks: 33 points from 0 to 1, as JSON of what its solutions and tasks return for each frame.

MediaPipe (ai.google.dev, "Pose landmark detection guide") writes no files; scripts around it store what it returns, as
JavaScript's `JSON.stringify` and protobuf's `MessageToDict` spell it:

    [{"landmarks": [[{"x": 0.5, "y": 0.4, "z": -0.1, "visibility": 0.99}, ...33], ...people], ...}, ...frames]
    [{"landmark": [{"x": ..., ...}, ...33]}, ...frames]        one person; also under "pose_landmarks"
    [[{"x": ..., ...}, ...33], ...frames]                      the same without a name

x and y are shares of the picture's width and height, which only the picture tells: without its size nothing is read.
Frames without anybody are null, or have no points. "frame" numbers a frame where it is there, and "timestamp_ms" or
"timestamp" tell its time in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

from in_the_wild import documents
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._people import KeypointsFormat, People
from in_the_wild.formats._plausible import are_shares
from in_the_wild.formats._preview import Preview
from in_the_wild.poses import Poses

_EXPECTED = "a JSON file of MediaPipe's landmarks"
_JOINTS = 33
_GROUPS = ("landmarks", "pose_landmarks", "poseLandmarks", "landmark")
_TIMES = ("timestamp_ms", "timestamp")


class MediaPipe(KeypointsFormat):
    """Landmarks of MediaPipe, which become pixels by the size of the picture."""

    title: ClassVar[str] = "MediaPipe's landmarks"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: points with x and y, at last."""
        if not isinstance(preview.json, list):
            return False
        return any(_is_point(person[0]) for frame in preview.json[:100] for person in _people(frame) if person)

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        content = documents.load_json(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED):
            if not isinstance(content, list):
                raise InputError(f"{path}: a list of frames with landmarks was expected.")
            people, times = People(path), []
            for number, frame in enumerate(content):
                for landmarks in _people(frame):
                    points = [[point["x"], point["y"]] for point in landmarks]
                    scores = [point.get("visibility", 1.0) for point in landmarks]
                    about = frame if isinstance(frame, dict) else {}
                    people.add(int(about.get("frame", number)), points, scores)
                    times += [about[name] / 1000 for name in _TIMES if name in about][:1]
            fields = people.fields({_JOINTS: ("blazepose33", _JOINTS)})
            if len(times) == len(people.frames):
                fields["time"] = times
            shares = are_shares(fields["keypoints"], fields["scores"] > 0)
            return poses_of(path, {**fields, "shares": shares, "warnings": people.warnings}, self)


def _is_point(found: Any) -> bool:
    return isinstance(found, dict) and {"x", "y"} <= found.keys()


def _people(frame: Any) -> Iterator[list[Any]]:
    """The lists of points in a frame: of one person, or of each of several."""
    if isinstance(frame, dict):
        frame = next((frame[name] for name in _GROUPS if name in frame), None)
    if isinstance(frame, dict):  # {"pose_landmarks": {"landmark": [...]}}
        frame = frame.get("landmark")
    if not isinstance(frame, list) or not frame:
        return
    if _is_point(frame[0]):
        yield frame
        return
    for person in frame:
        yield from _people(person)
