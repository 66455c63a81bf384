"""Run: a video in, 3D poses and a picture of them out. Reading this file is reading the program.

    detect -> track -> refine -> remap -> lift -> refine -> render

Every result is saved as soon as it is there, so that an interrupted run loses only the step it was in; the keypoints of
an earlier run are taken again when video and detector are the same.

It knows nothing about the terminal; `report` tells a caller how far each stage is.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import platform
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from in_the_wild import __version__, formats
from in_the_wild.camera import focal_length, to_world
from in_the_wild.checkpoints import Weights
from in_the_wild.cuts import CutDetector
from in_the_wild.detectors.base import Detector
from in_the_wild.errors import InputError, OutputError
from in_the_wild.files import whole_file
from in_the_wild.poses import Poses
from in_the_wild.refiners.base import Refiner
from in_the_wild.skeletons import get_skeleton
from in_the_wild.steps.detect import detect, detect_with_world
from in_the_wild.steps.lift import OVERLAP, lift
from in_the_wild.steps.refine import MAX_GAP, refine
from in_the_wild.steps.remap import remap
from in_the_wild.steps.render import film
from in_the_wild.steps.render.view import View3D
from in_the_wild.steps.track import track, track_ids
from in_the_wild.video.read import Frame, VideoReader

Persons = Literal["all", "largest"] | int
Render = Literal["mp4", "gif", "none"]
RefineOn = Literal["2d", "3d"]

# Seconds over which keypoints are averaged: one frame of usual video. On the clips of `tests/bench/bench_clips.py` it
# halves the acceleration error and leaves the joints' error as it is; twice as much costs a millimetre.
SMOOTHING = 0.033

# Packages whose release can change the numbers.
_PACKAGES = ("torch", "numpy", "opencv-contrib-python", "mediapipe", "av", "imageio-ffmpeg")
# The file of keypoints that refiners made, beside those of the detector.
REFINED = "poses2d_refined.npz"
# How much of a file's beginning and end tells it from others, bytes.
_FINGERPRINT = 1 << 20


class Report(Protocol):
    """Told how far a stage is: its name, what is done, and of how many (None where nobody knows yet)."""

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        """One step further."""


def _silent(stage: str, done: int, total: int | None) -> None:
    """Nobody listens."""


@dataclass
class Result:
    """What one video gave.

    Attributes:
        video: The input file.
        folder: Where its files are.
        frames: Decoded frames.
        people: Ids of the people lifted.
        seconds: Seconds per stage; a stage that was taken from an earlier run is absent.
        files: The files written, by name.
        warnings: Sentences for the user.
        assumptions: What the coordinates rest on besides the picture.
    """

    video: Path
    folder: Path
    frames: int = 0
    people: list[int] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    assumptions: dict[str, str] = field(default_factory=dict)


def run(
    video: Path,
    folder: Path,
    *,
    detector: Detector,
    weights: Weights,
    persons: Persons = "all",
    tds: int | None = None,
    flip: bool = True,
    smoothing: float | None = None,
    overlap: float = OVERLAP,
    every: int = 1,
    refiners: Sequence[Refiner] = (),
    refine_on: RefineOn = "2d",
    focal: float | None = None,
    fov: float | None = None,
    picture: Render = "mp4",
    overwrite: bool = False,
    detector_3d: bool = False,
    device: str = "cpu",
    report: Report = _silent,
) -> Result:
    """Turn one video into `poses2d.npz`, `poses3d.npz`, `overlay.mp4` and `run.json` in a folder.

    Args:
        video: Any video file.
        folder: Where results go; made if need be.
        detector: Finds keypoints.
        weights: The lifter, on `device`.
        persons: "all", the "largest", or how many of the largest.
        tds: None works in time at the weights' frame rate; N takes every N-th frame.
        flip: Test-time flip.
        smoothing: Seconds over which keypoints are averaged before lifting, see `lift`; None takes `SMOOTHING`, or 0
            where a refiner has smoothed the keypoints.
        overlap: Of the windows of every-frame lifters, see `lift`.
        every: The detector looks at every so many-th frame and the last. The first refiner shall be one that fills the
            others; where none does, lifting fills them by straight lines, and calls them not seen.
        refiners: Run one after the other.
        refine_on: The keypoints, which are then also saved as `poses2d_refined.npz`, or the 3D poses.
        focal: Focal length in pixels; None with no `fov` assumes one.
        fov: Horizontal field of view in degrees.
        picture: What to draw: "mp4", "gif" or "none".
        overwrite: Make everything anew, also where the folder holds another video's results.
        detector_3d: Also save the detector's own 3D as `detector3d.npz`.
        device: Where the lifter is.
        report: Told of progress.

    Raises:
        Pose3DError: whatever the user can mend; nothing half-written is left.
    """
    reader = VideoReader(video)
    result = Result(video=video, folder=folder)
    focal, focal_source = focal_length(width=reader.info.width, height=reader.info.height, focal=focal, fov=fov)
    make_writable(folder)

    found = find_people(
        reader,
        detector,
        folder,
        every=every,
        overwrite=overwrite,
        detector_3d=detector_3d,
        result=result,
        report=report,
    )
    chosen = choose(found, persons)
    if refiners and refine_on == "2d":
        with _clock(result, "refine"):
            chosen = refine_people(chosen, refiners)
        save(chosen, REFINED, result)
    else:
        # One of an earlier run would be taken for that of this one.
        (folder / REFINED).unlink(missing_ok=True)
    poses3d, world = lift_people(
        chosen,
        weights,
        focal=focal,
        focal_source=focal_source,
        tds=tds,
        flip=flip,
        smoothing=smoothing,
        overlap=overlap,
        refiners=refiners if refine_on == "3d" else (),
        device=device,
        result=result,
        report=report,
    )
    save(poses3d, "poses3d.npz", result)
    if picture != "none":
        draw(world, folder / f"overlay.{picture}", video=reader, keypoints=chosen, result=result, report=report)
    options = {
        "persons": persons,
        "tds": tds or "auto",
        "flip": flip,
        "smoothing": poses3d.meta["smoothing"],
        "overlap": overlap,
        "every": every,
        "refiners": [dict(refiner.settings) for refiner in refiners],
        "refine_on": refine_on,
        "focal": focal,
        "render": picture,
        "device": device,
    }
    _save_record(result, weights, detector, options)
    return result


def find_people(
    reader: VideoReader,
    detector: Detector,
    folder: Path,
    *,
    overwrite: bool,
    result: Result,
    name: str = "poses2d.npz",
    every: int = 1,
    detector_3d: bool = False,
    report: Report = _silent,
) -> Poses:
    """Detect and track into the file `name` of a folder, or take that of an earlier run of the same video and detector.

    Returns:
        Everybody, with ids, in the detector's skeleton; rows of every so many-th frame and the last.

    Raises:
        InputError: the file is that of another video, or no poses at all.
    """
    identity = {
        "video_fingerprint": fingerprint(reader.info.path),
        "detector": json.loads(json.dumps(detector.settings)),
        "every": every,
    }
    saved = folder / name
    if saved.is_file() and not overwrite:
        earlier = formats.read(saved)
        if earlier.meta.get("video_fingerprint") != identity["video_fingerprint"]:
            raise InputError(
                f"{folder} holds results of another video ({earlier.video.path}); "
                "choose another output folder, or --overwrite."
            )
        same = (earlier.meta.get("detector"), earlier.meta.get("every", 1)) == (identity["detector"], every)
        if same and (not detector_3d or (folder / "detector3d.npz").is_file()):
            result.frames = earlier.video.frames
            result.warnings.extend(earlier.meta.get("video_warnings", []))
            result.files.append(name)
            return earlier
    total = reader.info.frames_claimed
    report("detect", 0, total)
    with _clock(result, "detect"):
        # The detector's own 3D costs nothing extra, but not every detector has one.
        cut_detector = CutDetector()
        frames = cut_detector.watch(reader.pictures(every=every, thumbnails=True))
        look = partial(detect_with_world if detector_3d else _detect_alone, frames, detector)
        found, own_3d = look(
            path=reader.info.path.name,
            width=reader.info.width,
            height=reader.info.height,
            fps=reader.info.fps,
            every=every,
            progress=lambda done: report("detect", done, total),
        )
    warnings = [reader.warning] if reader.warning else []
    result.warnings.extend(warnings)
    with _clock(result, "track"):
        cuts = cut_detector.cuts(found)
        ids = track_ids(found, every=every, cuts=cuts)
        tracked = track(found, every=every, cuts=cuts).with_meta(**identity, video_warnings=warnings)
    result.frames = found.video.frames
    if own_3d is None:
        # One of an earlier detection would no longer match these keypoints row by row.
        (folder / "detector3d.npz").unlink(missing_ok=True)
    else:
        save(own_3d.replace(person_id=ids).rows(ids >= 0), "detector3d.npz", result)
    save(tracked, name, result)
    return tracked


def choose(found: Poses, persons: Persons) -> Poses:
    """Everybody, or as many of the largest people as were asked for, under the ids that they have."""
    if persons == "all":
        return found
    meta = found.meta
    return found.rows(track_ids(found, keep=persons, every=meta.get("every", 1), cuts=meta.get("cuts", ())) >= 0)


def refine_people(poses: Poses, refiners: Sequence[Refiner]) -> Poses:
    """Run refiners one after the other. They may fill gaps up to the longest that the detector left by itself."""
    every = poses.meta.get("every", 1)
    # Half an interval more, for frame rates that vary.
    max_gap = MAX_GAP if every == 1 else max(MAX_GAP, 1.5 * every / poses.video.fps)
    for refiner in refiners:
        poses = refine(poses, refiner, max_gap=max_gap)
    return poses


def lift_people(
    chosen: Poses,
    weights: Weights,
    *,
    focal: float,
    focal_source: str,
    tds: int | None,
    flip: bool,
    smoothing: float | None,
    overlap: float,
    refiners: Sequence[Refiner] = (),
    device: str,
    result: Result,
    report: Report = _silent,
) -> tuple[Poses, Poses]:
    """Bring tracked keypoints to the lifter's input, lift them, and refine the 3D poses.

    Returns:
        The poses in camera space, with notes on all that made them, and the same in world space.
    """
    training = weights.training
    if smoothing is None:
        smoothing = 0.0 if chosen.meta.get("smoothed") else SMOOTHING
    input_skeleton = get_skeleton(training.input_skeleton)
    # A network that answers for one frame has a window for each; how many windows the others need, lift alone knows.
    frames = sum(int(np.ptp(chosen.of_person(person).frame)) + 1 for person in chosen.persons)
    total = None if weights.lifter.every_frame else frames
    windows_done = 0

    def lifted(windows: int) -> None:
        nonlocal windows_done
        windows_done += windows
        report("lift", windows_done, total)

    report("lift", 0, total)
    with _clock(result, "lift"):
        poses3d = lift(
            remap(chosen, input_skeleton),
            weights.lifter,
            input_skeleton=input_skeleton,
            output_skeleton=get_skeleton(training.output_skeleton),
            fps=training.fps,
            normalisation=training.normalisation,
            metres=training.metres,
            focal=focal,
            focal_source=focal_source,
            tds=tds,
            flip=flip,
            smoothing=smoothing,
            overlap=overlap,
            device=device,
            progress=lifted,
        )
    if refiners:
        with _clock(result, "refine"):
            poses3d = refine_people(poses3d, refiners)
    result.people = poses3d.persons
    if not poses3d.persons:
        result.warnings.append(f"No person was found in {result.video.name}; the results have no rows.")
    world = to_world(poses3d)
    result.assumptions = {
        "focal": f"{focal:.0f} pixels ({focal_source})",
        "scale": "of the people in the training data; a single camera cannot tell the size of a person",
        "root": "least squares on the reprojection; its depth is the least certain number",
        "world": str(world.meta.get("world", "nobody to level the scene by")),
    }
    poses3d = poses3d.with_meta(
        model=weights.model,
        weights={"source": weights.source, "sha256": weights.sha256, **asdict(training)},
        tds="auto" if tds is None else tds,
        flip=flip,
        smoothing=smoothing,
        overlap=overlap if weights.lifter.every_frame else None,
        assumptions=result.assumptions,
    )
    return poses3d, world


def _detect_alone(frames: Iterable[Frame], detector: Detector, **video: Any) -> tuple[Poses, None]:
    return detect(frames, detector, **video), None


def draw(
    world: Poses,
    path: Path,
    *,
    video: VideoReader | None,
    keypoints: Poses | None,
    view: View3D | None = None,
    height: int | None = None,
    result: Result,
    report: Report = _silent,
) -> None:
    """Draw a film, see `film.draw`; the result gets its name, the seconds, and what the film lacks."""
    total = world.video.frames
    report("render", 0, total)
    with _clock(result, "render"):
        lacks = film.draw(
            world,
            path,
            video=video,
            keypoints=keypoints,
            view=view,
            height=height,
            progress=lambda done: report("render", done, total),
        )
    result.warnings.extend(lacks)
    result.files.append(path.name)


def fingerprint(path: Path) -> str:
    """Tell a file from others by its size, beginning and end, without reading all of a long video."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(_FINGERPRINT))
        file.seek(max(0, size - _FINGERPRINT))
        digest.update(file.read(_FINGERPRINT))
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Releases of this program and of the packages that can change its numbers."""
    found = {"pose3d": __version__, "python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found


@contextmanager
def _clock(result: Result, stage: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    result.seconds[stage] = time.monotonic() - began


def make_writable(folder: Path) -> None:
    """Make a folder, and find out before the work, not after it, that results cannot be written there.

    Raises:
        OutputError: they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise OutputError(f"Results cannot be written into {folder}: {error.strerror}. Choose another -o.") from error


def save(poses: Poses, name: str, result: Result) -> None:
    """Write poses into a result's folder as an .npz file of this name.

    Raises:
        OutputError: it cannot be written.
    """
    formats.write(poses, result.folder / name)
    result.files.append(name)


def _save_record(result: Result, weights: Weights, detector: Detector, options: dict[str, Any]) -> None:
    rates = {stage: result.frames / seconds for stage, seconds in result.seconds.items() if seconds > 0}
    record = {
        "video": str(result.video),
        "frames": result.frames,
        "people": result.people,
        "options": options,
        "model": weights.model,
        "weights": {"source": weights.source, "sha256": weights.sha256, **asdict(weights.training)},
        "detector": dict(detector.settings),
        "assumptions": result.assumptions,
        "warnings": result.warnings,
        "seconds": {stage: round(seconds, 3) for stage, seconds in result.seconds.items()},
        "frames_per_second": {stage: round(rate, 1) for stage, rate in rates.items()},
        "files": result.files,
        "versions": versions(),
    }
    result.files.append("run.json")
    with whole_file(result.folder / "run.json") as file:
        file.write((json.dumps(record, indent=2) + "\n").encode())
