"""What a file says of itself, and what is no video at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zlib
from fractions import Fraction
from pathlib import Path

import av
import peak_memory
import pytest
from numbered_clips import NTSC, make_clip, picture, run_ffmpeg

from in_the_wild.errors import VideoError
from in_the_wild.video.probe import probe
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter


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


def copied(clip: Path, name: Path) -> Path:
    """A clip under another name, or a reason why this file system does not bear it."""
    try:
        shutil.copy(clip, name)
    except (OSError, UnicodeError) as error:
        pytest.skip(f"no file can be called so here ({error})")
    return name


ODD_NAMES = ["-y.mp4", 'it\'s "q".mp4', "two\nlines.mp4", os.fsdecode(b"caf\xe9.mp4"), "http:x.mp4", "subfile,,.mp4"]
ODD_NAMES += ["a%d.mp4", "[a]*?{b}.mp4", "pipe:0.mp4", "data:text,x.mp4"]


@pytest.mark.parametrize("name", ODD_NAMES, ids=range(len(ODD_NAMES)))
def test_names_are_names(tmp_path: Path, flash_and_beep: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a folder of its own, so that nothing stands before the name; read, and its sound taken by ffmpeg."""
    monkeypatch.chdir(tmp_path)
    source = copied(flash_and_beep, Path(name))
    assert sum(1 for _ in VideoReader(source)) == 50
    out = Path(f"out_{name}")
    with VideoWriter(out, width=64, height=48, fps=25, timestamps=[0.0, 0.04], audio_from=source) as writer:
        writer.write(picture(0))
        writer.write(picture(1))
    assert writer.warnings == []
    assert probe(out).sound == ("aac",)


@pytest.mark.parametrize("name", ODD_NAMES, ids=range(len(ODD_NAMES)))
def test_errors_about_odd_names_are_one_line_that_can_be_printed(tmp_path: Path, name: str) -> None:
    (tmp_path / "text").write_text("no video")
    for path in (tmp_path / name, copied(tmp_path / "text", tmp_path / f"is {name}")):
        with pytest.raises(VideoError) as caught:
            probe(path)
        said = str(caught.value)
        assert said.encode().decode() == said
        assert said.isprintable()
        assert json.loads(json.dumps(said)) == said


def test_a_name_with_a_zero_byte() -> None:
    with pytest.raises(VideoError, match="cannot be read"):
        probe("a\0b.mp4")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
@pytest.mark.parametrize("name", ["pipe", "/dev/null", "/dev/zero"])
def test_pipes_and_devices_are_refused_at_once(tmp_path: Path, name: str) -> None:
    if name == "pipe":
        os.mkfifo(tmp_path / name)
    with pytest.raises(VideoError, match="a pipe or a device"):
        probe(tmp_path / name)


@pytest.mark.parametrize("kind", ["hls", "concat", "dash", "sdp"])
def test_a_list_of_other_files_is_no_video(tmp_path: Path, steady: Path, kind: str) -> None:
    """Whatever such a list names is not opened, be it a file or an address."""
    shutil.copy(steady, tmp_path / "other.ts")
    (tmp_path / "list.mp4").write_text(
        {
            "hls": "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nother.ts\n#EXT-X-ENDLIST\n",
            "concat": "ffconcat version 1.0\nfile other.ts\n",
            "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
            "<AdaptationSet><Representation><BaseURL>other.ts</BaseURL></Representation></AdaptationSet></Period></MPD>",
            "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n"
            "a=rtpmap:96 H264/90000\n",
        }[kind]
    )
    with pytest.raises(VideoError, match="in no format that is known"):
        probe(tmp_path / "list.mp4")


def test_a_picture_is_a_video_of_one_frame_whatever_its_name(tmp_path: Path) -> None:
    for name in ("a%d.png", "a1.png"):  # to libav, the first of these is a pattern that the second fits
        run_ffmpeg(
            *("-f", "lavfi", "-i", f"color=red:s=3{len(name)}x32:d=0.04"), *("-frames:v", "1", tmp_path / "x.png")
        )
        (tmp_path / "x.png").rename(tmp_path / name)
    assert [probe(tmp_path / name).width for name in ("a%d.png", "a1.png")] == [37, 36]
    assert len(list(VideoReader(tmp_path / "a1.png"))) == 1


@pytest.mark.parametrize("codec", ["mjpeg", "png", "libvpx"])
def test_a_header_that_claims_a_huge_picture_sets_no_memory_aside(tmp_path: Path, codec: str) -> None:
    path = make_clip(
        tmp_path / "huge.nut", count=2, codec=codec, pix_fmt={"mjpeg": "yuvj420p", "png": "rgb24"}.get(codec, "yuv420p")
    )
    data = bytearray(path.read_bytes())
    mark, size = {
        "mjpeg": (b"\xff\xc0\x00\x11\x08", b"\xff\xdc\xff\xdc"),
        "png": (b"IHDR", b"\0\0\xff\xff\0\0\xff\xff"),
        "libvpx": (b"\x9d\x01\x2a", b"\xff\x3f\xff\x3f"),
    }[codec]
    place = -1
    while (place := data.find(mark, place + 1)) >= 0:
        place += len(mark)
        data[place : place + len(size)] = size
        if codec == "png":
            data[place + 13 : place + 17] = zlib.crc32(data[place - 4 : place + 13]).to_bytes(4, "big")
    path.write_bytes(data)
    program = f"""
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
from in_the_wild.errors import VideoError
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter
try:
    print(sum(1 for _ in VideoReader(sys.argv[1])))
except VideoError as error:
    print(error)
print({peak_memory.KILOBYTES} // 1024)
"""
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    said, megabytes = done.stdout.splitlines()
    assert "not one picture" in said
    assert int(megabytes) < 500


def test_an_absurd_shape_of_pixels_is_not_believed(tmp_path: Path, steady: Path) -> None:
    run_ffmpeg("-i", steady, "-c", "copy", "-aspect", "60000:1", tmp_path / "wide.mp4")
    assert (probe(tmp_path / "wide.mp4").width, probe(tmp_path / "wide.mp4").height) == (64, 48)
