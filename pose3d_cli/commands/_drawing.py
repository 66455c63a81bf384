"""Options of what draws, and what their values mean."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated

import typer

from in_the_wild import plugins
from in_the_wild.errors import InputError
from pose3d_cli.commands import _options as options

DRAWING = "Drawing"
# Endings of films, and of single pictures.
FILMS = (".mp4", ".mov", ".webm", ".gif", ".webp", ".apng")
PICTURES = (".png", ".jpg", ".jpeg")
_BODIES, _BACKGROUNDS = ("capsules", "bones"), ("dark", "light", "transparent")
_layouts = partial(plugins.names, "in_the_wild.layouts")


Layout = Annotated[
    str | None,
    typer.Option(
        "--layout",
        help="overlay is the video with its skeletons, side that beside the people in 3D, scene 3D alone, quad also "
        "from the front, the left and above, compare several results, strip a contact sheet.",
        metavar="|".join(_layouts()),
        show_default="side; scene without a video, compare for several results",
        rich_help_panel=options.FIRST,
        **options.one_of("layout", _layouts),
    ),
]
Body = Annotated[
    str,
    typer.Option(
        "--body",
        help="People in 3D as shaded limbs with a head, or as the skeleton's own lines.",
        metavar="|".join(_BODIES),
        rich_help_panel=DRAWING,
        **options.one_of("body", lambda: _BODIES),
    ),
]
Background = Annotated[
    str,
    typer.Option(
        "--background",
        help="transparent leaves out all but people and their shadows, for .mov, .webm, .gif, .webp, .apng and .png.",
        metavar="|".join(_BACKGROUNDS),
        rich_help_panel=options.FIRST,
        **options.one_of("background", lambda: _BACKGROUNDS),
    ),
]
Trails = Annotated[
    str | None,
    typer.Option(
        "--trails",
        help="Joints whose paths of the last second are drawn: left_wrist,right_ankle.",
        metavar="JOINT,...",
        show_default="none",
        rich_help_panel=DRAWING,
    ),
]


def size_of(text: str) -> tuple[int, int]:
    """Width and height from "1920x1080".

    Raises:
        InputError: it is no size.
    """
    found = re.fullmatch(r"(\d{1,5})[x:,](\d{1,5})", text.strip())
    if found is None:
        raise InputError(f'A size such as 1920x1080 was expected, found "{text}".')
    return int(found[1]), int(found[2])


def joints_of(text: str | None) -> tuple[str, ...]:
    """Joints from "left_wrist,right_ankle"."""
    return tuple(name for part in (text or "").split(",") if (name := part.strip()))
