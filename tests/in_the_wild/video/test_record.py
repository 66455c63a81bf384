"""Films from a network: the same as from a file, no more of them than is read, and one sentence where there is none."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from camera import filming
from numbered_clips import indices, make_clip, picture, run_ffmpeg
from web import serving, silence

from in_the_wild.errors import VideoError
from in_the_wild.video import record
from in_the_wild.video.footage import Address, Video
from in_the_wild.video.read import Frame, VideoReader
from in_the_wild.video.record import at_hand

_CODECS = {"clip.mp4": "libx264", "clip.mkv": "libx264", "clip.webm": "libvpx", "clip.ts": "libx264"}


def read(video: Video) -> list[Frame]:
    with at_hand(video) as here:
        reader = VideoReader(here)
        frames = list(reader)
        assert (reader.warning, reader.notes) == (None, [])
        assert reader.info.path.name == video.name
        return frames


def same(given: list[Frame], expected: list[Frame]) -> bool:
    return [frame.time for frame in given] == [frame.time for frame in expected] and all(
        np.array_equal(one.image, other.image) for one, other in zip(given, expected, strict=True)
    )


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("name", _CODECS)
def test_an_address_gives_what_the_file_gives(tmp_path: Path, name: str, ranges: bool) -> None:
    make_clip(tmp_path / name, count=44, codec=_CODECS[name], options={"movflags": "+faststart"})
    with serving(tmp_path, ranges=ranges) as server:
        for asked in (
            Video(tmp_path / name),
            Video(tmp_path / name, start=0.5, end=1.0),
            Video(tmp_path / name, end=0.4),
            Video(tmp_path / name, start=0.9, rotate=90, mirror=True),
        ):
            given = read(asked.replace(source=f"{server.url}/{name}?token=1"))
            assert same(given, list(VideoReader(asked))), asked


def test_turns_and_sound_come_along(tmp_path: Path, steady: Path) -> None:
    tone = ("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", "-shortest")
    run_ffmpeg("-display_rotation", "90", "-i", steady, *tone, "-c:v", "copy", tmp_path / "turned.mp4")
    with serving(tmp_path) as server, at_hand(Video(f"{server.url}/turned.mp4")) as here:
        assert VideoReader(here).info.rotation == 90
        assert VideoReader(here).info.sound == ("aac",)


@pytest.mark.parametrize("index_first", [True, False])
def test_a_part_is_not_downloaded_whole(tmp_path: Path, index_first: bool) -> None:
    path = tmp_path / "long.mp4"
    noise = "nullsrc=s=320x240:r=10:d=60,geq=random(1)*255:128:128"
    flags = ("-movflags", "+faststart") if index_first else ()
    run_ffmpeg("-f", "lavfi", "-i", noise, "-c:v", "libx264", "-g", "20", "-preset", "ultrafast", *flags, path)
    size = path.stat().st_size
    assert size > 10_000_000
    with serving(tmp_path, pause=0.002) as server:
        frames = read(Video(f"{server.url}/long.mp4", start=40, end=41))
        assert [frame.time for frame in frames] == pytest.approx(np.arange(400, 411) / 10)
        assert server.sent < size / 4


def test_a_playlist_is_read_and_names_no_file_of_this_machine(tmp_path: Path, steady: Path) -> None:
    run_ffmpeg("-i", steady, "-c", "copy", "-f", "hls", "-hls_time", "0.3", "-hls_list_size", "0", tmp_path / "p.m3u8")
    (tmp_path / "evil.m3u8").write_text(
        f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{steady}\n#EXT-X-ENDLIST\n"
    )
    with serving(tmp_path) as server:
        frames = read(Video(f"{server.url}/p.m3u8"))
        assert indices([frame.image for frame in frames]) == list(range(30))
        with pytest.raises(VideoError, match=r"evil\.m3u8 cannot be read"):
            read(Video(f"{server.url}/evil.m3u8"))


def test_a_stream_is_chosen_there_too(tmp_path: Path, steady: Path) -> None:
    path = tmp_path / "two.mkv"
    run_ffmpeg("-i", steady, "-f", "lavfi", "-i", "color=red:s=32x16:d=1:r=10", "-map", "0:v", "-map", "1:v", path)
    with serving(tmp_path) as server:
        frames = read(Video(f"{server.url}/two.mkv", stream=1, end=0.5))
        assert frames[0].image.shape == (16, 32, 3)
        assert len(frames) == 6


def test_what_cannot_be_read_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "page.mp4").write_text("<html>Not found</html>" * 100)
    with serving(tmp_path) as server:
        with pytest.raises(VideoError, match=r"127.*nothing\.mp4 cannot be read \(.*404.*\); check the address"):
            read(Video(f"{server.url}/nothing.mp4"))
        with pytest.raises(VideoError, match=r"page\.mp4 cannot be read \(Invalid data"):
            read(Video(f"{server.url}/page.mp4"))
        url = server.url
    with pytest.raises(VideoError, match=r"cannot be read \(Connection refused\)"):
        read(Video(f"{url}/clip.mp4"))


def test_who_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_PATIENCE", 0.5)
    with silence() as url:
        for address in (url, url.replace("http", "rtsp")):
            began = time.monotonic()
            with pytest.raises(VideoError, match=r"sent nothing for 0\.5 seconds; check the address and the network"):
                read(Video(address))
            assert time.monotonic() - began < 3


def test_what_has_no_end_needs_one(tmp_path: Path) -> None:
    make_clip(tmp_path / "camera.ts")
    with serving(tmp_path, ranges=False, sizes=False) as server:
        with pytest.raises(VideoError, match=r"does not say where it ends, as a camera; say how much"):
            read(Video(f"{server.url}/camera.ts"))
        assert len(read(Video(f"{server.url}/camera.ts", end=0.5))) == 15


def test_a_camera_is_recorded_once_for_as_long_as_is_asked(tmp_path: Path) -> None:
    make_clip(tmp_path / "numbered.mkv", count=40, rate=Fraction(20), codec="ffv1")
    clip = tmp_path / "street.mp4"
    run_ffmpeg("-i", tmp_path / "numbered.mkv", "-c:v", "libx264", "-bf", "0", "-g", "10", clip)
    with filming(clip, turns=20) as camera:
        with at_hand(Video(camera.url, start=0.5, end=1.2)) as here:
            assert here.name == "street"
            for _ in range(2):
                frames = list(VideoReader(here))
                assert indices([frame.image for frame in frames]) == list(range(10, 25))
                assert [frame.time for frame in frames] == pytest.approx(np.arange(10, 25) / 20, abs=1e-3)
        assert camera.shown == 1
        with pytest.raises(VideoError, match=r"street does not say where it ends, as a camera"):
            read(Video(camera.url))


def test_a_picture_stays_a_picture(tmp_path: Path) -> None:
    assert cv2.imwrite(str(tmp_path / "photo.jpg"), picture(3))
    with serving(tmp_path) as server, at_hand(Video(f"{server.url}/photo.jpg")) as here:
        reader = VideoReader(here)
        assert reader.info.is_picture
        (frame,), (expected,) = reader, VideoReader(tmp_path / "photo.jpg")
        assert np.array_equal(frame.image, expected.image)


def test_films_of_one_and_two_pictures(tmp_path: Path) -> None:
    for count in (1, 2):
        make_clip(tmp_path / f"{count}.mp4", count=count)
        with serving(tmp_path) as server:
            assert len(read(Video(f"{server.url}/{count}.mp4"))) == count


def test_files_are_at_hand_as_they_are(steady: Path) -> None:
    video = Video(steady, start=1)
    with at_hand(video) as here:
        assert here is video


def test_the_recording_goes_with_the_block(tmp_path: Path, steady: Path) -> None:
    (tmp_path / "clip.mp4").write_bytes(steady.read_bytes())
    with serving(tmp_path) as server:
        with at_hand(Video(f"{server.url}/clip.mp4")) as here:
            assert isinstance(here.footage, Address)
            assert here.files[0].is_file()
            first = here.fingerprint()
        assert not here.files[0].exists()
        with at_hand(Video(f"{server.url}/clip.mp4")) as here:
            assert here.fingerprint() == first, "the same film has the same fingerprint"
