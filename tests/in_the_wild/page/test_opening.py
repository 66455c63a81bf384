"""The page in a browser: it opens from the file system, whole and silent, whoever wants it how."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import DESKTOP, PHONE, opened

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_page_opens_and_asks_for_nothing(
    browser: Browser, walking: Path, size: tuple[int, int], *, dark: bool
) -> None:
    with opened(browser, walking, size=size, dark=dark, touch=size == PHONE) as shown:
        shown.page.get_by_text("most bent").first.wait_for()
        assert shown.errors == []
        assert shown.requests == []
        wide = shown.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0]
