"""`pose3d measure`: what people do, in numbers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pose3d_cli.commands import _options as options

if TYPE_CHECKING:
    from in_the_wild.measures.table import Measure

PANEL = "Single steps"
_COLUMNS = ("measure", "values", "least", "mean", "most", "unit", "fastest, deg/s")


def measure(
    result: Annotated[
        Path,
        typer.Argument(metavar="RESULT", help="A folder of pose3d run, or a file of 3D poses, also of your own."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="All values over time; the name ends in .csv or .json.",
                     show_default="the table alone", rich_help_panel=options.OUTPUT),
    ] = None,
    person: Annotated[
        list[int] | None,
        typer.Option("--person", metavar="ID", help="Only this person. Repeatable.", show_default="everybody",
                     rich_help_panel=options.INPUT),
    ] = None,
    repetitions: Annotated[
        str,
        typer.Option("--repetitions", metavar="NAME", rich_help_panel=options.OUTPUT,
                     help="Whose repetitions are told: an angle, or a height such as pelvis_height.",
                     show_default="the angle that repeats most"),
    ] = "",
    read_as: options.ReadAs = None,
) -> None:  # fmt: skip
    """Measure joint angles, heights and speeds of joints, repetitions, jumps and steps: degrees, metres, seconds.

    Flexion, abduction, forwards and to the person's right are positive. Steps are those of results of pose3d run.

    Example: pose3d measure out/clip/poses3d.npz -o measures.csv --person 0
    """
    from in_the_wild import formats
    from in_the_wild.files import refuse_overwriting
    from in_the_wild.gather import joints_of
    from in_the_wild.measures import files, table
    from pose3d_cli import terminal

    result = joints_of(result)
    if output is not None:
        files.check_name(output)
        refuse_overwriting(output, [result])
    found = table.measured(formats.read(result, read_as), person or (), repeated=repetitions)
    for one in sorted({measure.person for measure in found}):
        rows = [_row(measure) for measure in found if measure.person == one]
        terminal.table(f"Person {one}", _COLUMNS, rows, numbers=(*_COLUMNS[1:5], _COLUMNS[6]))
    if output is not None:
        files.write(found, output)
        terminal.aside(f"{output}: {sum(len(measure.values) for measure in found)} values.")


def _row(measure: Measure) -> tuple[str, ...]:
    least, mean, most = (
        f"{value:.2f}" for value in (measure.values.min(), measure.values.mean(), measure.values.max())
    )
    fastest = "" if math.isnan(measure.fastest) else f"{measure.fastest:.0f}"
    return measure.name, str(len(measure.values)), least, mean, most, measure.unit, fastest
