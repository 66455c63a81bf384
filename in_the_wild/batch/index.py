"""`index.html`: all clips of a batch as pictures that lead to their pages and films; those without a result say why.

It is one page without scripts, and asks for nothing but the pictures in the clips' folders beside it: whatever clips
are called, nothing of it is markup, and no link leads out of the folder. It knows nothing about how any of it was made.
"""

from __future__ import annotations

import html
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from in_the_wild import look
from in_the_wild.batch.outcome import Outcome
from in_the_wild.errors import printable
from in_the_wild.files import whole_file
from in_the_wild.leftovers import PAGE, POSTER

INDEX = "index.html"
_FILM = "overlay."

_STYLE = """
:root { color-scheme: light dark; @LIGHT@ }
@media (prefers-color-scheme: dark) { :root { @DARK@ } }
body { margin: 0; padding: 24px clamp(16px, 4vw, 48px); background: var(--ground); color: var(--text);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { margin: 0; font-size: 22px; font-weight: 600; overflow-wrap: anywhere; }
p { margin: 4px 0 20px; color: var(--quiet); }
a { color: inherit; }
ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 16px; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 260px), 1fr)); }
li { display: flex; flex-direction: column; background: var(--card); border-radius: 10px; overflow: hidden; }
li.failed { outline: 2px solid var(--warning); }
.picture { display: block; aspect-ratio: 16 / 9; background: var(--behind); text-align: center;
  text-decoration: none; }
.picture img { width: 100%; height: 100%; object-fit: contain; display: block; }
.picture span { display: grid; place-items: center; height: 100%; color: var(--faint); }
.said { padding: 10px 14px 14px; overflow-wrap: anywhere; }
.said b { font-weight: 600; }
.said div { color: var(--quiet); font-size: 13px; }
.failed .error { color: var(--text); }
summary { cursor: pointer; }
a:focus-visible, summary:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
"""
# Nothing may run, and nothing be fetched but pictures beside the page.
_POLICY = "default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'"


def write(outcomes: Sequence[Outcome], folder: Path) -> Path:
    """Write the page of a batch into its folder.

    Args:
        outcomes: In the order of the pictures.
        folder: Where the clips' own folders are.

    Raises:
        OutputError: it cannot be written.
    """
    title = html.escape(printable(folder.resolve().name))
    page = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title} · pose3d</title><style>{_styles()}</style></head><body>",
        f"<h1>{title}</h1><p>{_summary(outcomes)}</p><ul>",
        *map(_card, outcomes),
        "</ul></body></html>",
    ]
    with whole_file(folder / INDEX) as file:
        file.write("\n".join(page).encode(errors="backslashreplace"))
    return folder / INDEX


def _summary(outcomes: Sequence[Outcome]) -> str:
    """What came of all of them, in a line."""
    failed = sum(outcome.error is not None for outcome in outcomes)
    frames = sum(outcome.frames for outcome in outcomes)
    said = [_counted(len(outcomes) - failed, "clip"), f"{frames:,} frames"]
    return ", ".join([*said, *([f"{failed} without a result"] if failed else [])]) + "."


def _card(outcome: Outcome) -> str:
    """One clip: its picture, what is known of it, and where it leads."""
    name = html.escape(printable(outcome.name))
    if outcome.error is not None or outcome.folder is None:
        error = html.escape(outcome.error or "Nothing was written.")
        picture = '<div class="picture"><span>no result</span></div>'
        return f'<li class="failed">{picture}<div class="said"><b>{name}</b><div class="error">{error}</div></div></li>'
    folder = outcome.folder.name
    beside = [file for file in outcome.files if file == PAGE or file.startswith(_FILM)]
    link = _link(folder, beside[-1] if beside else "")
    shown = f'<img src="{_link(folder, POSTER)}" alt="" loading="lazy">' if outcome.has_picture else ""
    facts = f"{_counted(len(outcome.people), 'person', 'people')} · {outcome.frames:,} frames"
    links = " · ".join(f'<a href="{_link(folder, file)}">{html.escape(file)}</a>' for file in (*beside, ""))
    return (
        f'<li><a class="picture" href="{link}" aria-label="{name}">{shown or "<span>no picture</span>"}</a>'
        f'<div class="said"><b>{name}</b><div>{facts}</div><div>{links.replace("></a>", ">folder</a>")}</div>'
        f"{_warnings(outcome.warnings)}</div></li>"
    )


def _warnings(warnings: Sequence[str]) -> str:
    """Behind a line that unfolds."""
    if not warnings:
        return ""
    said = "".join(f"<div>{html.escape(one)}</div>" for one in warnings)
    return f"<details><summary>{_counted(len(warnings), 'warning')}</summary>{said}</details>"


def _link(folder: str, file: str) -> str:
    """The address of a file in a clip's folder, or of the folder, as seen from the page."""
    return html.escape(f"./{quote(os.fsencode(folder))}/{quote(file)}")


def _counted(count: int, one: str, many: str = "") -> str:
    """So many of something.

    >>> _counted(1, "person", "people"), _counted(2, "clip")
    ('1 person', '2 clips')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _styles() -> str:
    """The page's styles, in the colours of films and pages."""
    light, dark = (
        "; ".join(
            f"--{name}: rgb{colour}"
            for name, colour in (
                ("ground", theme.background),
                ("card", theme.floor),
                ("behind", look.DARK.background),
                ("faint", look.DARK.quiet),
                ("text", theme.text),
                ("quiet", theme.quiet),
                ("warning", theme.warning),
                ("focus", theme.sides["right"]),
            )
        )
        for theme in (look.LIGHT, look.DARK)
    )
    return _STYLE.replace("@LIGHT@", light).replace("@DARK@", dark)
