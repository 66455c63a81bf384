"""`pose3d lift`: the lifting step of `run` alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

PANEL = "Single steps"


def lift(
    poses2d: Annotated[
        Path,
        typer.Argument(metavar="POSES2D.npz", help="Keypoints with ids, from pose3d run or pose3d detect."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE.npz", help="Where the 3D poses go.",
                     rich_help_panel=options.OUTPUT),
    ] = Path("poses3d.npz"),
    model: options.Model = None,
    weights: options.Weights = None,
    variant: options.Variant = None,
    persons: options.Persons = "all",
    tds: options.Tds = "auto",
    flip: options.Flip = True,
    smooth: options.Smooth = None,
    overlap: options.Overlap = options.DEFAULT_OVERLAP,
    focal: options.Focal = None,
    fov: options.Fov = None,
    device: options.Device = "auto",
) -> None:  # fmt: skip
    """Turn 2D keypoints into 3D poses in metres.

    Both files are like those of pose3d run.

    Example: pose3d lift poses2d.npz -o poses3d.npz --fov 60
    """
    options.require_suffix(output, ".npz")

    from in_the_wild import formats, pipeline
    from in_the_wild.camera import focal_length
    from pose3d_cli import terminal

    began = time.monotonic()
    found = formats.read(poses2d)
    size = {"width": found.video.width, "height": found.video.height}
    pixels, focal_source = focal_length(**size, focal=focal, fov=fov)
    pipeline.make_writable(output.parent)
    lifter, chosen_device = options.load_weights(weights, model=model, variant=variant, device=device)
    result = pipeline.Result(video=poses2d, folder=output.parent, frames=found.video.frames)
    with terminal.progress(poses2d.name) as report:
        poses3d, _ = pipeline.lift_people(
            pipeline.choose(found, options.persons_of(persons)),
            lifter,
            focal=pixels,
            focal_source=focal_source,
            tds=options.tds_of(tds),
            flip=flip,
            smoothing=smooth,
            overlap=overlap,
            device=chosen_device,
            result=result,
            report=report,
        )
    pipeline.save(poses3d, output.name, result)
    report_on.warnings(result)
    report_on.table([report_on.row(result, time.monotonic() - began)])
