"""`pose3d compare`: how far two results are apart."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.commands import _options as options

if TYPE_CHECKING:
    from in_the_wild.poses import Poses

PANEL = "Single steps"


def compare(
    result: Annotated[
        Path,
        typer.Argument(metavar="RESULT", help="A folder of pose3d run, or a file of 3D poses, also of other programs."),
    ],
    truth: Annotated[
        Path,
        typer.Argument(metavar="OTHER", help="What they are compared with: another result, or motion capture."),
    ],
    person: Annotated[
        int | None,
        typer.Option("--person", metavar="ID", help="Whom to compare in RESULT.", rich_help_panel=options.INPUT,
                     show_default="the one seen longest"),
    ] = None,
    other: Annotated[
        int | None,
        typer.Option("--other", metavar="ID", help="Who that is in OTHER.", rich_help_panel=options.INPUT,
                     show_default="the one seen longest"),
    ] = None,
    read_as: options.ReadAs = None,
) -> None:  # fmt: skip
    """Tell how far two results of one clip are apart, over all and joint by joint, in millimetres.

    Joints are relative to the middle of the hips, and compared at the times at which both files have the person. NPZ,
    JSON, CSV, TRC, C3D and BVH can be given; files of motion are in world space, so compare them with an export.

    Example: pose3d compare out/clip/poses3d.npz mocap.c3d
    """
    from in_the_wild import formats
    from in_the_wild.gather import joints_of
    from pose3d_cli import terminal
    from pose3d_cli.metrics.between import difference

    result, truth = joints_of(result), joints_of(truth)
    ours, theirs = formats.read(result, read_as), formats.read(truth)
    found = difference(_one(ours, person), _one(theirs, other))
    over_all = {
        "MPJPE mm": found.mpjpe,
        "N-MPJPE mm": found.n_mpjpe,
        "P-MPJPE mm": found.p_mpjpe,
        "acceleration mm/frame²": found.acceleration,
    }
    terminal.table(
        f"{result.name} and {truth.name}: {len(found.joints)} joints, {found.frames} frames",
        tuple(over_all),
        [tuple(_said(value) for value in over_all.values())],
        numbers=tuple(over_all),
    )
    rows = [(joint, f"{value:.1f}") for joint, value in zip(found.joints, found.each, strict=True)]
    terminal.table("Joint by joint", ("joint", "mm"), rows, numbers=("mm",))
    if ours.space != theirs.space:
        terminal.say(
            f"{result.name} is in {ours.space} space and {truth.name} in {theirs.space} space: only what is left after "
            f"turning one pose onto the other can be told. For more, bring one to the other: pose3d export --space."
        )


def _one(poses: Poses, person: int | None) -> Poses:
    """One person's rows.

    Raises:
        InputError: nobody of this id, or nobody at all.
    """
    from in_the_wild.excerpt import Excerpt

    return poses.seen_longest() if person is None else Excerpt(persons=(person,)).of(poses)


def _said(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1f}"
