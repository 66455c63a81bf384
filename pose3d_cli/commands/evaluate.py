"""`pose3d evaluate`: weights in, tables of errors out.

What is measured follows from the weights and the data: a lifter or a refiner's network on a prepared data set, or a
lifter on motion capture packs. Options that mean nothing to the one at hand are refused.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from in_the_wild import devices
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.files import sha256
from pose3d_cli.commands import _evaluate_packs as packs
from pose3d_cli.commands import _options as options

if TYPE_CHECKING:
    from in_the_wild.checkpoints import Weights as LoadedWeights
    from in_the_wild.sparse import Trained
    from pose3d_cli.datasets.prepared.sequences import Dataset
    from pose3d_cli.evaluation.prepared import Refinement, Settings
    from pose3d_cli.evaluation.report import Report

PANEL = "Data, training, evaluation"

_SPLITS = ("test", "train", "all")
_RULES = ("centred", "consecutive", "blended")
_OF_SETS = "Prepared data sets"
_OF_PACKS = "Motion capture packs"
_of_sets = partial(typer.Option, rich_help_panel=_OF_SETS)

Weights = Annotated[str | None, options.weights_argument("What is measured")]
Data = Annotated[
    Path,
    options.of_first(
        help="A data set that pose3d prepare has made, or a folder of motion capture packs (*.npz).",
    ),
]
Subjects = Annotated[
    str | None,
    options.of_first(
        metavar="NAME,...",
        help="Only these people; of packs takes too, such as cmu_69/69_7*.",
        show_default=f"all; of packs {packs.SUBJECTS}",
    ),
]
RefineModule = Annotated[
    str | None,
    options.of_models(
        metavar="PATH",
        help="The authors' refine module, after the lifter. It reads the true root depth and camera: uses ground "
        "truth.",
    ),
]
Split = Annotated[
    str | None,
    options.of_first(
        metavar="|".join(_SPLITS),
        help="Which part of the set.",
        show_default="test",
        **options.one_of("part of a data set", lambda: _SPLITS),
    ),
]
Actions = Annotated[
    str | None,
    typer.Option(metavar="NAME,...", help="Only these actions.", show_default="all", rich_help_panel=_OF_SETS),
]
Camera = Annotated[
    str | None,
    typer.Option(metavar="NAME,...", help="Only these cameras.", show_default="all", rich_help_panel=_OF_SETS),
]
Windows = Annotated[
    str | None,
    _of_sets(
        metavar="|".join(_RULES),
        help="centred: one window around every frame; consecutive: side by side; blended: overlapping by half, as "
        "pose3d run lifts.",
        show_default="as the network's authors test it",
        **options.one_of("rule for windows", lambda: _RULES),
    ),
]
Tds = Annotated[
    int | None,
    _of_sets(
        metavar="N",
        min=1,
        help="Windows take every N-th frame.",
        show_default="as the network's authors test it",
    ),
]
Every = Annotated[
    int | None,
    _of_sets(
        metavar="N",
        min=1,
        help="Answer for every N-th frame alone, which is faster.",
        show_default="1",
    ),
]
ReleasedBatch = Annotated[
    int | None,
    _of_sets(
        metavar="N",
        min=1,
        help="P-MPJPE as the scripts of P-STMO, StridedTransformer and STCFormer have it: frames of a batch of N that "
        "mixes actions all count with the batch's mean.",
        show_default="every frame counts with its own",
    ),
]
Cameras = Annotated[
    int | None,
    typer.Option(metavar="N", help="Random cameras.", show_default=str(packs.CAMERAS), rich_help_panel=_OF_PACKS),
]
Output = Annotated[
    Path | None,
    options.of_first(
        "--output",
        "-o",
        help="Of a prepared set: a folder for tables (text, CSV, JSON, LaTeX) and pictures. Of packs: a .json file.",
    ),
]


def evaluate(
    weights: Weights = None,
    data: Data = Path("data/mocap"),
    subjects: Subjects = None,
    model: options.Model = None,
    variant: options.Variant = None,
    refine_module: RefineModule = None,
    split: Split = None,
    actions: Actions = None,
    camera: Camera = None,
    windows: Windows = None,
    tds: Tds = None,
    every: Every = None,
    released_batch: ReleasedBatch = None,
    cameras: Cameras = None,
    flip: options.Flip = True,
    output: Output = None,
    device: options.Device = "auto",
) -> None:
    """Measure weights where the truth is known: MPJPE, P-MPJPE, N-MPJPE, MPJVE, acceleration error, PCK and AUC.

    A prepared data set is tested as the network's authors do, with every frame counted alike beside it.

    Motion capture packs show people who were never trained on to random cameras.

    Example: pose3d evaluate pretrained_h36m_cpn.bin --data prepared/human36m -o results
    """
    from pose3d_cli.datasets.prepared import sequences

    load = partial(options.load_weights, weights, model=model, variant=variant, device=device)
    of_lifters = {"--windows": windows, "--tds": tds, "--every": every, "--released-batch": released_batch}
    if not sequences.is_prepared(data):
        of_sets = {"--split": split, "--actions": actions, "--camera": camera, **of_lifters}
        _refuse(of_sets, f"{data} is no prepared data set")
        packs.evaluate(load, data, subjects=subjects, cameras=cameras, refine=refine_module, flip=flip, output=output)
        return
    _refuse({"--cameras": cameras}, f"{data} is a prepared data set, whose cameras are chosen by --camera NAME,...")
    if output is not None and output.exists() and not output.is_dir():
        raise InputError(f"A folder for tables and pictures was expected, {output} is a file; choose another with -o.")
    part = split or "test"
    dataset = sequences.open_folder(data).choose(
        split=None if part == "all" else part,
        subjects=_names(subjects),
        actions=_names(actions),
        cameras=_names(camera),
    )
    network = _load(load, weights, device)
    if isinstance(network, tuple):
        from pose3d_cli.evaluation.prepared import Settings

        settings = Settings(rule=windows, tds=tds, flip=flip, every=every or 1, batch=released_batch)
        _measure_lifter(*network, dataset, part, settings, refine_module, output)
    else:
        _refuse({**of_lifters, "--refine-module": refine_module}, f"{network.source} refines poses and lifts none")
        _measure_refiner(network, dataset, part, output)


def _names(given: str | None) -> list[str] | None:
    return None if given is None else [name.strip() for name in given.split(",")]


def _refuse(options_given: Mapping[str, object], because: str) -> None:
    """Refuse options that mean nothing here."""
    given = [name for name, value in options_given.items() if value is not None]
    if given:
        raise InputError(f"{because}: {', '.join(given)} cannot be used, leave it out.")


def _load(
    load: Callable[[], tuple[LoadedWeights, str]], weights: str | None, device: str
) -> tuple[LoadedWeights, str] | Trained:
    """A lifter with its device, or the weights of a refiner.

    Raises:
        WeightsError: weights of neither.
    """
    from in_the_wild import checkpoints

    try:
        return load()
    except checkpoints.NotALifterError as lifts_nothing:
        from in_the_wild.checkpoints import refiners

        try:
            return refiners.load(str(weights), device=devices.choose(device))
        except WeightsError:
            raise lifts_nothing from None


def _measure_lifter(
    loaded: LoadedWeights,
    device: str,
    dataset: Dataset,
    part: str,
    settings: Settings,
    refine_module: str | None,
    output: Path | None,
) -> None:
    from pose3d_cli import terminal
    from pose3d_cli.evaluation import prepared

    if refine_module is not None:
        settings = dataclasses.replace(settings, refinement=_refinement(refine_module, dataset, device))
    with terminal.stage_progress("evaluate", total=len(dataset), unit="sequences") as advance:
        found = prepared.evaluate(loaded, dataset, settings, split=part, device=device, progress=advance)
    _show(found)
    if output is not None:
        _tell(prepared.write(found, output))


def _measure_refiner(trained: Trained, dataset: Dataset, part: str, output: Path | None) -> None:
    from pose3d_cli import terminal
    from pose3d_cli.evaluation import report, sparse_report

    with terminal.voice().listening(unit="sequences") as advance:
        found = sparse_report.evaluate(trained, dataset, split=part, progress=partial(advance, "evaluate"))
    _show(found)
    if output is not None:
        _tell(report.write(found, output))


def _show(found: Report) -> None:
    from pose3d_cli import terminal

    for line in found.caption:
        terminal.say(line)
    for table in found.main_tables:
        terminal.table(table.title, table.columns, table.rows, numbers=table.columns[1:])


def _tell(files: Iterable[Path]) -> None:
    from pose3d_cli import terminal

    for file in files:
        terminal.aside(str(file))


def _refinement(refine_module: str, dataset: Dataset, device: str) -> Refinement:
    """The refine module of a file, for sequences of a set."""
    import numpy as np

    from in_the_wild import checkpoints
    from in_the_wild.skeletons import get_skeleton
    from pose3d_cli.datasets.prepared.sequences import Labelled
    from pose3d_cli.evaluation import refine_module as refining
    from pose3d_cli.evaluation.prepared import Refinement

    file = checkpoints.find(refine_module)
    module = refining.load(file, device=device)
    root = get_skeleton(dataset.description.joint_skeleton).root

    def run(joints: np.ndarray, image: np.ndarray, sequence: Labelled, frames: np.ndarray) -> np.ndarray:
        return refining.refine_sequence(module, joints, image, sequence, frames, root=root)

    return Refinement(run, name=file.name, sha256=sha256(file))
