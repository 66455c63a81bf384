"""`pose3d export`: saved poses as a file for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.commands import _options as options

PANEL = "Single steps"


def export(
    poses: Annotated[
        Path,
        typer.Argument(metavar="POSES", help="A folder of pose3d run, or a file of 2D or 3D poses, also of your own."),
    ],
    output: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="Where they go; the name's end says the format."),
    ],
    person: Annotated[
        list[int] | None,
        typer.Option("--person", metavar="ID", help="Only this person. Repeatable.", show_default="everybody",
                     rich_help_panel=options.INPUT),
    ] = None,
    start: options.Start = None,
    end: options.End = None,
    read_as: options.ReadAs = None,
    format: options.Format = None,
    space: options.Space = None,
    up: options.Up = None,
    units: options.Units = None,
    preset: options.Preset = None,
    fps: options.ResampledFps = None,
) -> None:  # fmt: skip
    """Turn saved poses into a file for other programs: a table, or motion in the axes and units that they expect.

    BVH is y up in centimetres, TRC y up in millimetres as OpenSim reads it, C3D z up in millimetres; pose3d formats
    lists them all.

    Example: pose3d export poses3d.npz walk.trc --person 0 --start 1.5 --end 0:04 --units m
    """
    from in_the_wild import exports, formats
    from in_the_wild.excerpt import Excerpt
    from in_the_wild.gather import joints_of
    from pose3d_cli import terminal

    poses = joints_of(poses)
    writer = formats.writer_for(output, format, space=space or "", up=up or "", units=units or "", preset=preset or "")
    excerpt = Excerpt(
        persons=tuple(person or ()), start=options.time_of(start), end=options.time_of(end), fps=fps, space=space or ""
    )
    chosen = exports.chosen(formats.read(poses, read_as), writer, excerpt)
    with terminal.at_work("write", total=chosen.video.frames):
        written = exports.write(chosen, output, writer, inputs=[poses])
    names, persons = ", ".join(map(str, written)), ", ".join(map(str, chosen.persons)) or "none"
    where = writer.coordinates if writer.written_space else f"{chosen.space} space, {writer.coordinates}"
    terminal.aside(f"{names}: {writer.title}, {len(chosen)} poses, persons: {persons}; {where}.")
