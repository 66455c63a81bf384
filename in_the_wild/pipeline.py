"""Run: a video in, 3D poses and a film of them out. Reading this file is reading the program.

    detect -> track -> fill -> clean -> refine -> remap -> lift -> refine -> render

Keypoints that were found before go the same way from tracking on. Every result is saved as soon as it is there, so
that an interrupted run loses only the step it was in; the keypoints of an earlier run are taken again when video and
detector are the same. Without an output nothing is written.

It knows nothing about the terminal, nor which plug-ins there are; `report` tells a caller how far each stage is.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from in_the_wild import camera_motion, exports, formats
from in_the_wild.assumptions import assumptions, scene
from in_the_wild.cautions import NOTE as CAUTIONS
from in_the_wild.cautions import cautions, sentences
from in_the_wild.error_bars import with_error_bars
from in_the_wild.errors import InputError, VideoError, did_you_mean
from in_the_wild.files import make_writable, refuse_overwriting, set_aside
from in_the_wild.keypoints import Keypoints
from in_the_wild.leftovers import DRAWINGS, JOINTS, KEYPOINTS, RECORD
from in_the_wild.lens import ASSUMED, Lens
from in_the_wild.looks import Looks
from in_the_wild.poses import Poses
from in_the_wild.progress import More, Report, nobody, silent
from in_the_wild.refiners.base import Refiner
from in_the_wild.result import PACKAGES, Output, Result
from in_the_wild.selection import EVERYBODY, Selection
from in_the_wild.steps import explain
from in_the_wild.steps.choose import choose
from in_the_wild.steps.clean import clean, counted, told
from in_the_wild.steps.detect import Finder
from in_the_wild.steps.explain import explained, with_reasons, without_unseen
from in_the_wild.steps.fill import fill
from in_the_wild.steps.identify import identify
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.steps.refine import MAX_GAP, refine
from in_the_wild.steps.show import export, film, page
from in_the_wild.steps.track import track, track_ids
from in_the_wild.unfinished import Stages
from in_the_wild.upright import wanted_turn
from in_the_wild.versions import versions
from in_the_wild.video.footage import Footage, Video
from in_the_wild.video.read import VideoReader
from in_the_wild.video.record import at_hand

_log = logging.getLogger(__name__)
RefineOn = Literal["2d", "3d"]

# What else must be the same for keypoints to be taken again, and what it was before it was noted.
_DECISIVE: Sequence[tuple[str, Any]] = (
    ("detector", None),
    ("looking", "every"),
    ("reading", {"start": None, "end": None, "rotate": 0, "mirror": False, "stream": 0, "fps": None}),
)
# The keypoints that cleaning and refiners made, and the detector's own 3D, each beside the keypoints themselves.
REFINED, DETECTOR_3D = "poses2d_refined.npz", "detector3d.npz"


def files_of(output: Output) -> list[Path]:
    """All files that a run may write, or take away as those of an earlier one."""
    names = (KEYPOINTS, REFINED, JOINTS, DETECTOR_3D, *DRAWINGS, RECORD)
    more = (exports.file_name(Path(JOINTS).stem, writer) for writer in exports.parse_formats(output.exports))
    return [output.folder / name for name in (*names, *more)]


@dataclass(frozen=True)
class Refining:
    """A refiner, and what it works on.

    Attributes:
        refiner: Smooths or fills.
        on: "2d", the keypoints before lifting, or "3d", the poses after it.
    """

    refiner: Refiner
    on: RefineOn = "2d"

    def __post_init__(self) -> None:
        if self.on not in get_args(RefineOn):
            raise InputError(
                f'Refiners work on 2d or 3d, found "{self.on}". {did_you_mean(self.on, get_args(RefineOn))}'
            )


@dataclass(frozen=True)
class Pipeline:
    """The steps from a video to motion, with all that they are run with; runs on any number of videos.

    Attributes:
        finder: Finds keypoints; its first refining on keypoints shall be one that fills the frames it does not look at.
            Where none does, lifting fills them by straight lines, and calls them not seen. None where keypoints alone
            are given.
        lifter: Makes 3D of them.
        refinings: Run one after the other.
        selection: Whom to keep of the people found.
        lens: What is known of the camera's.
        cleaning: Whether swaps of left and right, and joints that jumped, are put right before anything is refined.
        asked: Tells from others what all this was made by, before anything was loaded; "" where nobody says it.
    """

    finder: Finder | None
    lifter: TrainedLifter
    refinings: Sequence[Refining] = ()
    selection: Selection = EVERYBODY
    lens: Lens = ASSUMED
    cleaning: bool = True
    asked: str = ""

    def run(self, video: Path | Video, output: Output | None = None, *, report: Report = silent) -> Result:
        """Turn one video into 3D poses, and into files where an output says so.

        The output's folder itself gets `poses2d.npz`, `poses3d.npz`, the film, `view.html` and `run.json`; of a single
        picture `overlay.png` in the film's place.

        Raises:
            Pose3DError: whatever the user can mend; nothing half-written is left.
        """
        with open_reader(video, report) as reader:
            return self._run(reader, output, report)

    def run_keypoints(self, given: Keypoints, output: Output | None = None, *, report: Report = silent) -> Result:
        """Turn keypoints that were found before into 3D poses, and into the files that `run` writes.

        The film shows them on their video, or, without one, the 3D view alone.

        Raises:
            Pose3DError: whatever the user can mend; nothing half-written is left.
        """
        with ExitStack() as opened:
            reader = None if given.video is None else opened.enter_context(open_reader(given.video, report))
            here = given if reader is None else given.of_video(reader.video)
            result = _begun(given.path, output, report, inputs=here.files)
            found = given_people(here, output, result=result)
            return self._go_on(here, found, reader, result, output, report)

    def _run(self, reader: VideoReader, output: Output | None, report: Report) -> Result:
        """The same as `run`, of a video that is open."""
        assert self.finder is not None
        result = _begun(reader.video.footage, output, report, inputs=reader.video.files)
        found = find_people(reader, self.finder, output, result=result, report=report)
        return self._go_on(reader.video, found, reader, result, output, report)

    def _go_on(
        self,
        given: Video | Keypoints,
        found: Poses,
        reader: VideoReader | None,
        result: Result,
        output: Output | None,
        report: Report,
    ) -> Result:
        """All that is done with people who were found, but for what an earlier run has finished."""
        stamp = self.stamp(given, output)
        stages = Stages.of(result.folder, stamp)
        if stages.take("lift", result):
            assert result.folder is not None
            refined = result.folder / REFINED
            result.keypoints = formats.read(refined) if REFINED in result.files else choose(found, self.selection)
            result.poses = formats.read(result.folder / JOINTS)
        else:
            result.keypoints = self._refine_keypoints(choose(found, self.selection), result)
            lens = self.lens if reader is None else self.lens.stated(reader.info.equivalent_focal)
            result.poses = self._lift(result.keypoints, lens, result, report)
            result.save(result.poses, JOINTS)
            stages.finish("lift", result)
        if output is not None:
            _show(reader, result, output, stages)
        if reader is not None:
            _refuse_changed(reader, found)
        options = {**self._options(output), "reading": None if reader is None else reader.video.settings}
        stamps = {"stamp": stamp, "asked": stamp_asked(self.asked, given, output) if self.asked else ""}
        result.record({**options, "smoothing": result.poses.meta["smoothing"]}, stamps=stamps)
        stages.close()
        return result

    def stamp(self, given: Video | Keypoints, output: Output | None = None) -> str:
        """Tells from others what is worked on and how: all that decides the files of a run.

        Raises:
            OSError: what is given cannot be read.
        """
        decisive = {
            "given": given.fingerprint(),
            "reading": given.settings if isinstance(given, Video) else given.format,
            "options": self._options(output),
            "detector": None if self.finder is None or isinstance(given, Keypoints) else self.finder.detector.settings,
            "lifter": {**self.lifter.origin, **self.lifter.settings},
            "lens": repr(self.lens),
            "drawing": None if output is None else repr(output.drawing),
            "versions": versions(*PACKAGES),
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True, default=str).encode()).hexdigest()

    def _refine_keypoints(self, keypoints: Poses, result: Result) -> Poses:
        """What cleaning and refiners make of the keypoints."""
        made = keypoints
        if self.cleaning:
            with result.clock("clean", keypoints.video.frames) as more:
                made = clean(keypoints, progress=_in_frames(more, keypoints))
            if made is not keypoints:
                result.warnings += told(made)
                result.cleaned = counted(made)
        refiners = [one.refiner for one in self.refinings if one.on == "2d"]
        if refiners:
            with result.clock("refine", made.video.frames) as more:
                made = refine_people(made, refiners, more, max_gap=self.lifter.max_gap)
        if made is keypoints:
            # One of an earlier run would be taken for that of this one.
            result.remove(REFINED)
        else:
            result.save(made.replace(reasons=explained(made)), REFINED)
        return made

    def _lift(self, keypoints: Poses, lens: Lens, result: Result, report: Report) -> Poses:
        """Lift keypoints, refine the 3D poses, and note what they rest on."""
        with result.clock("lift"):
            poses = lift_people(keypoints, self.lifter, lens, report=report)
        refiners = [one.refiner for one in self.refinings if one.on == "3d"]
        if refiners:
            with result.clock("refine", poses.video.frames) as more:
                poses = refine_people(
                    poses, [refiner.seeing(keypoints) for refiner in refiners], more, max_gap=self.lifter.max_gap
                )
        poses = without_unseen(poses, keypoints)
        doubtful = cautions(keypoints)
        if left := len(explain.gaps(poses)):
            result.cleaned = {**result.cleaned, "gap": left}
        result.warnings += [*explain.told(poses), *camera_motion.told(poses.meta), *sentences(doubtful)]
        if doubtful:
            poses = poses.with_meta(**{CAUTIONS: [one.note for one in doubtful]})
        if not poses.persons:
            result.warnings.append(f"No person was found in {result.video.name}; the results have no rows.")
        return poses.with_meta(warnings=list(result.warnings)) if result.warnings else poses

    def _options(self, output: Output | None) -> Mapping[str, Any]:
        """What the run was asked for."""
        lifter = self.lifter
        return {
            **self.selection.settings,
            **{name: lifter.settings[name] for name in ("tds", "flip", "overlap")},
            "looks": "none" if self.finder is None else str(self.finder.looks),
            "max_gap": lifter.max_gap,
            "cleaning": self.cleaning,
            "refiners": [{**one.refiner.settings, "on": one.on} for one in self.refinings],
            "focal": self.lens.focal,
            "fov": self.lens.fov,
            "camera": None if self.lens.calibration is None else self.lens.calibration.name,
            "film": "none" if output is None else output.film,
            "view": output is not None and output.view,
            "layout": "" if output is None else output.drawing.layout,
            "exports": "" if output is None else output.exports,
            "device": str(lifter.device),
        }


def stamp_asked(asked: str, given: Video | Keypoints, output: Output | None) -> str:
    """Tells from others what is worked on and how, without anything being loaded; see `Pipeline.asked`.

    What is equal by it is equal by `Pipeline.stamp`; what is not may be the same, asked for in other words.

    Raises:
        OSError: what is given cannot be read.
    """
    wanted = None if output is None else (output.film, output.view, repr(output.drawing), output.exports)
    reading = given.settings if isinstance(given, Video) else given.format
    decisive = [asked, given.fingerprint(), reading, wanted]
    return hashlib.sha256(json.dumps(decisive, sort_keys=True, default=str).encode()).hexdigest()


def _show(reader: VideoReader | None, result: Result, output: Output, stages: Stages) -> None:
    """All that is made of the poses, but for what an earlier run has finished."""
    if not stages.take("export", result):
        export(result, output)
        stages.finish("export", result)
    if not stages.take("render", result):
        if output.film != "none":
            film(reader, result, output)
        stages.finish("render", result)
    if output.view:
        page(reader, result, output)


@contextmanager
def open_reader(video: str | Path | Video, report: Report = silent) -> Iterator[VideoReader]:
    """The pictures of a video, to be gone through several times while the block lasts; an address is fetched first.

    Raises:
        Pose3DError: there is no such video, or it cannot be decoded.
    """
    with at_hand(Video.of(video), told=lambda pictures: report("fetch", pictures, None)) as here:
        yield VideoReader(here)


def _begun(given: Footage, output: Output | None, report: Report, *, inputs: Sequence[Path]) -> Result:
    """The result of something that is about to be run, once its files can be written."""
    if output is not None:
        if output.store is not None:
            raise InputError(f"Batches alone write into stores: give {output.where} to run_many, or a folder here.")
        for file in files_of(output):
            refuse_overwriting(file, inputs)
        make_writable(output.folder)
    return Result(video=given, folder=None if output is None else output.folder, report=report)


def given_people(given: Keypoints, output: Output | None = None, *, result: Result) -> Poses:
    """Read keypoints that were found before, track them where they have no ids, and save them.

    Raises:
        InputError: the folder holds results of something else.
    """
    origin = {"file": given.name, "format": given.format or ""}
    if output is not None and not output.overwrite:
        _refuse_other_results(output.folder / KEYPOINTS, origin)
    result.report("read", 0, None)
    with result.clock("read"):
        loaded = given.load()
    with result.clock("track", loaded.video.frames):
        found, warnings = identify(loaded, video=given.video)
    result.warnings += [*loaded.meta.get("warnings", []), *warnings]
    result.frames = found.video.frames
    found = found.with_meta(given=origin, video_warnings=list(result.warnings))
    result.save(found, KEYPOINTS)
    result.remove(DETECTOR_3D)
    return found


def _refuse_other_results(saved: Path, origin: Mapping[str, Any]) -> None:
    if not saved.is_file():
        return
    try:
        earlier = formats.read(saved)
    except InputError:
        return
    if earlier.meta.get("given", {}) != origin:
        raise InputError(
            f"{saved.parent} holds results of something else ({earlier.video.path}); choose another output folder, or "
            "--overwrite."
        )


def find_people(
    reader: VideoReader,
    finder: Finder,
    output: Output | None = None,
    *,
    result: Result,
    name: str = KEYPOINTS,
    report: Report = silent,
) -> Poses:
    """Detect and track into the file `name` of a folder, or take that of an earlier run of the same video and detector.

    The same is a video that is read in the same way: the same part of it, turned in the same way. Where nobody stands
    upright in it, the result warns.

    Returns:
        Everybody, with ids, in the detector's skeleton; rows of all frames but those that looks at every so many-th
        frame leave out.

    Raises:
        InputError: the file is that of another video.
    """
    detector = json.loads(json.dumps(finder.detector.settings))
    identity = {
        "video_fingerprint": reader.video.fingerprint(),
        "reading": reader.video.settings,
        "detector": detector,
        "looking": str(finder.looks),
        "every": finder.looks.every or 1,
    }
    earlier = None if output is None or output.overwrite else _earlier(output, name, identity, result)
    people = _found(reader, finder, output, identity, name, result, report) if earlier is None else earlier
    if turn := wanted_turn(people):
        # A flip comes after the turn, and makes a turn to the left one to the right.
        rotate = (reader.video.rotate + (-turn if reader.video.mirror else turn)) % 360
        said = f"Hardly anybody in {reader.video.name} stands upright"
        result.warnings.append(f"{said}; if it was filmed sideways, turn it: --rotate {rotate}.")
    return people


def _found(
    reader: VideoReader,
    finder: Finder,
    output: Output | None,
    identity: Mapping[str, Any],
    name: str,
    result: Result,
    report: Report,
) -> Poses:
    """Detect and track; the keypoints note what they come from."""
    total = reader.frames_expected
    report("detect", 0, total)
    own_3d = output is not None and output.detector_3d
    with result.clock("detect"):
        seen = finder.find(
            reader.pictures(on_demand=True, thumbnails=True),
            reader.info,
            own_3d=own_3d,
            progress=lambda done: report("detect", done, total),
        )
    warnings = reader.warnings
    result.warnings.extend(warnings)
    found, joints = seen.poses, seen.own_3d
    with result.clock("track", found.video.frames) as more:
        looks, cuts = np.array(found.meta["looks"]), found.meta["cuts"]
        how: dict[str, Any] = {"looks": looks, "appearance": seen.appearance, "cuts": cuts}
        ids_given = track(found, **how, progress=_in_frames(more, found))
        tracked = _filled(finder.looks, ids_given).with_meta(**identity, video_warnings=warnings)
    _refuse_changed(reader, tracked)
    result.frames = found.video.frames
    if joints is None:
        # One of an earlier detection would no longer match these keypoints row by row.
        result.remove(DETECTOR_3D)
    else:
        ids = track_ids(found, **how)
        result.save(_filled(finder.looks, joints.replace(person_id=ids).rows(ids >= 0)), DETECTOR_3D)
    result.save(tracked, name)
    return tracked


def _refuse_changed(reader: VideoReader, found: Poses) -> None:
    """Refuse to call results those of a video that is no longer the one that its people were found in.

    Raises:
        VideoError: it is another now.
    """
    before = found.meta.get("video_fingerprint")
    if before is not None and not (
        all(file.is_file() for file in reader.video.files) and reader.video.fingerprint() == before
    ):
        raise VideoError(f"{reader.video.name} changed while it was read; leave it alone, and run it again.")


def _filled(looks: Looks, poses: Poses) -> Poses:
    """Tracked poses in every frame between looks."""
    return fill(poses, max_gap=looks.longest_gap) if looks.every is None else poses


def _earlier(output: Output, name: str, identity: Mapping[str, Any], result: Result) -> Poses | None:
    """The keypoints of an earlier run, where there are some of the same video, detector and frames looked at.

    Raises:
        InputError: they are of another video.
    """
    saved = output.folder / name
    if not saved.is_file():
        return None
    try:
        earlier = formats.read(saved)
    except InputError as error:
        kept = set_aside(saved)
        result.warnings.append(f"{error} It is kept as {kept.name}, and people are detected anew.")
        return None
    if earlier.meta.get("video_fingerprint") != identity["video_fingerprint"]:
        raise InputError(
            f"{output.folder} holds results of another video ({earlier.video.path}); "
            "choose another output folder, or --overwrite."
        )
    if any(earlier.meta.get(key, usual) != identity[key] for key, usual in _DECISIVE):
        return None
    if output.detector_3d and not (output.folder / DETECTOR_3D).is_file():
        return None
    _log.info("%s: taken from an earlier run", saved)
    result.frames = earlier.video.frames
    result.warnings.extend(earlier.meta.get("video_warnings", []))
    result.files.append(name)
    return earlier


def _in_frames(more: More, poses: Poses, steps: int = 1) -> More:
    """What is told of rows, of which there are several in a frame with several people, told in frames of the video.

    Args:
        more: Told how many more frames are done.
        poses: Those of which rows are told.
        steps: How many times the rows are gone through in all.
    """
    share = poses.video.frames / (max(len(poses), 1) * steps)
    return lambda rows: more(rows * share)


def refine_people(
    poses: Poses, refiners: Sequence[Refiner], progress: More = nobody, *, max_gap: float | None = None
) -> Poses:
    """Run refiners one after the other.

    Args:
        poses: Tracked.
        refiners: In this order.
        progress: Told how many more frames of the video are done.
        max_gap: Seconds of the longest gaps that they may fill; None takes half a second, or what the detector left by
            itself.
    """
    every = poses.meta.get("every", 1)
    if max_gap is None:
        # Half an interval more, for frame rates that vary.
        max_gap = MAX_GAP if every == 1 else max(MAX_GAP, 1.5 * every / poses.video.fps)
    given = poses
    for refiner in refiners:
        poses = refine(poses, refiner, max_gap=max_gap, progress=_in_frames(progress, poses, len(refiners)))
    if poses.space == "image":
        return poses if poses is given else poses.replace(reasons=explained(poses))
    if "assumptions" not in poses.meta:
        return poses
    return with_error_bars(poses).with_meta(assumptions={**poses.meta["assumptions"], "world": scene(poses)})


def lift_people(keypoints: Poses, lifter: TrainedLifter, lens: Lens, *, report: Report = silent) -> Poses:
    """Lift tracked keypoints, and note what the coordinates rest on besides the picture."""
    total, frames = lifter.windows_for(keypoints), len(np.unique(keypoints.frame))
    windows = 0

    def lifted(more: int) -> None:
        nonlocal windows
        windows += more
        report("lift", round(frames * windows / (total or windows)), frames)

    report("lift", 0, frames)
    poses = with_reasons(lifter.lift(keypoints, lens, progress=lifted), keypoints)
    return with_error_bars(poses).with_meta(assumptions=assumptions(poses, lens))
