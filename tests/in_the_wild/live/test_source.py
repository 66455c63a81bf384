"""Live sources: a file at its own pace, an address when pictures come, a camera; and what cannot be opened."""

from __future__ import annotations

import itertools
import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from camera import filming
from numbered_clips import indices, make_clip, picture
from web import serving

from in_the_wild.errors import VideoError
from in_the_wild.live.source import Camera, Picture, pictures
from in_the_wild.video.footage import Video


def taken(source: Camera | Video, count: int | None = None) -> list[Picture]:
    return list(itertools.islice(pictures(source), count))


def test_a_file_comes_as_fast_as_it_was_filmed(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", count=12, times=[0, 0.04, 0.1, *np.arange(0.2, 0.65, 0.05)])
    began = time.monotonic()
    came = [(one, time.monotonic()) for one in pictures(Video(clip))]
    assert indices([one.image() for one, _ in came]) == list(range(12))
    assert [one.time for one, _ in came[:4]] == [0, 0.04, 0.1, 0.2]
    # Nothing comes before it is due, and the delay is counted from then.
    assert all(now >= one.there_at for one, now in came)
    assert np.diff([one.there_at for one, _ in came]) == pytest.approx(np.diff([one.time for one, _ in came]))
    assert time.monotonic() - began >= came[-1][0].time


def test_odd_sides_lose_a_row_or_a_column(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", count=2, size=(65, 49), codec="ffv1", pix_fmt="bgr0")
    (one, _) = taken(Video(clip))
    assert (one.width, one.height) == (64, 48)
    assert one.image().shape == (48, 64, 3)


def test_a_film_in_the_network_comes_at_its_own_pace(tmp_path: Path) -> None:
    make_clip(tmp_path / "clip.mp4", count=10, options={"movflags": "+faststart"})
    with serving(tmp_path) as server:
        came = taken(Video(f"{server.url}/clip.mp4"))
    assert indices([one.image() for one in came]) == list(range(10))
    assert came[-1].there_at - came[0].there_at == pytest.approx(came[-1].time, abs=2e-3)


def test_a_camera_in_the_network_is_shown_when_it_comes(tmp_path: Path) -> None:
    make_clip(tmp_path / "clip.mp4", count=25, rate=Fraction(25))
    with filming(tmp_path / "clip.mp4", turns=1) as camera:
        came = taken(Video(camera.url), 8)
    seen = indices([one.image() for one in came])
    assert seen == sorted(seen)
    assert all(before.time < after.time for before, after in itertools.pairwise(came))


class FakeCapture:
    """A camera that shows numbered pictures, the number of which is that of pictures it has."""

    def __init__(self, number: int) -> None:
        self._left = iter(range(number))
        self._opened = number < 90
        self.released = False

    def isOpened(self) -> bool:
        return self._opened

    def read(self) -> tuple[bool, np.ndarray | None]:
        index = next(self._left, None)
        return (False, None) if index is None else (True, cv2.cvtColor(picture(index), cv2.COLOR_RGB2BGR))

    def release(self) -> None:
        self.released = True


def test_a_camera_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    came = taken(Camera(4))
    assert indices([one.image() for one in came]) == [0, 1, 2, 3]
    assert np.abs(came[0].image().astype(int) - picture(0)).max() == 0
    with pytest.raises(VideoError, match="Camera 0 gives no picture"):
        taken(Camera(0))
    with pytest.raises(VideoError, match="Camera 99 cannot be opened; check that it is connected"):
        taken(Camera(99))


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(VideoError, match="there is no file"):
        taken(Video(tmp_path / "no.mp4"))
    with serving(tmp_path) as server, pytest.raises(VideoError, match="cannot be read"):
        taken(Video(f"{server.url}/no.mp4"))
