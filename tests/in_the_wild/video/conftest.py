"""Clips that several tests of video read."""

from __future__ import annotations

from pathlib import Path

import pytest
from numbered_clips import make_clip, make_flash_and_beep


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def steady(clips: Path) -> Path:
    return make_clip(clips / "steady.mp4")


@pytest.fixture(scope="session")
def flash_and_beep(clips: Path) -> Path:
    return make_flash_and_beep(clips / "flash_and_beep.mp4")
