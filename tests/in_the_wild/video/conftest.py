"""Clips that several tests of video read."""

from __future__ import annotations

from pathlib import Path

import pytest
from numbered_clips import make_clip, run_ffmpeg


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def steady(clips: Path) -> Path:
    return make_clip(clips / "steady.mp4")


@pytest.fixture(scope="session")
def flash_and_beep(clips: Path) -> Path:
    """Two seconds that turn white, and begin to sound, at 1 s."""
    path = clips / "flash_and_beep.mp4"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "color=black:s=64x48:r=25:d=2,geq=lum='if(gte(T,0.999),235,16)':cb=128:cr=128"),
        *("-f", "lavfi", "-i", "aevalsrc='if(gte(t,1),sin(6283*t),0)':s=48000:d=2"),
        *("-c:v", "libx264", "-c:a", "aac", path),
    )
    return path
