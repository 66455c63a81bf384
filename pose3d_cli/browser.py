"""The user's browser, where there is a screen to open one on."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path


def found() -> str | None:
    """What the browser that would be opened is called; None where there is none, or no screen."""
    # On Linux without a screen a browser for terminals would take this one over.
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return None
    try:
        chosen = webbrowser.get()
    except webbrowser.Error:
        return None
    return str(getattr(chosen, "name", type(chosen).__name__))


def show(page: Path | str) -> bool:
    """Open a page, a file or an address, in the browser; False where that cannot be done."""
    return found() is not None and webbrowser.open(page.resolve().as_uri() if isinstance(page, Path) else page)
