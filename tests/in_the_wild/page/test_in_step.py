"""Video and scene show the same frame: whatever the video's times are, and whatever of it was read."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import moving_people
import numbered_clips
import numpy as np
import pytest
from browser import Opened, opened
from numbered_clips import UNEVEN, make_clip, run_ffmpeg

import in_the_wild as iw
from in_the_wild.gather import Shown
from in_the_wild.page.footage import How, footage
from in_the_wild.page.write import write
from in_the_wild.poses import Source
from in_the_wild.video.read import VideoReader

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_PATIENCE = 50  # times 100 ms: a browser decodes from the last key frame on


def late_pictures(folder: Path) -> Path:
    """Pictures that begin half a second after the sound."""
    clip = make_clip(folder / "silent.mp4", count=12, rate=Fraction(10))
    sound = ("-f", "lavfi", "-i", "aevalsrc='sin(440*t)':s=48000:d=2")
    return run_into(
        folder / "late.mp4", *sound, "-itsoffset", "0.5", "-i", clip, "-map", "1:v", "-map", "0:a", "-c:v", "copy"
    )


def run_into(path: Path, *arguments: str | Path) -> Path:
    run_ffmpeg(*arguments, path)
    return path


def even(folder: Path) -> Path:
    return make_clip(folder / "even.mp4", count=20, options={}, group=8)


def uneven(folder: Path) -> Path:
    return make_clip(folder / "uneven.mp4", times=UNEVEN)


def webm(folder: Path) -> Path:
    return make_clip(folder / "clip.webm", count=12, rate=Fraction(25), codec="libvpx-vp9")


def not_for_browsers(folder: Path) -> Path:
    return make_clip(folder / "old.avi", count=12, rate=Fraction(25), codec="ffv1")


def page_of(video: iw.Video, folder: Path, how: How) -> Path:
    """A page of somebody who moves while a video lasts."""
    reader = VideoReader(video)
    times = [frame.time for frame in reader]
    source = Source(video.name, reader.info.width, reader.info.height, reader.info.fps, np.array(times))
    poses = moving_people.people(0)
    poses = poses.rows(poses.frame < len(times)).replace(video=source)
    path = folder / "view.html"
    write([Shown("one", poses)], path, footage=footage(video, path, how))
    return path


def picture(shown: Opened, *, awaited: int) -> int:
    """Which picture of a clip is shown, read off the middle of the video, once it is the awaited one or time is up."""
    for _ in range(_PATIENCE):
        (index,) = numbered_clips.indices([shown.pixels(".picture")])
        if index == awaited:
            break
        shown.page.wait_for_timeout(100)
    return index


def go_to(shown: Opened, frame: int) -> None:
    shown.page.keyboard.press("Home")
    for _ in range(frame):
        shown.page.keyboard.press("ArrowRight")
    shown.page.get_by_text(f"frame {frame} of").wait_for()


@pytest.mark.parametrize(
    ("make", "how", "read"),
    [
        (even, "embed", {}),
        (even, "link", {}),
        (even, "embed", {"start": 0.2, "end": 0.5}),
        (uneven, "embed", {}),
        (late_pictures, "embed", {}),
        (webm, "embed", {}),
        (not_for_browsers, "embed", {}),
        (not_for_browsers, "embed", {"start": 0.1}),
    ],
    ids=["even", "linked", "part", "uneven", "late", "webm", "copy", "part copied"],
)
def test_the_video_shows_the_frame_of_the_scene(
    browser: Browser, tmp_path: Path, make: Callable[[Path], Path], how: How, read: dict[str, float]
) -> None:
    video = iw.Video(make(tmp_path), **read)  # type: ignore[arg-type]
    first = next(iter(numbered_clips.indices([frame.image for frame in VideoReader(video)])))
    with opened(browser, page_of(video, tmp_path, how)) as shown:
        shown.page.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
        for frame in (0, 1, 7):
            go_to(shown, frame)
            assert picture(shown, awaited=first + frame) == first + frame
