"""Options that several commands share, and what their values mean.

Names are checked while the command line is read, against the lists of files, so that a typing error is answered at once
and with the nearest right name.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from in_the_wild import defaults, devices, plugins, settings
from in_the_wild import looks as looking
from in_the_wild.checkpoints import records, shipped
from in_the_wild.checkpoints.records.base import Record, describe
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.heights import Heights
from in_the_wild.selection import WORDS, Selection, parse_roi
from in_the_wild.times import parse_time
from pose3d_cli import config, terminal
from pose3d_cli.helping import FIRST

if TYPE_CHECKING:
    from in_the_wild.batch.engines.base import Engine as BatchEngine
    from in_the_wild.checkpoints import Weights as LoadedWeights
    from in_the_wild.formats.base import Format as FileFormat
    from in_the_wild.keypoints import Keypoints
    from in_the_wild.lens import Lens
    from in_the_wild.poses import Poses
    from in_the_wild.steps.detect import Finder
    from in_the_wild.steps.lift import TrainedLifter
    from in_the_wild.video.footage import Video

INPUT, MODELS, OUTPUT, ADVANCED = "Input", "Models", "Output", "Advanced"
# Options under one of these headings; those under the first are what a help of many options tells of at once.
of_first, of_input, of_models, of_output, of_advanced = (
    partial(typer.Option, rich_help_panel=panel) for panel in (FIRST, INPUT, MODELS, OUTPUT, ADVANCED)
)


def under(panel: str, option: Any) -> Any:
    """An option of those below under another heading: `Annotated[str | None, under(FIRST, Fov)]`."""
    (told,) = option.__metadata__
    moved = copy.copy(told)
    moved.rich_help_panel = panel
    return moved


def taken_by(parse: Callable[[str], object]) -> Callable[[Any], Any]:
    """A check for an option whose value, each of them where it is given several times, a function must take.

    Args:
        parse: Raises an InputError of any other value.
    """

    def check(value: Any) -> Any:
        try:
            for one in value if isinstance(value, list) else [value]:
                if one is not None:
                    parse(one)
        except InputError as error:
            raise typer.BadParameter(str(error)) from None
        return value

    return check


def one_of(kind: str, names: Callable[[], Iterable[str]], *, settings_too: bool = False) -> dict[str, Any]:
    """What makes of an option or argument one whose value is one of these names: its check and its completion.

    Args:
        kind: What it is a name of, for the error.
        names: Gives the names when they are needed.
        settings_too: Whether settings may stand behind the name.
    """

    def check(value: str) -> None:
        require(settings.parse_spec(value).name if settings_too else value, kind, list(names()))

    return {"callback": taken_by(check), "autocompletion": complete(names)}


def require(name: str, kind: str, known: Sequence[str]) -> None:
    """Refuse a name of this kind that is not known.

    Raises:
        InputError: it is not.
    """
    if plugins.current_name(name, known) not in known:
        raise InputError(f'There is no {kind} "{name}". {did_you_mean(name, known)}')


def complete(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """The completion of an option or argument whose value is one of these names."""
    return lambda incomplete: [name for name in names() if name.startswith(incomplete)]


def _file_or(sentence: str, names: Callable[[], list[str]]) -> dict[str, Any]:
    """The same for a value that is a file or one of these names; `sentence` says of another one that it is neither."""

    def require(value: str) -> None:
        if not Path(value).is_file() and value not in names():
            raise InputError(f"{sentence.format(value)} {did_you_mean(value, names())}")

    return {"callback": taken_by(require), "autocompletion": complete(names)}


def tds_of(value: str) -> int | None:
    """The value of --tds; None works in time.

    Raises:
        InputError: it is no such value.
    """
    if value != "auto" and not (value.isdecimal() and int(value) >= 1):
        raise InputError(f'"{value}" is neither auto nor a whole number from 1.')
    return None if value == "auto" else int(value)


WEIGHTS = _file_or('Weights "{}" are neither a file nor come with the program.', shipped.names)
_VARIANT = _file_or('"{}" is neither a published checkpoint nor a file that describes one.', records.names)
_models = partial(plugins.names, "in_the_wild.lifters")
_detectors = partial(plugins.names, "in_the_wild.detectors")
_refiners = partial(plugins.names, "in_the_wild.refiners")
_formats = partial(plugins.names, "in_the_wild.formats")
_DEVICES = devices.DEVICES
_FORMAT = one_of("format", _formats, settings_too=True)

Poses3D = Annotated[
    Path,
    typer.Argument(metavar="POSES3D.npz", help="3D poses, from pose3d run or pose3d lift."),
]
Model = Annotated[
    str | None,
    of_first(
        "--model",
        help=f"The network that lifts 2D to 3D: {', '.join(_models())}.",
        metavar="NAME",
        show_default="that of the weights",
        **one_of("model", _models),
    ),
]
Weights = Annotated[
    str | None,
    of_models(
        "--weights",
        help="Its trained weights: a name that pose3d weights lists, or a file, the authors' own included.",
        metavar="NAME|PATH",
        show_default=f"{shipped.DEFAULT}, or those that come with the model",
        **WEIGHTS,
    ),
]
Variant = Annotated[
    str | None,
    of_models(
        "--variant",
        help="Which published checkpoint a file of the authors' is, where its name and shapes do not tell; pose3d "
        "models NAME lists them.",
        metavar="NAME|PATH",
        show_default="found by itself",
        **_VARIANT,
    ),
]
Detector = Annotated[
    str,
    of_first(
        "--detector",
        help="What finds 2D keypoints in pictures; pose3d detectors lists how. With settings: "
        "rtmpose:weights=rtmpose-m,person_weights=yolox-tiny.",
        metavar="NAME[:KEY=VALUE,...]",
        **one_of("detector", _detectors, settings_too=True),
    ),
]
Device = Annotated[
    str,
    of_models(
        "--device",
        help="Where the network runs; auto takes CUDA where there is one.",
        metavar="|".join(_DEVICES),
        **one_of("device", lambda: _DEVICES),
    ),
]
Persons = Annotated[
    str,
    of_first(
        "--persons",
        help="Whom to follow in each shot: all; the largest, the nearest to the centre, the one seen longest or moving "
        "most; N of the largest; or those with these ids.",
        metavar="|".join(WORDS) + "|N|ids:I,J",
        callback=taken_by(Selection),
        autocompletion=complete(lambda: WORDS),
    ),
]
Roi = Annotated[
    str | None,
    of_input(
        "--roi",
        help="Only people who are inside this region most of the time, pixels from the top left corner.",
        metavar="X,Y,WIDTH,HEIGHT",
        show_default="everywhere",
        callback=taken_by(parse_roi),
    ),
]
MaxPeople = Annotated[
    int | None,
    of_input(
        "--max-people",
        help="At most so many people of each shot, the first by what --persons says.",
        metavar="N",
        min=1,
        show_default="no limit; one of largest, centre, longest and moving",
    ),
]
Overwrite = Annotated[
    bool,
    of_output("--overwrite", help="Detect anew, also where the folder holds results of another video."),
]
Jobs = Annotated[
    str,
    of_first("--jobs", "-j", help="How many videos are worked on at a time, each by a process of its own; auto "
             "takes as many as cores and memory allow.", metavar="N|auto",
             callback=taken_by(lambda value: _jobs(value))),
]  # fmt: skip
Engine = Annotated[
    str | None,
    of_advanced("--engine", help="Where videos are worked on: processes of this machine, or ray, the machines of a "
                "cluster, with settings such as ray:cpus=2,gpus=1 for each worker.", metavar="NAME[:key=value,...]",
                show_default="this machine"),
]  # fmt: skip
Address = Annotated[
    str | None,
    of_advanced("--address", help="The Ray cluster: its head's HOST:PORT, or auto for that of this machine.",
                metavar="HOST:PORT|auto", show_default="Ray on this machine alone"),
]  # fmt: skip
SkipExisting = Annotated[
    bool,
    of_output("--skip-existing", help="Keep every finished result, whatever it was made of and how."),
]
Tds = Annotated[
    str,
    of_advanced(
        "--tds",
        help="auto works at the frame rate that the weights were trained at; N takes every N-th frame of the video.",
        metavar="auto|N",
        callback=taken_by(tds_of),
    ),
]
Smooth = Annotated[
    float | None,
    of_advanced(
        "--smooth",
        help="Seconds over which keypoints are averaged before lifting, against jitter; 0 leaves them as they are.",
        metavar="SECONDS",
        min=0.0,
        max=1.0,
        show_default="0.033, or 0 where a refiner has smoothed them",
    ),
]
Looks = Annotated[
    str,
    of_advanced(
        "--looks",
        help="How often the detector looks: auto is 10 times a second and more where something is fast or in doubt; "
        "every is every frame; or so many times a second. Frames between are filled by splines.",
        metavar="auto|every|RATE",
        callback=taken_by(looking.Looks.parse),
        autocompletion=complete(lambda: ("auto", "every")),
    ),
]
Every = Annotated[
    int | None,
    of_advanced(
        "--every",
        help="Instead of --looks: in every N-th frame and the last, with nothing between; a refiner that fills frames "
        f"makes the others: {defaults.FILLER}, if you name none.",
        metavar="N",
        min=1,
        show_default="none",
    ),
]
_REFINER = partial(
    typer.Option,
    "--refiner",
    help="Smooth or fill the poses; pose3d refiners lists how. Repeatable, run in this order; with settings: "
    "butterworth:cutoff=6,order=4. on=3d among them refines the poses after lifting, not the keypoints before it.",
    metavar="NAME[:KEY=VALUE,...]",
    rich_help_panel=MODELS,
)
Refiners = Annotated[
    list[str] | None,
    _REFINER(
        show_default=f"{defaults.REFINER}, which also comes last after others; {defaults.NO_REFINER} leaves it out, "
        "and keypoints as they were found",
        **one_of("refiner", lambda: [*_refiners(), defaults.NO_REFINER], settings_too=True),
    ),
]
RequiredRefiners = Annotated[list[str], _REFINER(**one_of("refiner", _refiners, settings_too=True))]
MaxGap = Annotated[
    float | None,
    of_advanced(
        "--max-gap",
        help="Longest time that somebody was not seen which is filled; over longer ones there are no poses.",
        metavar="SECONDS",
        show_default="all are filled",
    ),
]
Overlap = Annotated[
    float,
    of_advanced(
        "--overlap",
        help="Share of a window that the next one covers again, for models that answer for every frame of a window; "
        "0 is fastest.",
        metavar="SHARE",
        min=0.0,
        max=0.99,
    ),
]
Flip = Annotated[
    bool,
    typer.Option("--flip/--no-flip", help="Average with the mirror image: better, at half the speed of lifting.",
                 rich_help_panel=ADVANCED),
]  # fmt: skip
Focal = Annotated[
    float | None,
    of_input(
        "--focal",
        help="Focal length in pixels of the video.",
        metavar="PX",
        show_default="assumed: the picture's longer side",
    ),
]
Fov = Annotated[
    float | None,
    of_input(
        "--fov",
        help="How wide the lens sees from the left edge to the right, 60 to 70 degrees for most phones; places and "
        "distances are rough where it is assumed. --focal and --camera say it more exactly.",
        metavar="DEG",
        show_default="by the file's metadata, or else assumed",
    ),
]
Camera = Annotated[
    str | None,
    of_input(
        "--camera",
        help="Instead of --focal: a calibration of OpenCV (YAML, JSON), Pose2Sim or Anipose (TOML); FILE#NAME is one "
        "of several cameras. Lens distortion is undone.",
        metavar="FILE",
    ),
]
Height = Annotated[
    str | None,
    of_input(
        "--height",
        help="Metres that people are tall: 1.80 for everybody, 0:1.80,2:1.65 for persons by their ids. It scales all "
        "that is in metres.",
        metavar="M",
        show_default="as tall as the people in the training data",
        callback=taken_by(Heights.parse),
    ),
]
Names = Annotated[
    list[str] | None,
    of_input(
        "--name",
        help="What a result is called beside others, once for each.",
        metavar="TEXT",
        show_default="its folder's or file's name",
    ),
]
ReadAs = Annotated[
    str | None,
    of_input(
        "--read-as",
        help="The format of poses or keypoints, and what their file does not say by itself: "
        "npz:size=640x360,fps=25,skeleton=coco17,space=image; pose3d formats lists all.",
        metavar="FORMAT[:KEY=VALUE,...]",
        show_default="found by content",
        **_FORMAT,
    ),
]
_SPACES, _UPS, _UNITS = ("camera", "world"), ("y", "z"), ("m", "cm", "mm")
Space = Annotated[
    str | None,
    of_output(
        "--space",
        help="Coordinates from the camera, or in a scene with the floor at 0.",
        metavar="|".join(_SPACES),
        show_default="world for motion, as they are for tables",
        **one_of("space", lambda: _SPACES),
    ),
]
Up = Annotated[
    str | None,
    of_output(
        "--up",
        help="The axis that points up.",
        metavar="|".join(_UPS),
        show_default="the format's custom, see pose3d formats",
        **one_of("axis", lambda: _UPS),
    ),
]
Units = Annotated[
    str | None,
    of_output(
        "--units",
        help="Metres, centimetres or millimetres.",
        metavar="|".join(_UNITS),
        show_default="the format's custom, see pose3d formats",
        **one_of("unit", lambda: _UNITS),
    ),
]
# Those of in_the_wild.formats._bone_names, which help need not wait for.
PRESETS = ("blender", "mixamo", "unity", "maya", "cmu")
Preset = Annotated[
    str | None,
    of_output(
        "--preset",
        help="BVH: the program whose names joints get, and whose order turns have.",
        metavar="|".join(PRESETS),
        show_default="blender",
        **one_of("preset", lambda: PRESETS),
    ),
]
ResampledFps = Annotated[
    float | None,
    of_output(
        "--fps",
        help="Frames a second; motion is resampled, gaps stay gaps.",
        metavar="N",
        show_default="the video's",
    ),
]
Start = Annotated[
    str | None,
    of_first(
        "--start",
        help="The first moment: seconds or h:mm:ss.",
        metavar="TIME",
        show_default="the beginning",
        callback=taken_by(parse_time),
    ),
]
End = Annotated[
    str | None,
    of_first(
        "--end",
        help="The last moment, included: seconds or h:mm:ss.",
        metavar="TIME",
        show_default="the end",
        callback=taken_by(parse_time),
    ),
]
_TURNS = ("auto", "90", "180", "270")
Rotate = Annotated[
    str,
    of_input(
        "--rotate",
        help="Turn the pictures by so many degrees counter-clockwise, from how a player shows them; auto does not.",
        metavar="|".join(_TURNS),
        **one_of("turn", lambda: _TURNS),
    ),
]
Mirror = Annotated[
    bool,
    of_input(
        "--mirror",
        help="The video shows people as a mirror does, as selfies may: flip it left to right, so that left is the "
        "person's own left. The film shows it flipped.",
    ),
]
Stream = Annotated[
    int,
    of_input("--stream", help="Which stream of pictures, where a file has several.", metavar="N", min=0),
]
PicturesFps = Annotated[
    float | None,
    of_input(
        "--fps",
        help="Pictures a second of numbered pictures, such as frames/%04d.png.",
        metavar="N",
        min=0.001,
        show_default="25",
    ),
]
KeypointsVideo = Annotated[
    str | None,
    of_input(
        "--video",
        help="The video that keypoints were found in: size, rate and times are taken from it.",
        metavar="VIDEO",
        show_default="none: the file of keypoints says them, or --read-as does",
    ),
]
Joints = Annotated[
    Path | None,
    of_input(
        "--joints",
        help="Which joints keypoints of your own are: a YAML, JSON or TOML file with a line NAME: COCO NAME for each, "
        "such as hand_l: left_wrist.",
        metavar="FILE",
        show_default="told by their names or number",
    ),
]
Format = Annotated[
    str | None,
    of_output(
        "--format",
        help=f"The format and its settings, such as csv:layout=wide; formats are {', '.join(_formats())}.",
        metavar="FORMAT[:KEY=VALUE,...]",
        show_default="by the name's end",
        **_FORMAT,
    ),
]


def make_engine(given: str | None, workers: int | None, address: str | None) -> BatchEngine:
    """Where videos are worked on.

    Args:
        given: The value of --engine.
        workers: How many there are; None leaves it to the engine, and so does one on a cluster.
        address: The value of --address.
    """
    from in_the_wild.batch import many

    if given is None and address is None:
        given = "inline" if workers == 1 else "processes"
    spec = settings.parse_spec(given or "ray")
    if spec.name == "ray":
        workers = None if workers == 1 else workers
    elif address is not None:
        raise InputError(f"An address is that of a Ray cluster, found --engine {spec.name}; leave one of them out.")
    made: BatchEngine = settings.make(many.ENGINES, spec, jobs=workers, address=address or "")
    return made


def _jobs(value: str) -> None:
    """Refuse what is no number of workers."""
    if value != "auto" and not (value.isdecimal() and int(value) >= 1):
        raise InputError(f'"{value}" is neither auto nor a whole number from 1.')


def _exports(text: str) -> None:
    """Refuse a list of formats that cannot be written.

    Raises:
        InputError: one of them.
    """
    if not text:
        return
    from in_the_wild.exports import parse_formats

    for spec in settings.parse_specs(text):
        require(spec.name, "format", _formats())
    parse_formats(text)


Exports = Annotated[
    str,
    of_first(
        "--export",
        help="Also write the 3D poses as poses3d.csv and so on; pose3d formats lists what there is. With settings: "
        "csv:layout=wide.",
        metavar="FORMAT[,FORMAT...]",
        show_default="none",
        callback=taken_by(_exports),
        autocompletion=complete(_formats),
    ),
]


def time_of(value: str | None) -> float | None:
    """The seconds that --start or --end says."""
    return None if value is None else parse_time(value)


def reading_of(
    *, start: str | None, end: str | None, rotate: str, mirror: bool, stream: int, fps: float | None
) -> Callable[[str], Video]:
    """What makes a video of an input, with what --start, --end, --rotate, --mirror, --stream and --fps say of it."""
    from in_the_wild.video.footage import Video

    turns = 0 if rotate == "auto" else int(rotate)
    first, last = time_of(start), time_of(end)
    return partial(Video, start=first, end=last, rotate=turns, mirror=mirror, stream=stream, fps=fps)


def videos_of(
    inputs: Sequence[str],
    *,
    start: str | None,
    end: str | None,
    rotate: str,
    mirror: bool,
    stream: int,
    fps: float | None,
) -> list[Video]:
    """The videos that inputs mean, with what the options of `reading_of` say of them.

    Raises:
        InputError: an input that means no video.
    """
    from in_the_wild.inputs import expand

    read = reading_of(start=start, end=end, rotate=rotate, mirror=mirror, stream=stream, fps=fps)
    return expand([read(one) for one in inputs])


def inputs_of(
    inputs: Sequence[str],
    read: Callable[[str], Video],
    *,
    read_as: str | None,
    video: str | None,
    joints: Path | None,
) -> list[Video | Keypoints]:
    """Videos, and keypoints that were found before: told by their content, or by one of the last three options.

    Args:
        inputs: As they were given.
        read: What `reading_of` gives.
        read_as: The value of --read-as.
        video: The value of --video.
        joints: The value of --joints.

    Raises:
        InputError: an input that means nothing.
        typer.BadParameter: one of the options, and not one file of keypoints.
        PluginError: a package is missing that a file is read with.
    """
    from in_the_wild.inputs import taken_singly
    from in_the_wild.keypoints import Keypoints, are_in, meant

    said = [name for name, value in (("read-as", read_as), ("video", video), ("joints", joints)) if value is not None]
    if not said:
        found = meant([one if are_in(Path(one)) else read(one) for one in inputs])
        for line in taken_singly([one for one in found if not isinstance(one, Keypoints)]):
            terminal.note(line)
        return found
    if len(inputs) != 1 or not (read_as or are_in(Path(inputs[0]))):
        raise typer.BadParameter(
            f"It says how one file of keypoints is read, found {', '.join(inputs)}.", param_hint=f"'--{said[0]}'"
        )
    return [Keypoints(inputs[0], video=None if video is None else read(video), format=read_as, joints=joints)]


def weights_argument(what: str) -> Any:
    """The argument of a command that is about weights.

    Args:
        what: What they are to it.
    """
    return typer.Argument(
        metavar="NAME|FILE",
        help=f"{what}: a name that pose3d weights lists, or a file, the authors' own included.",
        show_default=f"{shipped.DEFAULT}, or those that come with the model",
        **WEIGHTS,
    )


def selection_of(persons: str, roi: str | None, max_people: int | None) -> Selection:
    """What --persons, --roi and --max-people say."""
    return Selection(persons, None if roi is None else parse_roi(roi), max_people)


def refiners_of(refiners: Sequence[str] | None, height: str | None) -> list[str]:
    """What --refiner and --height say: people are scaled before anything else is done with their poses."""
    return [*([] if height is None else [f'height:metres="{height}"']), *(refiners or ())]


def lens_of(*, focal: float | None, fov: float | None, camera: str | None) -> Lens:
    """What --focal, --fov and --camera say.

    Raises:
        InputError: several of them, or a file that is no calibration.
    """
    from in_the_wild import calibration
    from in_the_wild.lens import Lens

    return Lens(focal, fov, None if camera is None else calibration.read(camera))


def load_lifter(
    weights: str | None, *, model: str | None, variant: str | None, device: str, **how: Any
) -> TrainedLifter:
    """The lifter that --model, --weights, --variant and --device name, run as `TrainedLifter` is told.

    What an authors' file was recognised as is said on the error output.

    Raises:
        Pose3DError: see `load_weights`.
    """
    from in_the_wild.steps.lift import TrainedLifter

    loaded, _ = load_weights(weights, model=model, variant=variant, device=device)
    return TrainedLifter.of(loaded, **how)


def make_finder(
    detector: str, *, persons: int, looks: str = "auto", every: int | None = None, device: str = "auto"
) -> Finder:
    """The detector that --detector names, looking for so many people as often as --looks and --every say.

    A download is told on the error output.

    Raises:
        PluginError: its back end is not installed.
        InputError: a setting that it does not have, or lacks.
        WeightsError: files that cannot be used or found.
    """
    from in_the_wild import api

    chosen = devices.choose(device)
    return api.make_finder(detector, looks=looks, every=every, persons=persons, device=chosen, tell=terminal.note)


def load_weights(
    name_or_path: str | None, *, model: str | None, variant: str | None = None, device: str
) -> tuple[LoadedWeights, str]:
    """The weights on a device of torch's, and which one that is.

    What an authors' file was recognised as is said on the error output.

    Args:
        name_or_path: The value of --weights.
        model: The value of --model.
        variant: The value of --variant.
        device: The value of --device.

    Raises:
        WeightsError: they cannot be used.
        InputError: there are none for this model, nobody can tell what they read, or there is no such device.
        ConfigError: a file given as --variant that describes no published checkpoint.
    """
    from in_the_wild import checkpoints

    chosen = devices.choose(device)
    loaded = checkpoints.load(name_or_path, model=model, variant=variant_of(variant), device=chosen)
    if loaded.recognised:
        terminal.note(loaded.recognised)
    return loaded, chosen


def variant_of(value: str | None) -> str | Record | None:
    """The value of --variant: the name of a published checkpoint, or a description of one's own in a settings file.

    The file says what `in_the_wild.checkpoints.records.base.Record` says, or as "like" the name of a record that has
    what it leaves out.
    """
    if value is None or not Path(value).is_file():
        return value
    values = config.load(value)
    like = values.pop("like", None)
    return describe(Path(value).stem, values, like=None if like is None else records.get(like))


def result_format(path: Path, *inputs: Path) -> FileFormat:
    """The format that poses are written in, known before the work; a file that is read is not written over.

    Raises:
        typer.BadParameter: the name's end is that of no format.
        OutputError: it is one of the inputs.
    """
    from in_the_wild import formats
    from in_the_wild.files import refuse_overwriting

    refuse_overwriting(path, inputs)
    try:
        return formats.writer_for(path)
    except InputError as error:
        raise typer.BadParameter(str(error), param_hint="'--output' / '-o'") from None


def write_result(poses: Poses, path: Path, writer: FileFormat, *inputs: Path) -> list[str]:
    """Write poses in a format, and say the names of the files.

    Raises:
        InputError: poses that such files cannot hold.
        OutputError: a file cannot be written, or is one of the inputs.
    """
    from in_the_wild import exports

    return [file.name for file in exports.write(exports.chosen(poses, writer), path, writer, inputs=inputs)]


def require_suffix(path: Path, *suffixes: str) -> None:
    """Refuse a name for a result that does not say one of the formats that there are.

    Raises:
        typer.BadParameter: it does not.
    """
    if path.suffix.lower() not in suffixes:
        raise typer.BadParameter(
            f'A file name ending in {" or ".join(suffixes)} was expected, found "{path}".',
            param_hint="'--output' / '-o'",
        )
