"""OpenPose's results: a folder with one JSON file for each frame, as `--write_json` leaves it.

As github.com/CMU-Perceptual-Computing-Lab/openpose describes them (doc/02_output.md):

    clip_000000000012_keypoints.json

    {"version": 1.3, "people": [{"person_id": [-1], "pose_keypoints_2d": [x1, y1, c1, ...], ...}, ...]}

with the 25 keypoints of BODY_25 or the 18 of COCO, in pixels (`--keypoint_scale 0`); 0, 0, 0 is a keypoint that was not
found. Pose2Sim and others that run RTMLib write the same with 17 keypoints of COCO or 26 of Halpe. The frame is the
number in the name. `person_id` is -1 unless OpenPose tracked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from in_the_wild import documents
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._people import SKELETONS, KeypointsFormat, People
from in_the_wild.formats._preview import Preview
from in_the_wild.frame_names import frame_numbers
from in_the_wild.poses import Poses

_EXPECTED = "a JSON file of OpenPose"
_KEYPOINTS = "pose_keypoints_2d"
_SKELETONS = {**SKELETONS, 18: ("coco18", 18), 25: ("body25", 25)}


class OpenPose(KeypointsFormat):
    """Keypoints of OpenPose, frame by frame."""

    title: ClassVar[str] = "OpenPose's results"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: a picture with people who have keypoints, or with nobody."""
        picture = (preview.first_json or preview).json
        if not isinstance(picture, dict) or not isinstance(picture.get("people"), list):
            return False
        if "AlphaPose" in str(picture.get("version", "")):
            return False
        people = picture["people"]
        return "version" in picture if not people else isinstance(people[0], dict) and _KEYPOINTS in people[0]

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        files = sorted(path.glob("*.json")) if path.is_dir() else [path]
        numbers = frame_numbers([file.name for file in files], where=path) if path.is_dir() else [0]
        people = People(path)
        for file, frame in zip(files, numbers, strict=True):
            content = documents.load_json(file, expected=_EXPECTED)
            with guarded(file, expected=_EXPECTED):
                for person in _people(file, content):
                    people.add(frame, person[_KEYPOINTS], id=_id(person))
        with guarded(path, expected="a folder of OpenPose's JSON files"):
            fields = people.fields(_SKELETONS)
            return poses_of(path, {**fields, "warnings": people.warnings}, self)


def _people(file: Path, content: Any) -> list[dict[str, Any]]:
    found = content.get("people") if isinstance(content, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) and _KEYPOINTS in one for one in found):
        raise InputError(f'{file}: "people" with "{_KEYPOINTS}" were expected, as OpenPose writes them; found none.')
    return [one for one in found if one[_KEYPOINTS]]  # hands alone


def _id(person: dict[str, Any]) -> int:
    given = person.get("person_id", -1)
    first = given[0] if isinstance(given, list) and given else given
    return int(first) if isinstance(first, int | float) and 0 <= first < 1 << 31 else -1
