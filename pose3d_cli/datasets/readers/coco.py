"""Keypoints of one's own videos in COCO's keypoint files, with 3D joints beside them if there are.

What of a file is read, and what annotators export that is left out and counted, `in_the_wild.coco_annotations` says. A
keypoint that was not labelled is put on straight lines in time between the frames in which it was. Where a person is
missing in a frame, his sequence ends and another begins, so that time goes evenly in all of them. Pictures that are no
frames of a video, as COCO's own are, are sequences of one frame each: stills=true.

3D joints come from a companion, `train_joints3d.npz` beside `train.json`, which `_coco_joints.py` describes. Without
companions there are keypoints alone, which is enough for P-STMO's masked pre-training.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import ClassVar

import numpy as np

from in_the_wild import coco_annotations
from in_the_wild.coco_annotations import Annotations, Person
from in_the_wild.errors import InputError, listed
from in_the_wild.interpolation import interpolate
from in_the_wild.skeletons import COCO17, HUMAN36M17
from pose3d_cli.datasets.prepared.sequences import Camera, Description, Labelled
from pose3d_cli.datasets.readers import _coco_joints
from pose3d_cli.datasets.readers._coco_joints import Companion
from pose3d_cli.datasets.readers.base import Reader

# Where the annotations of each split are looked for: names of our own, of COCO, CVAT and Roboflow.
_PLACES = {
    "train": (
        "train.json",
        "annotations/person_keypoints_train*.json",
        "annotations/person_keypoints_default.json",
        "person_keypoints_default.json",
        "train/_annotations.coco.json",
    ),
    "test": (
        "test.json",
        "annotations/person_keypoints_val*.json",
        "valid/_annotations.coco.json",
        "test/_annotations.coco.json",
    ),
}
# Nobody says who is seen.
_SUBJECT = "unknown"
# Of a picture alone, which has no rate.
_STILL_FPS = 1.0


@dataclass(kw_only=True)
class Coco(Reader):
    """Videos with COCO keypoints, and with 3D joints where companions give them.

    Args:
        source: Folder of the files.
        companion: How the name of a file with 3D joints ends: "train.json" goes with "train_joints3d.npz".
        fps: Frames per second of the videos; 0 takes what the files say.
        stills: Whether pictures are no frames of a video, so that everybody in them is a sequence of one frame.
    """

    layout: ClassVar[str] = (
        "train.json, test.json or both (or as COCO names them, annotations/person_keypoints_train*.json and "
        "person_keypoints_val*.json, CVAT, annotations/person_keypoints_default.json, or Roboflow, "
        "train/_annotations.coco.json; or one file of any name), each with NAME_joints3d.npz beside it where there is "
        "3D truth."
    )

    companion: str = "joints3d.npz"
    fps: float = 0.0
    stills: bool = False

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

    def notes(self) -> list[str]:
        """See `Reader.notes`: what was left out of each file."""
        return [
            f"{file}: {len(found.people):,} people with keypoints are read; left out are annotations {found.told}."
            for file, found in self._annotations.items()
            if found.left_out
        ]

    @property
    def _annotated(self) -> dict[Path, str]:
        """COCO files and their splits."""
        named = {
            file: split
            for split, places in _PLACES.items()
            for place in places
            for file in sorted(self.source.glob(place))
        }
        others = sorted([*self.source.glob("*.json"), *self.source.glob("annotations/*.json")])
        return named or ({others[0]: "train"} if len(others) == 1 else {})

    def _beside(self, file: Path) -> Path:
        return file.with_name(f"{file.stem}_{self.companion}")

    @cached_property
    def _companions(self) -> dict[Path, Companion]:
        """Of every COCO file, or none at all."""
        given = set(self.files())
        return {file: _coco_joints.load(self._beside(file)) for file in self._annotated if self._beside(file) in given}

    @cached_property
    def _annotations(self) -> dict[Path, Annotations]:
        return {file: coco_annotations.load(file) for file in self._annotated}

    @cached_property
    def _sequences(self) -> list[Labelled]:
        return [
            one
            for file, found in self._annotations.items()
            for one in _File(file, self._annotated[file], found, self._companions.get(file)).sequences(
                fps=self.fps, stills=self.stills
            )
        ]


@dataclass(frozen=True)
class _File:
    """One COCO file.

    Attributes:
        path: Where it is.
        split: Its sequences'.
        found: What it holds.
        companion: The 3D joints of its people, if there are any.

    Raises:
        InputError: keypoints that are not COCO's, or pictures of unknown size.
    """

    path: Path
    split: str
    found: Annotations
    companion: Companion | None

    def __post_init__(self) -> None:
        missing = [joint for joint in COCO17.joints if joint not in self.found.joints]
        if missing:
            raise InputError(
                f"{self.path}: people should have the 17 keypoints of COCO, and lack {listed(missing)}; they have "
                f"{listed(self.found.joints)}."
            )
        unsized = [picture.id for picture in self.found.pictures if 0 in picture.size]
        if unsized:
            raise InputError(
                f'{self.path}: image {unsized[0]} should say "width" and "height" in pixels, and does not.'
            )

    def sequences(self, *, fps: float, stills: bool) -> Iterator[Labelled]:
        """Everybody in consecutive frames.

        Args:
            fps: Frames per second of the videos; 0 takes what the files say.
            stills: See `Coco`.
        """
        if stills:
            for person in self.found.people:
                name = f"{self.split}/{person.picture.video}/{person.id}"
                yield self._sequence(name, [person], fps=fps or _STILL_FPS)
            return
        steps = self._steps()
        for (video, track), people in self._tracks().items():
            pieces = _without_gaps(sorted(people, key=lambda person: person.picture.frame), steps[video])
            for piece in pieces:
                first = piece[0].picture
                said = fps or (self.companion.fps if self.companion else 0.0) or first.fps
                if not said > 0:
                    raise InputError(
                        f"{self.path} does not say how many frames a second its videos have; add --set fps=25."
                    )
                words = [self.split, video, *([f"person {track}"] if track is not None else [])]
                if len(pieces) > 1:
                    words.append(f"from {first.frame}")
                yield self._sequence("/".join(words), piece, fps=said / steps[video])

    def _steps(self) -> Mapping[str, int]:
        """Of every video how many frames apart its pictures are: often every n-th alone is labelled."""
        frames: dict[str, list[int]] = defaultdict(list)
        for picture in self.found.pictures:
            frames[picture.video].append(picture.frame)
        return {video: int(np.diff(sorted(own)).min()) if len(own) > 1 else 1 for video, own in frames.items()}

    def _tracks(self) -> Mapping[tuple[str, int | None], list[Person]]:
        """The annotations of every person, by video and track."""
        found: dict[tuple[str, int | None], list[Person]] = defaultdict(list)
        taken: dict[tuple[str, int, int | None], Person] = {}
        for person in self.found.people:
            where = person.picture.video, person.picture.frame, person.track
            if where in taken:
                raise InputError(
                    f"{self.path}: annotations {taken[where].id} and {person.id} are both in image "
                    f'{person.picture.id}; give every annotation a "track_id" that tells people apart, or say that the '
                    "pictures are no frames of a video: --set stills=true."
                )
            taken[where] = person
            found[person.picture.video, person.track].append(person)
        return found

    def _sequence(self, name: str, people: Sequence[Person], *, fps: float) -> Labelled:
        sizes = {person.picture.size for person in people}
        if len(sizes) > 1:
            raise InputError(
                f"{self.path}: pictures of one size were expected in {name}, found {sorted(sizes)[:5]}; where they are "
                "no frames of a video, add --set stills=true."
            )
        order = [self.found.joints.index(joint) for joint in COCO17.joints]
        scores = np.stack([person.scores[order] for person in people])
        width, height = sizes.pop()
        intrinsics = joints = None
        if self.companion is not None:
            joints, intrinsics = self.companion.of(self.path, [person.id for person in people])
        return Labelled(
            name=name,
            subject=_SUBJECT,
            action=people[0].picture.video,
            split=self.split,
            fps=fps,
            camera=Camera(width=width, height=height, intrinsics=intrinsics),
            keypoints=_filled(np.stack([person.keypoints[order] for person in people]), scores > 0),
            scores=scores,
            boxes=np.stack([person.box for person in people]),
            joints=joints,
        )


def _without_gaps(people: Sequence[Person], step: int) -> list[Sequence[Person]]:
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
