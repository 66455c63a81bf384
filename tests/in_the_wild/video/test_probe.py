"""What a file says of itself, and what is no video at all."""

from __future__ import annotations

import shutil
from fractions import Fraction
from pathlib import Path

import av
import pytest
from numbered_clips import NTSC, make_clip, run_ffmpeg

from in_the_wild.errors import VideoError
from in_the_wild.video.probe import probe
from in_the_wild.video.read import VideoReader


def test_probe(steady: Path, flash_and_beep: Path) -> None:
    info = probe(steady)
    assert (info.width, info.height, info.rotation, info.has_audio) == (64, 48, 0, False)
    assert info.fps == float(NTSC)
    assert info.frames_claimed == 30
    assert info.duration == pytest.approx(float(30 / NTSC), abs=1e-3)
    assert probe(flash_and_beep).has_audio


def test_a_clock_is_not_taken_for_a_frame_rate(tmp_path: Path) -> None:
    make_clip(tmp_path / "clip.avi", times=[index / 25 for index in range(40)], rate=Fraction(1000))
    with av.open(str(tmp_path / "clip.avi")) as container:
        assert container.streams.video[0].average_rate == 1000  # the trap
    assert probe(tmp_path / "clip.avi").fps == pytest.approx(25)


@pytest.mark.parametrize("name", ["missing", "folder", "empty", "text", "sound", "song", "no_index", "header"])
def test_what_is_no_video_is_refused_in_one_sentence(
    tmp_path: Path, steady: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / f"{name}.mp4"
    expected = {
        "missing": "no file",
        "folder": "is a folder",
        "empty": "is empty",
        "text": "in no format that is known",
        "sound": "sound alone",
        "song": "sound alone",
        "no_index": "incomplete MP4",
        "header": "not one picture",
    }[name]
    if name == "folder":
        path.mkdir()
    elif name == "empty":
        path.touch()
    elif name == "text":
        path.write_text("This is a text, not a video.\n" * 100)
    elif name == "sound":
        run_ffmpeg("-f", "lavfi", "-i", "sine=d=0.2", path)
    elif name == "song":  # its cover is a video stream to libav
        run_ffmpeg("-f", "lavfi", "-i", "color=red:s=32x32:d=0.04", "-frames:v", "1", tmp_path / "cover.png")
        run_ffmpeg(
            *("-f", "lavfi", "-i", "sine=d=0.2", "-i", tmp_path / "cover.png", "-map", "0", "-map", "1"),
            *("-c:v", "copy", "-disposition:v", "attached_pic", path),
        )
    elif name == "no_index":
        data = steady.read_bytes()
        path.write_bytes(data[: data.index(b"moov") - 4])
    elif name == "header":
        run_ffmpeg("-i", steady, "-c", "copy", "-movflags", "+faststart", path)
        data = path.read_bytes()
        path.write_bytes(data[: data.index(b"mdat") + 4])
    with pytest.raises(VideoError, match=expected) as caught:
        VideoReader(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_name_with_a_colon_is_a_name(tmp_path: Path, steady: Path) -> None:
    shutil.copy(steady, tmp_path / "concat: 12:30 %d.mp4")
    assert sum(1 for _ in VideoReader(tmp_path / "concat: 12:30 %d.mp4")) == 30
