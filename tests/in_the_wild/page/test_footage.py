"""How a video comes along with a page: within it, beside it, or not and why not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numbered_clips import make_clip

from in_the_wild.errors import InputError
from in_the_wild.page import footage as module
from in_the_wild.page.footage import How, footage
from in_the_wild.video.footage import Video


@pytest.fixture
def clip(tmp_path: Path) -> Video:
    folder = tmp_path / "a folder, ü"
    folder.mkdir()
    return Video(make_clip(folder / "clip #1.mp4", count=5, rate=Fraction(25)))


def test_a_link_is_the_way_from_the_page_to_the_video(clip: Video, tmp_path: Path) -> None:
    page = tmp_path / "pages" / "view.html"
    found = footage(clip, page, "link")
    assert found.source == "../a%20folder%2C%20%C3%BC/clip%20%231.mp4"
    assert "clip #1.mp4 is not where this page looks for it" in found.missing


@pytest.mark.parametrize("how", ["auto", "embed"])
def test_a_small_video_is_taken_in(clip: Video, tmp_path: Path, how: How) -> None:
    assert footage(clip, tmp_path / "view.html", how).source.startswith("data:video/mp4;base64,")


def test_a_large_video_is_linked_where_nobody_says_so(
    clip: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_BY_ITSELF", 10)
    assert footage(clip, tmp_path / "view.html").source.endswith("clip%20%231.mp4")


def test_a_link_never_climbs_to_the_root_where_it_would_name_the_machines_folders(clip: Video) -> None:
    far = Path("/no such folder/view.html")
    with pytest.raises(InputError, match=r"clip #1\.mp4 lies too far from this page to be linked; embed it"):
        footage(clip, far, "link")


def test_of_a_large_video_too_far_away_the_page_says_why_it_is_not_there(
    clip: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST_BY_ITSELF", 10)
    found = footage(clip, Path("/no such folder/view.html"))
    assert found.source == ""
    assert "too far from this page" in found.missing
    assert str(clip.files[0].parent) not in found.missing


def test_numbered_pictures_cannot_be_linked(tmp_path: Path) -> None:
    for number in range(3):
        cv2.imwrite(str(tmp_path / f"{number:04d}.png"), np.zeros((20, 30, 3), np.uint8))
    with pytest.raises(InputError, match="is not one file of a film; embed it"):
        footage(Video(str(tmp_path / "%04d.png")), tmp_path / "view.html", "link")


def test_a_video_that_nobody_knows(tmp_path: Path) -> None:
    assert footage(None, tmp_path / "view.html").missing == "The video was not found when this page was made."
    assert footage(None, tmp_path / "view.html", "none").missing == "This page was made without its video."
    hows: tuple[How, ...] = ("embed", "link")
    for how in hows:
        with pytest.raises(InputError, match="name it: --video FILE"):
            footage(None, tmp_path / "view.html", how)
