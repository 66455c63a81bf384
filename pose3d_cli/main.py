"""The `pose3d` command: lists the commands, starts one, and turns what goes wrong into one line and an exit code.

Every file in `commands` is one command, listed by its name without an edit here. Such a file holds a function of the
file's name, whose docstring is the help text, and `PANEL`, the heading that `pose3d --help` lists it under.
All of these files are imported whenever `pose3d` starts: at their top they import nothing heavy, so that help and
errors come at once.

Exit codes: 0 done; 1 an error, told in one line; 2 a mistake in the command line; 130 stopped by Ctrl-C; 143 and 129
ended by the system (SIGTERM) or with the terminal (SIGHUP), which take away what is half written just as Ctrl-C does.
"""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from in_the_wild import __version__, plugins
from in_the_wild.errors import Pose3DError
from pose3d_cli import failures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is asked for; one that has another name now is answered with that name."""
        for length in (2, 1):
            # While a shell completes a line, nobody reads an error.
            if (now := _MOVED.get(tuple(args[:length]))) and not ctx.resilient_parsing:
                ctx.fail(f"pose3d {' '.join(args[:length])} has another name now: pose3d {now}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for; a traceback is shown with --debug alone."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            # A command that knows more about what is left says so in the exception.
            _complain(" ".join(["Stopped.", *map(str, stop.args)]))
            raise typer.Exit(getattr(stop, "exit_code", 128 + _ended_by[-1])) from None
        except (Pose3DError, OSError, MemoryError, ModuleNotFoundError) as error:
            sentence = failures.known(error)
            if sentence is None or ctx.params.get("debug"):
                raise
            _complain(f"Error: {sentence}")
            raise typer.Exit(1) from None
        except Exception as error:
            self._tell_whose(error)
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


def _complain(line: str) -> None:
    from pose3d_cli import terminal

    terminal.complain(line)


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
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where in the program an error came from.")] = False,
) -> None:
    """Video of people in, 3D human poses out.

    Example: pose3d run clip.mp4 -o out
    """


def _add_commands() -> None:
    modules = {name: importlib.import_module(f"{_COMMANDS}.{name}") for name in plugins.names(_COMMANDS)}
    for name, module in sorted(modules.items(), key=lambda item: _PANELS.index(item[1].PANEL)):
        command: Callable[..., None] = getattr(module, name)
        app.command(name.replace("_", "-"), rich_help_panel=module.PANEL)(command)


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


def main() -> None:
    """What the `pose3d` script runs."""
    _stop_as_ctrl_c_does()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name that is not UTF-8, or that this terminal has no letters for, is shown with backslashes.
            stream.reconfigure(errors="backslashreplace")
    # --debug counts wherever it stands: it is usually put at the end of a line that has just failed.
    given = sys.argv[1:]
    debug = ["--debug"] if "--debug" in given else []
    try:
        app(args=[*debug, *(argument for argument in given if argument != "--debug")], prog_name="pose3d")
    except Exception as error:
        if debug:
            raise
        _complain(f"Error: {failures.sentence(error)}")
        sys.exit(1)


if __name__ == "__main__":
    main()
