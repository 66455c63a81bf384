"""One browser for all tests of the page, and the pages that it opens."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import moving_people
import pytest
from browser import chromium
from numbered_clips import make_clip

import in_the_wild as iw

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def walking(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of two people in motion beside a video whose pictures tell their index."""
    folder = tmp_path_factory.mktemp("walking")
    clip = make_clip(folder / "clip.mp4", count=moving_people.FRAMES, rate=Fraction(int(moving_people.FPS)))
    return iw.view(moving_people.people(0, 1), folder / "view.html", video=clip)
