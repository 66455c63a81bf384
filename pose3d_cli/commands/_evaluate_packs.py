"""`pose3d evaluate` on motion capture packs: people who were never trained on, seen by random cameras."""

from __future__ import annotations

import json
from pathlib import Path

from in_the_wild.errors import InputError
from pose3d_cli.commands import _options as options

SUBJECTS = "05,08,13,14"
CAMERAS = 200


def evaluate(
    weights: str | None,
    *,
    data: Path,
    subjects: str | None,
    cameras: int | None,
    model: str | None,
    variant: str | None,
    refine: str | None,
    flip: bool,
    output: Path | None,
    device: str,
) -> None:
    """Measure weights, show a table, and write it as JSON if `output` is given; see the command for the rest.

    Raises:
        InputError: no packs, a number of cameras below 1, or a file that is not called .json.
    """
    packs = sorted(data.glob("*.npz"))
    if not packs:
        raise InputError(
            f"A prepared data set or motion capture packs (*.npz) were expected in {data}, found neither: prepare it "
            f"(pose3d prepare NAME --from {data} --to FOLDER), or name another folder with --data."
        )
    count = CAMERAS if cameras is None else cameras
    if count < 1:
        raise InputError(f"At least 1 camera was expected, found --cameras {count}.")
    if output is not None:
        options.require_suffix(output, ".json")

    from dataclasses import asdict
    from functools import partial

    from in_the_wild import checkpoints
    from in_the_wild.files import whole_file
    from pose3d_cli import terminal
    from pose3d_cli.datasets.mocap import packs as mocap
    from pose3d_cli.datasets.synthetic import heldout
    from pose3d_cli.datasets.synthetic.virtual import Cameras
    from pose3d_cli.evaluation import refine_module, virtual_views

    loaded, chosen = options.load_weights(weights, model=model, variant=variant, device=device)
    module = None if refine is None else checkpoints.find(refine)
    refine_view = (
        None if module is None else partial(refine_module.refine_view, refine_module.load(module, device=chosen))
    )
    held_out = SUBJECTS if subjects is None else subjects
    motion = mocap.load(packs, only=[subject.strip() for subject in held_out.split(",")])
    stride = max(1, round(motion.fps / loaded.training.fps))
    views = list(heldout.views(motion, count=count, stride=stride, cameras=Cameras()))
    with terminal.stage_progress("evaluate", total=len(views)) as advance:
        errors = virtual_views.evaluate(
            loaded.lifter, loaded.training, views, flip=flip, refine=refine_view, device=chosen, progress=advance
        )

    actions = sorted({view.action for view in views})
    rows = {
        action: virtual_views.mean([error for error, view in zip(errors, views, strict=True) if view.action == action])
        for action in actions
    }
    rows["all frames"] = virtual_views.mean(errors)
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
            "subjects": held_out,
            "cameras": count,
            "flip": flip,
            "units": "millimetres; mpjve per frame, acceleration per frame squared",
            "errors": {action: asdict(error) for action, error in rows.items()},
        }
        with whole_file(output) as file:
            file.write((json.dumps(record, indent=2) + "\n").encode())
