"""The `pose3d` command: lists the commands, starts one, and turns what goes wrong into one line and an exit code.

Every file in `commands` is one command, listed by its name without an edit here. Such a file holds a function of the
file's name, whose docstring is the help text, and `PANEL`, the heading that `pose3d --help` lists it under.
All of these files are imported whenever `pose3d` starts: at their top they import nothing heavy, so that help and
errors come at once.

How the program speaks, and whether errors show where they came from, is said by options that every command has, see
`everywhere`; they count wherever they stand, as they are usually put at the end of a line that has just failed.

Exit codes: 0 done; 1 an error, told in one line; 2 a mistake in the command line; 130 stopped by Ctrl-C; 143 and 129
ended by the system (SIGTERM) or with the terminal (SIGHUP), which take away what is half written just as Ctrl-C does.
"""

from __future__ import annotations

import importlib
import io
import logging
import os
import signal
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from in_the_wild import __version__, failures, memory, plugins
from in_the_wild.errors import Pose3DError
from pose3d_cli import everywhere, helping

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import ModuleType

_log = logging.getLogger(__name__)
_COMMANDS = "pose3d_cli.commands"
# The headings of `pose3d --help`, from top to bottom.
_PANELS = ("The whole job", "Single steps", "What there is", "Data, training, evaluation")
# Commands that were, and what is typed now; the longest beginning of a line that stands here counts.
_MOVED: Mapping[tuple[str, ...], str] = {
    ("show",): "models, weights, detectors, refiners, formats, skeletons, datasets, configs or tables",
    ("show", "data"): "datasets",
    **{("show", one): one for one in ("models", "weights", "detectors", "refiners", "skeletons", "datasets", "tables")},
}


# Ctrl-C, unless another signal comes.
_ended_by: list[int] = [signal.SIGINT]


class _Reporting(TyperGroup):
    """The commands, with every error that a user can mend reported here, once."""

    def get_params(self, ctx: Any) -> Any:
        """The options that stand before a command; those of every command can stand here too."""
        return [*super().get_params(ctx), *everywhere.options()]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the options out that every command has, and heed them from now on."""
        asked, rest = everywhere.taken_out(args)
        if not ctx.resilient_parsing:  # while a shell completes a line
            everywhere.heed(asked)
        ctx.meta[everywhere.DEBUG] = asked.debug
        return super().parse_args(ctx, rest)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """The commands under their headings."""
        helping.write_commands(self, ctx, formatter, _PANELS)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is asked for; one that has another name now is answered with that name."""
        for length in (2, 1):
            # While a shell completes a line, nobody reads an error.
            if (now := _MOVED.get(tuple(args[:length]))) and not ctx.resilient_parsing:
                ctx.fail(f"pose3d {' '.join(args[:length])} has another name now: pose3d {now}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for; a traceback is shown with --debug alone."""
        began = time.monotonic()
        try:
            answer = super().invoke(ctx)
            _log.info("done after %.1f s", time.monotonic() - began)
            return answer
        except KeyboardInterrupt as stop:
            # A command that knows more about what is left says so in the exception.
            _terminal().stopped(" ".join(["Stopped.", *map(str, stop.args)]))
            raise typer.Exit(getattr(stop, "exit_code", 128 + _ended_by[-1])) from None
        except (Pose3DError, OSError, MemoryError, ModuleNotFoundError) as error:
            sentence = failures.known(error)
            if sentence is None or ctx.meta[everywhere.DEBUG]:
                raise
            _terminal().complain(sentence)
            raise typer.Exit(1) from None
        except Exception as error:
            self._tell_whose(error)
            _tell_a_program(error)
            raise

    def _tell_whose(self, error: Any) -> None:
        """Say of an option that a command lacks which ones have it: the most similar of its own would mislead."""
        if not hasattr(error, "possibilities"):  # of click's NoSuchOption, which typer may bring under another name
            return
        option = error.option_name
        having = [name for name, one in self.commands.items() if any(option in given.opts for given in one.params)]
        if having:
            error.possibilities = None
            error.message = f"No such option: {option}. It is one of pose3d {', '.join(sorted(having))}."


def _tell_a_program(error: Any) -> None:
    """Tell a program that listens of a mistake in the command line, which people see with how it is used."""
    # Typer may bring click under another name: its errors are known by what they can do.
    if everywhere.for_a_program() and hasattr(error, "format_message"):
        _terminal().complain(error.format_message())
        raise typer.Exit(error.exit_code) from None


def _terminal() -> ModuleType:
    from pose3d_cli import terminal

    return terminal


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"pose3d {__version__}")
        raise typer.Exit


app = typer.Typer(
    cls=_Reporting,
    name="pose3d",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": helping.WIDTH},
)


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Video of people in, 3D human poses out.

    Example: pose3d run clip.mp4 -o out
    """


def _add_commands() -> None:
    modules = {name: importlib.import_module(f"{_COMMANDS}.{name}") for name in plugins.names(_COMMANDS)}
    for name, module in sorted(modules.items(), key=lambda item: _PANELS.index(item[1].PANEL)):
        command: Callable[..., None] = getattr(module, name)
        app.command(name.replace("_", "-"), cls=helping.Command, rich_help_panel=module.PANEL)(command)


_add_commands()


def _stop_as_ctrl_c_does() -> None:
    """Let SIGTERM and SIGHUP unwind the program, so that part files go; one that is ignored, as by nohup, stays so."""
    endings = [number for number in (signal.SIGTERM, getattr(signal, "SIGHUP", None)) if number is not None]
    process = os.getpid()

    def stop(number: int, frame: object) -> None:
        if os.getpid() != process:  # a child that was forked has nothing to tidy up
            os._exit(128 + number)
        for ending in endings:  # a second one shall not break off the tidying up
            signal.signal(ending, signal.SIG_IGN)
        _ended_by.append(number)
        raise KeyboardInterrupt

    for ending in endings:
        if signal.getsignal(ending) == signal.SIG_DFL:
            signal.signal(ending, stop)


def _wait_without_spinning() -> None:
    """Let threads of torch that wait for each other go to sleep soon, unless the user has said how they shall wait.

    GNU's OpenMP has them spin for milliseconds otherwise. On a machine that has other work too they spin while the one
    that they wait for gets no core: lifting then takes several times as long. It is asked when torch is imported.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "10000")  # some 30 microseconds: enough from one product to the next


def main() -> None:
    """What the `pose3d` script runs."""
    _wait_without_spinning()
    memory.keep_freed()
    _stop_as_ctrl_c_does()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that is not UTF-8, or that this terminal has no letters for, is shown with backslashes.
            stream.reconfigure(errors="backslashreplace")
    given = sys.argv[1:]
    try:
        app(args=given, prog_name="pose3d")
    except Exception as error:
        if everywhere.taken_out(given)[0].debug:
            raise
        _terminal().complain(failures.sentence(error))
        sys.exit(1)


if __name__ == "__main__":
    main()
