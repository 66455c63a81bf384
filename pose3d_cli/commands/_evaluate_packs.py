"""`pose3d evaluate` on motion capture packs: people who were never trained on, seen by random cameras."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from in_the_wild.errors import InputError
from pose3d_cli.commands import _options as options

if TYPE_CHECKING:
    from in_the_wild.checkpoints import Weights
    from pose3d_cli.datasets.synthetic.heldout import View
    from pose3d_cli.evaluation.virtual_views import Errors

SUBJECTS = "05,08,13,14"
CAMERAS = 200
_COLUMNS = ("frames", "MPJPE mm", "P-MPJPE mm", "N-MPJPE mm", "MPJVE mm/frame", "acceleration mm/frame²")


def evaluate(
    load: Callable[[], tuple[Weights, str]],
    data: Path,
    *,
    subjects: str | None,
    cameras: int | None,
    refine: str | None,
    flip: bool,
    output: Path | None,
) -> None:
    """Measure weights, show a table, and write it as JSON if `output` is given; see the command for the rest.

    Args:
        load: Gives the weights and the device that they are on.
        data: Folder of packs.
        subjects: Only these; None takes SUBJECTS.
        cameras: How many; None takes CAMERAS.
        refine: File of the authors' refine module.
        flip: Test-time flip.
        output: A .json file.

    Raises:
        InputError: no packs, a number of cameras below 1, or a file that is not called .json.
    """
    packs, count = _require(data, cameras, output)

    from functools import partial

    from in_the_wild import checkpoints
    from pose3d_cli import terminal
    from pose3d_cli.evaluation import refine_module, virtual_views

    loaded, device = load()
    module = None if refine is None else checkpoints.find(refine)
    refine_view = (
        None if module is None else partial(refine_module.refine_view, refine_module.load(module, device=device))
    )
    held_out = SUBJECTS if subjects is None else subjects
    views = _views(packs, held_out, count=count, fps=loaded.training.fps)
    with terminal.stage_progress("evaluate", total=len(views)) as advance:
        errors = []
        for error in virtual_views.evaluate(loaded.lifter, loaded.training, views, flip=flip, refine=refine_view):
            errors.append(error)
            advance(len(errors))
    rows = virtual_views.by_action(errors, views)
    name = None if module is None else module.name
    terminal.table(
        "" if name is None else f"Uses ground truth: {name} reads the true root depth and camera.",
        ("", *_COLUMNS),
        [(action, *_cells(error)) for action, error in rows.items()],
        numbers=_COLUMNS,
    )
    if output is not None:
        asked = {"refine": name, "subjects": held_out, "cameras": count, "flip": flip}
        _write(output, loaded, asked, {action: vars(error) for action, error in rows.items()})


def _views(packs: Sequence[Path], subjects: str, *, count: int, fps: float) -> list[View]:
    """The held-out people before random cameras, at about the frame rate that weights were trained at."""
    from pose3d_cli.datasets.mocap import packs as mocap
    from pose3d_cli.datasets.synthetic import heldout
    from pose3d_cli.datasets.synthetic.virtual import Cameras

    motion = mocap.load(packs, only=[subject.strip() for subject in subjects.split(",")])
    stride = max(1, round(motion.fps / fps))
    return list(heldout.views(motion, count=count, stride=stride, cameras=Cameras()))


def _cells(error: Errors) -> list[str]:
    """A row of the table: millimetres to one digit, millimetres per frame and frame squared to two."""
    whole = [f"{value:.1f}" for value in (error.mpjpe, error.p_mpjpe, error.n_mpjpe)]
    return [str(error.frames), *whole, f"{error.mpjve:.2f}", f"{error.acceleration:.2f}"]


def _require(data: Path, cameras: int | None, output: Path | None) -> tuple[list[Path], int]:
    """The packs of a folder and the number of cameras, before anything slow begins."""
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
    return packs, count


def _write(output: Path, loaded: Weights, asked: Mapping[str, Any], errors: Mapping[str, Mapping[str, float]]) -> None:
    from in_the_wild.files import whole_file

    record = {
        "weights": loaded.source,
        "sha256": loaded.sha256,
        "uses_ground_truth": asked["refine"] is not None,
        **asked,
        "units": "millimetres; mpjve per frame, acceleration per frame squared",
        "errors": errors,
    }
    with whole_file(output) as file:
        file.write((json.dumps(record, indent=2) + "\n").encode())
