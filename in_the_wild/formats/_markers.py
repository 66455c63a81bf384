"""What formats of markers share: the names that biomechanics has for joints, and whose marker is whose.

    opensim     Hip RHip RKnee RAnkle LHip ... Neck Head, as Pose2Sim names keypoints and its OpenSim models expect them
    pose3d      pelvis right_hip right_knee right_ankle left_hip ..., as this program does

Where a file holds several people, each marker has its person before it: "person2:RHip". Joints that nobody saw are
where they are likely to be (`unseen=kept`), or left out as markers that are missing (`unseen=missing`).

It knows nothing about any one format.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.formats._motion import Motion, MotionFormat, Track, motion_of, person_files
from in_the_wild.poses import Poses
from in_the_wild.skeletons import SKELETONS, Skeleton

NAMES = ("opensim", "pose3d")
PEOPLE = ("files", "prefixed")
UNSEEN = ("kept", "missing")

# Joints that Pose2Sim calls otherwise than by the rule. Its Neck is the middle of the shoulders, where Human3.6M and
# HumanEva have the thorax; what Human3.6M calls neck lies before the head, and stands in for the nose.
_OPENSIM: Mapping[str, str] = {"pelvis": "Hip", "mouth_left": "LMouth", "mouth_right": "RMouth"}
_OPENSIM_OF: Mapping[str, Mapping[str, str]] = {
    "human36m17": {"thorax": "Neck", "neck": "Nose"},
    "human36m16": {"thorax": "Neck"},
    "humaneva15": {"thorax": "Neck"},
}
_NUMBER = re.compile(r"(\d{1,9})$")
_PERSON_FILE = re.compile(r"_person\d+$")  # see `person_files`


@dataclass(frozen=True, kw_only=True)
class MarkerFormat(MotionFormat):
    """A format that holds paths of named markers.

    Args:
        names: What joints are called: "opensim" or "pose3d". Read are both.
        people: Several are written in one file each, "files", or all in one, "prefixed".
        unseen: Joints that nobody saw are written where the poses have them, "kept", or left out, "missing".

    Raises:
        InputError: another value of one of them.
    """

    names: str = "opensim"
    people: str = "files"
    unseen: str = "kept"

    def __post_init__(self) -> None:
        super().__post_init__()
        settings = (("names", self.names, NAMES), ("people", self.people, PEOPLE), ("unseen", self.unseen, UNSEEN))
        for setting, value, known in settings:
            if value not in known:
                raise InputError(f'For {setting} {" or ".join(known)} was expected, found "{value}".')

    def files(self, poses: Poses, path: Path) -> list[Path]:
        """See `Format.files`."""
        return person_files(path, poses.persons) if self.people == "files" else [path]

    def write(self, poses: Poses, path: Path) -> None:
        """See `Format.write`."""
        motion = motion_of(poses, self)
        if self.unseen == "missing":
            motion = replace(motion, tracks=tuple(map(_without_unseen, motion.tracks)))
        if self.people == "prefixed":
            self._write_markers(motion, labels_of(motion, self.names), path)
            return
        files = dict(zip(poses.persons, self.files(poses, path), strict=True))
        for track in motion.tracks:
            alone = replace(motion, tracks=(track,))
            self._write_markers(alone, labels_of(alone, self.names), files[track.person])

    @abstractmethod
    def _write_markers(self, motion: Motion, labels: list[str], path: Path) -> None:
        """Write everybody of a motion into one file, person after person; there is a label for each joint of each."""


def _without_unseen(track: Track) -> Track:
    return replace(track, joints=np.where(track.seen[..., None], track.joints, np.nan))


def labels_of(motion: Motion, names: str) -> list[str]:
    """The markers of a file, person after person; whose they are is said where there are several."""
    markers = markers_of(motion.skeleton, names)
    if len(motion.tracks) < 2:
        return markers
    return [f"person{track.person}:{marker}" for track in motion.tracks for marker in markers]


def tracks_of(labels: Sequence[str], places: np.ndarray, seen: np.ndarray, path: Path) -> tuple[Skeleton, list[Track]]:
    """The inverse: whose markers those of a file are, as paths of joints.

    Args:
        labels: M of them; one that comes again is passed over.
        places: (T, M, 3), NaN where a marker is missing.
        seen: (T, M).
        path: The file, whose name tells the id of a single person.
    """
    subjects: dict[str, dict[str, int]] = {}
    for column, label in enumerate(labels):
        subject, marker = _split(label)
        subjects.setdefault(subject, {}).setdefault(marker, column)
    markers = list(dict.fromkeys(marker for columns in subjects.values() for marker in columns))
    skeleton, order = skeleton_of(markers)
    tracks = []
    for person, columns in zip(_ids(list(subjects), path), subjects.values(), strict=True):
        joints = np.full((len(places), len(skeleton), 3), np.nan)
        was_seen = np.zeros(joints.shape[:2], bool)
        for j, marker in enumerate(markers[at] for at in order):
            if marker in columns:
                joints[:, j], was_seen[:, j] = places[:, columns[marker]], seen[:, columns[marker]]
        tracks.append(Track(person, joints, was_seen, np.isfinite(joints).all(axis=2).any(axis=1)))
    return skeleton, tracks


def markers_of(skeleton: Skeleton, names: str) -> list[str]:
    """What the joints of a skeleton are called as markers.

    >>> markers_of(SKELETONS["human36m17"], "opensim")[:4]
    ['Hip', 'RHip', 'RKnee', 'RAnkle']

    Args:
        skeleton: Its joints, in this order.
        names: One of `NAMES`.
    """
    if names == "pose3d":
        return list(skeleton.joints)
    own = _OPENSIM_OF.get(skeleton.name, {})
    return [own.get(joint) or _OPENSIM.get(joint) or _camel_case(joint) for joint in skeleton.joints]


def _camel_case(joint: str) -> str:
    words = joint.split("_")
    side = {"left": "L", "right": "R"}.get(words[0], "")
    return side + "".join(word[:1].upper() + word[1:] for word in (words[1:] if side else words))


def _split(label: str) -> tuple[str, str]:
    """Whose a marker is, "" where the label does not say it, and its name."""
    subject, _, marker = label.strip().rpartition(":")
    return subject, marker


def _ids(subjects: list[str], path: Path) -> list[int]:
    """Ids of people by what labels or the file call them: the numbers at their ends, or else one after the other."""
    named = [path.stem] if subjects == [""] and _PERSON_FILE.search(path.stem) else subjects
    numbers = [int(found[1]) for found in map(_NUMBER.search, named) if found]
    return numbers if len(set(numbers)) == len(subjects) else list(range(len(subjects)))


def skeleton_of(markers: Sequence[str]) -> tuple[Skeleton, list[int]]:
    """The skeleton whose joints these markers are, and for each joint the position of its marker.

    Markers of no skeleton that is known, and some of one, become a skeleton of their own: known joints hang on the
    nearest that are there, others on the first, and no line is drawn to those.

    Args:
        markers: Their names, each once.
    """
    for skeleton, joints in _known().items():
        if joints.keys() == set(markers):
            return skeleton[0], [markers.index(marker) for marker in markers_of(*skeleton)]
    (nearest, _), joints = max(_known().items(), key=lambda one: sum(marker in one[1] for marker in markers))
    names = [joints.get(marker, marker) for marker in markers]
    return _own_skeleton(nearest, names), list(range(len(markers)))


@cache
def _known() -> dict[tuple[Skeleton, str], dict[str, str]]:
    """For every skeleton and way to name markers the joint of each marker."""
    return {
        (skeleton, names): dict(zip(markers_of(skeleton, names), skeleton.joints, strict=True))
        for names in NAMES
        for skeleton in SKELETONS.values()
    }


def _own_skeleton(like: Skeleton, names: list[str]) -> Skeleton:
    """A skeleton of these joints, which hang on each other as far as they are those of another one."""
    above = dict(zip(like.joints, like.parents, strict=True))
    nearest: list[str | None] = []
    for name in names:
        parent = above.get(name)
        while parent is not None and parent not in names:
            parent = above[parent]
        nearest.append(parent)
    root = next(
        (name for name, parent in zip(names, nearest, strict=True) if parent is None and name in above), names[0]
    )
    parents = [None if name == root else parent or root for name, parent in zip(names, nearest, strict=True)]
    loose = tuple((root, name) for name in names if name not in above and name != root)
    return Skeleton("markers", tuple(names), tuple(parents), hidden_edges=loose)
