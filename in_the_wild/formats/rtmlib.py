"""RTMLib's keypoints: what its `Body` and `PoseTracker` return, a JSON list with an object for each frame.

RTMLib (github.com/Tau-J/rtmlib) writes no files; a solution called on a picture returns keypoints (P, J, 2) in pixels
and scores (P, J), which scripts around it store as they are:

    [{"keypoints": [[[x, y], ...joints], ...people], "scores": [[...joints], ...people]}, ...frames]

with 17 keypoints of COCO, 26 of Halpe or 133 of COCO-WholeBody. "frame" numbers a frame where it is there. What
Pose2Sim writes with RTMLib is OpenPose's format.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from in_the_wild import documents
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._people import KeypointsFormat, People
from in_the_wild.formats._preview import Preview
from in_the_wild.poses import Poses

_EXPECTED = "a JSON file of RTMLib's keypoints"


class RTMLib(KeypointsFormat):
    """Keypoints of RTMLib."""

    title: ClassVar[str] = "RTMLib's keypoints"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: frames with keypoints and scores of several people each."""
        return isinstance(preview.json, list) and {"keypoints", "scores"} <= preview.record.keys()

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        content = documents.load_json(path, expected=_EXPECTED)
        with guarded(path, expected=_EXPECTED):
            if not isinstance(content, list) or not all(isinstance(frame, dict) for frame in content):
                raise InputError(f'{path}: a list of frames with "keypoints" and "scores" was expected.')
            people = People(path)
            for number, frame in enumerate(content):
                for keypoints, scores in zip(frame["keypoints"], frame["scores"], strict=True):
                    people.add(int(frame.get("frame", number)), keypoints, scores)
            return poses_of(path, {**people.fields(), "warnings": people.warnings}, self)
