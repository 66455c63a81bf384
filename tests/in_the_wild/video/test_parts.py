"""A part of a video is read as if all of it had been: the same pictures at the same times, and no others."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import pytest
from numbered_clips import NTSC, UNEVEN, indices, make_clip, run_ffmpeg

from in_the_wild.errors import InputError, VideoError
from in_the_wild.video.footage import Video
from in_the_wild.video.read import VideoReader
from in_the_wild.video.seek import entry

Read = list[tuple[float, int]]  # seconds, and the number on the picture
_FORMATS = {
    "long groups.mp4": ("libx264", {"group": 40}),
    "key pictures alone.mp4": ("libx264", {"group": 1}),
    "clip.mkv": ("libx264", {}),
    "clip.webm": ("libvpx", {}),
    "clip.ts": ("libx264", {}),
    "clip.avi": ("mpeg4", {}),
    "clip.mpg": ("mpeg2video", {"rate": Fraction(25)}),
    "clip.flv": ("flv1", {"rate": Fraction(25)}),
}


def read(path: Path, start: float | None = None, end: float | None = None) -> Read:
    frames = list(VideoReader(Video(path, start=start, end=end)))
    assert [frame.index for frame in frames] == list(range(len(frames))), "counted where reading begins"
    return list(zip([frame.time for frame in frames], indices([frame.image for frame in frames]), strict=True))


@pytest.mark.parametrize("name", _FORMATS)
def test_any_part_is_that_of_a_full_decode(tmp_path: Path, name: str) -> None:
    codec, how = _FORMATS[name]
    path = make_clip(tmp_path / name, count=44, codec=codec, **how)  # type: ignore[arg-type]
    whole = read(path)
    times = [seconds for seconds, _ in whole]
    for first in range(0, 44, 3):
        for start in (times[first], times[first] - 0.01, times[first] + 1e-4):
            end = start + 0.25
            if start < 0:
                continue
            expected = [(seconds, number) for seconds, number in whole if start - 1e-6 <= seconds <= end + 1e-6]
            assert read(path, start, end) == expected


def test_both_ends_are_included_and_either_can_be_left_out(steady: Path) -> None:
    whole = read(steady)
    assert read(steady, end=whole[9][0]) == whole[:10]
    assert read(steady, start=whole[9][0]) == whole[9:]
    assert read(steady, start=whole[9][0], end=whole[9][0]) == whole[9:10]


def test_a_variable_frame_rate_stays_what_it_is(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "uneven.mkv", times=UNEVEN, group=4)
    assert [number for _, number in read(path, 0.1, 1.2)] == [2, 3, 4, 5, 6, 7]
    assert [seconds for seconds, _ in read(path, 0.1, 1.2)] == pytest.approx(UNEVEN[2:8], abs=5e-4)


def test_times_are_those_since_the_first_picture_whatever_the_files_clock(tmp_path: Path, steady: Path) -> None:
    run_ffmpeg("-itsoffset", "300", "-i", steady, "-c", "copy", tmp_path / "late.ts")
    whole = read(tmp_path / "late.ts")
    assert read(tmp_path / "late.ts", 0.5, 0.7) == [one for one in whole if 0.5 <= one[0] <= 0.7]


def test_open_groups_and_refreshed_pictures(tmp_path: Path) -> None:
    """Where a picture that can be sought is no place to begin at: the ones shown after it need others before it."""
    for name, how in (("open", "open-gop=1:keyint=12:bframes=3"), ("refresh", "intra-refresh=1:keyint=12")):
        path = make_clip(tmp_path / f"{name}.mp4", count=44, options={}, group=12)
        run_ffmpeg("-i", path, "-c:v", "libx264", "-x264-params", how, tmp_path / f"{name}.mkv")
        whole = read(tmp_path / f"{name}.mkv")
        for start in (0.35, 0.41, 0.8, 1.1):
            assert read(tmp_path / f"{name}.mkv", start, start + 0.2) == [
                one for one in whole if start <= one[0] <= start + 0.2
            ]


def test_the_start_of_a_long_file_is_found_without_reading_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "hour.mp4"
    run_ffmpeg("-f", "lavfi", "-i", "color=gray:s=32x32:r=5:d=3600", "-g", "50", "-preset", "ultrafast", path)
    assert entry(path, 0, Fraction(3500)) is not None
    began = time.perf_counter()
    seconds = [frame.time for frame in VideoReader(Video(path, start=3500, end=3501))]
    assert time.perf_counter() - began < 0.5
    assert seconds == pytest.approx([3500, 3500.2, 3500.4, 3500.6, 3500.8, 3501])


def test_a_part_says_nothing_of_what_lies_outside(steady: Path) -> None:
    for part in (Video(steady, end=0.3), Video(steady, start=0.5), Video(steady, start=0.2, end=0.3)):
        reader = VideoReader(part)
        count = sum(1 for _ in reader)
        assert reader.warning is None
        assert not reader.notes
        assert reader.frames_expected == pytest.approx(count, abs=1)


def test_a_part_that_the_video_does_not_have(steady: Path) -> None:
    with pytest.raises(VideoError, match=r"steady\.mp4 has no picture from 5 s to 6 s; it lasts about 1\.00 s\."):
        list(VideoReader(Video(steady, start=5, end=6)))
    between = float(1 / NTSC) / 2
    with pytest.raises(VideoError, match="has no picture from"):
        list(VideoReader(Video(steady, start=between, end=between + 0.001)))
    with pytest.raises(InputError, match="An end after the start was expected, found 2 to 1 seconds"):
        Video(steady, start=2, end=1)
    with pytest.raises(InputError, match="must be seconds from 0, found -1"):
        Video(steady, start=-1)
