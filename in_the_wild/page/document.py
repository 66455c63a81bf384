"""The shipped page with what it shows put into it: styles and code are those of `viewer.html`, all else is data.

Nothing of the data is markup or code, whatever people and files are called. It knows nothing about poses.
"""

from __future__ import annotations

import html
import importlib.resources
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from in_the_wild.skeletons import Skeleton

_DATA, _TITLE = "<!--data-->", "<title>pose3d</title>"
# What the page's own policy forbids, and what one that is served may: to ask whoever serves it.
_SEALED, _CONNECTED = "default-src 'none'", "default-src 'none'; connect-src 'self'"


def document(
    name: str, header: Mapping[str, Any], texts: Mapping[str, str], *, connected: bool = False
) -> Iterator[str]:
    """The page, part by part.

    Args:
        name: What it is called.
        header: What it shows, as JSON has it; `src/header.ts` says what there must be.
        texts: The content of elements of data, by their ids: base64 or an address.
        connected: Whether it may ask the server that it comes from.
    """
    viewer = importlib.resources.files(__package__).joinpath("viewer.html").read_text(encoding="utf-8")
    before, after = viewer.split(_DATA)
    if connected:
        before = before.replace(_SEALED, _CONNECTED, 1)
    yield before.replace(_TITLE, f"<title>{html.escape(name)} · pose3d</title>")
    yield _script("header", "application/json", _escaped(header))
    for id_, text in texts.items():
        yield _script(id_, "text/plain", text)
    yield after


def described_skeleton(skeleton: Skeleton) -> dict[str, Any]:
    """A skeleton for the header."""
    return {
        "name": skeleton.name,
        "joints": skeleton.joints,
        "parents": skeleton.parent_indices,
        "edges": skeleton.edges,
        "sides": [skeleton.side(joint) for joint in range(len(skeleton))],
    }


def header_name(path: str) -> str:
    """The name of a file without the folders of the machine that it lay on."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _script(name: str, kind: str, content: str) -> str:
    """An element of data."""
    return f'<script type="{kind}" id="{name}">{content}</script>\n'


def _escaped(data: Any) -> str:
    """JSON that ends no element and opens no comment, whatever texts are in it."""
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return re.sub("[<>&]", lambda letter: f"\\u{ord(letter[0]):04x}", text)
