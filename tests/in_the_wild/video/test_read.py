"""Every picture of a video at its own time, and what is said of a file that lost some."""

from __future__ import annotations

import itertools
import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numbered_clips import GREEN, NTSC, RED, UNEVEN, indices, is_colour, make_clip, run_ffmpeg

from in_the_wild.video.clock import Clock
from in_the_wild.video.read import VideoReader

ROOT = Path(__file__).resolve().parents[3]

SHARED_VIDEO = ROOT.parent / "shared" / "data" / "video"


def test_every_frame_at_its_own_time(steady: Path) -> None:
    reader = VideoReader(steady)
    frames = list(reader)
    assert [frame.index for frame in frames] == list(range(30))
    assert indices([frame.image for frame in frames]) == list(range(30))
    assert [frame.time for frame in frames] == pytest.approx([float(i / NTSC) for i in range(30)], abs=1e-9)
    assert all(f.image.shape == (48, 64, 3) and f.image.dtype == np.uint8 for f in frames)
    assert all(f.image.flags.c_contiguous and f.image.flags.writeable for f in frames)
    assert reader.warning is None
    assert not reader.truncated


def test_pictures_on_demand_are_the_same_also_when_asked_for_later(steady: Path) -> None:
    reader = VideoReader(steady)
    frames = list(reader.pictures(on_demand=True))
    assert reader.warning is None
    for frame, other in zip(frames[::-3], list(VideoReader(steady))[::-3], strict=True):
        assert (frame.index, frame.time) == (other.index, other.time)
        assert np.array_equal(frame.image, other.image)
        assert frame.image is frame.image


@pytest.mark.parametrize("on_demand", [True, False])
def test_thumbnails_of_all_frames_where_they_are_asked_for(steady: Path, on_demand: bool) -> None:
    frames = list(VideoReader(steady).pictures(on_demand=on_demand, thumbnails=True))
    for frame, other in zip(frames, VideoReader(steady), strict=True):
        assert frame.thumbnail.shape == (36, 64, 3)
        assert frame.thumbnail.dtype == np.uint8
        assert np.abs(frame.thumbnail.mean(axis=(0, 1)) - other.image.mean(axis=(0, 1))).max() < 3
        assert other.thumbnail.size == 0


def test_reads_again_after_a_stop_midway(steady: Path) -> None:
    reader = VideoReader(steady)
    assert indices([frame.image for frame in itertools.islice(reader, 3)]) == [0, 1, 2]
    assert indices([frame.image for frame in reader]) == list(range(30))


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_variable_frame_rate(tmp_path: Path, suffix: str) -> None:
    frames = list(VideoReader(make_clip(tmp_path / f"clip.{suffix}", times=UNEVEN)))
    assert [frame.time for frame in frames] == pytest.approx(UNEVEN, abs=5e-4)
    assert indices([frame.image for frame in frames]) == list(range(len(UNEVEN)))


def test_time_starts_with_the_first_picture(tmp_path: Path, steady: Path) -> None:
    run_ffmpeg("-itsoffset", "3", "-i", steady, "-c", "copy", tmp_path / "late.ts")
    reader = VideoReader(tmp_path / "late.ts")
    assert reader.info.start > 3
    assert [frame.time for frame in reader] == pytest.approx([float(i / NTSC) for i in range(30)], abs=2e-5)


@pytest.mark.parametrize(
    ("degrees", "red_corner", "green_corner"),
    [(0, (0, 0), (0, -1)), (90, (-1, 0), (0, 0)), (180, (-1, -1), (-1, 0)), (270, (0, -1), (-1, -1))],
)
def test_pictures_are_turned_as_a_player_shows_them(
    tmp_path: Path, steady: Path, degrees: int, red_corner: tuple[int, int], green_corner: tuple[int, int]
) -> None:
    path = tmp_path / "turned.mp4"
    run_ffmpeg("-display_rotation", str(degrees), "-i", steady, "-c", "copy", path)
    reader = VideoReader(path)
    image = next(iter(reader)).image
    assert reader.info.rotation == degrees
    assert (reader.info.width, reader.info.height) == (image.shape[1], image.shape[0])
    assert image.flags.c_contiguous
    assert is_colour(image[red_corner], RED)
    assert is_colour(image[green_corner], GREEN)
    as_ffmpeg_shows_it = run_ffmpeg("-i", path, "-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-")
    expected = np.frombuffer(as_ffmpeg_shows_it, np.uint8).reshape(image.shape)
    assert np.abs(image.astype(int) - expected).mean() < 2


def test_odd_sizes_are_read_whole(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "odd.mkv", count=3, size=(321, 241), pix_fmt="yuv444p")
    reader = VideoReader(path)
    assert (reader.info.width, reader.info.height) == (321, 241)
    assert [frame.image.shape for frame in reader] == [(241, 321, 3)] * 3


def test_pixels_that_are_not_square_are_made_so(tmp_path: Path, steady: Path) -> None:
    run_ffmpeg("-i", steady, "-vf", "setsar=2", tmp_path / "wide.mp4")
    reader = VideoReader(tmp_path / "wide.mp4")
    assert (reader.info.width, reader.info.height) == (128, 48)
    assert next(iter(reader)).image.shape == (48, 128, 3)


@pytest.mark.parametrize(("height", "matrix"), [(64, "bt601"), (720, "bt709")])
def test_colours_of_a_file_that_does_not_say_its_matrix(tmp_path: Path, height: int, matrix: str) -> None:
    path = tmp_path / "untagged.mkv"
    run_ffmpeg(
        *("-f", "lavfi", "-i", f"color=0x28C814:s={height * 16 // 9}x{height}:d=0.04"),
        *("-vf", f"scale=out_color_matrix={matrix}:out_range=tv,format=yuv444p,setparams=colorspace=unknown"),
        *("-c:v", "ffv1", path),
    )
    with av.open(str(path)) as container:
        assert next(container.decode(video=0)).colorspace == 2  # unspecified
    assert next(iter(VideoReader(path))).image[20, 20].astype(int) == pytest.approx([0x28, 0xC8, 0x14], abs=3)


@given(st.lists(st.none() | st.fractions(min_value=-1000, max_value=1000, max_denominator=90000), min_size=1))
def test_times_always_increase(stamps: list[Fraction | None]) -> None:
    clock = Clock(fps=30.0)
    seconds = [clock.seconds(stamp) for stamp in stamps]
    assert seconds[0] == 0.0
    assert all(later > earlier for earlier, later in itertools.pairwise(seconds))


@given(st.lists(st.integers(min_value=1, max_value=10**7), min_size=1), st.integers(-(10**9), 10**9))
def test_times_that_increase_are_kept(ticks: list[int], start: int) -> None:
    clock = Clock(fps=30.0)
    stamps = [Fraction(start + after, 90000) for after in [0, *itertools.accumulate(ticks)]]
    assert [clock.seconds(stamp) for stamp in stamps] == [float(stamp - stamps[0]) for stamp in stamps]


def test_a_missing_time_follows_from_the_one_before() -> None:
    clock = Clock(fps=10.0)
    stamps = [Fraction(5), None, Fraction(52, 10), Fraction(0), Fraction(1, 10)]  # the clock starts anew at the 4th
    assert [clock.seconds(stamp) for stamp in stamps] == pytest.approx([0, 0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "webm", "ts"])
def test_a_file_that_breaks_off_gives_what_it_has_and_a_warning(
    tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    codec = "libvpx" if suffix == "webm" else "libx264"
    options = {"movflags": "+faststart"} if suffix == "mp4" else {}
    whole = make_clip(tmp_path / f"whole.{suffix}", count=40, rate=Fraction(20), codec=codec, options=options)
    reader = VideoReader(whole)
    assert sum(1 for _ in reader) == 40
    assert reader.warning is None

    data = whole.read_bytes()
    start = data.index(b"mdat") if suffix == "mp4" else 0
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(data[: start + (len(data) - start) * 6 // 10 // 188 * 188 + 100])
    reader = VideoReader(cut)
    frames = list(reader)
    assert 8 <= len(frames) < 40
    # Of the last ones, some that come earlier may be coded later, and be lost.
    sure = frames[:-3]
    assert indices([frame.image for frame in sure]) == list(range(len(sure)))
    assert [frame.time for frame in sure] == pytest.approx([index / 20 for index in range(len(sure))], abs=1e-3)
    assert reader.truncated
    assert f"gave {len(frames)} frames" in str(reader.warning)
    assert "broke off" in str(reader.warning)
    assert capfd.readouterr() == ("", "")


def test_damage_at_the_end_does_not_take_good_pictures_along(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4", count=12, group=1)
    with av.open(str(path)) as container:
        spoilt = [packet for packet in container.demux(video=0) if packet.size][-2]
    data = bytearray(path.read_bytes())
    assert spoilt.pos is not None
    data[spoilt.pos : spoilt.pos + spoilt.size] = bytes(spoilt.size)
    path.write_bytes(data)
    reader = VideoReader(path)
    frames = list(reader)
    assert indices([frame.image for frame in frames]) == [*range(10), 11]
    assert [frame.time for frame in frames] == pytest.approx([float(i / NTSC) for i in [*range(10), 11]])
    assert "damaged" in str(reader.warning)
    asked = list(reader.pictures(on_demand=True))
    assert [frame.time for frame in asked] == [frame.time for frame in frames]
    assert indices([frame.image for frame in asked]) == [*range(10), 11]


def test_a_hole_in_the_middle_costs_only_itself(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "hole.mp4", count=40, rate=Fraction(20))
    data = bytearray(path.read_bytes())
    middle = (data.index(b"mdat") + data.index(b"moov")) // 2
    data[middle : middle + 300] = bytes(300)
    path.write_bytes(data)
    reader = VideoReader(path)
    frames = list(reader)
    assert 30 <= len(frames) < 40
    assert [frame.time for frame in frames[-5:]] == pytest.approx([index / 20 for index in range(35, 40)])
    assert indices([frame.image for frame in frames[:10] + frames[-5:]]) == [*range(10), *range(35, 40)]
    assert "damaged" in str(reader.warning)


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc to see how much memory is in use")
def test_memory_does_not_grow_with_the_length(tmp_path: Path) -> None:
    def megabytes() -> float:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    path = make_clip(tmp_path / "long.mp4", count=300, size=(320, 240))  # 69 MB as images
    used = [megabytes() for _ in VideoReader(path)]
    assert len(used) == 300
    assert max(used[100:]) - used[100] < 20


@pytest.mark.skipif(not (SHARED_VIDEO / "skater.mp4").exists(), reason="the shared clip skater.mp4 is not here")
def test_frames_are_counted_by_decoding() -> None:
    reader = VideoReader(SHARED_VIDEO / "skater.mp4")
    assert reader.info.frames_claimed == 207
    times = [frame.time for frame in reader]
    assert times == pytest.approx([index / 25 for index in range(185)], abs=1e-3)
    assert reader.warning is None  # nothing is missing: the rest lies before the point where the file says it begins
