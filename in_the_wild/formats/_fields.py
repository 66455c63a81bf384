"""What files of poses say, field by field: every one is checked, and what is left out is told from the rest.

The fields have the names of `npz`'s arrays and of the keys in its `meta`, whatever the format calls them. Only
`keypoints` must be there. What nothing tells, such as the size of the video's picture, is asked for by name; whoever
reads the file can say it: "npz:size=640x360", or give the video: "npz:video=clip.mp4".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from in_the_wild import frame_notes
from in_the_wild.errors import InputError
from in_the_wild.formats import _joint_map
from in_the_wild.formats._plausible import check_pixels
from in_the_wild.formats.base import Format
from in_the_wild.poses import SPACES, Poses, Source
from in_the_wild.skeletons import COCO17, SKELETONS, Skeleton, get_skeleton
from in_the_wild.video.footage import Video

UNITS: Mapping[str, str] = {"image": "pixels", "camera": "metres", "world": "metres"}
# No coordinate is farther away, metres or pixels; beyond it float32 has no millimetres left, and no scene can be drawn.
_FARTHEST = 1e6
_MOST_FRAMES = 10_000_000
_MOST_REASONS = 255
_LARGEST_PICTURE = 1 << 16
_LARGEST_ROOM = 100.0  # metres that a joint may be off, where its third coordinate is at most one
_FASTEST = 1e6
# How far a time may be off: frames, and share of it, as clocks differ.
_HALF_FRAME, _DRIFT = 0.5, 0.002
# What stands among the notes of a file and is no note.
_OWN_NOTES = ("space", "units", "skeleton", "parents", "video", "size", "fps", "root_source")
# What later steps take from the notes, and how it must look.
_NOTES: Mapping[str, type | tuple[type, ...]] = {
    "detector": dict,
    "every": int,
    "refiners": list,
    "video_fingerprint": str,
    "video_warnings": list,
    "warnings": list,
    "weights": dict,
    "whole_clip": dict,
    "world": str,
}


@dataclass(frozen=True, kw_only=True)
class FieldsFormat(Format):
    """A format that holds all fields of poses, or some of them; its settings hold in place of the file's word.

    Args:
        size: "WIDTHxHEIGHT" of the video's picture, pixels.
        fps: Frames per second; 0 where the file says it.
        skeleton: A skeleton's name.
        space: A name in `SPACES`.
        joints: A joint map, see `in_the_wild.formats._joint_map`: a file of the names in this file and the skeleton's.
        video: The video that the poses were found in, whose size, rate and times hold then.
    """

    size: str = ""
    fps: float = 0.0
    skeleton: str = ""
    space: str = ""
    joints: str = ""
    video: str | Path | Video = ""


def poses_of(path: Path, fields: Mapping[str, Any], told: FieldsFormat) -> Poses:
    """Poses of what a file says.

    Args:
        path: The file, for errors.
        fields: By name: arrays keypoints (N, J, C), scores (N, J), frame, time, person (N,), root (N, 3),
            error_mm (N, J), reasons (N, J), joints (J,), parents (J,), timestamps (T,), or lists of these; space,
            skeleton, video, size, fps, root_source, meta; and warnings, what the user should know of the file, and
            shares, whether keypoints are shares of the picture.
        told: The format, and what holds in place of the file's word.

    Raises:
        InputError: a field that is missing or is not what it should be.
    """
    return _Fields(path, fields, told).poses()


def notes_of(poses: Poses) -> dict[str, Any]:
    """All that poses say beside their arrays, as JSON types."""
    skeleton, video = poses.skeleton, poses.video
    return {
        **poses.meta,
        "space": poses.space,
        "units": UNITS[poses.space],
        "skeleton": skeleton.name,
        # A skeleton that is not one of ours is known by its tree alone.
        **({} if SKELETONS.get(skeleton.name) == skeleton else {"parents": list(skeleton.parents)}),
        "video": video.path,
        "size": [video.width, video.height],
        "fps": video.fps,
        "root_source": poses.root_source,
    }


def fields_of_notes(said: Mapping[str, Any]) -> dict[str, Any]:
    """The inverse: fields of poses, and `meta`, which is what is left."""
    own = {name: said.get(name) for name in _OWN_NOTES}
    return {**own, "meta": {name: value for name, value in said.items() if name not in _OWN_NOTES}}


class _Fields:
    """The fields of one file, and the sentences that name it."""

    def __init__(self, path: Path, fields: Mapping[str, Any], told: FieldsFormat) -> None:
        self.path = path
        self.told = told
        # A field that is null in JSON is one that is left out.
        self.fields = {name: value for name, value in fields.items() if value is not None}
        self.warnings: list[str] = list(self.fields.pop("warnings", []))
        self.source = _source(told.video)

    def poses(self) -> Poses:
        keypoints = self._keypoints()
        count, _, coordinates = keypoints.shape
        self._check_thirds(keypoints)
        space = self._space(coordinates)
        skeleton, places = self._skeleton(keypoints.shape[1], space)
        scores, keypoints = self._scores(keypoints)
        keypoints, scores = _picked(keypoints, places), _picked(scores, places)
        frame = self._frame(count)
        person = self._person(frame, space)
        root = self._array("root", (count, 3)) if "root" in self.fields else None
        if root is not None and not np.isfinite(root).all():
            raise self._wrong("root", "finite numbers were expected, found NaN or infinity")
        error_mm = self._array("error_mm", scores.shape) if "error_mm" in self.fields and space != "image" else None
        reasons = self._reasons(scores.shape) if "reasons" in self.fields else None
        video, meta = self._video(frame, space), self._meta()
        if later := self._later(frame, video):
            frame, meta = frame + later, self._renumbered(meta, later, video.frames)
        if self.fields.get("shares") is True:
            keypoints = keypoints * (video.width, video.height)
        if space == "image":
            doubts = check_pixels(self.path, keypoints, scores > 0, (video.width, video.height))
            # A detector's guesses may lie anywhere.
            self.warnings += [] if "detector" in meta else doubts
        if self.warnings:
            meta["warnings"] = [*meta.get("warnings", []), *self.warnings]
        return Poses(
            keypoints=keypoints,
            scores=scores,
            frame=frame,
            person_id=person,
            skeleton=skeleton,
            space=space,
            video=video,
            root=root,
            root_source=self._text("root_source", "" if root is None else f"given in {self.path.name}"),
            error_mm=error_mm,
            reasons=reasons,
            meta=meta,
        )

    def _keypoints(self) -> np.ndarray:
        if "keypoints" not in self.fields:
            raise InputError(
                f"{self.path} holds no poses: it lacks keypoints. Give poses2d.npz or poses3d.npz of a run."
            )
        found = self._numbers("keypoints")
        if found.ndim != 3 or found.shape[2] not in (2, 3):
            raise self._wrong("keypoints", f"shape (rows, joints, 2 or 3) was expected, found {found.shape}")
        if not found.size and self.told.skeleton:  # without a row, some formats do not know how many joints there were
            found = np.zeros((0, len(get_skeleton(self.told.skeleton)), found.shape[2]))
        return found

    def _check_thirds(self, keypoints: np.ndarray) -> None:
        """Refuse x, y and score in a row, as many programs have them, before anybody takes scores for depths."""
        if keypoints.shape[2] == 2 or not keypoints.size or "scores" in self.fields:
            return
        known = keypoints[np.isfinite(keypoints).all(axis=2)]
        scores = known[:, 2]
        pixels = float(known[:, :2].max()) if len(known) else 0.0
        if pixels > _LARGEST_ROOM and scores.min() >= 0 and scores.max() <= 1:
            found = f"up to {pixels:.0f}, as of pixels, and thirds from 0 to 1, as of scores"
            raise self._wrong(
                "keypoints",
                f"coordinates were expected, found {found}; give keypoints[..., :2], scores beside them",
            )

    def _space(self, coordinates: int) -> str:
        space = self.told.space or self._text("space", "")
        if not space and coordinates == 2:
            space = "image"
        if not space and "root" in self.fields:
            space = "camera"
        if not space:
            raise self._missing("space", "whether its 3D joints are in camera or world space", "camera")
        if space not in SPACES:
            raise self._wrong("space", f'one of {", ".join(SPACES)} was expected, found "{space:.40}"')
        if SPACES[space] != coordinates:
            raise self._wrong("keypoints", f"{SPACES[space]} coordinates were expected in {space} space, found "
                              f"{coordinates}")  # fmt: skip
        return space

    def _skeleton(self, joints: int, space: str) -> tuple[Skeleton, list[int | None]]:
        """Which joints these are, and where each of them stands in the file."""
        names = self._joints()
        name = self.told.skeleton or self._text("skeleton", "")
        if self.told.joints and not names:
            raise self._wrong("joints", "names were expected, as a joint map is given; found none")
        if name and (name in SKELETONS or not (names and "parents" in self.fields)):
            skeleton = get_skeleton(name)
        elif name:
            skeleton = self._own_skeleton(name, names)
        else:
            skeleton = self._told_by_joints(joints, names, space)
        if names and len(names) != joints:
            raise self._wrong("keypoints", f"{len(names)} joints of {skeleton.name} were expected, found {joints}")
        if len(set(names)) < len(names):
            raise self._wrong("joints", "every name was expected once, found one twice")
        if space == "image" and names:
            mapped = _joint_map.load(self.told.joints, skeleton) if self.told.joints else {}
            return skeleton, _joint_map.places(self.path, names, skeleton, mapped)
        if len(skeleton) != joints:
            raise self._wrong("keypoints", f"{len(skeleton)} joints of {skeleton.name} were expected, found {joints}")
        if not names:
            return skeleton, list(range(joints))
        if sorted(names) != sorted(skeleton.joints):
            raise self._wrong("joints", f"those of {skeleton.name} were expected, found others")
        return skeleton, [names.index(joint) for joint in skeleton.joints]

    def _told_by_joints(self, count: int, names: list[str], space: str) -> Skeleton:
        """The skeleton that nobody names, by its joints; COCO's where a picture's joints have names of their own."""
        if names:
            known = [one for one in SKELETONS.values() if sorted(one.joints) == sorted(names)]
            known = known or ([COCO17] if space == "image" else [])
        else:
            known = [one for one in SKELETONS.values() if len(one) == count]
        if len(known) != 1:
            raise self._missing("skeleton", f"which skeleton its {count} joints are of", "|".join(
                one.name for one in known or SKELETONS.values()))  # fmt: skip
        return known[0]

    def _joints(self) -> list[str]:
        if "joints" not in self.fields:
            return []
        names = np.asarray(self.fields["joints"])
        if names.ndim != 1 or (names.size and names.dtype.kind != "U"):
            raise self._wrong("joints", "a list of names was expected")
        return [str(name) for name in names]

    def _own_skeleton(self, name: str, joints: list[str]) -> Skeleton:
        parents = self.fields["parents"]
        fits = isinstance(parents, list) and len(parents) == len(joints) == len(set(joints))
        if not fits or any(parent is not None and parent not in joints for parent in parents):
            raise self._wrong("parents", "for every joint the name of another, or null, was expected")
        above = dict(zip(joints, parents, strict=True))
        for joint in joints:  # every way up ends at the one root
            steps, at = 0, joint
            while above[at] is not None and steps <= len(joints):
                steps, at = steps + 1, above[at]
            if steps > len(joints) or parents.count(None) != 1:
                raise self._wrong("parents", "one tree of joints was expected")
        return Skeleton(name, tuple(joints), tuple(parents))

    def _scores(self, keypoints: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Scores, and keypoints without the NaN by which many programs mark what is not seen."""
        unseen = np.isnan(keypoints).any(axis=2)
        scores = self._array("scores", keypoints.shape[:2]) if "scores" in self.fields else np.ones(keypoints.shape[:2])
        scores = np.where(unseen, 0.0, scores)
        if not ((scores >= 0) & (scores <= 1)).all():
            raise self._wrong("scores", "numbers from 0 to 1 were expected, found others")
        return scores, np.where(unseen[..., None], 0.0, keypoints)

    def _reasons(self, shape: tuple[int, ...]) -> np.ndarray:
        found = self._array("reasons", shape)
        if not ((found >= 0) & (found <= _MOST_REASONS) & (found == np.floor(found))).all():
            raise self._wrong("reasons", "small whole numbers were expected, found others")
        return found

    def _frame(self, count: int) -> np.ndarray:
        if "frame" in self.fields:
            frame = self._whole_numbers("frame", count, 0, _MOST_FRAMES)
            if self.source is not None and count and frame.min() > 0 and frame.max() == self.source.frames:
                self.warnings.append(f"Frames of {self.path.name} are counted from 1; they are taken as those from 0.")
                return frame - 1
            return frame
        if "time" in self.fields:
            # Rows of one time are of one frame.
            time = self._array("time", (count,))
            if (np.diff(time) < 0).any() and not self._rise_by_person(time):
                raise self._wrong(
                    "time", "times that rise were expected of every person, found some that run backwards"
                )
            frames: np.ndarray = np.unique(time, return_inverse=True)[1]
            return frames
        return np.arange(count)

    def _rise_by_person(self, time: np.ndarray) -> bool:
        """Whether rows are given person by person."""
        if "person" not in self.fields:
            return False
        person = self._array("person", time.shape)
        return all((np.diff(time[person == one]) > 0).all() for one in np.unique(person))

    def _person(self, frame: np.ndarray, space: str) -> np.ndarray:
        if "person" in self.fields:
            return self._whole_numbers("person", len(frame), -1, 1 << 31)
        if len(np.unique(frame)) == len(frame):
            return np.zeros(len(frame), dtype=np.int64)
        if space == "image":  # who is who is for tracking to find out
            return np.full(len(frame), -1, dtype=np.int64)
        raise self._wrong("person", "an id for every row was expected where a frame has several, found none")

    def _video(self, frame: np.ndarray, space: str) -> Source:
        if self.source is not None:
            return self._given_video(self.source, frame)
        if space != "image":  # joints in metres have no need of a picture
            self.fields.setdefault("size", [1, 1])
        says_rate = self.told.fps or self.fields.keys() & {"fps", "time", "timestamps"}
        if not (self.told.size or "size" in self.fields or says_rate):  # both are asked for at once
            raise self._missing(
                "size", "how large the video's picture is, nor how many frames a second it has", "WIDTHxHEIGHT,fps=25"
            )
        times = self._timestamps(frame)
        width, height = self._size()
        return Source(
            path=self._text("video", self.path.name),
            width=width,
            height=height,
            fps=self._fps(times),
            timestamps=times,
        )

    def _given_video(self, source: Source, frame: np.ndarray) -> Source:
        """The video that the caller gives, if it can be that of the poses."""
        last = int(frame.max()) if len(frame) else -1
        if last >= source.frames:
            raise self._wrong("frame", f"numbers below {source.frames}, the frames of {source.path}, were expected, "
                              f"found {last}; give the video that the poses were found in")  # fmt: skip
        if self.told.size or "size" in self.fields:
            size = self._size()
            if size != (source.width, source.height):
                raise self._wrong("size", f"{source.width}x{source.height} of {source.path} was expected, found "
                                  f"{size[0]}x{size[1]}; give the video that the poses were found in")  # fmt: skip
        return source

    def _later(self, frame: np.ndarray, video: Source) -> int:
        """By how many frames poses of a part begin later in the whole video that the caller gives.

        Frames of a part are counted from its beginning, times from that of the video. The first row tells: a rate that
        differs a little, as 29.97 and 30 do, has not yet moved it.
        """
        if self.source is None or self.told.fps or not len(frame) or not self.fields.keys() & {"time", "timestamps"}:
            return 0
        first, last, clock = int(frame.min()), int(frame.max()), video.timestamps
        times = self._timestamps(frame)[first : last + 1]
        off = _HALF_FRAME / video.fps + _DRIFT * times
        if abs(times[0] - clock[first]) <= off[0]:
            return 0
        at = int(np.abs(clock - times[0]).argmin())
        same = clock[at : at + len(times)]
        if len(same) < len(times) or (np.abs(same - times) > off).any():
            self.warnings.append(
                f"The times of {self.path.name} are not those of the frames of {video.path}; frames are taken by their "
                "number."
            )
            return 0
        return at - first

    def _timestamps(self, frame: np.ndarray) -> np.ndarray:
        """Seconds of all frames: as said, through those of the rows, or evenly."""
        last = int(frame.max()) if len(frame) else -1
        if "timestamps" in self.fields:
            times = self._numbers("timestamps")
            if times.ndim != 1 or len(times) <= last:
                raise self._wrong("timestamps", f"seconds of at least {last + 1} frames were expected, found shape "
                                  f"{times.shape}")  # fmt: skip
        elif "time" in self.fields and len(np.unique(frame)) > 1:
            times = self._between(frame, self._array("time", (len(frame),)), last)
        else:
            times = np.arange(last + 1) / self._fps(np.zeros(0))
        if not np.isfinite(times).all() or (np.diff(times) <= 0).any():
            raise self._wrong("timestamps" if "timestamps" in self.fields else "time", "rising seconds were expected")
        return times

    def _between(self, frame: np.ndarray, seconds: np.ndarray, last: int) -> np.ndarray:
        """Seconds of all frames from those of some; before the first and after the last at the mean rate."""
        known, first = np.unique(frame, return_index=True)
        at = seconds[first]
        step = (at[-1] - at[0]) / (known[-1] - known[0])
        every = np.arange(last + 1)
        return np.where(every < known[0], at[0] + (every - known[0]) * step, np.interp(every, known, at))

    def _size(self) -> tuple[int, int]:
        if self.told.size:
            parts = self.told.size.lower().split("x")
            if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
                raise InputError(f'A size such as 640x360 was expected, found "{self.told.size}".')
            size: Any = [int(part) for part in parts]
        elif "size" in self.fields:
            size = self.fields["size"]
        else:
            raise self._missing("size", "how large the video's picture is", "WIDTHxHEIGHT")
        fits = isinstance(size, (list, tuple)) and len(size) == 2
        if not fits or not all(type(side) in (int, float) and 1 <= side <= _LARGEST_PICTURE for side in size):
            raise self._wrong("size", f"width and height in pixels were expected, found {size!r:.40}")
        return int(size[0]), int(size[1])

    def _fps(self, times: np.ndarray) -> float:
        fps = self.told.fps or self.fields.get("fps")
        if fps is None and len(times) > 1 and times[-1] > times[0]:
            return float((len(times) - 1) / (times[-1] - times[0]))
        if fps is None:
            raise self._missing("fps", "how many frames a second the video has", "25")
        if type(fps) not in (int, float) or not 0 < fps <= _FASTEST:
            raise self._wrong("fps", f"frames per second above 0 were expected, found {fps!r:.40}")
        return float(fps)

    def _meta(self) -> dict[str, Any]:
        meta = self.fields.get("meta", {})
        if not isinstance(meta, dict):
            raise self._wrong("meta", "named notes were expected")
        for name, kind in _NOTES.items():
            if name in meta and not isinstance(meta[name], kind):
                raise self._wrong(f"meta {name}", f"another kind of value was expected, found {meta[name]!r:.40}")
        lines = [*meta.get("video_warnings", []), *meta.get("warnings", [])]
        if not all(isinstance(line, str) for line in lines) or meta.get("every", 1) < 1:
            raise self._wrong("meta", "other warnings or another every were expected")
        try:
            json.dumps(meta, allow_nan=False)
        except ValueError as error:
            raise self._wrong("meta", "finite numbers were expected") from error
        self._renumbered(meta, 0, _MOST_FRAMES)  # later steps count on them
        if not self.told.video:
            return dict(meta)
        video = Video.of(self.told.video)
        return {**meta, "video_fingerprint": video.fingerprint(), "reading": video.settings}

    def _renumbered(self, meta: Mapping[str, Any], by: int, frames: int) -> dict[str, Any]:
        """The notes of frames whose numbers are larger by so many."""
        try:
            return frame_notes.renumbered(meta, by=by, frames=frames)
        except (TypeError, ValueError, AttributeError) as error:
            raise self._wrong("meta", f"other notes of {', '.join(frame_notes.NAMES)} were expected") from error

    def _text(self, name: str, usual: str) -> str:
        value = self.fields.get(name, usual)
        if not isinstance(value, str):
            raise self._wrong(name, f"text was expected, found {value!r:.40}")
        return value

    def _numbers(self, name: str) -> np.ndarray:
        value = self.fields[name]
        try:
            found = value if isinstance(value, np.ndarray) else np.array(value, dtype=np.float64)
        except (ValueError, TypeError, OverflowError) as error:  # lists of several lengths, or not of numbers
            raise self._wrong(name, "rows of numbers, all of one length, were expected") from error
        if found.dtype.kind not in "iuf":
            raise self._wrong(name, f"numbers were expected, found {found.dtype}")
        numbers: np.ndarray = found.astype(np.float64)
        if (np.abs(numbers) > _FARTHEST).any() and name not in ("frame", "person"):
            raise self._wrong(
                name, f"numbers up to {_FARTHEST:.0e} were expected, found {np.nanmax(np.abs(numbers)):.2g}"
            )
        return numbers

    def _array(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        found = self._numbers(name)
        if found.shape != shape and not (found.size == 0 and 0 in shape):
            raise self._wrong(name, f"shape {shape} was expected, found {found.shape}")
        return found.reshape(shape)

    def _whole_numbers(self, name: str, count: int, lowest: int, below: int) -> np.ndarray:
        found = self._array(name, (count,))
        if not ((found >= lowest) & (found < below) & (found == np.floor(found))).all():
            raise self._wrong(name, f"whole numbers from {lowest} were expected, found others")
        return found.astype(np.int64)

    def _wrong(self, name: str, sentence: str) -> InputError:
        return InputError(f"{self.path} cannot be read, its {name}: {sentence}.")

    def _missing(self, setting: str, what: str, example: str) -> InputError:
        kind = self.told.name()
        video = ", or give the video with --video" if setting in ("size", "fps") else ""
        return InputError(f"{self.path} does not say {what}; say it with --read-as {kind}:{setting}={example}{video}.")


def _source(video: str | Path | Video) -> Source | None:
    """What poses need to know of a video."""
    if not video:
        return None
    from in_the_wild.video.source import source_of  # heavy, and needed by hardly anybody

    return source_of(video)


def _picked(values: np.ndarray, places: Sequence[int | None]) -> np.ndarray:
    """Keypoints (N, J, C), or scores (N, J), of a skeleton's joints out of a file's; 0 where the file lacks a joint."""
    picked = values[:, [place or 0 for place in places]]
    picked[:, [place is None for place in places]] = 0
    return picked
