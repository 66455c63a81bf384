"""What formats of motion share: 3D joints of every frame, in the axes and units that the format's readers expect.

Tables of poses have a row where a person was seen. Motion has one for every frame of the video, at a constant rate, and
says what is missing; that of a video whose frames do not come evenly is resampled.

Camera coordinates in a file are those from the camera: the pelvis moves along the root's path, and the camera is at 0.
Poses whose root nobody estimated stay about a pelvis at 0. World coordinates have the floor at 0, and the path in them.

It knows nothing about any one format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.excerpt import Excerpt, resampled
from in_the_wild.formats import _axes
from in_the_wild.formats.base import Format
from in_the_wild.interpolation import interpolate
from in_the_wild.poses import Poses, Source
from in_the_wild.reasons import UNSEEN
from in_the_wild.skeletons import Skeleton

# Frames that are off their even times by more than this share of a step are resampled.
_UNEVEN = 0.25
# No scene is larger, metres; a file that says so is in other units.
_FARTHEST = 1e5


@dataclass(frozen=True, kw_only=True)
class MotionFormat(Format):
    """A format that holds 3D joints over time. A format whose custom is another one says other defaults.

    Args:
        space: "world" (the floor at 0) or "camera" (the camera at 0).
        up: Which axis points up, "y" or "z".
        units: "m", "cm" or "mm".

    Raises:
        InputError: another value of one of them.
    """

    space: str = "world"
    up: str = "y"
    units: str = "m"

    def __post_init__(self) -> None:
        _axes.check(space=self.space, up=self.up, units=self.units)

    @classmethod
    def custom(cls) -> str:
        """See `Format.custom`."""
        return _words(cls.space, cls.up, cls.units)

    @property
    def coordinates(self) -> str:
        """See `Format.coordinates`."""
        return _words(self.space, self.up, self.units)

    @property
    def written_space(self) -> str:
        """See `Format.written_space`."""
        return self.space


@dataclass(frozen=True)
class Track:
    """One person's motion, in the axes and units of a file.

    Attributes:
        person: The track id.
        joints: (T, J, 3) float64; NaN in frames without the person.
        seen: (T, J) what was seen; the rest was guessed or filled in, or is missing.
        present: (T,) the frames with the person.
    """

    person: int
    joints: np.ndarray
    seen: np.ndarray
    present: np.ndarray


@dataclass(frozen=True)
class Motion:
    """Motion of everybody in a file.

    Attributes:
        skeleton: Which joints these are.
        fps: Frames a second, constant.
        start: Seconds of the first frame in the video.
        frames: T, how many there are.
        tracks: A person each, by rising id.
    """

    skeleton: Skeleton
    fps: float
    start: float
    frames: int
    tracks: tuple[Track, ...]


def motion_of(poses: Poses, wanted: MotionFormat) -> Motion:
    """Poses as a format of motion wants them.

    Args:
        poses: 3D, of people with ids.
        wanted: Says space, axes and units.

    Raises:
        InputError: keypoints in the picture, nobody, people without ids, or world poses where camera space is wanted.
    """
    if (poses.person_id < 0).any():
        raise InputError("Motion is of people with ids, found poses without one; track them first.")
    placed = Excerpt(space=wanted.space).of(poses)
    if not _comes_evenly(placed.video):
        placed = resampled(placed, placed.video.fps)
    if not len(placed):
        raise InputError(f"There is nobody in the poses, and {wanted.title} without people says nothing.")
    tracks = tuple(_track(placed.of_person(person), wanted) for person in placed.persons)
    video = placed.video
    return Motion(placed.skeleton, video.fps, float(video.timestamps[0]), video.frames, tracks)


def poses_of_motion(motion: Motion, path: Path, read_as: MotionFormat, meta: Mapping[str, Any] | None = None) -> Poses:
    """The inverse of `motion_of`: a row for every frame in which a person has a joint.

    Joints that are missing in such a frame are put on the straight line between the times at which they are there, with
    a score of 0. In camera space the pelvis becomes the root's path.

    Args:
        motion: What a file holds.
        path: The file.
        read_as: Says in which space, axes and units it does.
        meta: Notes of the file.

    Raises:
        InputError: numbers that are no places.
    """
    tables = [_rows(track, motion, path, read_as) for track in motion.tracks]
    source = _source(motion, path)
    if not tables:
        return Poses.empty(skeleton=motion.skeleton, space=read_as.space, video=source, meta=meta)
    if any(table.root is None for table in tables):
        tables = [table.replace(root=None, root_source="") for table in tables]
    return Poses.join(tables).replace(meta=dict(meta or {}))


def person_files(path: Path, persons: list[int]) -> list[Path]:
    """The files of formats that hold one person each: the path itself for one, and with each one's id for several.

    >>> person_files(Path("clip.bvh"), [0, 2])
    [PosixPath('clip_person0.bvh'), PosixPath('clip_person2.bvh')]
    """
    if len(persons) < 2:
        return [path]
    return [path.with_name(f"{path.stem}_person{person}{path.suffix}") for person in persons]


def person_in(path: Path) -> int:
    """The id that the name of such a file says, 0 where it says none.

    >>> person_in(Path("clip_person2.bvh")), person_in(Path("clip.bvh"))
    (2, 0)
    """
    found = re.search(r"_person(\d{1,9})$", path.stem)
    return int(found[1]) if found else 0


def _source(motion: Motion, path: Path) -> Source:
    """The file in place of a video; it has no picture, whose size stands for that."""
    times = motion.start + np.arange(motion.frames) / motion.fps
    return Source(path=path.name, width=1, height=1, fps=motion.fps, timestamps=times)


def _rows(track: Track, motion: Motion, path: Path, read_as: MotionFormat) -> Poses:
    """The rows of one person."""
    there = np.isfinite(track.joints).all(axis=2)
    frame = np.flatnonzero(there.any(axis=1))
    joints = _without_gaps(track.joints[frame], there[frame])
    joints = _axes.from_file(joints, space=read_as.space, up=read_as.up, units=read_as.units)
    if joints.size and np.abs(joints).max() > _FARTHEST:
        raise InputError(f"{path} cannot be read: a joint {np.abs(joints).max():.2g} metres away; say other units.")
    root = None
    if read_as.space == "camera":
        root = joints[:, motion.skeleton.centre].mean(axis=1)
        joints = joints - root[:, None]
        root = root if np.abs(root).max(initial=0) > 0 else None  # nobody estimated where the pelvis was
    return Poses(
        keypoints=joints,
        scores=(there & track.seen)[frame],
        frame=frame,
        person_id=np.full(len(frame), track.person),
        skeleton=motion.skeleton,
        space=read_as.space,
        video=_source(motion, path),
        root=root,
        root_source="" if root is None else f"given in {path.name}",
    )


def _without_gaps(joints: np.ndarray, there: np.ndarray) -> np.ndarray:
    """(T, J, 3) places, those that are missing between the ones before and after, or amid the others."""
    middle = np.nanmean(joints, axis=1) if len(joints) else joints[:, 0]
    whole = joints.copy()
    for j in range(joints.shape[1]):
        known = np.flatnonzero(there[:, j])
        missing = np.flatnonzero(~there[:, j])
        if len(missing):
            whole[missing, j] = interpolate(missing, known, joints[known, j]) if len(known) else middle[missing]
    return whole


def _words(space: str, up: str, units: str) -> str:
    return f"{space}, {up} up, {units}"


def _comes_evenly(video: Source) -> bool:
    """Whether every frame comes when its number says it, about."""
    steps = (video.timestamps - video.timestamps[:1]) * video.fps
    return bool((np.abs(steps - np.arange(video.frames)) <= _UNEVEN).all())


def _track(rows: Poses, wanted: MotionFormat) -> Track:
    points = rows.keypoints.astype(np.float64)
    if rows.root is not None:
        points += rows.root[:, None]
    frames, joints = rows.video.frames, len(rows.skeleton)
    dense = np.full((frames, joints, 3), np.nan)
    dense[rows.frame] = _axes.to_file(points, space=wanted.space, up=wanted.up, units=wanted.units)
    seen, present = np.zeros((frames, joints), bool), np.zeros(frames, bool)
    seen[rows.frame], present[rows.frame] = rows.scores > UNSEEN, True
    return Track(int(rows.person_id[0]), dense, seen, present)
