"""The options that every command has: how the program speaks, and what errors show.

They are taken out of the command line before anything else reads it, so that they count wherever they stand, and
already for mistakes in the rest of the line. Commands list them in their help, and shells complete them.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

import typer

from in_the_wild import __version__

_log = logging.getLogger(__name__)
PANEL = "Everywhere"
# In a context's notes: whether tracebacks are shown, and all of the help.
DEBUG, HELP_ALL = "pose3d_cli.everywhere.debug", "pose3d_cli.everywhere.help_all"
_FLAGS = {
    "--quiet": "quiet", "-q": "quiet", "--verbose": "verbose", "-v": "verbose", "--json": "json", "--debug": "debug",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Which of them were given."""

    quiet: bool = False
    verbose: bool = False
    json: bool = False
    debug: bool = False


def _show_all(ctx: typer.Context, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        ctx.meta[HELP_ALL] = True
        typer.echo(ctx.get_help())
        raise typer.Exit


def _declared(
    quiet: Annotated[
        bool,
        typer.Option("--quiet", "-q", help="No progress, and nothing on what was made; warnings and errors stay.",
                     rich_help_panel=PANEL),
    ] = False,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="Say step by step what is done, and how long it took.",
                     rich_help_panel=PANEL),
    ] = False,
    json: Annotated[
        bool,
        typer.Option("--json", help="For programs: progress, warnings, results and errors as JSON, an object a line.",
                     rich_help_panel=PANEL),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Show where in the program an error came from.", rich_help_panel=PANEL),
    ] = False,
    help_all: Annotated[
        bool,
        typer.Option("--help-all", help="Tell of all options, and what they are for.", is_eager=True,
                     callback=_show_all, rich_help_panel=PANEL),
    ] = False,
) -> None:  # fmt: skip
    """What Typer makes the options of."""


@cache
def options() -> Sequence[Any]:
    """They as commands list them; none ever reaches one."""
    only_these = typer.Typer(add_completion=False)
    only_these.command()(_declared)
    listed: Sequence[Any] = typer.main.get_command(only_these).params
    for option in listed:
        option.expose_value = False
    return listed


def taken_out(arguments: Sequence[str]) -> tuple[Asked, list[str]]:
    """Which were given, and the rest of the line; what stands after "--" is no option.

    >>> taken_out(["run", "a.mp4", "-q"])
    (Asked(quiet=True, verbose=False, json=False, debug=False), ['run', 'a.mp4'])
    """
    end = list(arguments).index("--") if "--" in arguments else len(arguments)
    asked = {_FLAGS[one]: True for one in arguments[:end] if one in _FLAGS}
    rest = [one for number, one in enumerate(arguments) if number >= end or one not in _FLAGS]
    return Asked(**asked), rest


def heed(asked: Asked) -> None:
    """Speak as it was asked for."""
    from pose3d_cli import terminal

    terminal.speak(terminal.Manner(quiet=asked.quiet, verbose=asked.verbose, json=asked.json))
    _log.info("pose3d %s, Python %s, %s", __version__, sys.version.partition(" ")[0], sys.platform)


def for_a_program() -> bool:
    """Whether another program listens."""
    from pose3d_cli import terminal

    return terminal.to_a_program()
