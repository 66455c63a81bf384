"""COCO's keypoint files: results of a detector, and annotations of people.

As cocodataset.org describes them ("Results format" and "Data format"): results are a list,

    [{"image_id": 12, "category_id": 1, "keypoints": [x1, y1, s1, ...], "score": 0.9}, ...]

whose pictures are frames by their number. Annotations are described by `in_the_wild.coco_annotations`; of those of
several videos one is chosen by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild import coco_annotations, documents
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.files import guarded
from in_the_wild.formats._fields import poses_of
from in_the_wild.formats._people import KeypointsFormat, People
from in_the_wild.formats._preview import Preview
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17

_EXPECTED = "a COCO file of keypoints"
# COCO's visibility as scores: a flag that is 2 somewhere is no score.
_VISIBLE = 2


@dataclass(frozen=True, kw_only=True)
class Coco(KeypointsFormat):
    """COCO's results, or annotations of one video.

    Args:
        clip: Which video, where annotations are of several.
        size: See `FieldsFormat`, as the others.
        fps: Frames per second.
        skeleton: Which joints these are.
        space: Which space they are in.
        joints: A joint map.
        video: The video that they were found in.
    """

    title: ClassVar[str] = "COCO's keypoints"
    suffixes: ClassVar[tuple[str, ...]] = (".json",)

    clip: str = ""

    @classmethod
    def recognises(cls, preview: Preview) -> bool:
        """See `Format.recognises`: lists of images and annotations, or people in pictures that have numbers."""
        if isinstance(preview.json, dict):
            return isinstance(preview.json.get("images"), list) or isinstance(preview.json.get("annotations"), list)
        record = preview.record
        named = isinstance(record.get("image_id"), str) and not record["image_id"].isdecimal()
        return "image_id" in record and isinstance(record.get("keypoints"), list) and not named

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        content = documents.load_json(path, expected=_EXPECTED)
        fields = _results(path, content) if isinstance(content, list) else self._annotated(path)
        with guarded(path, expected=_EXPECTED):
            return poses_of(path, fields, self)

    def _annotated(self, path: Path) -> dict[str, Any]:
        found = coco_annotations.load(path)
        videos = sorted({picture.video for picture in found.pictures})
        video = self.clip or (videos[0] if len(videos) == 1 else "")
        if video not in videos:
            asked = f'no video "{video:.60}"' if video else f"{len(videos)} videos"
            raise InputError(
                f"{path} holds {asked}; say which one with --read-as coco:clip=NAME. {did_you_mean(video, videos)}"
            )
        pictures = [picture for picture in found.pictures if picture.video == video]
        # Every frame that was labelled is in the list, with people or without.
        first = 1 if min(picture.frame for picture in pictures) == 1 else 0
        people = People(path)
        for person in found.people:
            if person.picture.video == video:
                track = -1 if person.track is None else person.track
                people.add(person.picture.frame - first, person.keypoints, person.scores, id=track)
        sizes = {picture.size for picture in pictures}
        if len(sizes) > 1:
            raise InputError(f"{path}: pictures of one size were expected in {video}, found {sorted(sizes)[:5]}.")
        width, height = sizes.pop()
        left_out = [f"Annotations of {path.name} that were left out: {found.told}."] if found.left_out else []
        joints = len(found.joints)
        return {
            **people.fields({joints: (COCO17.name, joints)}),
            "skeleton": None,
            "joints": list(found.joints),
            "video": video,
            "size": [width, height] if width and height else None,
            "fps": pictures[0].fps or None,
            "warnings": [*people.warnings, *left_out],
        }


def _results(path: Path, records: list[Any]) -> dict[str, Any]:
    with guarded(path, expected=_EXPECTED):
        people = People(path)
        for record in records:
            people.add(int(record["image_id"]), record["keypoints"], id=int(record.get("track_id", -1)))
        values = np.array(people.keypoints, dtype=np.float64)
        if values.ndim == 2 and (values[:, 2::3] == _VISIBLE).any() and np.isin(values[:, 2::3], (0, 1, 2)).all():
            values[:, 2::3] /= _VISIBLE
            people.keypoints = values.tolist()
        return {**people.fields(), "warnings": people.warnings}
