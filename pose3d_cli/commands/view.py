"""`pose3d view`: a page of results, for any browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pose3d_cli.commands import _options as options

PANEL = "The whole job"


def view(
    results: Annotated[
        list[Path],
        typer.Argument(metavar="RESULT", help="A folder of pose3d run, or a file of 3D poses; several of one video are "
                       "shown over each other."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.html", help="The page.", rich_help_panel=options.OUTPUT,
                     show_default="view.html beside the poses; of several results compare.html here"),
    ] = None,
    video: Annotated[
        str,
        typer.Option("--video", metavar="auto|embed|link|none|FILE", help="How the video comes along: within the page, "
                     "beside it, or not; auto embeds small ones and links others. Or the video itself, where it is not "
                     "where it was.", rich_help_panel=options.INPUT),
    ] = "auto",
    names: options.Names = None,
    show: Annotated[
        bool, typer.Option("--open/--no-open", help="Open the page in the browser.", rich_help_panel=options.OUTPUT)
    ] = True,
) -> None:  # fmt: skip
    """Make a page of 3D poses beside their video, and open it: one file, to be kept or sent, that needs no network.

    Example: pose3d view out/clip
    """
    if output is not None:
        options.require_suffix(output, ".html")

    import in_the_wild as iw
    from in_the_wild.gather import joints_of
    from pose3d_cli import browser, terminal

    page = output
    if page is None:
        page = joints_of(results[0]).with_name("view.html") if len(results) == 1 else Path("compare.html")
    iw.view(results, page, video=video, names=names or ())
    terminal.aside(str(page))
    if show and not browser.show(page):
        terminal.aside("No browser can be opened from here; open the file in one.")
