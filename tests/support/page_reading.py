"""What a page of poses shows, read off it as somebody at the screen would: the moment, values beside names, pixels.

It knows nothing about how the page is made.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
from browser import Opened
from numbered_clips import indices

if TYPE_CHECKING:
    from playwright.sync_api import Page


def wait_until_ready(page: Page) -> None:
    """All poses are decoded: the angles are there."""
    page.locator(".angles li").first.wait_for()


def frame_of(page: Page) -> int:
    """The frame that the slider stands at."""
    return int(page.get_by_role("slider", name="Moment").get_attribute("aria-valuenow") or -1)


def go_to(page: Page, frame: int) -> None:
    """Step to a frame by keys alone, wherever the page stands."""
    page.keyboard.press("Home")
    for _ in range(frame):
        page.keyboard.press("ArrowRight")
    assert frame_of(page) == frame


def choose_joint(page: Page, joint: str) -> None:
    page.get_by_role("combobox", name="Joint").select_option(label=joint.replace("_", " ").capitalize())


def number(text: str) -> float:
    """The first number in a text."""
    found = re.search(r"-?\d+(\.\d+)?", text)
    assert found, text
    return float(found[0])


def plotted(page: Page) -> dict[str, float]:
    """What stands beside each line's name in the plot's legend, at the moment that is shown."""
    lines = page.locator(".legend li:not(.doubtful)")
    texts = [(line.inner_text(), line.locator("output").inner_text()) for line in lines.all()]
    return {text.removesuffix(value).strip(): number(value) for text, value in texts}


def picture_index(shown: Opened) -> int:
    """Which picture of a numbered clip is seen."""
    return indices([shown.pixels("video")])[0]


def place_of_left(shown: Opened) -> tuple[float, float]:
    """Where on the scene's canvas the figure's left side is, which is orange: the middle of its pixels, x and y."""
    red, green, blue = np.moveaxis(shown.pixels(".space canvas").astype(int), -1, 0)
    rows, columns = np.nonzero((red > 110) & (red > 1.4 * green) & (green > 1.4 * blue))
    assert len(rows) > 50, "no figure is seen"
    return float(columns.mean()), float(rows.mean())
