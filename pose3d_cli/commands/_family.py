"""What the commands on what there is have in common: a line for each member of a family, or all about one of them.

pose3d detectors            a line each, from the first lines of their files, so that none is imported
pose3d detectors rtmpose    all about one
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import typer

from in_the_wild import plugins
from in_the_wild.settings import defaults_of
from pose3d_cli.commands import _options as options

PANEL = "What there is"


def one(kind: str, names: Callable[[], Iterable[str]], *, also: str = "", check: bool = True) -> Any:
    """The argument of such a command: which member is shown, all of them where it is left out.

    Args:
        kind: What it is a name of, for the error.
        names: Of the members, called when they are needed.
        also: What may be given instead of a name, such as "FILE".
        check: Whether anything but a name is refused here.
    """
    return typer.Argument(
        metavar="|".join(filter(None, ("NAME", also))),
        help=f"The {kind} to tell all about.",
        show_default="a line for each of them",
        **(options.one_of(kind, names) if check else {"autocompletion": options.complete(names)}),
    )


def show(
    name: str | None,
    command: str,
    title: str,
    package: str,
    facts_of: Callable[[type[Any]], Iterable[tuple[str, str]]],
    **columns: Callable[[str], str],
) -> None:
    """A line for each member of a family of plug-ins, or all about one.

    Args:
        name: Of the one; None lists them.
        command: Which tells it.
        title: What they are.
        package: The family's package.
        facts_of: What is told of a member, from its class, after what it is.
        columns: Of the list, beside the name and what it is: heading and what stands below it for a member.
    """
    if name is not None:
        facts(name, [("what it is", plugins.title(package, name)), *facts_of(plugins.load(package, name))])
        return
    rows = [
        (each, plugins.title(package, each), *(column(each) for column in columns.values()))
        for each in plugins.names(package)
    ]
    lines(command, title, rows, ("what it is", *columns))


def lines(
    command: str, title: str, rows: Iterable[tuple[str, ...]], columns: tuple[str, ...] = ("what it is",)
) -> None:
    """A line for each of them, beginning with its name, and how to see more."""
    from pose3d_cli import terminal

    terminal.table(title, ("name", *columns), rows)
    terminal.aside(f"All about one: pose3d {command} NAME")


def facts(name: str, rows: Iterable[tuple[str, str]]) -> None:
    """All about one of them: what, and what is so."""
    from pose3d_cli import terminal

    terminal.table(name, ("", ""), [row for row in rows if row[1]])


def opening(file: Path) -> str:
    """What a configuration is: the first sentence of the comment that it opens with, up to a colon or semicolon."""
    lines = takewhile(lambda line: line.startswith("#"), file.read_text(encoding="utf-8").splitlines())
    comment = " ".join(line.strip("# ") for line in lines)
    return re.split(r"[.:;](?:\s|$)", comment, maxsplit=1)[0]


def settings_of(plugin: type[Any]) -> tuple[str, str]:
    """The settings of a plug-in and their defaults, as a fact."""
    return "settings", settings(defaults_of(plugin))


def settings(defaults: Mapping[str, object]) -> str:
    """Settings as they are typed: "cutoff=4.0, order=2"; those that only a program can set are left out."""
    return ", ".join(f"{key}={typed(value)}" for key, value in defaults.items() if not callable(value)) or "none"


def typed(value: object) -> str:
    """A value as it is typed: true and none, not True and None."""
    return str(value).lower() if isinstance(value, bool) or value is None else str(value)
