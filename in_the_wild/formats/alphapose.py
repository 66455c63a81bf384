"""AlphaPose's results: one JSON file for a video, or one for each frame in a folder `sep-json`.

As github.com/MVIG-SJTU/AlphaPose describes them (docs/output.md, and `write_json` of alphapose/utils/pPose_nms.py):

    [{"image_id": "0.jpg", "category_id": 1, "keypoints": [x1, y1, c1, ...], "score": ..., "box": [...], "idx": ...}]

with 17 keypoints of COCO, 26 or 136 of Halpe. `--format cmu` and `--format open` write an object of pictures instead,
or a file for each, with the 18 keypoints of OpenPose's COCO model, under "bodies" and "joints" or under "people" and
"pose_keypoints_2d". Pictures are named by their frame. `idx` is the person's id where AlphaPose tracked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

_EXPECTED = "a JSON file of AlphaPose"
_MARK = "AlphaPose"
# Where the people of a picture stand in the two other forms, and their keypoints.
_FORMS = (("people", "pose_keypoints_2d"), ("bodies", "joints"))


class AlphaPose(KeypointsFormat):
    """Keypoints of AlphaPose, with the ids of its tracker."""

    title: ClassVar[str] = "AlphaPose's results"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: COCO's results but for pictures that are named, or AlphaPose's own version."""
        if preview.first_json is not None:
            return _is_marked(preview.first_json.json)
        record = preview.record
        if isinstance(preview.json, list):
            named = isinstance(record.get("image_id"), str) and not record["image_id"].isdecimal()
            return named and isinstance(record.get("keypoints"), list)
        return _is_marked(record) or any(_is_marked(one) for one in record.values())

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        people = People(path)
        if path.is_dir():
            _add_pictures(people, {file.stem: _load(file) for file in sorted(path.glob("*.json"))})
        else:
            with guarded(path, expected=_EXPECTED):
                content = _load(path)
                if isinstance(content, list):
                    _add_results(people, content)
                else:
                    _add_pictures(people, {path.stem: content} if _is_marked(content) else content)
        with guarded(path, expected=_EXPECTED):
            fields = people.fields({**SKELETONS, 18: ("coco18", 18)})
            return poses_of(path, {**fields, "warnings": people.warnings}, self)


def _is_marked(content: Any) -> bool:
    """Whether this is a picture as the two other forms have it."""
    if not isinstance(content, dict):
        return False
    return _MARK in str(content.get("version", "")) or isinstance(content.get("bodies"), list)


def _load(path: Path) -> Any:
    return documents.load_json(path, expected=_EXPECTED)


def _add_results(people: People, records: list[Any]) -> None:
    if not all(isinstance(record, dict) and "keypoints" in record and "image_id" in record for record in records):
        raise InputError(f'{people.path}: a list of people with "image_id" and "keypoints" was expected, as AlphaPose '
                         "writes it; found something else.")  # fmt: skip
    names = list(dict.fromkeys(str(record["image_id"]) for record in records))
    frame = dict(zip(names, frame_numbers(names, where=people.path), strict=True))
    for record in records:
        people.add(frame[str(record["image_id"])], record["keypoints"], id=_id(record.get("idx")))


def _id(idx: Any) -> int:
    """The id in `idx`, which is a number, or lists about one; -1 where there is none."""
    while isinstance(idx, list) and idx:
        idx = idx[0]
    return int(idx) if isinstance(idx, int | float) and 0 <= idx < 1 << 31 else -1


def _add_pictures(people: People, pictures: Mapping[str, Any]) -> None:
    if not isinstance(pictures, Mapping):
        raise InputError(f"{people.path}: results of AlphaPose were expected, found something else.")
    for (_, picture), frame in zip(pictures.items(), frame_numbers(list(pictures), where=people.path), strict=True):
        for keypoints in _keypoints(people.path, picture):
            people.add(frame, keypoints)


def _keypoints(path: Path, picture: Any) -> Iterator[Any]:
    for group, name in _FORMS:
        found = picture.get(group) if isinstance(picture, dict) else None
        if isinstance(found, list) and all(isinstance(one, dict) and name in one for one in found):
            yield from (one[name] for one in found)
            return
    raise InputError(f"{path}: people of every picture were expected, as AlphaPose writes them; found something else.")
