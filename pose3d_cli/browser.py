"""The user's browser, where there is a screen to open one on."""

from __future__ import annotations

import os
import sys
import webbrowser
from pathlib import Path


def show(page: Path) -> bool:
    """Open a page in the browser; False where that cannot be done."""
    # On Linux without a screen a browser for terminals would take this one over.
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    return webbrowser.open(page.resolve().as_uri())
