"""`pose3d detect`: the first step of `run` alone."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from in_the_wild import defaults
from pose3d_cli.commands import _options as options
from pose3d_cli.commands import _report as report_on

PANEL = "Single steps"


def detect(
    video: Annotated[
        str,
        typer.Argument(metavar="VIDEO", help="A video: a file, numbered pictures (frames/%04d.png or their folder), a "
                       "picture, an address."),
    ],
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE.npz", help="Where the keypoints go.",
                     rich_help_panel=options.FIRST),
    ] = Path("poses2d.npz"),
    detector: options.Detector = defaults.DETECTOR,
    persons: Annotated[
        int,
        typer.Option("--persons", metavar="N", help="The most people to look for in one picture; 1 is half as fast "
                     "again.", min=1, rich_help_panel=options.FIRST),
    ] = defaults.SEVERAL,
    start: options.Start = None,
    end: options.End = None,
    rotate: options.Rotate = "auto",
    mirror: options.Mirror = False,
    stream: options.Stream = 0,
    fps: options.PicturesFps = None,
    looks: options.Looks = "auto",
    every: options.Every = None,
    device: options.Device = "auto",
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Detect anew, also where the file is of another video.",
                     rich_help_panel=options.OUTPUT),
    ] = False,
) -> None:  # fmt: skip
    """Turn a video into 2D keypoints of people with stable ids.

    The file is like poses2d.npz of pose3d run: everybody who is found is in it, and pose3d lift chooses among them.

    Example: pose3d detect clip.mp4 -o poses2d.npz
    """
    options.require_suffix(output, ".npz")

    meant = options.videos_of([video], start=start, end=end, rotate=rotate, mirror=mirror, stream=stream, fps=fps)

    from in_the_wild import Output, Result, inputs, pipeline
    from in_the_wild.files import make_writable, refuse_overwriting
    from pose3d_cli import terminal

    began = time.monotonic()
    chosen = inputs.alone(meant)
    refuse_overwriting(output, chosen.files)
    result = Result(chosen.footage, folder=output.parent)
    where = Output(output.parent, overwrite=overwrite)
    with terminal.voice().listening(chosen.name) as report, pipeline.open_reader(chosen, report) as reader:
        make_writable(output.parent)
        with options.make_finder(detector, persons=persons, looks=looks, every=every, device=device) as finder:
            found = pipeline.find_people(reader, finder, where, result=result, name=output.name, report=report)
    result.keypoints = found
    if not found.persons:
        result.warnings.append(f"No person was found in {chosen.name}; the file has no rows.")
    report_on.step(result, began)
