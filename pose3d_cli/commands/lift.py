"""`pose3d lift`: the lifting step of `run` alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from in_the_wild import defaults
from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

PANEL = "Single steps"


def lift(
    poses2d: Annotated[
        Path,
        typer.Argument(metavar="POSES2D", help="Keypoints with ids, from pose3d run or pose3d detect."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE", help="Where the 3D poses go: .npz, .json or .csv.",
                     rich_help_panel=options.OUTPUT),
    ] = Path("poses3d.npz"),
    model: options.Model = None,
    weights: options.Weights = None,
    variant: options.Variant = None,
    read_as: options.ReadAs = None,
    persons: options.Persons = "all",
    roi: options.Roi = None,
    max_people: options.MaxPeople = None,
    tds: options.Tds = "auto",
    flip: options.Flip = True,
    smooth: options.Smooth = None,
    overlap: options.Overlap = defaults.OVERLAP,
    focal: options.Focal = None,
    fov: options.Fov = None,
    device: options.Device = "auto",
) -> None:  # fmt: skip
    """Turn 2D keypoints into 3D poses in metres.

    Both files are like those of pose3d run.

    Example: pose3d lift poses2d.npz -o poses3d.npz --fov 60
    """
    writer = options.result_format(output, poses2d)

    import in_the_wild as iw
    from in_the_wild.files import make_writable
    from in_the_wild.result import Result

    began = time.monotonic()
    lens = iw.Lens(focal=focal, fov=fov)
    found = iw.load(poses2d, read_as)
    make_writable(output.parent)
    lifter = options.load_lifter(
        weights, model=model, variant=variant, device=device,
        flip=flip, tds=options.tds_of(tds), smoothing=smooth, overlap=overlap,
    )  # fmt: skip
    whom = options.selection_of(persons, roi, max_people)
    poses = iw.lift(found, lifter, persons=whom, lens=lens, progress=True)
    writer.write(poses, output)
    result = Result(poses2d, output.parent, poses, frames=poses.video.frames, files=[output.name])
    if not poses.persons:
        result.warnings.append(f"No person was found in {poses2d.name}; the results have no rows.")
    report_on.step(result, began)
