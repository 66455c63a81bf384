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
        typer.Argument(metavar="POSES", help="2D or 3D poses, from pose3d run, detect or lift, or a file of your own."),
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
    read_as: options.ReadAs = None,
    format: options.Format = None,
) -> None:  # fmt: skip
    """Turn saved poses into a file for other programs, such as a table for a spreadsheet.

    Example: pose3d export poses3d.npz poses3d.csv --format csv:layout=wide
    """
    import numpy as np

    from in_the_wild import formats
    from in_the_wild.errors import InputError
    from in_the_wild.files import refuse_overwriting
    from pose3d_cli import terminal

    refuse_overwriting(output, [poses])
    writer = formats.writer_for(output, format)
    found = formats.read(poses, read_as)
    if missing := [str(one) for one in person or [] if one not in found.persons]:
        raise InputError(f"{poses} has no person {', '.join(missing)}. Known: {_ids(found.persons)}.")
    if person:
        found = found.rows(np.isin(found.person_id, person))
    writer.write(found, output)
    terminal.say(f"{output}: {writer.title}, {len(found)} poses, persons: {_ids(found.persons)}.")


def _ids(persons: list[int]) -> str:
    return ", ".join(map(str, persons)) or "none"
