"""`pose3d evaluate`: weights in, tables of errors out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from in_the_wild import devices
from in_the_wild.checkpoints import shipped
from in_the_wild.errors import InputError, WeightsError
from in_the_wild.files import sha256
from pose3d_cli.commands import _evaluate_packs as packs_test
from pose3d_cli.commands import _options as options

if TYPE_CHECKING:
    from pose3d_cli.datasets.lifting import Refiner
    from pose3d_cli.datasets.prepared.sequences import Dataset

PANEL = "Data, training, evaluation"

_SPLITS = ("test", "train", "all")
_RULES = ("centred", "consecutive", "blended")
_OF_SETS = "Prepared data sets"
_OF_PACKS = "Motion capture packs"


def evaluate(
    weights: Annotated[
        str | None,
        typer.Argument(
            metavar="NAME|FILE",
            help="What is measured: weights that pose3d weights lists, or a file, the authors' own included.",
            show_default=f"{shipped.DEFAULT}, or those that come with the model",
            callback=options.check_weights,
        ),
    ] = None,
    data: Annotated[
        Path,
        typer.Option(
            help="A data set that pose3d prepare has made, or a folder of motion capture packs (*.npz).",
            rich_help_panel=options.INPUT,
        ),
    ] = Path("data/mocap"),
    subjects: Annotated[
        str | None,
        typer.Option(
            metavar="NAME,...",
            help="Only these people.",
            show_default=f"all; of packs {packs_test.SUBJECTS}",
            rich_help_panel=options.INPUT,
        ),
    ] = None,
    model: options.Model = None,
    variant: options.Variant = None,
    refine_module: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The authors' refine module, after the lifter. It reads the true root depth and camera: uses ground "
            "truth.",
            rich_help_panel=options.MODELS,
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(_SPLITS),
            help="Which part of the set.",
            show_default="test",
            callback=options.one_of_or_none("part of a data set", lambda: _SPLITS),
            rich_help_panel=_OF_SETS,
        ),
    ] = None,
    actions: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help="Only these actions.", show_default="all", rich_help_panel=_OF_SETS),
    ] = None,
    camera: Annotated[
        str | None,
        typer.Option(metavar="NAME,...", help="Only these cameras.", show_default="all", rich_help_panel=_OF_SETS),
    ] = None,
    windows: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(_RULES),
            help="centred: one window around every frame; consecutive: side by side; blended: overlapping by half, as "
            "pose3d run lifts.",
            show_default="as the network's authors test it",
            callback=options.one_of_or_none("rule for windows", lambda: _RULES),
            rich_help_panel=_OF_SETS,
        ),
    ] = None,
    tds: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Windows take every N-th frame.",
            show_default="as the network's authors test it",
            rich_help_panel=_OF_SETS,
        ),
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Answer for every N-th frame alone, which is faster.",
            show_default="1",
            rich_help_panel=_OF_SETS,
        ),
    ] = None,
    released_batch: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="P-MPJPE as the scripts of P-STMO, StridedTransformer and STCFormer have it: frames of a batch of N "
            "that mixes actions all count with the batch's mean.",
            show_default="every frame counts with its own",
            rich_help_panel=_OF_SETS,
        ),
    ] = None,
    cameras: Annotated[
        int | None,
        typer.Option(
            metavar="N", help="Random cameras.", show_default=str(packs_test.CAMERAS), rich_help_panel=_OF_PACKS
        ),
    ] = None,
    flip: options.Flip = True,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            help="Of a prepared set: a folder for tables (text, CSV, JSON, LaTeX) and pictures. Of packs: a .json "
            "file.",
            rich_help_panel=options.OUTPUT,
        ),
    ] = None,
    device: options.Device = "auto",
) -> None:
    """Measure weights where the truth is known: MPJPE, P-MPJPE, N-MPJPE, MPJVE, acceleration error, PCK and AUC.

    A prepared data set is tested as the network's authors do, with their accounting beside a sensible one.

    Motion capture packs show people who were never trained on to random cameras.

    Example: pose3d evaluate pretrained_h36m_cpn.bin --data prepared/human36m -o results
    """
    from pose3d_cli.datasets.prepared import sequences

    of_sets = {"--split": split, "--actions": actions, "--camera": camera, "--windows": windows, "--tds": tds,
               "--every": every, "--released-batch": released_batch}  # fmt: skip
    if not sequences.is_prepared(data):
        _refuse(of_sets, f"{data} is no prepared data set")
        packs_test.evaluate(
            weights, data=data, subjects=subjects, cameras=cameras, model=model, variant=variant, refine=refine_module,
            flip=flip, output=output, device=device,
        )  # fmt: skip
        return
    _refuse({"--cameras": cameras}, f"{data} is a prepared data set, whose cameras are chosen by --camera NAME,...")
    if output is not None and output.exists() and not output.is_dir():
        raise InputError(f"A folder for tables and pictures was expected, {output} is a file; choose another with -o.")

    part = split or "test"
    chosen = sequences.open_folder(data).choose(
        split=None if part == "all" else part,
        subjects=_names(subjects),
        actions=_names(actions),
        cameras=_names(camera),
    )

    from in_the_wild import checkpoints
    from pose3d_cli import terminal
    from pose3d_cli.evaluation import prepared

    try:
        loaded, where = options.load_weights(weights, model=model, variant=variant, device=device)
    except checkpoints.NotALifterError as lifts_nothing:
        from in_the_wild.refiners import mixsynthformer
        from pose3d_cli.commands import _evaluate_sparse as sparse_test

        try:
            trained = mixsynthformer.load(str(weights), device=devices.choose(device))
        except WeightsError:
            raise lifts_nothing from None
        _refuse(
            {"--windows": windows, "--tds": tds, "--every": every, "--released-batch": released_batch,
             "--refine-module": refine_module},
            f"{trained.source} refines poses and lifts none",
        )  # fmt: skip
        sparse_test.evaluate(trained, chosen, split=part, output=output)
        return

    file = None if refine_module is None else checkpoints.find(refine_module)
    settings = prepared.Settings(
        rule=windows,
        tds=tds,
        flip=flip,
        every=every or 1,
        batch=released_batch,
        refine=None if file is None else _refiner(file, chosen, where),
        refine_name="" if file is None else file.name,
        refine_sha256="" if file is None else sha256(file),
    )
    with terminal.stage_progress("evaluate", total=len(chosen), unit="sequences") as advance:
        found = prepared.evaluate(loaded, chosen, settings, split=part, device=where, progress=advance)
    for line in found.caption:
        terminal.say(line)
    for table in found.main_tables:
        terminal.table(table.title, table.columns, table.rows, numbers=table.columns[1:])
    if output is not None:
        for path in prepared.write(found, output):
            terminal.say(str(path))


def _names(given: str | None) -> list[str] | None:
    return None if given is None else [name.strip() for name in given.split(",")]


def _refuse(options_given: Mapping[str, object], because: str) -> None:
    """Refuse options that mean nothing here."""
    given = [name for name, value in options_given.items() if value is not None]
    if given:
        raise InputError(f"{because}: {', '.join(given)} cannot be used, leave it out.")


def _refiner(file: Path, dataset: Dataset, device: str) -> Refiner:
    """The refine module of a file, for sequences of a set."""
    from functools import partial

    import numpy as np

    from in_the_wild.skeletons import get_skeleton
    from pose3d_cli.datasets.prepared.sequences import Labelled
    from pose3d_cli.evaluation import refine_module

    module = refine_module.load(file, device=device)
    refined = partial(refine_module.refine_sequence, module, root=get_skeleton(dataset.description.joint_skeleton).root)

    def run(joints: np.ndarray, image: np.ndarray, sequence: Labelled, frames: np.ndarray) -> np.ndarray:
        return refined(joints, image, sequence, frames)

    return run
