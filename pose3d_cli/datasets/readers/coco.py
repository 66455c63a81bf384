"""Keypoints of one's own videos in COCO's keypoint files, with 3D joints beside them if there are.

Of a COCO file (cocodataset.org, "Data format") these fields are read:

    images        id, width, height; video_id and frame_id, or a file_name whose folder is the video and whose last
                  number is the frame
    annotations   id, image_id, bbox [x, y, w, h], keypoints [x, y, v] * 17; track_id where pictures show several
                  people; those with iscrowd, or without a labelled keypoint, are left out
    videos        id, name, fps; may be missing
    categories    keypoints, the joints' names, which must be COCO's; may be missing

v is 0 for a keypoint that was not labelled (score 0), 1 for a hidden one (0.5), 2 for one that is seen (1). A keypoint
that was not labelled is put on straight lines in time between the frames in which it was. Where a person is missing in
a frame, his sequence ends and another begins, so that time goes evenly in all of them.

3D joints come from a companion, `train_joints3d.npz` beside `train.json`, which `_coco_joints.py` describes. Without
companions there are keypoints alone, which is enough for P-STMO's masked pre-training.
"""

from __future__ import annotations

import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

import numpy as np

from in_the_wild.documents import load_json
from in_the_wild.errors import InputError
from in_the_wild.files import guarded
from in_the_wild.interpolation import interpolate
from in_the_wild.skeletons import COCO17, HUMAN36M17
from pose3d_cli.datasets.prepared.sequences import Camera, Description, Labelled
from pose3d_cli.datasets.readers import _coco_joints
from pose3d_cli.datasets.readers._coco_joints import Companion
from pose3d_cli.datasets.readers.base import Reader

# Where the annotations of each split are looked for.
_PLACES = {
    "train": ("train.json", "annotations/person_keypoints_train*.json"),
    "test": ("test.json", "annotations/person_keypoints_val*.json"),
}
# Scores by COCO's visibility: not labelled, hidden, seen.
_SCORES = np.array([0.0, 0.5, 1.0])
# Nobody says who is seen.
_SUBJECT = "unknown"


@dataclass(kw_only=True)
class Coco(Reader):
    """Videos with COCO keypoints, and with 3D joints where companions give them.

    Args:
        source: Folder of the files.
        companion: How the name of a file with 3D joints ends: "train.json" goes with "train_joints3d.npz".
        fps: Frames per second of the videos; 0 takes what the files say.
    """

    layout: ClassVar[str] = (
        "train.json, test.json or both (or annotations/person_keypoints_train*.json and person_keypoints_val*.json), "
        "each with NAME_joints3d.npz beside it where there is 3D truth."
    )

    companion: str = "joints3d.npz"
    fps: float = 0.0

    def files(self) -> list[Path]:
        """See `Reader.files`; companions belong to them as soon as there is one."""
        if not self._annotated:
            return [self.source / _PLACES["train"][0]]
        companions = [self._beside(file) for file in self._annotated]
        return [*self._annotated, *(companions if any(file.is_file() for file in companions) else [])]

    def describe(self) -> Description:
        """See `Reader.describe`."""
        centred = {companion.centred for companion in self._companions.values()}
        if len(centred) > 1:
            raise InputError(f'{self.source}: all companions should say the same of "centred"; they do not.')
        return Description(
            name="coco",
            inputs="annotated",
            keypoint_skeleton=COCO17.name,
            joint_skeleton=HUMAN36M17.name if self._companions else "",
            centred=centred == {True},
            licence="that of whoever made the files (COCO's own annotations: CC BY 4.0)",
        )

    def count(self) -> int:
        """See `Reader.count`; here the files themselves must be read to know."""
        return len(self._sequences)

    def read(self) -> Iterator[Labelled]:
        """See `Reader.read`."""
        yield from self._sequences

    @property
    def _annotated(self) -> dict[Path, str]:
        """COCO files and their splits."""
        return {
            file: split
            for split, places in _PLACES.items()
            for place in places
            for file in sorted(self.source.glob(place))
        }

    def _beside(self, file: Path) -> Path:
        return file.with_name(f"{file.stem}_{self.companion}")

    @cached_property
    def _companions(self) -> dict[Path, Companion]:
        """Of every COCO file, or none at all."""
        given = set(self.files())
        return {file: _coco_joints.load(self._beside(file)) for file in self._annotated if self._beside(file) in given}

    @cached_property
    def _sequences(self) -> list[Labelled]:
        found: list[Labelled] = []
        for file, split in self._annotated.items():
            with guarded(file, expected="a COCO file of keypoints"):
                found += _annotations(file, split, self._companions.get(file), fps=self.fps)
        return found


# ---------------------------------------------------------------------------------------------------------- COCO's JSON


@dataclass(frozen=True)
class _Picture:
    """One image: which frame of which video; fps of the video, 0 where nobody says."""

    video: str
    frame: int
    fps: float
    size: tuple[int, int]


@dataclass(frozen=True)
class _Person:
    """One annotation: keypoints (17, 2), their scores (17,), a box x0, y0, x1, y1."""

    id: int
    picture: _Picture
    keypoints: np.ndarray
    scores: np.ndarray
    box: np.ndarray


def _annotations(file: Path, split: str, companion: Companion | None, *, fps: float) -> Iterator[Labelled]:
    """The sequences of one COCO file."""
    content = _load_json(file)
    _check_categories(file, content)
    pictures = _pictures(file, content)
    frames: dict[str, list[int]] = defaultdict(list)
    for picture in pictures.values():
        frames[picture.video].append(picture.frame)
    # Videos are often labelled in every n-th frame only.
    steps = {video: int(np.diff(sorted(own)).min()) if len(own) > 1 else 1 for video, own in frames.items()}
    for (video, track), people in _tracks(file, content, pictures).items():
        step = steps[video]
        pieces = _without_gaps(sorted(people, key=lambda person: person.picture.frame), step)
        for piece in pieces:
            first = piece[0].picture
            said = fps or (companion.fps if companion else 0.0) or first.fps
            if not said > 0:
                raise InputError(f"{file} does not say how many frames a second its videos have; add --set fps=25.")
            name = [split, video, *([f"person {track}"] if track is not None else [])]
            if len(pieces) > 1:
                name.append(f"from {first.frame}")
            yield _sequence(file, "/".join(name), split, piece, companion, fps=said / step)


def _sequence(
    file: Path, name: str, split: str, people: Sequence[_Person], companion: Companion | None, *, fps: float
) -> Labelled:
    """One person in consecutive frames."""
    sizes = {person.picture.size for person in people}
    if len(sizes) > 1:
        raise InputError(f"{file}: pictures of one size were expected in {name}, found {sorted(sizes)}.")
    scores = np.stack([person.scores for person in people])
    width, height = sizes.pop()
    intrinsics = joints = None
    if companion is not None:
        joints, intrinsics = companion.of(file, [person.id for person in people])
    return Labelled(
        name=name,
        subject=_SUBJECT,
        action=people[0].picture.video,
        split=split,
        fps=fps,
        camera=Camera(width=width, height=height, intrinsics=intrinsics),
        keypoints=_filled(np.stack([person.keypoints for person in people]), scores > 0),
        scores=scores,
        boxes=np.stack([person.box for person in people]),
        joints=joints,
    )


def _load_json(file: Path) -> dict[str, Any]:
    content = load_json(file, expected="a JSON file")
    if not isinstance(content, dict):
        raise InputError(f'{file}: COCO\'s "images" and "annotations" were expected, found a {type(content).__name__}.')
    return content


def _records(file: Path, content: Mapping[str, Any], key: str, *, optional: bool = False) -> list[dict[str, Any]]:
    records = content.get(key, [] if optional else None)
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise InputError(f'{file}: a list "{key}" was expected, as in COCO\'s keypoint files; found none.')
    return records


def _whole(file: Path, what: str, record: Mapping[str, Any], key: str, *, least: int = 0) -> int:
    """A field that is a whole number."""
    value = record.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise InputError(f'{file}: {what} should have a whole number "{key}" from {least}, found {_shown(value)}.')
    return value


def _numbers(file: Path, what: str, record: Mapping[str, Any], key: str, count: int) -> np.ndarray:
    """A field that is a list of so many numbers."""
    value = record.get(key)
    try:
        numbers = np.array(value)
    except ValueError:  # lists of several lengths
        numbers = np.array(None)
    if numbers.shape != (count,) or numbers.dtype.kind not in "if" or not np.isfinite(numbers).all():
        found = f"{len(value)} values" if isinstance(value, list) and len(value) != count else _shown(value)
        raise InputError(f'{file}: {what} should have {count} finite numbers in "{key}", found {found}.')
    return numbers


def _shown(value: object) -> str:
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= 40 else f"{text[:40]}..."


def _check_categories(file: Path, content: Mapping[str, Any]) -> None:
    for category in _records(file, content, "categories", optional=True):
        names = category.get("keypoints")
        if names and [str(name).lower().replace(" ", "_") for name in names] != list(COCO17.joints):
            raise InputError(
                f"{file}: category {_shown(category.get('name'))} should have the 17 keypoints of COCO, in their order "
                f'("{COCO17.joints[0]}" to "{COCO17.joints[-1]}"); it has {_shown(names)}.'
            )


def _pictures(file: Path, content: Mapping[str, Any]) -> dict[int, _Picture]:
    """Every image by its id."""
    videos = {video.get("id"): video for video in _records(file, content, "videos", optional=True)}
    found: dict[int, _Picture] = {}
    taken: dict[tuple[str, int], int] = {}
    for record in _records(file, content, "images"):
        key = _whole(file, "every image", record, "id")
        what = f"image {key}"
        fps = 0.0
        if "video_id" in record:
            number = _whole(file, what, record, "video_id")
            frame = _whole(file, what, record, "frame_id")
            video = videos.get(number, {})
            name, said = str(video.get("name", number)), video.get("fps", 0)
            fps = float(said) if isinstance(said, int | float) and np.isfinite(said) and said > 0 else 0.0
        else:
            name, frame = _place(file, what, record)
        width, height = (_whole(file, what, record, side, least=1) for side in ("width", "height"))
        if (name, frame) in taken:
            raise InputError(
                f"{file}: {what} and image {taken[name, frame]} are both frame {frame} of {name}; give every video a "
                'folder of its own in "file_name", or a "video_id".'
            )
        taken[name, frame] = key
        found[key] = _Picture(video=name, frame=frame, fps=fps, size=(width, height))
    return found


def _place(file: Path, what: str, record: Mapping[str, Any]) -> tuple[str, int]:
    """Video and frame of an image, as its file's folder and number say."""
    path = PurePosixPath(str(record.get("file_name", "")).replace("\\", "/"))
    numbers = re.findall(r"\d+", path.stem)
    if not numbers:
        raise InputError(
            f'{file}: {what} should say its frame by "video_id" and "frame_id", or by a number in "file_name"; found '
            f"{_shown(record.get('file_name'))}."
        )
    return (path.parent.as_posix() if path.parent.name else file.stem), int(numbers[-1])


def _tracks(
    file: Path, content: Mapping[str, Any], pictures: Mapping[int, _Picture]
) -> dict[tuple[str, int | None], list[_Person]]:
    """The annotations of every person, by video and track."""
    found: dict[tuple[str, int | None], list[_Person]] = defaultdict(list)
    taken: dict[tuple[_Picture, int | None], int] = {}
    for record in _records(file, content, "annotations"):
        key = _whole(file, "every annotation", record, "id")
        what = f"annotation {key}"
        image = _whole(file, what, record, "image_id")
        if image not in pictures:
            raise InputError(f'{file}: {what} is of image {image}, which is not among "images".')
        picture = pictures[image]
        keypoints = _numbers(file, what, record, "keypoints", 3 * len(COCO17)).reshape(-1, 3)
        visible = keypoints[:, 2]
        if not np.isin(visible, range(len(_SCORES))).all():
            raise InputError(f"{file}: {what} should have visibilities 0, 1 or 2, found {_shown(visible.tolist())}.")
        if record.get("iscrowd") or not visible.any():
            continue
        x, y, width, height = _numbers(file, what, record, "bbox", 4)
        track = _whole(file, what, record, "track_id") if "track_id" in record else None
        if (picture, track) in taken:
            raise InputError(
                f"{file}: annotations {taken[picture, track]} and {key} are both in image {image}; give every "
                'annotation a "track_id" that tells people apart.'
            )
        taken[picture, track] = key
        found[picture.video, track].append(
            _Person(
                id=key,
                picture=picture,
                keypoints=keypoints[:, :2],
                scores=_SCORES[visible.astype(int)],
                box=np.array([x, y, x + width, y + height]),
            )
        )
    return found


def _without_gaps(people: Sequence[_Person], step: int) -> list[Sequence[_Person]]:
    """One person by rising frame, cut wherever the next frame is more than a step away."""
    frames = np.array([person.picture.frame for person in people])
    cuts = [0, *(np.flatnonzero(np.diff(frames) != step) + 1).tolist(), len(people)]
    return [people[start:end] for start, end in itertools.pairwise(cuts)]


def _filled(keypoints: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Keypoints (T, J, 2) with those that were not seen (T, J) where they may have been.

    They lie on straight lines in time, still before the first and after the last sight; one that is never seen lies in
    the middle of the others.
    """
    time = np.arange(len(keypoints))
    out = np.array(keypoints, float)
    middle = (out * seen[..., None]).sum(axis=1) / seen.sum(axis=1)[:, None]
    for j in range(out.shape[1]):
        known = seen[:, j]
        out[:, j] = interpolate(time, time[known], out[known, j]) if known.any() else middle
    return out
