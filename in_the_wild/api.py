"""What `import in_the_wild` offers: the whole job, and each of its steps, as one call.

    import in_the_wild as iw

    poses = iw.run("clip.mp4", model="pstmo")
    keypoints = iw.detect("clip.mp4")
    poses = iw.lift(keypoints, weights="mine.pt")
    poses = iw.refine(poses, "butterworth:cutoff=6")
    iw.render(poses, "film.mp4", video="clip.mp4")
    iw.view(poses, "view.html")

Detectors, lifters and refiners are given by name ("blazepose"), by name with settings ("butterworth:cutoff=6"), or as
objects. Paths are text or `Path`. `progress` is True for bars, or a function that is told (stage, done, total), both in
frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, overload

from in_the_wild import checkpoints, defaults, devices, formats, gather, inputs, plotting, plugins, settings
from in_the_wild.detectors.base import Detector
from in_the_wild.drawing.film import LAYOUTS, PLAIN, Drawing
from in_the_wild.errors import BatchError, InputError
from in_the_wild.excerpt import EVERYTHING, Excerpt
from in_the_wild.files import refuse_overwriting
from in_the_wild.keypoints import Keypoints, meant
from in_the_wild.lens import ASSUMED, Lens
from in_the_wild.looks import Looks
from in_the_wild.page import write as page
from in_the_wild.page.footage import How, as_way, footage
from in_the_wild.pipeline import (
    Pipeline,
    RefineOn,
    Refining,
    files_of,
    find_people,
    lift_people,
    open_reader,
    refine_people,
)
from in_the_wild.poses import Poses
from in_the_wild.progress import Audience, Report, counting, reporting
from in_the_wild.refiners.base import Refiner
from in_the_wild.result import Output, Result, result_folders
from in_the_wild.selection import Persons, Selection
from in_the_wild.steps import render as film
from in_the_wild.steps.choose import choose
from in_the_wild.steps.detect import Finder
from in_the_wild.steps.identify import identify
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.video.footage import Video

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Path_ = str | Path
_MISSED = ["The video is not where it was when the poses were found, so the film does not show it; name it: --video."]
VideoLike = str | Path | Video
# A video, or keypoints that were found before.
InputLike = VideoLike | Keypoints
# A plug-in as it is given: by name, by name with settings, or as an object.
DetectorLike = str | Detector | Finder
LifterLike = str | TrainedLifter | None
RefinerLike = str | Refiner | Refining
OutputLike = Path_ | Output | None
Progress = bool | Report | Audience | None

_DETECTORS, _LIFTERS, _REFINERS = "in_the_wild.detectors", "in_the_wild.lifters", "in_the_wild.refiners"
# What a lifter is told beside its name, with what it is told otherwise.
LIFTER_SETTINGS: Mapping[str, Any] = {
    "weights": None, "variant": None, "device": "auto", "flip": True, "tds": None, "smoothing": None,
    "overlap": defaults.OVERLAP, "keep": None, "max_gap": None,
}  # fmt: skip


@overload
def run(
    video: InputLike,
    output: OutputLike = None,
    *,
    model: LifterLike = None,
    detector: DetectorLike = defaults.DETECTOR,
    refiner: RefinerLike | Sequence[RefinerLike] = (),
    persons: Persons = "all",
    lens: Lens = ASSUMED,
    progress: Progress = False,
) -> Poses: ...


@overload
def run(
    video: list[str] | list[Path] | list[Video] | list[Keypoints] | tuple[InputLike, ...],
    output: OutputLike = None,
    *,
    model: LifterLike = None,
    detector: DetectorLike = defaults.DETECTOR,
    refiner: RefinerLike | Sequence[RefinerLike] = (),
    persons: Persons = "all",
    lens: Lens = ASSUMED,
    progress: Progress = False,
) -> list[Poses]: ...


def run(
    video: InputLike | list[str] | list[Path] | list[Video] | list[Keypoints] | tuple[InputLike, ...],
    output: OutputLike = None,
    *,
    model: LifterLike = None,
    detector: DetectorLike = defaults.DETECTOR,
    refiner: RefinerLike | Sequence[RefinerLike] = (),
    persons: Persons = "all",
    lens: Lens = ASSUMED,
    progress: Progress = False,
) -> Poses | list[Poses]:
    """Turn a video of people, or several, into 3D poses, as `pose3d run` does.

    >>> poses = run(clip, model="pstmo")
    >>> poses.person(0)["left_wrist"].shape
    (60, 3)

    Args:
        video: A video file, several, or what else has videos: a folder, "clips/*.mp4", "@list.txt", numbered pictures
            ("frames/%04d.png"), a picture, an address. A `Video` says which part is read and how it is turned:
            `Video("clip.mp4", start=2, end=5, rotate=90)`. Or keypoints that were found before: a file of any format
            that `load` reads, or `Keypoints` that say more: `Keypoints("openpose_json", video="clip.mp4")`.
        output: A folder, which gets one of its own for each video, with `poses2d.npz`, `poses3d.npz`, `overlay.mp4` and
            `run.json`; an `Output` says more. None writes nothing.
        model: The lifter: "pstmo", the name of shipped weights, a file of weights, or either with settings:
            "pstmo:weights=mine.pt,flip=false", see `LIFTER_SETTINGS`. None takes the default weights.
        detector: What finds 2D keypoints; its settings are its own and those of `Looks`: "blazepose:looks=20"
            or "blazepose:every=5".
        refiner: What smooths or fills, run in this order; its settings are its own and "on": "2d", the keypoints before
            lifting, or "3d", the poses after it. "whole_clip" comes last if it is not named, unless "none" is, which
            leaves keypoints as they were found, too.
        persons: "all"; the one who is "largest", nearest to the "centre", seen "longest" or "moving" most; a number for
            so many of the largest; "ids:0,2"; or a `Selection` that says more.
        lens: What is known of the camera's: `Lens(fov=60)` or `Lens(focal=1000)`.
        progress: True shows bars, a function is told (stage, done, total).

    Returns:
        Poses in camera space, metres, root-relative, with the root's path; a list of them for a list, in which a folder
        stands for all its videos.

    Raises:
        Pose3DError: whatever the user can mend.
        BatchError: of several videos some failed; the others are done, and the error has their results.
    """
    alone = isinstance(video, (str, Path, Video, Keypoints))
    videos = meant([video] if isinstance(video, (str, Path, Video, Keypoints)) else video)
    if alone and len(videos) > 1:
        raise InputError(f"{video} means {len(videos)} videos; give it in a list to get a list of poses: run([...]).")
    how: dict[str, Any] = {"model": model, "detector": detector, "refiner": refiner, "persons": persons, "lens": lens}
    results = list(run_each(videos, output, **how, progress=progress))
    failed = [result for result in results if result.error is not None]
    if failed and alone:
        raise cast(Exception, failed[0].error)
    if failed:
        raise BatchError(results)
    poses = [cast(Poses, result.poses) for result in results]
    return poses[0] if alone else poses


def run_each(
    videos: Sequence[InputLike],
    output: OutputLike = None,
    *,
    model: LifterLike = None,
    detector: DetectorLike = defaults.DETECTOR,
    refiner: RefinerLike | Sequence[RefinerLike] = (),
    persons: Persons = "all",
    lens: Lens = ASSUMED,
    progress: Progress = False,
) -> Iterator[Result]:
    """Run video after video, and say of each what it gave as soon as it is done; the arguments are those of `run`.

    Networks are loaded once. Whatever happens to one video, the others are done: its result has the error.

    Raises:
        Pose3DError: what is wrong for all videos: one that is not there, an unknown plug-in, weights that do not load.
    """
    given = meant(videos)
    folders = result_folders(given)
    chosen = output if isinstance(output, Output) or output is None else Output.at(output)
    selection = Selection.of(persons)
    with ExitStack() as opened:
        lifter = load_lifter(model)
        keypoints_alone = all(isinstance(one, Keypoints) for one in given)
        finder = None if keypoints_alone else _finder(detector, selection, opened)
        refiners = _several(refiner)
        refinings = make_refinings(refiners, finder, lifter)
        pipeline = Pipeline(finder, lifter, refinings, selection, lens, cleaning=defaults.NO_REFINER not in refiners)
        files = [file for one in given for file in one.files]
        for one, folder in zip(given, folders, strict=True):
            own = None if chosen is None else replace(chosen, folder=chosen.folder / folder)
            with reporting(progress, one.name) as report:
                result = _guarded(pipeline, one, own, report, files=files)
            yield result


def _guarded(
    pipeline: Pipeline, given: Video | Keypoints, output: Output | None, report: Report, *, files: Sequence[Path]
) -> Result:
    """What a video, or a file of keypoints, gave, or why it gave nothing."""
    try:
        for file in () if output is None else files_of(output):
            refuse_overwriting(file, files)
        if isinstance(given, Keypoints):
            return pipeline.run_keypoints(given, output, report=report)
        return pipeline.run(given, output, report=report)
    except Exception as error:  # of one video among many, whatever it is
        footage = given.path if isinstance(given, Keypoints) else given.footage
        return Result(video=footage, folder=None if output is None else output.folder, error=error)


def detect(
    video: VideoLike,
    detector: DetectorLike = defaults.DETECTOR,
    *,
    persons: Persons = "all",
    progress: Progress = False,
) -> Poses:
    """Find the people in a video: 2D keypoints in pixels, with stable ids.

    >>> keypoints = detect(clip, "blazepose:every=5")
    >>> keypoints.persons, len(keypoints)
    ([0], 13)

    Args:
        video: See `run`; one alone.
        detector: See `run`.
        persons: See `run`.
        progress: See `run`.

    Raises:
        Pose3DError: whatever the user can mend.
    """
    given, selection = inputs.one(video), Selection.of(persons)
    with ExitStack() as opened:
        finder = _finder(detector, selection, opened)
        report = opened.enter_context(reporting(progress, given.name))
        reader = opened.enter_context(open_reader(given, report))
        return choose(find_people(reader, finder, result=Result(given.footage), report=report), selection)


def lift(
    keypoints: Poses | Path_ | Keypoints,
    model: LifterLike = None,
    *,
    weights: Path_ | None = None,
    persons: Persons = "all",
    lens: Lens = ASSUMED,
    progress: Progress = False,
) -> Poses:
    """Turn 2D keypoints into 3D poses in metres.

    >>> lift(keypoints, weights="videopose3d_coco", lens=Lens(fov=60)).units
    'metres'

    Args:
        keypoints: Keypoints, which are tracked where they have no ids; a file of them, or `Keypoints` that say more.
        model: See `run`.
        weights: The lifter's weights, as in "pstmo:weights=...".
        persons: See `run`.
        lens: See `run`.
        progress: See `run`.

    Raises:
        Pose3DError: whatever the user can mend.
    """
    given = Keypoints(keypoints) if isinstance(keypoints, (str, Path)) else keypoints
    found, video = (given.load(), given.video) if isinstance(given, Keypoints) else (given, None)
    found, told = identify(found, video=video)
    if told:
        found = found.with_meta(warnings=[*found.meta.get("warnings", []), *told])
    selection = Selection.of(persons)
    lifter = load_lifter(model, weights=None if weights is None else str(weights))
    with reporting(progress, found.video.path) as report:
        return lift_people(choose(found, selection), lifter, lens, report=report)


def refine(
    poses: Poses | Path_,
    refiner: RefinerLike | Sequence[RefinerLike],
    *,
    keypoints: Poses | Path_ | None = None,
    progress: Progress = False,
) -> Poses:
    """Smooth poses, or fill their gaps, by one refiner or several in this order.

    >>> refine(keypoints, "butterworth:cutoff=6").meta["refiners"]
    [{'name': 'butterworth', 'cutoff': 6.0, 'order': 2}]

    Args:
        poses: 2D or 3D poses with ids, or a file of them.
        refiner: One of `run`'s, or several.
        keypoints: What 3D poses were lifted from, for refiners that use it.
        progress: See `run`.

    Raises:
        Pose3DError: whatever the user can mend.
    """
    given = poses if isinstance(poses, Poses) else load(poses)
    refiners = [_refining(one, devices.choose()).refiner for one in _several(refiner)]
    if keypoints is not None:
        seen = keypoints if isinstance(keypoints, Poses) else load(keypoints)
        refiners = [one.seeing(seen) for one in refiners]
    name, frames = Path(given.video.path).name, given.video.frames
    with reporting(progress, name) as report, counting(report, "refine", frames) as more:
        return refine_people(given, refiners, more)


def render(
    results: gather.ResultLike | Sequence[gather.ResultLike],
    path: Path_,
    *,
    video: VideoLike | None = None,
    keypoints: Poses | Path_ | None = None,
    truth: Poses | Path_ | None = None,
    names: Sequence[str] = (),
    drawing: Drawing = PLAIN,
    progress: Progress = False,
) -> list[str]:
    """Draw poses as a film: in 3D, and on the video if that is given.

    >>> render(poses, folder / "film.mp4", video=clip)
    []
    >>> render(poses, folder / "sheet.png", video=clip, drawing=Drawing(layout="strip"))
    []

    Args:
        results: 3D poses in camera or world space, a file of them or a folder of `run`; or several of one video, to be
            compared.
        path: The film to write: .mp4, .mov, .webm, .gif, .webp or .apng; "frames/%04d.png" for numbered pictures; .png
            or .jpg for a single frame and for layouts that are one picture.
        video: The one that the poses were found in. Given by its name, it is read as it was then: the same part of it,
            turned in the same way. None shows it only where a layout is asked for that has it, and it is found.
        keypoints: Drawn on the video; None takes those beside the poses in a folder of `run`.
        truth: 3D poses that several results are compared with.
        names: What several results are called; none takes the names of their folders or files.
        drawing: What the film shall look like.
        progress: See `run`.

    Returns:
        Sentences on what the film lacks, such as sound that could not be taken over.

    Raises:
        Pose3DError: whatever the user can mend.
    """
    found = gather.gather([results] if isinstance(results, (str, Path, Poses, gather.Shown)) else results, names=names)
    if not found:
        raise InputError("A film shows one result or several, found none.")
    first = found[0].poses
    frames = first.video.frames
    seen = load(keypoints) if isinstance(keypoints, (str, Path)) else keypoints
    takes = [
        film.take(one.poses, seen or gather.keypoints_of(one), one.name if len(found) > 1 else "") for one in found
    ]
    wants_video = drawing.layout not in ("", "scene", "compare")
    shown = gather.video_of(found[0]) if video is None and wants_video else None
    with ExitStack() as opened:
        report = opened.enter_context(reporting(progress, Path(path).name))
        shown = shown if video is None else _as_read_for(first, video)
        return film.draw(
            takes,
            Path(path),
            layout=plugins.load(LAYOUTS, drawing.layout_for(has_video=shown is not None, results=len(found))),
            drawing=drawing,
            video=None if shown is None else opened.enter_context(open_reader(shown, report)),
            truth=load(truth) if isinstance(truth, (str, Path)) else truth,
            progress=lambda done: report("render", done, frames),
        ) + (_MISSED if wants_video and shown is None else [])


def _as_read_for(poses: Poses, video: VideoLike) -> Video:
    """A video as it was read when poses were found in it, where nobody says another way."""
    one = inputs.one(video)
    return one if isinstance(video, Video) else Video.again(one.footage, poses.meta.get("reading"))


def view(
    results: gather.ResultLike | Sequence[gather.ResultLike],
    path: Path_ = "view.html",
    *,
    video: How | VideoLike = "auto",
    names: Sequence[str] = (),
) -> Path:
    """Write a page that shows poses beside their video: one file that any browser opens, also without a network.

    >>> view(poses, folder / "view.html").name
    'view.html'

    Args:
        results: A folder of `run`, a file of 3D poses or poses; or several of one video, to be compared.
        path: The .html to write.
        video: How the video that the poses were found in comes along: "embed" within the page, "link" beside it,
            "none", or "auto", which embeds small ones. Or the video itself, where it is not where it was.
        names: What several results are called; none takes the names of their folders or files.

    Returns:
        The path.

    Raises:
        Pose3DError: whatever the user can mend.
    """
    shown = gather.gather([results] if isinstance(results, (str, Path, Poses, gather.Shown)) else results, names=names)
    if not shown:
        raise InputError("A page shows one result or several, found none.")
    way = as_way(video)
    found = inputs.one(video) if way is None else gather.video_of(shown[0])
    page.write(shown, Path(path), footage=footage(found, Path(path), way or "auto"))
    return Path(path)


def plot(
    results: gather.ResultLike | Mapping[str, gather.ResultLike],
    of: str | Sequence[str] = (),
    what: str = defaults.PLOT,
    *,
    path: Path_ | None = None,
    part: Excerpt = EVERYTHING,
    truth: gather.ResultLike | None = None,
    wide: bool = False,
) -> Figure:
    """Draw results as a figure for a paper, as `pose3d plot` does; `Poses.plot` draws on axes of your own.

    >>> plot({"before": poses, "after": poses}, "left_knee", "angle").axes[0].get_ylabel()
    'Flexion (°)'

    Args:
        results: A folder of `run`, a file of poses or poses; or several by name, drawn together.
        of: A joint or several, or an angle by its name; none takes the usual ones.
        what: "path", "speed", "angle", "bones", "score", "error" or "sheet".
        path: The .pdf, .svg or .png to write; None writes nothing.
        part: Whom, and from when to when.
        truth: What "error" compares with.
        wide: Whether it is as wide as two columns of a paper, not as one.

    Raises:
        Pose3DError: whatever the user can mend.
    """
    named = {} if isinstance(results, (str, Path, Poses, gather.Shown)) else results
    given = list(named.values()) if named else [cast(gather.ResultLike, results)]
    shown = {one.name: one.poses for one in gather.gather(given, names=list(named))}
    compared = None if truth is None else gather.gather([truth])[0].poses
    drawn = plotting.figure(shown, of, what=what, part=part, truth=compared, wide=wide)
    if path is not None:
        plotting.save(drawn, Path(path))
    return drawn


def load(path: Path_, format: str | None = None) -> Poses:
    """Read poses that were saved, in any format that `pose3d formats` calls read.

    >>> written = poses.save(folder / "poses.json")
    >>> load(folder / "poses.json").persons == poses.persons
    True

    Args:
        path: The file.
        format: What a file of your own does not say by itself: "csv:size=640x360,fps=25". None finds the format.

    Raises:
        InputError: no such file, one that holds no poses, or one that does not say enough.
    """
    return formats.read(path, format)


def load_lifter(
    model: LifterLike = None, *, tell: Callable[[str], None] = lambda sentence: None, **how: Any
) -> TrainedLifter:
    """A lifter with its weights, ready to lift.

    >>> load_lifter("mixste:overlap=0.75").overlap
    0.75

    Args:
        model: See `run`; a `TrainedLifter` stays as it is.
        tell: Hears what the authors' own weights were recognised as.
        how: Of `LIFTER_SETTINGS`, as values; they hold where the text of `model` says nothing else.

    Raises:
        Pose3DError: no such lifter or weights, or weights that cannot be used.
    """
    if isinstance(model, TrainedLifter):
        return model
    spec = settings.parse_spec(model or "")
    typed = settings.parse_pairs(spec.pairs, LIFTER_SETTINGS, owner=f"lifter {spec.name}")
    chosen = {**LIFTER_SETTINGS, **how, **typed}
    weights, variant, device = (chosen.pop(name) for name in ("weights", "variant", "device"))
    name: str | None = spec.name or None
    if name is not None and name not in plugins.names(_LIFTERS):
        name, weights = None, weights or name
    loaded = checkpoints.load(weights, model=name, variant=variant, device=devices.choose(device))
    if loaded.recognised:
        tell(loaded.recognised)
    return TrainedLifter.of(loaded, **chosen)


def _finder(detector: DetectorLike, persons: Persons, opened: ExitStack) -> Finder:
    """A detector with how often it looks; one that is made here is closed with the stack."""
    if isinstance(detector, Finder):
        return detector
    if isinstance(detector, Detector):
        return Finder(detector)
    return opened.enter_context(make_finder(detector, persons=persons_sought(persons), device=devices.choose()))


def make_finder(detector: str, *, looks: str = "auto", every: int | None = None, **usual: Any) -> Finder:
    """The detector that a text names, with how often it looks.

    Args:
        detector: See `run`.
        looks: How often, where the text does not say it, see `Looks.parse`.
        every: The same.
        usual: Settings of detectors that hold where the text says nothing else, see `settings.make`.

    Raises:
        Pose3DError: no such detector, a setting that it does not have or lacks, or files that cannot be used.
    """
    spec, own = settings.take(settings.parse_spec(detector), looks=looks, every=every)
    return Finder(settings.make(_DETECTORS, spec, **usual), Looks.parse(own["looks"], every=own["every"]))


def _several(refiner: RefinerLike | Sequence[RefinerLike]) -> list[RefinerLike]:
    """One or several, as several."""
    return [refiner] if isinstance(refiner, (str, Refiner, Refining)) else list(refiner)


def persons_sought(persons: Persons) -> int:
    """How many people a detector shall look for in one picture: one alone is found faster."""
    asked = Selection.of(persons).persons
    return 1 if asked == 1 else max(defaults.SEVERAL, asked if isinstance(asked, int) else 0)


def make_refinings(refiners: Iterable[RefinerLike], finder: Finder | None, lifter: TrainedLifter) -> list[Refining]:
    """Refiners with what they work on; where the detector leaves frames out, one that fills comes first.

    The one that solves whole clips comes last, where it is not named and nobody says "none".
    """
    device = str(lifter.device)
    named = list(refiners)
    refinings = [_refining(refiner, device) for refiner in named if refiner != defaults.NO_REFINER]
    if defaults.NO_REFINER not in named:
        usual = _refining(defaults.REFINER, device)
        if not any(type(one.refiner) is type(usual.refiner) for one in refinings):
            refinings.append(usual)
    every = 1 if finder is None else finder.looks.every or 1
    if every > 1 and not any(one.refiner.fills for one in refinings):
        refinings.insert(0, _refining(defaults.FILLER, device))
    return refinings


def _refining(refiner: RefinerLike, device: str) -> Refining:
    """A refiner with what it works on."""
    if isinstance(refiner, Refining):
        return refiner
    if isinstance(refiner, Refiner):
        return Refining(refiner)
    spec, own = settings.take(settings.parse_spec(refiner), on="")
    made: Refiner = settings.make(_REFINERS, spec, device=device)
    usual: RefineOn = "2d" if "image" in made.spaces else "3d"
    return Refining(made, own["on"] or usual)
