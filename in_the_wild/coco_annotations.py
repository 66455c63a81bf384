"""COCO's files of keypoint annotations, as annotators export them: people with keypoints are read, the rest is counted.

Of a file (cocodataset.org, "Data format") these fields are read:

    images        id, width, height; video_id and frame_id, or frame_id alone, or a file_name whose folder is the video
                  and whose one rising number is the frame; Roboflow's extra.name goes before file_name
    annotations   id, image_id, category_id, bbox [x, y, w, h], keypoints [x, y, v] * J, iscrowd; track_id, or CVAT's
                  attributes.track_id, or attributes.object_id as sleap-io writes it
    videos        id, name, fps; may be missing
    categories    id, name, keypoints, the joints' names; may be missing, and then all keypoints are COCO's 17

v is 0 for a keypoint that was not labelled (score 0), 1 for a hidden one (0.5), 2 for one that is seen (1), unless
"keypoint_scores" of the annotation say how sure each is. Ids may be
numbers or texts. Boxes that are missing or empty are drawn around the labelled keypoints.

It knows nothing about what the annotations are for.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from in_the_wild.documents import load_json
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.frame_names import frame_numbers
from in_the_wild.skeletons import COCO17

# Scores by COCO's visibility: not labelled, hidden, seen.
_SCORES = np.array([0.0, 0.5, 1.0])
# Two sets of keypoints in one picture are the same person's if they are nearer than this share of the box's diagonal.
_SAME = 0.02

Id = int | str


@dataclass(frozen=True)
class Picture:
    """One image.

    Attributes:
        id: Its id.
        video: The video's name.
        frame: Its number in the video.
        fps: Of the video, 0 where nobody says.
        size: Width and height in pixels; 0 where nobody says.
    """

    id: Id
    video: str
    frame: int
    fps: float
    size: tuple[int, int]


@dataclass(frozen=True)
class Person:
    """One annotation with keypoints.

    Attributes:
        id: Its id.
        picture: Where it is.
        track: Whose, None where nobody says.
        keypoints: (J, 2) pixels.
        scores: (J,).
        box: (4,) x0, y0, x1, y1.
    """

    id: Id
    picture: Picture
    track: int | None
    keypoints: np.ndarray
    scores: np.ndarray
    box: np.ndarray


@dataclass(frozen=True)
class Annotations:
    """What one file holds.

    Attributes:
        pictures: All images.
        people: All annotations of people with keypoints, nobody twice.
        joints: The joints' names, J.
        left_out: How many annotations were not read, by why.
    """

    pictures: Sequence[Picture]
    people: Sequence[Person]
    joints: tuple[str, ...]
    left_out: Mapping[str, int]

    @property
    def told(self) -> str:
        """A part of a sentence on what was left out; empty where nothing was."""
        return ", ".join(f"{count} {why}" for why, count in self.left_out.items())


def load(path: Path) -> Annotations:
    """Read a file of annotations.

    Raises:
        InputError: no such file, one of another layout, or one that does not say what frames its pictures are.
    """
    content = load_json(path, expected="a JSON file")
    with guarded(path, expected="a COCO file of keypoints"):
        if not isinstance(content, dict):
            raise InputError(
                f'{path}: COCO\'s "images" and "annotations" were expected, found a {type(content).__name__}.'
            )
        return _File(path, content).annotations()


class _File:
    """One file, and the sentences that name it."""

    def __init__(self, path: Path, content: Mapping[str, Any]) -> None:
        self.path = path
        self.content = content
        self.left_out: Counter[str] = Counter()

    def annotations(self) -> Annotations:
        categories, joints = self._categories()
        pictures = self._pictures()
        people: dict[Id, list[Person]] = defaultdict(list)
        for record in self._records("annotations"):
            person = self._person(record, pictures, categories, count=len(joints))
            if person is not None:
                people[person.picture.id].append(person)
        found = [person for own in people.values() for person in self._once_each(own)]
        return Annotations(list(pictures.values()), found, joints, dict(self.left_out))

    def _categories(self) -> tuple[dict[Id, str], tuple[str, ...]]:
        """Names of all categories by id, "" for those of people with keypoints, and the joints of these."""
        records = self._records("categories", optional=True)
        joints = {self._id("every category", record): _spelt(record.get("keypoints") or ()) for record in records}
        with_keypoints = [own for own in joints.values() if own]
        coco = set(COCO17.joints)
        chosen = next((own for own in with_keypoints if coco <= set(own)), (with_keypoints or [COCO17.joints])[0])
        names = {self._id("", record): str(record.get("name", "without a name")) for record in records}
        # Where no category says its joints, the keypoints themselves tell who is a person.
        people = {key for key, own in joints.items() if own == chosen or not with_keypoints}
        return {key: "" if key in people else name for key, name in names.items()}, tuple(chosen)

    def _pictures(self) -> dict[Id, Picture]:
        """Every image by its id."""
        videos = {record.get("id"): record for record in self._records("videos", optional=True)}
        places: dict[Id, tuple[str, int, float]] = {}
        by_name: dict[str, dict[Id, str]] = defaultdict(dict)
        sizes: dict[Id, tuple[int, int]] = {}
        for record in self._records("images"):
            key = self._id("every image", record)
            what = f"image {key}"
            if key in sizes:
                raise InputError(f"{self.path}: every image should have an id of its own, found {key} twice.")
            sizes[key] = (_side(record.get("width")), _side(record.get("height")))
            if "video_id" in record or "frame_id" in record:
                video = videos.get(record.get("video_id"), {})
                name = str(video.get("name", record.get("video_id", self.path.stem)))
                places[key] = name, self._whole(what, record, "frame_id"), _rate(video.get("fps"))
            else:
                video_name, name = self._place(what, record)
                by_name[video_name][key] = name
        for video_name, named in by_name.items():
            places |= self._by_name(video_name, named)
        self._check_once_each(places)
        return {key: Picture(key, *places[key], sizes[key]) for key in sizes}

    def _place(self, what: str, record: Mapping[str, Any]) -> tuple[str, str]:
        """The video of an image and its name in it, as its file's folder and name say."""
        extra = record.get("extra")
        name = extra.get("name") if isinstance(extra, Mapping) else None
        path = PurePosixPath(str(name or record.get("file_name") or "").replace("\\", "/"))
        if not any(letter.isdigit() for letter in path.name):
            raise InputError(
                f'{self.path}: {what} should say its frame by "video_id" and "frame_id", or by a number in '
                f'"file_name"; found {_shown(record.get("file_name"))}.'
            )
        return (path.parent.as_posix() if path.parent.name else self.path.stem), path.name

    def _by_name(self, video: str, named: Mapping[Id, str]) -> dict[Id, tuple[str, int, float]]:
        try:
            numbers = frame_numbers(list(named.values()), where=f"{self.path}, {video}")
        except InputError as error:
            raise InputError(
                f'{error} Or give every video a folder of its own in "file_name", or pictures a "video_id" and a '
                '"frame_id".'
            ) from error
        return {key: (video, number, 0.0) for key, number in zip(named, numbers, strict=True)}

    def _check_once_each(self, places: Mapping[Id, tuple[str, int, float]]) -> None:
        taken: dict[tuple[str, int], Id] = {}
        for key, (video, frame, _) in places.items():
            if (video, frame) in taken:
                raise InputError(
                    f"{self.path}: image {key} and image {taken[video, frame]} are both frame {frame} of {video}; give "
                    'every video a folder of its own in "file_name", or a "video_id".'
                )
            taken[video, frame] = key

    def _person(
        self, record: Mapping[str, Any], pictures: Mapping[Id, Picture], categories: Mapping[Id, str], *, count: int
    ) -> Person | None:
        """An annotation, if it is a person with keypoints."""
        key = self._id("every annotation", record)
        what = f"annotation {key}"
        image = self._id(what, record, "image_id")
        if image not in pictures:
            raise InputError(f'{self.path}: {what} is of image {image}, which is not among "images".')
        category = categories.get(_key(record.get("category_id")) or "", "")
        if category:
            self.left_out[f"of category {category:.40}"] += 1
            return None
        if not record.get("keypoints"):
            self.left_out["without keypoints"] += 1
            return None
        keypoints = self._numbers(what, record, "keypoints", 3 * count).reshape(-1, 3)
        visible = keypoints[:, 2]
        if not np.isin(visible, range(len(_SCORES))).all():
            raise InputError(
                f"{self.path}: {what} should have visibilities 0, 1 or 2, found {_shown(visible.tolist())}."
            )
        if record.get("iscrowd"):
            self.left_out["of crowds"] += 1
            return None
        if not visible.any():
            self.left_out["without keypoints"] += 1
            return None
        labelled = keypoints[visible > 0, :2]
        return Person(
            id=key,
            picture=pictures[image],
            track=self._track(what, record),
            keypoints=keypoints[:, :2],
            scores=self._scores(what, record, visible.astype(int)),
            box=self._box(what, record, labelled),
        )

    def _scores(self, what: str, record: Mapping[str, Any], visible: np.ndarray) -> np.ndarray:
        """As they are given, or else as visibilities (J,) tell."""
        if not record.get("keypoint_scores"):
            return _SCORES[visible]
        scores = self._numbers(what, record, "keypoint_scores", len(visible))
        if not ((scores >= 0) & (scores <= 1)).all():
            raise InputError(
                f'{self.path}: {what} should have "keypoint_scores" from 0 to 1, found {_shown(scores.tolist())}.'
            )
        return np.where(visible > 0, scores, 0.0)

    def _box(self, what: str, record: Mapping[str, Any], labelled: np.ndarray) -> np.ndarray:
        """As it is given, or else around the keypoints (K, 2) that were labelled."""
        if record.get("bbox"):
            x, y, width, height = self._numbers(what, record, "bbox", 4)
            if width > 0 and height > 0:
                return np.array([x, y, x + width, y + height])
        return np.concatenate([labelled.min(axis=0), labelled.max(axis=0)])

    def _track(self, what: str, record: Mapping[str, Any]) -> int | None:
        attributes = record.get("attributes")
        holders = [(record, "track_id")]
        if isinstance(attributes, Mapping):
            holders += [(attributes, "track_id"), (attributes, "object_id")]
        told = ((holder, name) for holder, name in holders if holder.get(name) is not None)
        return next((self._whole(what, holder, name) for holder, name in told), None)

    def _once_each(self, people: Sequence[Person]) -> list[Person]:
        """The people of a picture; somebody who is there twice once."""
        kept: list[Person] = []
        for person in people:
            if any(_are_same(person, other) for other in kept):
                self.left_out["of a person who is there twice"] += 1
            else:
                kept.append(person)
        return kept

    def _records(self, key: str, *, optional: bool = False) -> list[dict[str, Any]]:
        records = self.content.get(key, [] if optional else None)
        if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
            raise InputError(f'{self.path}: a list "{key}" was expected, as in COCO\'s keypoint files; found none.')
        return records

    def _id(self, what: str, record: Mapping[str, Any], name: str = "id") -> Id:
        """An id: a whole number, also one that is written as text, or a text."""
        found = _key(record.get(name))
        if found is None:
            raise InputError(f'{self.path}: {what} should have an "{name}", found {_shown(record.get(name))}.')
        return found

    def _whole(self, what: str, record: Mapping[str, Any], name: str) -> int:
        """A field that is a whole number from 0."""
        found = _key(record.get(name))
        if not isinstance(found, int) or found < 0:
            raise InputError(
                f'{self.path}: {what} should have a whole number "{name}" from 0, found {_shown(record.get(name))}.'
            )
        return found

    def _numbers(self, what: str, record: Mapping[str, Any], name: str, count: int) -> np.ndarray:
        """A field that is a list of so many numbers."""
        value = record.get(name)
        try:
            numbers = np.array(value)
        except ValueError:  # lists of several lengths
            numbers = np.array(None)
        if numbers.shape != (count,) or numbers.dtype.kind not in "if" or not np.isfinite(numbers).all():
            found = f"{len(value)} values" if isinstance(value, list) and len(value) != count else _shown(value)
            raise InputError(f'{self.path}: {what} should have {count} finite numbers in "{name}", found {found}.')
        return numbers


def _spelt(names: Iterable[object]) -> tuple[str, ...]:
    """Names of joints, as COCO spells them where they are its own."""
    own = tuple(str(name) for name in names)
    spelt = tuple(name.strip().lower().replace(" ", "_").replace("-", "_") for name in own)
    return spelt if set(COCO17.joints) <= set(spelt) else own


def _are_same(one: Person, other: Person) -> bool:
    """Whether two annotations of a picture are of one person."""
    if one.track is not None and other.track is not None:
        return one.track == other.track
    both = (one.scores > 0) & (other.scores > 0)
    if not both.any():
        return False
    apart = float(np.linalg.norm(one.keypoints[both] - other.keypoints[both], axis=1).mean())
    return apart <= _SAME * float(np.linalg.norm(one.box[2:] - one.box[:2]))


def _key(value: object) -> Id | None:
    """An id as it is compared: 7 and "7" are the same one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        return int(value) if value.isdecimal() and len(value) < 18 else value or None
    return value if isinstance(value, int) else None


def _side(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _rate(value: object) -> float:
    return float(value) if isinstance(value, int | float) and np.isfinite(value) and value > 0 else 0.0


def _shown(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
