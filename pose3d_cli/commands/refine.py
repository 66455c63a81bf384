"""`pose3d refine`: saved poses, smoothed or filled out."""

from __future__ import annotations

import time
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from in_the_wild import devices, settings
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
    keypoints: Annotated[
        Path | None,
        typer.Option("--keypoints", metavar="POSES2D", help="What 3D poses were lifted from, for refiners that use it.",
                     rich_help_panel=options.INPUT, show_default="none"),
    ] = None,
    read_as: options.ReadAs = None,
    device: options.Device = "auto",
) -> None:  # fmt: skip
    """Turn 2D or 3D poses into smoother ones, or into ones without missing frames.

    A refiner that fills frames does so in gaps of up to half a second, or as long as the detector was told to leave.

    Example: pose3d refine poses2d.npz --refiner butterworth:cutoff=6 -o refined.npz
    """
    writer = options.result_format(output, poses)

    import in_the_wild as iw
    from in_the_wild.files import make_writable
    from in_the_wild.result import Result
    from pose3d_cli import terminal

    began = time.monotonic()
    given = iw.load(poses, read_as)
    make_writable(output.parent)
    make = partial(settings.make, "in_the_wild.refiners", device=devices.choose(device))
    refined = iw.refine(given, [make(one) for one in refiner], keypoints=keypoints, progress=terminal.voice())
    files = options.write_result(refined, output, writer, poses)
    result = Result(poses, output.parent, refined, frames=given.video.frames, files=files)
    report_on.step(result, began)
