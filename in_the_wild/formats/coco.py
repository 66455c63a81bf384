"""COCO's keypoint files: results of a detector, and annotations of people.

As cocodataset.org describes them ("Results format" and "Data format"): results are a list,

    [{"image_id": 12, "category_id": 1, "keypoints": [x1, y1, s1, ...], "score": 0.9}, ...]

whose pictures are frames by their number. Annotations are described by `in_the_wild.coco_annotations`; of those of
several videos one is chosen by name.

Written are annotations, which pycocotools and annotators open: all frames of one video as images, in names those of
`ffmpeg -i clip.mp4 -start_number 0 clip/%06d.jpg`, and people with their ids as "track_id". Of a part of a video these
are still the whole one's names, and "frame_id" its numbers, counted by its rate. Beside COCO's visibilities,
2 for what was seen, 1 for what was guessed and 0 for what is not there, "keypoint_scores" keep the scores. COCO has no
third dimension: joints stand in "keypoints_3d" as [x, y, z, v] * J, the root's path in "root_3d", and "info" says their
space and units, metres.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, ClassVar

import numpy as np

from in_the_wild import coco_annotations, documents
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.files import guarded, whole_file
from in_the_wild.formats._fields import fields_of_notes, notes_of, poses_of
from in_the_wild.formats._people import KeypointsFormat, People
from in_the_wild.formats._preview import Preview
from in_the_wild.formats._shortest import shortest
from in_the_wild.poses import Poses, Source
from in_the_wild.reasons import UNSEEN
from in_the_wild.skeletons import COCO17

_EXPECTED = "a COCO file of keypoints"
# COCO's visibilities; a flag that is 2 somewhere is no score.
_VISIBLE, _LABELLED, _MISSING = 2, 1, 0
# The one category that is written.
_PERSON = 1
# Poses that are text at a time.
_POSES_AT_A_TIME = 2048


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
    writes: ClassVar[bool] = True
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

    @classmethod
    def custom(cls) -> str:
        """See `Format.custom`."""
        return "as they are, m or px"

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        video, skeleton, flat = poses.video, poses.skeleton, poses.space == "image"
        clip = {"id": 1, "name": video.path, "fps": video.fps, "width": video.width, "height": video.height}
        category = {
            "id": _PERSON,
            "name": "person",
            "supercategory": "person",
            "keypoints": skeleton.joints,
            "skeleton": [[a + 1, b + 1] for a, b in skeleton.edges],
        }
        what = f"keypoints, {poses.units}" if flat else f"joints in {poses.space} space, {poses.units}"
        info = {"description": f"pose3d: {what}", "pose3d": notes_of(poses)}
        with whole_file(path) as file:
            file.write(f'{{"info": {json.dumps(info)},\n"videos": [{json.dumps(clip)}],\n'.encode())
            file.write(f'"categories": [{json.dumps(category)}],\n"images": ['.encode())
            file.writelines(_listed(_images(video)))
            file.write(b'],\n"annotations": [')
            file.writelines(_listed(_people_of(poses)))
            file.write(b"]}\n")

    def read(self, path: Path) -> Poses:
        """See `Format.read`."""
        content = documents.load_json(path, expected=_EXPECTED)
        if isinstance(content, list):
            fields = _results(path, content)
        else:
            fields = _joints(path, content) or self._annotated(path, ours=_is_ours(content))
        with guarded(path, expected=_EXPECTED):
            return poses_of(path, fields, self)

    def _annotated(self, path: Path, *, ours: bool) -> dict[str, Any]:
        found = coco_annotations.load(path)
        videos = sorted({picture.video for picture in found.pictures})
        video = self.clip or (videos[0] if len(videos) == 1 else "")
        if video not in videos:
            asked = f'no video "{video:.60}"' if video else f"{len(videos)} videos"
            raise InputError(
                f"{path} holds {asked}; say which one with --read-as coco:clip=NAME. {did_you_mean(video, videos)}"
            )
        pictures = [picture for picture in found.pictures if picture.video == video]
        # Every frame that was labelled is in the list, with people or without. Ours are counted from 0.
        first = 1 if min(picture.frame for picture in pictures) == 1 and not ours else 0
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


def _images(video: Source) -> Iterator[dict[str, Any]]:
    """A record for each frame of a video."""
    folder = PurePath(video.path).stem
    first = round(float(video.timestamps[0]) * video.fps) if video.frames else 0
    for frame in range(video.frames):
        yield {
            "id": frame,
            "video_id": 1,
            "frame_id": first + frame,
            "file_name": f"{folder}/{first + frame:06d}.jpg",
            "width": video.width,
            "height": video.height,
        }


def _people_of(poses: Poses) -> Iterator[dict[str, Any]]:
    """A record for each row."""
    flat = poses.space == "image"
    for first in range(0, len(poses), _POSES_AT_A_TIME):
        part = poses.rows(np.arange(first, min(first + _POSES_AT_A_TIME, len(poses))))
        labelled = part.scores > 0
        visibility = np.select([part.scores > UNSEEN, labelled], [_VISIBLE, _LABELLED], _MISSING)
        places = np.concatenate([shortest(part.keypoints), visibility[..., None]], axis=2)
        scores = shortest(part.scores)
        for row in range(len(part)):
            person = {
                "id": first + row + 1,
                "image_id": int(part.frame[row]),
                "category_id": _PERSON,
                "iscrowd": 0,
                "track_id": int(part.person_id[row]),
                ("keypoints" if flat else "keypoints_3d"): _integers_last(places[row]),
                "num_keypoints": int(labelled[row].sum()),
                "keypoint_scores": scores[row].tolist(),
            }
            if part.person_id[row] < 0:
                del person["track_id"]
            if part.root is not None:
                person["root_3d"] = shortest(part.root[row]).tolist()
            yield {**person, **_box(part.keypoints[row, labelled[row]])} if flat else person


def _integers_last(points: np.ndarray) -> list[float | int]:
    """Points (J, C + 1) in a row, each with its visibility as a whole number."""
    return [value for *place, visibility in points.tolist() for value in (*place, int(visibility))]


def _box(points: np.ndarray) -> dict[str, Any]:
    """The box about the keypoints (K, 2) that are there, and its area."""
    if not len(points):
        return {"bbox": [0.0, 0.0, 0.0, 0.0], "area": 0.0}
    low, high = points.min(axis=0).astype(np.float64), points.max(axis=0).astype(np.float64)
    return {
        "bbox": [*low.round(2).tolist(), *(high - low).round(2).tolist()],
        "area": float(np.prod(high - low).round(2)),
    }


def _listed(records: Iterator[dict[str, Any]]) -> Iterator[bytes]:
    """Records as the items of a JSON list, each on a line of its own."""
    for number, record in enumerate(records):
        yield f"{',' if number else ''}\n{json.dumps(record, allow_nan=False)}".encode()


def _is_ours(content: Any) -> bool:
    """Whether annotations were written here."""
    info = content.get("info") if isinstance(content, dict) else None
    return isinstance(info, dict) and "pose3d" in info


def _joints(path: Path, content: Any) -> dict[str, Any] | None:
    """The fields of annotations with joints in 3D, as they are written here; None where there are none."""
    with guarded(path, expected=_EXPECTED):
        people = [record for record in content.get("annotations", ()) if "keypoints_3d" in record]
        if not people:
            return None
        places = np.array([record["keypoints_3d"] for record in people], dtype=np.float64)
        roots = [record["root_3d"] for record in people if "root_3d" in record]
        numbers = {picture["id"]: picture["frame_id"] for picture in content["images"]}
        return {
            **fields_of_notes(content["info"]["pose3d"]),
            "joints": content["categories"][0]["keypoints"],
            "keypoints": places.reshape(len(people), -1, 4)[..., :3],
            "scores": np.array([record["keypoint_scores"] for record in people], dtype=np.float64),
            "frame": np.array([numbers[record["image_id"]] for record in people]),
            "person": np.array([record.get("track_id", -1) for record in people]),
            "root": np.array(roots) if len(roots) == len(people) else None,
        }
