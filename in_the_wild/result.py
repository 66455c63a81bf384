"""What a run leaves: where it goes, what was made of each video, and the record of how.

It knows nothing about the steps.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from in_the_wild import formats, reasons, stores
from in_the_wild.cautions import NOTE as CAUTIONS
from in_the_wild.drawing.film import PLAIN, Drawing
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.exports import parse_formats
from in_the_wild.files import name_within, whole_file
from in_the_wild.keypoints import Keypoints
from in_the_wild.leftovers import RECORD, made_of_joints, remove_made_of
from in_the_wild.poses import Poses
from in_the_wild.progress import More, Report, counting, silent
from in_the_wild.versions import versions
from in_the_wild.video.footage import Footage, Video
from in_the_wild.world import GROUND_NOTE

Film = Literal["mp4", "mov", "webm", "gif", "webp", "apng", "none"]

# Packages whose release can change the numbers.
PACKAGES = ("torch", "numpy", "opencv-python-headless", "ai-edge-litert", "av", "imageio-ffmpeg")


# An address that has been taken for a path.
_COLLAPSED = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)


@dataclass(frozen=True)
class Output:
    """Where the files of a run go, and which.

    Attributes:
        folder: Gets a folder for each video. Of one in a store it is the name, whatever is given.
        film: What kind of file shows skeletons on the video and people in 3D: "mp4", "gif" and so on, or "none".
        overwrite: Make everything anew, also where a folder holds another video's results.
        detector_3d: Also save the detector's own 3D, as `detector3d.npz`.
        exports: Formats that the 3D poses are also written in: "c3d,csv:layout=wide".
        view: Also write `view.html`, a page of the poses beside their video.
        drawing: What the film shall look like.
        store: The address of the folder, "s3://bucket/out", where it lies in a store; batches alone go there.
    """

    folder: Path
    film: Film = "mp4"
    overwrite: bool = False
    detector_3d: bool = False
    exports: str = ""
    view: bool = True
    drawing: Drawing = PLAIN
    store: str | None = None

    def __post_init__(self) -> None:
        if self.store is None and _COLLAPSED.match(str(self.folder)):
            raise InputError(f'A folder was expected, found {self.folder}; of a store: Output.at("s3://bucket/out").')
        if self.store is not None:
            object.__setattr__(self, "store", self.store.rstrip("/"))
        object.__setattr__(self, "folder", Path(self.folder if self.store is None else stores.name_of(self.store)))
        if self.film not in get_args(Film):
            raise InputError(f'There is no film format "{self.film}". {did_you_mean(self.film, get_args(Film))}')
        parse_formats(self.exports)

    @classmethod
    def at(cls, place: str | Path) -> Output:
        """The usual files in a folder, or in one of a store."""
        return cls(Path(place), store=str(place) if stores.is_address(str(place)) else None)

    @property
    def where(self) -> str:
        """The folder or its address, as it is told."""
        return str(self.folder) if self.store is None else stores.shown(self.store)

    def within(self, name: str) -> Output:
        """The same, of a folder in it."""
        store = None if self.store is None else f"{self.store}/{name}"
        return replace(self, folder=self.folder / name, store=store)


@dataclass
class Result:
    """What one video gave.

    Attributes:
        video: The input: a file, numbered pictures or an address. Its `name` is what it is called for short.
        folder: Where its files are; None where nothing is written.
        poses: The 3D poses in camera space; None where the run failed.
        keypoints: What was lifted: the chosen people's keypoints, refined if refiners were asked for.
        frames: Decoded frames.
        seconds: Seconds per stage; a stage that was taken from an earlier run is absent.
        files: The files written, by name.
        warnings: Sentences for the user.
        cleaned: How many times keypoints were put right, by what was wrong with them, and gaps that are left.
        error: Why there is no result.
        report: Told how far each stage is.
    """

    video: Footage
    folder: Path | None = None
    poses: Poses | None = None
    keypoints: Poses | None = None
    frames: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    cleaned: Mapping[str, int] = field(default_factory=dict)
    error: Exception | None = None
    report: Report = field(default=silent, repr=False)

    @property
    def persons(self) -> list[int]:
        """Ids of the people lifted, or only found where nothing was lifted."""
        made = self.poses if self.poses is not None else self.keypoints
        return [] if made is None else made.persons

    @contextmanager
    def clock(self, stage: str, frames: int | None = None) -> Iterator[More]:
        """Count the seconds of a block as those of a stage, and tell how far it is.

        Args:
            stage: Its name.
            frames: That it goes through; None where the block tells of itself.

        Yields:
            What is called with how many more frames are done.
        """
        began = time.monotonic()
        with counting(silent if frames is None else self.report, stage, frames or 0) as more:
            yield more
        self.seconds[stage] = time.monotonic() - began

    def save(self, poses: Poses, name: str) -> None:
        """Write poses into the folder, if there is one; what an earlier run made of others in their place goes before.

        Raises:
            OutputError: the file cannot be written.
        """
        if self.folder is not None:
            remove_made_of(self.folder / name, poses)
            formats.write(poses, self.folder / name)
            self.files.append(name)

    def remove(self, name: str) -> None:
        """Remove a file of an earlier run, which would be taken for one of this."""
        if self.folder is not None:
            (self.folder / name).unlink(missing_ok=True)

    def record(self, options: Mapping[str, Any], *, stamps: Mapping[str, str] | None = None) -> None:
        """Write `run.json`: all that decided the result, and what it took.

        Args:
            options: What the run was asked for. JSON types only.
            stamps: By their names, what tells from others what was worked on and how.

        Raises:
            OutputError: the file cannot be written.
        """
        if self.folder is None or self.poses is None:
            return
        meta = self.poses.meta
        # Of a run that gave the same poses, and so still there.
        kept = [name for name in made_of_joints(self.folder) if name not in self.files]
        self.files.append(RECORD)
        rates = {stage: self.frames / seconds for stage, seconds in self.seconds.items() if seconds > 0}
        record = {
            "video": str(self.video),
            "frames": self.frames,
            "persons": self.persons,
            "options": dict(options),
            **{name: meta.get(name) for name in ("model", "weights", "detector", "assumptions")},
            "cleaned": dict(self.cleaned),
            "reasons": reasons.counted(self.poses),
            "warnings": self.warnings,
            "cautions": meta.get(CAUTIONS, []),
            "ground": meta.get(GROUND_NOTE, []),
            "seconds": {stage: round(seconds, 3) for stage, seconds in self.seconds.items()},
            "frames_per_second": {stage: round(rate, 1) for stage, rate in rates.items()},
            "files": [*self.files, *kept],
            "versions": versions(*PACKAGES),
            **(stamps or {}),
        }
        with whole_file(self.folder / RECORD) as file:
            file.write((json.dumps(record, indent=2) + "\n").encode())


def result_folders(videos: Sequence[Video | Keypoints]) -> list[str]:
    """The name of a folder for each input: that of its file, and of its folder too where names would be the same."""
    places = [video.place for video in videos]
    forms: tuple[Callable[[Path], str], ...] = (
        lambda path: name_within(path.stem),
        lambda path: f"{path.parent.name}_{path.stem}",
        lambda path: f"{path.parent.name}_{path.name}".replace(".", "_"),
        lambda path: "_".join(path.parts[1:]).replace(".", "_"),
    )
    # Windows and macOS take "A" and "a" for one folder.
    taken = [Counter(form(path).casefold() for path in places) for form in forms]
    names = [
        next((form(path) for form, count in zip(forms, taken, strict=True) if count[form(path).casefold()] == 1), "")
        for path in places
    ]
    if len({name.casefold() for name in names}) < len(names) or not all(names):
        names = [f"{number:03d}_{name_within(path.stem)}" for number, path in enumerate(places, start=1)]
    return names
