"""Help that fits a person's head: what a command does, an example, the options that matter most, where more is told.

Options under the heading FIRST, which the commands choose, are told at once; of the others of a command that has many,
--help gives the names and --help-all tells all. Plain text, without boxes: it is searched, copied and read in logs.

It knows nothing about what the commands are.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperCommand

from pose3d_cli import everywhere

WIDTH = 100  # columns that help takes at most
FIRST = "Options that matter most"
_OTHERS = "Options"  # the heading of those that have none
_MANY = 12  # options of its own beyond which a command's help tells the most important ones alone
_EXAMPLE = "Example: "
_DEFAULT_IN_WORDS = re.compile(r"default: \((.*)\)(?=[;\]])")


class Command(TyperCommand):
    """A command with such a help."""

    def get_params(self, ctx: Any) -> Any:
        """Its own options, and those that every command has."""
        *own, help_option = super().get_params(ctx)
        return [*own, *everywhere.options(), help_option]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """What is shown by --help, and by --help-all."""
        sentence, *rest = _paragraphs(self)
        examples = [one for one in rest if one.startswith(_EXAMPLE)]
        parameters = self.get_params(ctx)
        own = [one for one in parameters if one.param_type_name == "option" and _heading(one) != everywhere.PANEL]
        own = [one for one in own if one.name != "help"]
        told_all = ctx.meta.get(everywhere.HELP_ALL, False)
        brief = not told_all and len(own) > _MANY and FIRST in map(_heading, own)
        _write_paragraph(formatter, sentence)
        self.format_usage(ctx, formatter)
        formatter.write("".join(f"{one}\n" for one in examples))
        if not brief:
            for one in rest:
                if one not in examples:
                    _write_paragraph(formatter, one, above=True)
        _write_records(formatter, "Arguments", [one for one in parameters if one.param_type_name == "argument"], ctx)
        if not brief:
            for heading in dict.fromkeys(map(_heading, own)):
                _write_records(formatter, heading, [one for one in own if _heading(one) == heading], ctx)
        else:
            _write_records(formatter, FIRST, [one for one in own if _heading(one) == FIRST], ctx)
            _write_names(formatter, ctx, [one for one in own if _heading(one) != FIRST])
        if told_all:
            _write_records(formatter, everywhere.PANEL, everywhere.options(), ctx)
        else:
            names = " ".join(one.opts[0] for one in everywhere.options())
            formatter.write(f"\n{_strong(everywhere.PANEL)}: {names}\n")


def write_commands(group: Any, ctx: Any, formatter: Any, headings: Sequence[str]) -> None:
    """The help of a program: its commands under these headings, and its own options."""
    sentence, *examples = _paragraphs(group)
    _write_paragraph(formatter, sentence)
    group.format_usage(ctx, formatter)
    formatter.write("".join(f"{one}\n" for one in examples))
    commands = [group.get_command(ctx, name) for name in group.list_commands(ctx)]
    longest = max(len(one.name) for one in commands)
    for heading in headings:
        rows = [
            (one.name.ljust(longest), _paragraphs(one)[0])
            for one in commands
            if one.rich_help_panel == heading and not one.hidden
        ]
        with formatter.section(_strong(heading)):
            formatter.write_dl(rows)
    own = [one for one in group.get_params(ctx) if _heading(one) != everywhere.PANEL]
    _write_records(formatter, _OTHERS, own, ctx)
    _write_records(formatter, everywhere.PANEL, everywhere.options(), ctx)


def _paragraphs(command: Any) -> list[str]:
    """What a command says of itself, each paragraph in a line."""
    text = inspect.cleandoc(command.help or "")
    return [" ".join(part.split()) for part in text.split("\n\n")]


def _heading(option: Any) -> str:
    return option.rich_help_panel if getattr(option, "rich_help_panel", None) else _OTHERS


def _write_paragraph(formatter: Any, text: str, *, above: bool = False) -> None:
    """A paragraph with an empty line after it, or above it."""
    if above:
        formatter.write("\n")
    formatter.write_text(text)
    if not above:
        formatter.write("\n")


def _write_records(formatter: Any, heading: str, parameters: Sequence[Any], ctx: Any) -> None:
    """Names and what they are for, under a heading; nothing without any."""
    rows = []
    for one in parameters:
        if not one.hidden:
            names, told = one.get_help_record(ctx)
            # A default that is told in words stands in brackets of its own, and an argument's type behind its name.
            names = one.metavar if one.param_type_name == "argument" and one.metavar else names
            rows.append((names, _DEFAULT_IN_WORDS.sub(r"default: \1", told)))
    if rows:
        with formatter.section(_strong(heading)):
            formatter.write_dl(rows, col_max=26)


def _write_names(formatter: Any, ctx: Any, options: Sequence[Any]) -> None:
    """The names of options under their headings, and where they are told of."""
    headings = list(dict.fromkeys(map(_heading, options)))
    room = formatter.width - max(map(len, headings)) - 6
    rows = []
    for heading in headings:
        names = " ".join(one.opts[0] for one in options if _heading(one) == heading and not one.hidden)
        # Wrapped here, as click breaks names at their hyphens; "\b" keeps it from wrapping them again.
        rows.append((heading, "\n".join(["\b", *textwrap.wrap(names, room, break_on_hyphens=False)])))
    with formatter.section(_strong(f"More, told by {ctx.command_path} --help-all")):
        formatter.write_dl(rows)


def _strong(text: str) -> str:
    return typer.style(text, bold=True)
