"""Options that several commands share, and what their values mean.

Names are checked while the command line is read, against the lists of files, so that a typing error is answered at once
and with the nearest right name.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, cast

import typer

from in_the_wild import plugins
from in_the_wild.errors import did_you_mean

if TYPE_CHECKING:
    from in_the_wild.detectors.base import Detector as DetectorPlugin
    from in_the_wild.weights import Weights as LoadedWeights

INPUT, MODELS, OUTPUT, ADVANCED = "Input", "Models", "Output", "Advanced"

DEFAULT_MODEL = "pstmo"
DEFAULT_WEIGHTS = "pstmo_coco"
DEFAULT_DETECTOR = "mediapipe"
# The most people that a detector is asked to look for in one picture, unless one is enough.
SEVERAL = 4


def shipped_weights() -> list[str]:
    """Names of the weights that come with the program, without importing torch as `in_the_wild.weights` does."""
    folder = importlib.resources.files("in_the_wild.assets")
    return sorted(item.name.removesuffix(".pt") for item in folder.iterdir() if item.name.endswith(".pt"))


def one_of(kind: str, names: Callable[[], Iterable[str]]) -> Callable[[str], str]:
    """A check for an option whose value is one of these names.

    Args:
        kind: What it is a name of, for the error.
        names: Gives the names when they are needed.
    """

    def check(value: str) -> str:
        known = list(names())
        if value not in known:
            raise typer.BadParameter(f'There is no {kind} "{value}". {did_you_mean(value, known)}')
        return value

    return check


def _complete(names: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [name for name in names() if name.startswith(incomplete)]

    return complete


def _check_weights(value: str) -> str:
    if not Path(value).is_file() and value not in shipped_weights():
        known = did_you_mean(value, shipped_weights())
        raise typer.BadParameter(f'Weights "{value}" are neither a file nor come with the program. {known}')
    return value


def _check_persons(value: str) -> str:
    if value not in ("all", "largest") and not (value.isdecimal() and int(value) >= 1):
        known = did_you_mean(value, ["all", "largest"])
        raise typer.BadParameter(f'"{value}" is neither all, largest nor a whole number from 1. {known}')
    return value


def _check_tds(value: str) -> str:
    if value != "auto" and not (value.isdecimal() and int(value) >= 1):
        raise typer.BadParameter(f'"{value}" is neither auto nor a whole number from 1.')
    return value


_models = partial(plugins.names, "in_the_wild.lifters")
_detectors = partial(plugins.names, "in_the_wild.detectors")
_DEVICES = ("auto", "cpu", "cuda")

Model = Annotated[
    str,
    typer.Option(
        "--model",
        help="The network that lifts 2D to 3D; pose3d show models lists them.",
        callback=one_of("model", _models),
        autocompletion=_complete(_models),
        rich_help_panel=MODELS,
    ),
]
Weights = Annotated[
    str,
    typer.Option(
        "--weights",
        help="Its trained weights: a name that pose3d show weights lists, or a file, the authors' own included.",
        metavar="NAME|PATH",
        callback=_check_weights,
        autocompletion=_complete(shipped_weights),
        rich_help_panel=MODELS,
    ),
]
Detector = Annotated[
    str,
    typer.Option(
        "--detector",
        help="What finds 2D keypoints in pictures.",
        callback=one_of("detector", _detectors),
        autocompletion=_complete(_detectors),
        rich_help_panel=MODELS,
    ),
]
Device = Annotated[
    str,
    typer.Option(
        "--device",
        help="Where the network runs; auto takes CUDA where there is one.",
        metavar="|".join(_DEVICES),
        callback=one_of("device", lambda: _DEVICES),
        autocompletion=_complete(lambda: _DEVICES),
        rich_help_panel=MODELS,
    ),
]
Persons = Annotated[
    str,
    typer.Option(
        "--persons",
        help="Whom to follow: all, the largest, or so many of the largest.",
        metavar="all|largest|N",
        callback=_check_persons,
        rich_help_panel=INPUT,
    ),
]
Tds = Annotated[
    str,
    typer.Option(
        "--tds",
        help="auto works at the frame rate that the weights were trained at; N takes every N-th frame of the video.",
        metavar="auto|N",
        callback=_check_tds,
        rich_help_panel=ADVANCED,
    ),
]
Smooth = Annotated[
    float,
    typer.Option(
        "--smooth",
        help="Seconds over which keypoints are averaged before lifting, against jitter; 0 leaves them as detected.",
        metavar="SECONDS",
        min=0.0,
        max=1.0,
        rich_help_panel=ADVANCED,
    ),
]
DEFAULT_SMOOTH = 0.033
Flip = Annotated[
    bool,
    typer.Option("--flip/--no-flip", help="Average with the mirror image: better, at half the speed of lifting.",
                 rich_help_panel=ADVANCED),
]  # fmt: skip
Focal = Annotated[
    float | None,
    typer.Option(
        "--focal",
        help="Focal length in pixels of the video.",
        metavar="PX",
        show_default="assumed: the picture's longer side",
        rich_help_panel=INPUT,
    ),
]
Fov = Annotated[
    float | None,
    typer.Option(
        "--fov",
        help="Instead of --focal: the horizontal field of view in degrees.",
        metavar="DEG",
        show_default="assumed",
        rich_help_panel=INPUT,
    ),
]


def persons_of(value: str) -> Literal["all", "largest"] | int:
    """The value of --persons."""
    return int(value) if value.isdecimal() else cast(Literal["all", "largest"], value)


def tds_of(value: str) -> int | None:
    """The value of --tds; None works in time."""
    return None if value == "auto" else int(value)


def people_of(persons: str) -> int:
    """How many people a detector shall look for in one picture, for a value of --persons: one alone is found faster."""
    return 1 if persons == "1" else max(SEVERAL, int(persons) if persons.isdecimal() else 0)


def build_detector(name: str, *, people: int) -> DetectorPlugin:
    """The detector, looking for so many people in one picture.

    Raises:
        PluginError: its back end is not installed.
    """
    detector: DetectorPlugin = plugins.load("in_the_wild.detectors", name)(num_people=people)
    return detector


def load_weights(name_or_path: str, *, model: str, device: str) -> tuple[LoadedWeights, str]:
    """The weights on a device of torch's, and which one that is.

    Args:
        name_or_path: The value of --weights.
        model: The value of --model.
        device: The value of --device.

    Raises:
        WeightsError: they cannot be used.
        InputError: there is no such device.
    """
    from in_the_wild import weights
    from pose3d_cli import terminal

    chosen = terminal.choose_device(device)
    return weights.load(name_or_path, model=model, device=chosen), chosen


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
