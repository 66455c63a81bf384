"""`pose3d evaluate`: weights in, a table of errors out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from in_the_wild.errors import InputError
from pose3d_cli.commands import _options as options

_DEFAULT_SUBJECTS = "05,08,13,14"


def evaluate(
    data: Annotated[
        Path, typer.Option(help="Folder of motion capture packs (*.npz).", rich_help_panel=options.INPUT)
    ] = Path("data/mocap"),
    subjects: Annotated[
        str, typer.Option(help="Held-out subjects, with commas.", rich_help_panel=options.INPUT)
    ] = _DEFAULT_SUBJECTS,
    cameras: Annotated[int, typer.Option(help="Random cameras.", rich_help_panel=options.INPUT)] = 200,
    model: options.Model = None,
    weights: options.Weights = None,
    variant: options.Variant = None,
    refine: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="The authors' refine module, after the lifter. It reads the true root depth and camera: uses ground "
            "truth.",
            rich_help_panel=options.MODELS,
        ),
    ] = None,
    flip: options.Flip = True,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Also write the table as JSON.", rich_help_panel=options.OUTPUT),
    ] = None,
    device: options.Device = "auto",
) -> None:
    """Measure weights on subjects never trained on: MPJPE, P-MPJPE, N-MPJPE, MPJVE and acceleration error per action.

    Example: pose3d evaluate --data data/mocap --weights pstmo_coco
    """
    packs = sorted(data.glob("*.npz"))
    if not packs:
        raise InputError(
            f"Motion capture packs (*.npz) were expected in {data}, found none; name their folder: --data."
        )
    if cameras < 1:
        raise InputError(f"At least 1 camera was expected, found --cameras {cameras}.")

    from dataclasses import asdict
    from functools import partial

    from in_the_wild import weights as checkpoints
    from in_the_wild.files import whole_file
    from pose3d_cli import terminal
    from pose3d_cli.datasets import heldout, mocap
    from pose3d_cli.datasets.virtual import Cameras
    from pose3d_cli.training import check
    from pose3d_cli.training import refine as refining

    loaded, chosen = options.load_weights(weights, model=model, variant=variant, device=device)
    module = None if refine is None else checkpoints.find(refine)
    refine_view = None if module is None else partial(refining.refine_view, refining.load(module, device=chosen))
    motion = mocap.load(packs, only=[subject.strip() for subject in subjects.split(",")])
    stride = max(1, round(motion.fps / loaded.training.fps))
    views = list(heldout.views(motion, count=cameras, stride=stride, cameras=Cameras()))
    with terminal.stage_progress("evaluate", total=len(views)) as advance:
        errors = check.check(
            loaded.lifter, loaded.training, views, flip=flip, refine=refine_view, device=chosen, progress=advance
        )

    actions = sorted({view.action for view in views})
    rows = {
        action: check.mean([error for error, view in zip(errors, views, strict=True) if view.action == action])
        for action in actions
    }
    rows["all frames"] = check.mean(errors)
    terminal.errors_table(
        rows,
        title="" if module is None else f"Uses ground truth: {module.name} reads the true root depth and camera.",
    )
    if output is not None:
        record = {
            "weights": loaded.source,
            "sha256": loaded.sha256,
            "refine": None if module is None else module.name,
            "uses_ground_truth": module is not None,
            "subjects": subjects,
            "cameras": cameras,
            "flip": flip,
            "units": "millimetres; mpjve per frame, acceleration per frame squared",
            "errors": {action: asdict(error) for action, error in rows.items()},
        }
        with whole_file(output) as file:
            file.write((json.dumps(record, indent=2) + "\n").encode())
