"""`pose3d doctor`: what is installed, what works, what is missing, and the line that mends it."""

from __future__ import annotations

import typer

PANEL = "What there is"
_COLUMNS = ("part", "state", "found", "to mend it")


def doctor() -> None:
    """Whether all that pose3d needs works on this machine; tries each part on something small.

    Ends with exit code 1 where something that is needed does not work.

    Example: pose3d doctor
    """
    from pose3d_cli import terminal
    from pose3d_cli.checkup import examination

    findings = examination.examined()
    terminal.table("What works here", _COLUMNS, [(one.part, one.state, one.found, one.mend) for one in findings])
    causes = [one.part for one in findings if one.cause]
    if causes:
        terminal.complain(f"pose3d does not work here because of: {', '.join(causes)}; the table says what mends it.")
        raise typer.Exit(1)
    terminal.aside("All that pose3d needs works.")
