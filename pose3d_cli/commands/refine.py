"""`pose3d refine`: saved poses, smoothed or filled out."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

PANEL = "Single steps"


def refine(
    poses: Annotated[
        Path,
        typer.Argument(metavar="POSES.npz", help="2D or 3D poses with ids, from pose3d run, detect or lift."),
    ],
    refiner: options.RequiredRefiners,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE.npz", help="Where the refined poses go.",
                     rich_help_panel=options.OUTPUT),
    ] = Path("refined.npz"),
    device: options.Device = "auto",
) -> None:  # fmt: skip
    """Turn 2D or 3D poses into smoother ones, or into ones without missing frames.

    A refiner that fills frames does so in gaps of up to half a second, or as long as the detector was told to leave.

    Example: pose3d refine poses2d.npz --refiner butterworth:cutoff=6 -o refined.npz
    """
    options.require_suffix(output, ".npz")

    from in_the_wild import formats, pipeline

    began = time.monotonic()
    given = formats.read(poses)
    pipeline.make_writable(output.parent)
    result = pipeline.Result(video=poses, folder=output.parent, frames=given.video.frames)
    refined = pipeline.refine_people(given, options.build_refiners(refiner, device=device))
    result.people = refined.persons
    pipeline.save(refined, output.name, result)
    report_on.warnings(result)
    report_on.table([report_on.row(result, time.monotonic() - began)])
