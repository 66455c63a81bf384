"""Chromium without a window, driven by Playwright: pages opened as files, and all that they say and ask for.

It knows nothing about what the pages show.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FloatRect, Page

EXECUTABLE = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Nothing of the browser's own goes out, and pictures are computed on the processor.
_FLAGS = [
    *("--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
]
_PATIENCE = 300  # times 50 ms
_STILL = 5  # looks at which what is still lies in one place
DESKTOP, PHONE = (1280, 800), (390, 844)  # width, height in pixels


@dataclass
class Opened:
    """A page that lies open.

    Attributes:
        page: Playwright's own.
        errors: What it wrote to the console as an error or a warning, and what it threw.
        requests: Addresses outside the file itself, and outside what it carries, that it asked for.
    """

    page: Page
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def until(self, condition: str) -> None:
        """Wait for a condition in JavaScript; the page's own policy forbids what Playwright would wait by."""
        for _ in range(_PATIENCE):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(f"never true: {condition}")

    def drawn(self) -> None:
        """Wait until what has changed is drawn."""
        self.page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def settled(self, selector: str) -> FloatRect:
        """Where an element is, once it stays there: a page that is slow to load moves what it has drawn."""
        boxes: list[FloatRect | None] = []
        for _ in range(_PATIENCE):
            self.drawn()
            boxes.append(self.page.locator(selector).first.bounding_box())
            last = boxes[-1]
            if last is not None and boxes[-_STILL:] == [last] * _STILL:
                return last
        raise AssertionError(f"never still: {selector}")

    def pixels(self, selector: str) -> np.ndarray:
        """(H, W, 3) uint8 RGB of what an element looks like."""
        taken = np.frombuffer(self.page.locator(selector).screenshot(), np.uint8)
        return cv2.cvtColor(cv2.imdecode(taken, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser while the block lasts; a test that wants one where there is none is skipped."""
    if EXECUTABLE is None:
        pytest.skip("no Chromium is installed; on Debian: apt-get install chromium")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright drives the browser: make dev")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=EXECUTABLE, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    path: Path,
    *,
    size: tuple[int, int] = DESKTOP,
    dark: bool = True,
    still: bool = False,
    touch: bool = False,
) -> Iterator[Opened]:
    """A file in a window of its own, which has no network.

    Args:
        browser: From `chromium`.
        path: Of an HTML file.
        size: Width and height of the window in pixels.
        dark: Whether its user prefers dark pages.
        still: Whether its user wants reduced motion.
        touch: Whether its screen is touched.
    """
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce" if still else "no-preference",
        has_touch=touch,
        is_mobile=touch,
        offline=True,
        accept_downloads=True,
    )
    page = context.new_page()
    page.set_default_timeout(15_000)
    result = Opened(page)
    page.on("console", lambda said: result.errors.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda thrown: result.errors.append(str(thrown)))
    page.on(
        "request",
        lambda request: (
            None
            if request.url == path.as_uri() or request.url.startswith(("data:", "blob:"))
            else result.requests.append(request.url)
        ),
    )
    page.goto(path.as_uri())
    try:
        yield result
    finally:
        context.close()
