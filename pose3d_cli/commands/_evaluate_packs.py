"""`pose3d evaluate` on motion capture packs: people who were never trained on, seen by random cameras."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from in_the_wild.errors import InputError
from pose3d_cli.commands import _options as options

if TYPE_CHECKING:
    import numpy as np

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
        subjects: Only these people, or takes of packs; None takes SUBJECTS.
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
    lifted: list[np.ndarray] = []
    with terminal.stage_progress("evaluate", total=len(views)) as advance:
        for joints in virtual_views.lift(loaded.lifter, loaded.training, views, flip=flip, refine=refine_view):
            lifted.append(joints)
            advance(len(lifted))
    errors = [virtual_views.measure(joints, view) for joints, view in zip(lifted, views, strict=True)]
    tables = {
        "by_pose": virtual_views.by_pose(lifted, views),
        "by_pitch": virtual_views.by_pitch(errors, views),
        "errors": virtual_views.by_action(errors, views),
    }
    name = None if module is None else module.name
    terminal.table(
        "" if name is None else f"Uses ground truth: {name} reads the true root depth and camera.",
        ("", *_COLUMNS),
        [(row, *_cells(error)) for table in tables.values() for row, error in table.items()],
        numbers=_COLUMNS,
    )
    if output is not None:
        asked = {"refine": name, "subjects": held_out, "cameras": count, "flip": flip}
        _write(output, loaded, asked, tables)


def _views(packs: Sequence[Path], subjects: str, *, count: int, fps: float) -> list[View]:
    """The held-out people before random cameras, at about the frame rate that weights were trained at."""
    from pose3d_cli.datasets.mocap import packs as mocap
    from pose3d_cli.datasets.mocap.cmu import FPS
    from pose3d_cli.datasets.synthetic import heldout
    from pose3d_cli.datasets.synthetic.virtual import Cameras

    only = [subject.strip() for subject in subjects.split(",")]
    motion = mocap.load(packs, only=only, fps=FPS, common_bones=True)
    stride = max(1, round(motion.fps / fps))
    return list(heldout.views(motion, count=count, stride=stride, cameras=Cameras()))


def _cells(error: Errors) -> list[str]:
    """A row of the table: millimetres to one digit, millimetres per frame and frame squared to two, where measured."""
    whole = [f"{value:.1f}" for value in (error.mpjpe, error.p_mpjpe, error.n_mpjpe)]
    moving = [f"{value:.2f}" if value else "" for value in (error.mpjve, error.acceleration)]
    return [str(error.frames), *whole, *moving]


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


def _write(output: Path, loaded: Weights, asked: Mapping[str, Any], tables: Mapping[str, Mapping[str, Errors]]) -> None:
    from in_the_wild.files import whole_file

    record = {
        "weights": loaded.source,
        "sha256": loaded.sha256,
        "uses_ground_truth": asked["refine"] is not None,
        **asked,
        "units": "millimetres; mpjve per frame, acceleration per frame squared",
        **{name: {row: vars(error) for row, error in table.items()} for name, table in tables.items()},
    }
    with whole_file(output) as file:
        file.write((json.dumps(record, indent=2) + "\n").encode())
