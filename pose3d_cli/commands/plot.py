"""`pose3d plot`: results as pictures for papers."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from in_the_wild import defaults, plugins
from pose3d_cli.commands import _options as options

PANEL = "Single steps"

_kinds = partial(plugins.names, "in_the_wild.plots")
_COLUMNS = ("1", "2")


def plot(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULT", help="A folder of pose3d run, or a file of poses; several are drawn together, "
                       "such as before and after smoothing."),
    ],
    what: Annotated[
        str,
        typer.Option("--what", metavar="|".join(_kinds()), help="What is drawn: where joints are, how fast they move, "
                     "their angles, jumps, repetitions, lengths of bones, scores of the detector, errors against the "
                     "truth, or poses side by side.", rich_help_panel=options.INPUT, **options.one_of("plot", _kinds)),
    ] = defaults.PLOT,
    joint: Annotated[
        list[str] | None,
        typer.Option("--joint", metavar="NAME", help="A joint, such as left_knee, or an angle or a height by its "
                     "name. Repeatable.", show_default="the usual ones", rich_help_panel=options.INPUT),
    ] = None,
    person: Annotated[
        list[int] | None,
        typer.Option("--person", metavar="ID", help="Only this person. Repeatable.", rich_help_panel=options.INPUT,
                     show_default="everybody; of several results the one seen longest"),
    ] = None,
    start: options.Start = None,
    end: options.End = None,
    truth: Annotated[
        Path | None,
        typer.Option("--truth", metavar="RESULT", help="What errors are told against: motion capture, or another "
                     "result.", show_default="none", rich_help_panel=options.INPUT),
    ] = None,
    names: options.Names = None,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="FILE.pdf|.svg|.png", help="The picture.",
                     rich_help_panel=options.OUTPUT),
    ] = Path("plot.pdf"),
    columns: Annotated[
        str,
        typer.Option("--columns", metavar="|".join(_COLUMNS), help="As wide as one column of a paper, 89 mm, or as "
                     "two, 183 mm.", rich_help_panel=options.OUTPUT, **options.one_of("width", lambda: _COLUMNS)),
    ] = "1",
    read_as: options.ReadAs = None,
) -> None:  # fmt: skip
    """Draw results for a paper: joints over time, errors, poses side by side; with units, fonts embedded.

    Left is orange and right blue; several results, or people, have colours of their own. Needs matplotlib.

    Example: pose3d plot out/clip --what angle --joint left_knee --joint right_knee -o knees.pdf
    """
    options.require_suffix(output, ".pdf", ".svg", ".png")

    from in_the_wild import plotting
    from in_the_wild.excerpt import Excerpt
    from in_the_wild.files import refuse_overwriting
    from in_the_wild.gather import gather
    from pose3d_cli import terminal

    refuse_overwriting(output, [*results, *([] if truth is None else [truth])])
    part = Excerpt(persons=tuple(person or ()), start=options.time_of(start), end=options.time_of(end))
    shown = {one.name: one.poses for one in gather(results, names=names or (), read_as=read_as)}
    compared = None if truth is None else gather([truth])[0].poses
    drawn = plotting.figure(shown, joint or (), what=what, part=part, truth=compared, wide=columns == "2")
    plotting.save(drawn, output)
    width, height = (25.4 * inches for inches in drawn.get_size_inches())
    terminal.aside(f"{output}: {what} of {', '.join(shown)}, {width:.0f} x {height:.0f} mm.")
