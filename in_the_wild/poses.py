"""Poses: the one type that flows through every step, a tidy table with one row per person per frame.

It knows nothing about detectors, networks or files. Every array is checked when a table is built and read-only after.
"""

from __future__ import annotations

import dataclasses
import html
import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.plugins import back_end
from in_the_wild.skeletons import Skeleton

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from in_the_wild.measures.curves import Curves
    from in_the_wild.measures.events import Jump, Repetitions

# The coordinate spaces, and how many coordinates a keypoint has in each.
SPACES: dict[str, int] = {
    "image": 2,  # pixels: x right, y down, (0, 0) at the top left corner
    "camera": 3,  # metres: x right, y down, z away from the camera; root-relative
    "world": 3,  # metres: z up, floor at 0
}

_INSTANT = 1e-6  # seconds: what time is measured to


@dataclass(frozen=True)
class Source:
    """The video that poses were found in: all that later steps need to know of it.

    Attributes:
        path: File name as the user gave it.
        width: Picture width in pixels as displayed, rotation applied.
        height: Picture height in pixels as displayed.
        fps: Average frame rate, never rounded.
        timestamps: (T,) seconds of every decoded frame since the video's first one; of a part of a video they begin
            later than 0.
    """

    path: str
    width: int
    height: int
    fps: float
    timestamps: np.ndarray

    def __post_init__(self) -> None:
        times = np.array(self.timestamps, dtype=np.float64)
        if times.ndim != 1 or (np.diff(times) <= 0).any():
            raise InputError(f"Video timestamps must be a rising list of seconds, found shape {times.shape}.")
        if not (self.fps > 0 and self.width > 0 and self.height > 0):
            raise InputError(
                f"A video needs a size and a rate above zero, found {self.width}x{self.height} at {self.fps} fps."
            )
        times.setflags(write=False)
        object.__setattr__(self, "timestamps", times)

    @property
    def frames(self) -> int:
        """How many frames were decoded."""
        return len(self.timestamps)


@dataclass(frozen=True)
class Person:
    """One person over a whole video; `person["left_wrist"]` is the path of a joint.

    Attributes:
        id: The track id.
        joints: Their names, J.
        seconds: (T,) of every frame of the video.
        positions: (T, J, 2) pixels or (T, J, 3) metres; NaN where the person was not seen, see `Poses.person`.
        scores: (T, J) in [0, 1]; 0 means not seen. `scores > 0` is the mask of what was.
        root: (T, 3) metres in camera space, NaN where there is no row; None where no root was estimated.
        error_mm: (T, J) expected errors, NaN where there is no row; None where they are not known, see `Poses`.
        reasons: (T, J) why joints are where they are, -1 where there is no row; None where it is not known.
    """

    id: int
    joints: tuple[str, ...]
    seconds: np.ndarray
    positions: np.ndarray = field(repr=False)
    scores: np.ndarray = field(repr=False)
    root: np.ndarray | None = field(default=None, repr=False)
    error_mm: np.ndarray | None = field(default=None, repr=False)
    reasons: np.ndarray | None = field(default=None, repr=False)

    def __getitem__(self, joint: str) -> np.ndarray:
        """A joint's path: (T, 2) pixels or (T, 3) metres.

        Raises:
            InputError: no joint of this name.
        """
        return self.positions[:, self._index(joint)]

    def seen(self, joint: str) -> np.ndarray:
        """(T,) whether a joint was seen, and not filled in or missing.

        Raises:
            InputError: no joint of this name.
        """
        return self.scores[:, self._index(joint)] > 0

    def _index(self, joint: str) -> int:
        if joint not in self.joints:
            raise InputError(f'There is no joint "{joint}". {did_you_mean(joint, self.joints)}')
        return self.joints.index(joint)


@dataclass(frozen=True, repr=False)
class Poses:
    """One row per person per frame.

    Attributes:
        keypoints: (N, J, 2) pixels in image space, (N, J, 3) metres otherwise; float32.
        scores: (N, J) in [0, 1]; 0 means not seen.
        frame: (N,) index into the video.
        person_id: (N,) track id, -1 before tracking. A person has at most one row in a frame.
        skeleton: Which joints these are.
        space: "image", "camera" (root-relative) or "world".
        video: Where they were found.
        root: (N, 3) metres in camera space, where the root's path was estimated.
        root_source: How it was obtained, such as "assumed focal"; empty without a root.
        error_mm: (N, J) how far each joint is expected to be from the truth, millimetres, relative to the root; None
            where that is not known. `in_the_wild.error_bars` finds it.
        reasons: (N, J) why each joint is where it is, whole numbers that `in_the_wild.reasons` explains; None where
            that is not known.
        meta: What made these numbers: detector, model, weights, assumptions. JSON types only.

    Raises:
        InputError: an array of the wrong shape or with values out of range.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    frame: np.ndarray
    person_id: np.ndarray
    skeleton: Skeleton
    space: str
    video: Source
    root: np.ndarray | None = None
    root_source: str = ""
    error_mm: np.ndarray | None = None
    reasons: np.ndarray | None = None
    meta: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.space not in SPACES:
            raise InputError(f'Poses live in one of the spaces {", ".join(SPACES)}; found "{self.space}".')
        arrays: dict[str, np.ndarray] = {
            "keypoints": np.array(self.keypoints, dtype=np.float32),
            "scores": np.array(self.scores, dtype=np.float32),
            "frame": np.array(self.frame, dtype=np.int64),
            "person_id": np.array(self.person_id, dtype=np.int64),
        }
        n, j = len(arrays["frame"]), len(self.skeleton)
        expected: dict[str, tuple[int, ...]] = {
            "keypoints": (n, j, SPACES[self.space]),
            "scores": (n, j),
            "frame": (n,),
            "person_id": (n,),
        }
        if self.root is not None:
            arrays["root"] = np.array(self.root, dtype=np.float32)
            expected["root"] = (n, 3)
        if self.error_mm is not None:
            arrays["error_mm"] = np.array(self.error_mm, dtype=np.float32)
            expected["error_mm"] = (n, j)
        if self.reasons is not None:
            arrays["reasons"] = np.array(self.reasons, dtype=np.uint8)
            expected["reasons"] = (n, j)
        for name, array in arrays.items():
            if array.shape != expected[name]:
                raise InputError(
                    f"{name} of {n} {self.skeleton.name} poses in {self.space} space must have shape "
                    f"{expected[name]}, found {array.shape}."
                )
            if not np.isfinite(array).all():
                raise InputError(
                    f"{name} must be finite numbers, found NaN or infinity; mark unseen joints by score 0."
                )
            array.setflags(write=False)
            object.__setattr__(self, name, array)
        if n and not (self.scores.min() >= 0 and self.scores.max() <= 1):
            raise InputError(f"scores must lie in [0, 1], found {self.scores.min():g} to {self.scores.max():g}.")
        if n and self.error_mm is not None and self.error_mm.min() < 0:
            raise InputError(f"error_mm must be 0 or more, found {self.error_mm.min():g}.")
        if n and not (self.frame.min() >= 0 and self.frame.max() < self.video.frames):
            raise InputError(
                f"frame must lie in the video's 0..{self.video.frames - 1}, "
                f"found {self.frame.min()} to {self.frame.max()}."
            )
        tracked = np.stack([self.frame, self.person_id], axis=1)[self.person_id >= 0]
        if len(np.unique(tracked, axis=0)) < len(tracked):
            raise InputError("A person has at most one pose in a frame; found two with the same frame and person id.")

    def __len__(self) -> int:
        return len(self.frame)

    def __repr__(self) -> str:
        said = ", ".join(f"{name} {value}" for name, value in self._facts().items())
        return f"<Poses: {said}>"

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th><td style='text-align:left'>"
            f"{html.escape(str(value))}</td></tr>"
            for name, value in self._facts().items()
        )
        return f"<table>{cells}</table>"

    def _facts(self) -> dict[str, str]:
        """What a person wants to see of a table at a glance."""
        video, persons = self.video, self.persons
        ids = f" (ids {', '.join(map(str, persons))})" if persons else ""
        facts = {
            "persons": f"{len(persons)}{ids}",
            "rows": str(len(self)),
            "frames": f"{video.frames} at {video.fps:.4g} per second",
            "seconds": f"{video.timestamps[-1]:.2f}" if video.frames else "0",
            "joints": f"{len(self.joints)} ({self.skeleton.name})",
            "space": self.space,
            "units": self.units,
            "root": self.root_source if self.root is not None else "none",
            "video": f"{video.path}, {video.width}x{video.height}",
        }
        warnings = self.meta.get("warnings")
        return {**facts, "warnings": " ".join(warnings)} if warnings else facts

    @property
    def joints(self) -> tuple[str, ...]:
        """The names of the joints, in the order of `keypoints`."""
        return self.skeleton.joints

    @property
    def units(self) -> str:
        """What one unit of a coordinate is: "pixels" or "metres"."""
        return "pixels" if self.space == "image" else "metres"

    @property
    def seconds(self) -> np.ndarray:
        """(N,) seconds of each row, from the video's own timestamps."""
        return self.video.timestamps[self.frame]

    @property
    def persons(self) -> list[int]:
        """The track ids, rising; -1 (not tracked) is left out."""
        return [int(person) for person in np.unique(self.person_id) if person >= 0]

    def person(self, person: int, *, filled: bool = False) -> Person:
        """One person over the whole video.

        >>> from in_the_wild.skeletons import COCO17
        >>> video = Source("clip.mp4", width=640, height=480, fps=25.0, timestamps=np.arange(3) / 25)
        >>> one = {"frame": [0, 1], "person_id": [1, 1], "scores": np.ones((2, 17))}
        >>> poses = Poses(np.zeros((2, 17, 2)), **one, skeleton=COCO17, space="image", video=video)
        >>> poses.person(1)["left_wrist"]
        array([[ 0.,  0.],
               [ 0.,  0.],
               [nan, nan]], dtype=float32)
        >>> poses.person(1).seen("left_wrist")
        array([ True,  True, False])

        Args:
            person: The id, one of `persons`.
            filled: Whether what was not seen, and was filled in by lifting, is given as it was filled in; otherwise
                it is NaN.

        Raises:
            InputError: nobody of this id.
        """
        if person not in self.persons:
            ids = ", ".join(map(str, self.persons)) or "none"
            raise InputError(f"There is no person {person}; the ids are {ids}.")
        own = self.of_person(person)
        count = self.video.frames
        scores = np.zeros((count, len(self.skeleton)), np.float32)
        scores[own.frame] = own.scores
        positions = np.full((count, *self.keypoints.shape[1:]), np.nan, np.float32)
        positions[own.frame] = own.keypoints
        if not filled:
            positions[scores == 0] = np.nan
        root = None
        if own.root is not None:
            root = np.full((count, 3), np.nan, np.float32)
            root[own.frame] = own.root
        error_mm = None
        if own.error_mm is not None:
            error_mm = np.full(scores.shape, np.nan, np.float32)
            error_mm[own.frame] = own.error_mm
        reasons = None
        if own.reasons is not None:
            reasons = np.full(scores.shape, -1, np.int16)
            reasons[own.frame] = own.reasons
        return Person(id=person, joints=self.joints, seconds=self.video.timestamps, positions=positions,
                      scores=scores, root=root, error_mm=error_mm, reasons=reasons)  # fmt: skip

    def to_numpy(self, *, filled: bool = False) -> np.ndarray:
        """All as one dense array: (T, P, J, 2) pixels or (T, P, J, 3) metres, by frame and person.

        Args:
            filled: See `person`.

        Returns:
            float32; NaN where somebody was not seen. The persons are in the order of `persons`, rows without an id are
            left out.
        """
        everybody = [self.person(person, filled=filled).positions for person in self.persons]
        if not everybody:
            return np.zeros((self.video.frames, 0, *self.keypoints.shape[1:]), np.float32)
        return np.stack(everybody, axis=1)

    def to_dataframe(self) -> Any:
        """A tidy pandas table: one row for each joint of each row, with x, y (and z) in `units`.

        Columns: frame, seconds, person, joint, x, y, z, score, and error_mm and reason where these are known. What was
        filled in has a score of 0.

        Raises:
            PluginError: pandas is not installed.
        """
        pandas = back_end("pandas", install="pandas")
        count = len(self.skeleton)
        axes = dict(zip("xyz", np.moveaxis(self.keypoints, -1, 0), strict=False))
        return pandas.DataFrame(
            {
                "frame": np.repeat(self.frame, count),
                "seconds": np.repeat(self.seconds, count),
                "person": np.repeat(self.person_id, count),
                "joint": np.tile(np.array(self.joints), len(self)),
                **{axis: values.ravel() for axis, values in axes.items()},
                "score": self.scores.ravel(),
                **({} if self.error_mm is None else {"error_mm": self.error_mm.ravel()}),
                **({} if self.reasons is None else {"reason": self.reasons.ravel()}),
            }
        )

    def between(self, start: float, end: float) -> Poses:
        """The rows from one time to another, both in seconds and both included; the video stays the same."""
        return self.rows((self.seconds >= start) & (self.seconds <= end))

    def world(self) -> Poses:
        """Camera-space poses as a scene: z up, the floor at 0, see `in_the_wild.world.to_world`.

        Raises:
            InputError: keypoints in the picture, which have no place in the world.
        """
        if self.space == "world":
            return self
        world: Poses = _later("in_the_wild.world").to_world(self)
        return world

    def angles(self, *, filled: bool = False) -> Curves:
        """Joint angles in degrees over the whole video; `poses.angles().person(0)["left_knee_flexion"]` is one.

        `in_the_wild.measures.angles` defines them.

        Args:
            filled: Whether joints that were not seen, and were filled in by lifting, count; otherwise angles that need
                them are NaN.

        Raises:
            InputError: keypoints in the picture, or a skeleton without the joints that angles need.
        """
        angles: Curves = _later("in_the_wild.measures.angles").angles(self, filled=filled)
        return angles

    def jumps(self) -> dict[int, list[Jump]]:
        """The jumps of everybody who has an id: when, how long in the air, how high; see `in_the_wild.measures.jumps`.

        Raises:
            InputError: keypoints in the picture, or joints relative to a root whose path nobody knows.
        """
        jumps: dict[int, list[Jump]] = _later("in_the_wild.measures.jumps").jumps(self)
        return jumps

    def repetitions(self, of: str = "") -> dict[int, Repetitions]:
        """What everybody who has an id repeats: `poses.repetitions("left_knee_flexion")[0].tempo` is squats a minute.

        Args:
            of: An angle, or a joint's height such as "pelvis_height"; "" takes the angle of the largest range that
                repeats, see `in_the_wild.measures.repetitions`.

        Raises:
            InputError: keypoints in the picture, joints that are not enough, or no such angle or height.
        """
        repeated: dict[int, Repetitions] = _later("in_the_wild.measures.repetitions").repetitions(self, of)
        return repeated

    def plot(
        self,
        of: str | Sequence[str] = (),
        what: str = "path",
        *,
        persons: Sequence[int] = (),
        beside: Mapping[str, Poses] | None = None,
        truth: Poses | None = None,
        axes: Axes | None = None,
    ) -> Axes:
        """Draw joints over time, or another plot that `pose3d plot` draws, on matplotlib's axes.

        `poses.plot("left_knee", what="angle").figure.savefig("knee.pdf")` is a figure as wide as a paper's column.

        Args:
            of: A joint or several, or an angle by its name; none takes the usual ones.
            what: "path", "speed", "angle", "bones", "score", "error" or "sheet".
            persons: Ids of those who are shown; none means everybody, beside other results the one seen longest.
            beside: Other results by name, drawn on the same axes.
            truth: What "error" compares with.
            axes: Where to draw; None makes a figure, which pyplot knows nothing of.

        Raises:
            PluginError: no such plot, or matplotlib is not installed.
            InputError: no such joint, nobody to show, or poses of which this cannot be drawn.
        """
        results = {Path(self.video.path).stem: self, **(beside or {})}
        part = _later("in_the_wild.excerpt").Excerpt(persons=tuple(persons))
        drawn: Axes = _later("in_the_wild.plotting").axes(results, of, what=what, part=part, truth=truth, on=axes)
        return drawn

    def save(
        self,
        path: str | Path,
        format: str | None = None,
        *,
        persons: Sequence[int] = (),
        between: tuple[float | None, float | None] = (None, None),
        fps: float | None = None,
        space: str = "",
        up: str = "",
        units: str = "",
    ) -> list[Path]:
        """Write a file of the format that its name's end says, whole or not at all, as `pose3d export` does.

        Args:
            path: The file.
            format: The format with its settings, such as "csv:layout=wide"; None takes the usual ones.
            persons: Whom to write; none means everybody.
            between: Seconds of the first and the last frame, both included; None is the beginning or the end.
            fps: Frames a second, resampled; None keeps the video's own.
            space: "camera" or "world"; "" is the format's custom.
            up: The axis that points up, "y" or "z"; "" is the format's custom.
            units: "m", "cm" or "mm"; "" is the format's custom.

        Returns:
            The files written: several for several people in a format that holds one.

        Raises:
            InputError: an end that no format has, a choice that the format does not have, or nobody and nothing chosen.
            OutputError: the file cannot be written.
        """
        start, end = between
        excerpt = _later("in_the_wild.excerpt").Excerpt(
            persons=tuple(persons), start=start, end=end, fps=fps, space=space
        )
        writer = _later("in_the_wild.formats").writer_for(Path(path), format, space=space, up=up, units=units)
        exports = _later("in_the_wild.exports")
        written: list[Path] = exports.write(exports.chosen(self, writer, excerpt), Path(path), writer)
        return written

    def replace(self, **changes: Any) -> Poses:
        """A copy with some fields changed, checked again.

        Expected errors and reasons are those of these joints in these rows: with others of either they go, unless they
        are given.
        """
        if {"skeleton", "frame"} & changes.keys():
            changes.setdefault("error_mm", None)
            changes.setdefault("reasons", None)
        return dataclasses.replace(self, **changes)

    def rows(self, which: np.ndarray) -> Poses:
        """The rows picked by a mask (N,) or by indices, in that order."""
        return self.replace(
            keypoints=self.keypoints[which],
            scores=self.scores[which],
            frame=self.frame[which],
            person_id=self.person_id[which],
            root=None if self.root is None else self.root[which],
            error_mm=None if self.error_mm is None else self.error_mm[which],
            reasons=None if self.reasons is None else self.reasons[which],
        )

    def of_person(self, person: int) -> Poses:
        """One person's rows by rising frame."""
        rows = np.flatnonzero(self.person_id == person)
        return self.rows(rows[np.argsort(self.frame[rows], kind="stable")])

    def seen_longest(self) -> Poses:
        """The rows of the person who is in most frames, by rising frame.

        Raises:
            InputError: nobody has an id.
        """
        persons, frames = np.unique(self.person_id[self.person_id >= 0], return_counts=True)
        if not len(persons):
            raise InputError(f"Somebody with an id was expected in the poses of {self.video.path}, found nobody.")
        return self.of_person(int(persons[frames.argmax()]))

    def runs(self, longest: float) -> list[Poses]:
        """One person's rows by rising frame, apart where they are more than so many seconds apart."""
        gaps = np.flatnonzero(np.diff(self.seconds) > longest + _INSTANT) + 1
        return [self.rows(rows) for rows in np.split(np.arange(len(self)), gaps)]

    def with_meta(self, **meta: Any) -> Poses:
        """A copy that says more of what made it."""
        return self.replace(meta={**self.meta, **meta})

    @classmethod
    def empty(cls, *, skeleton: Skeleton, space: str, video: Source, meta: Mapping[str, Any] | None = None) -> Poses:
        """A table without rows: nobody was found."""
        return cls(
            keypoints=np.zeros((0, len(skeleton), SPACES[space])),
            scores=np.zeros((0, len(skeleton))),
            frame=np.zeros(0),
            person_id=np.zeros(0),
            skeleton=skeleton,
            space=space,
            video=video,
            meta=meta or {},
        )

    @classmethod
    def join(cls, tables: Sequence[Poses]) -> Poses:
        """Several tables of one video, skeleton and space as one, ordered by frame, then person.

        Raises:
            InputError: no tables, or tables that differ in skeleton, space, or in having a root.
        """
        if not tables:
            raise InputError("Joining poses needs at least one table, found none.")
        first = tables[0]
        kinds = {(table.skeleton.name, table.space, table.root is None) for table in tables}
        if len(kinds) > 1:
            raise InputError(f"Only poses of one skeleton and space can be joined, found {sorted(kinds)}.")
        known = [table.error_mm for table in tables if table.error_mm is not None]
        reasons = [table.reasons for table in tables if table.reasons is not None]
        frame = np.concatenate([table.frame for table in tables])
        person = np.concatenate([table.person_id for table in tables])
        order = np.lexsort((person, frame))
        return first.replace(
            keypoints=np.concatenate([table.keypoints for table in tables])[order],
            scores=np.concatenate([table.scores for table in tables])[order],
            frame=frame[order],
            person_id=person[order],
            root=None if first.root is None else np.concatenate([np.asarray(table.root) for table in tables])[order],
            error_mm=np.concatenate(known)[order] if len(known) == len(tables) else None,
            reasons=np.concatenate(reasons)[order] if len(reasons) == len(tables) else None,
        )


def _later(module: str) -> ModuleType:
    """A module that is built on `Poses` itself, and so can be imported only when a method first asks for it."""
    return importlib.import_module(module)
