"""Sound is taken over where that can be; a track for which it cannot costs itself alone, never the film."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numbered_clips import indices, picture, run_ffmpeg

from in_the_wild.video.kinds import Encoding
from in_the_wild.video.probe import probe
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter

CASES = Path(__file__).resolve().parents[2] / "cases"
FRAMES = 20


def film_with_sound_of(source: Path, out: Path) -> tuple[tuple[str | None, ...], list[str]]:
    """A film of 20 numbered pictures, with the sound of a video: the tracks that it has, and what is said of it."""
    times = [index / 25 for index in range(FRAMES)]
    options = {"width": 64, "height": 48, "fps": 25.0, "timestamps": times, "encoding": Encoding(threads=1)}
    with VideoWriter(out, audio_from=source, **options) as writer:  # type: ignore[arg-type]
        for index in range(FRAMES):
            writer.write(picture(index))
    assert indices([frame.image for frame in VideoReader(out)]) == list(range(FRAMES))
    return probe(out).sound, writer.warnings


def seconds_of_sound(path: Path) -> float:
    """How long the first track lasts."""
    return len(run_ffmpeg("-i", path, "-map", "0:a:0", "-ac", "1", "-ar", "8000", "-f", "s16le", "-")) / 16000


def clip(path: Path, *sound: str) -> Path:
    """A second of pictures, and whatever sound ffmpeg is told to add."""
    run_ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48:r=25:d=1", *sound, "-c:v", "libx264", "-tune", "zerolatency", path)
    return path


def test_a_second_track_that_nobody_can_decode_costs_itself(tmp_path: Path) -> None:
    """As new iPhones write: AAC, and beside it spatial sound."""
    sound, warnings = film_with_sound_of(CASES / "iphone_apac.mov", tmp_path / "out.mp4")
    assert sound == ("aac",)
    (warning,) = warnings
    assert "iphone_apac.mov" in warning
    assert "track 2 of 2" in warning


def test_a_damaged_header_of_sound_costs_the_sound(tmp_path: Path) -> None:
    sound, warnings = film_with_sound_of(CASES / "bad_sound_header.mp4", tmp_path / "out.mp4")
    assert sound == ()
    (warning,) = warnings
    assert "bad_sound_header.mp4: the track (unknown encoding)" in warning


@pytest.mark.parametrize("name", ["pcm.mov", "pcm.avi", "vorbis.mkv", "ac3.ts"])
def test_sound_that_browsers_do_not_play_is_encoded_anew(tmp_path: Path, name: str) -> None:
    codec = {"pcm": "pcm_s16le", "vorbis": "libvorbis", "ac3": "ac3"}[name.partition(".")[0]]
    source = clip(tmp_path / name, "-f", "lavfi", "-i", "sine=d=1", "-c:a", codec)
    assert film_with_sound_of(source, tmp_path / "out.mp4") == (("aac",), [])


def test_every_track_goes_its_own_way(tmp_path: Path) -> None:
    tracks = ["-f", "lavfi", "-i", "sine=d=1", "-map", "0", "-map", "1", "-map", "1"]
    source = clip(tmp_path / "two.mkv", *tracks, "-c:a:0", "aac", "-c:a:1", "libvorbis")
    assert probe(source).sound == ("aac", "vorbis")
    assert film_with_sound_of(source, tmp_path / "out.mp4") == (("aac", "aac"), [])


@pytest.mark.parametrize("codec", ["aac", "pcm_s16le"])
def test_sound_much_longer_than_the_film_ends_with_it(tmp_path: Path, codec: str) -> None:
    source = clip(tmp_path / "long.mov", "-f", "lavfi", "-i", "sine=d=20", "-c:a", codec)
    assert film_with_sound_of(source, tmp_path / "out.mp4") == (("aac",), [])
    assert seconds_of_sound(tmp_path / "out.mp4") == pytest.approx(FRAMES / 25, abs=0.06)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("long.mp4", "aac"), ("long.mkv", "libvorbis"), ("long.mov", "pcm_s16le"), ("long.ts", "aac"),
     ("long.avi", "pcm_s16le"), ("long.mpg", "mp2"), ("long.flv", "aac")],
)  # fmt: skip
def test_sound_of_a_part_far_behind_is_in_step(tmp_path: Path, name: str, codec: str) -> None:
    """A beep begins with every second."""
    pictures = {"avi": "mpeg4", "mpg": "mpeg2video", "flv": "flv1"}.get(name[-3:], "libx264")
    beeps = "aevalsrc='if(lt(mod(t,1),0.1),sin(6283*t),0)':s=48000:d=40"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "color=gray:s=64x48:r=25:d=40", "-f", "lavfi", "-i", beeps),
        *("-c:v", pictures, "-c:a", codec, "-g", "200", tmp_path / name),
    )
    times = [30.4 + index / 25 for index in range(FRAMES)]
    with VideoWriter(
        tmp_path / "out.mp4", width=64, height=48, fps=25, timestamps=times, audio_from=tmp_path / name
    ) as writer:
        for index in range(FRAMES):
            writer.write(picture(index))
    assert writer.warnings == []
    samples = run_ffmpeg("-i", tmp_path / "out.mp4", "-ac", "1", "-ar", "8000", "-f", "s16le", "-")
    loud = np.flatnonzero(np.abs(np.frombuffer(samples, np.int16).astype(int)) > 3000)
    assert loud[0] / 8000 == pytest.approx(0.6, abs=0.03)


@pytest.mark.parametrize("codec", ["aac", "libvorbis"])
def test_sound_that_breaks_off_is_taken_as_far_as_it_goes(tmp_path: Path, codec: str) -> None:
    whole = clip(tmp_path / "whole.mkv", "-f", "lavfi", "-i", "sine=d=1", "-c:a", codec)
    data = whole.read_bytes()
    (tmp_path / "cut.mkv").write_bytes(data[: len(data) * 6 // 10])
    sound, warnings = film_with_sound_of(tmp_path / "cut.mkv", tmp_path / "out.mp4")
    assert (sound, warnings) == (("aac",), [])
    assert 0.05 < seconds_of_sound(tmp_path / "out.mp4") < FRAMES / 25


@pytest.mark.parametrize("codec", ["aac", "pcm_s16le"])
def test_a_track_that_begins_after_the_film_is_left_out_without_a_word(tmp_path: Path, codec: str) -> None:
    source = clip(tmp_path / "late.mov", "-itsoffset", "5", "-f", "lavfi", "-i", "sine=d=1", "-c:a", codec)
    assert film_with_sound_of(source, tmp_path / "out.mp4") == ((), [])


@pytest.mark.parametrize("codec", ["aac", "pcm_s16le", "flac"])
def test_noise_in_the_place_of_sound_costs_at_most_the_sound(tmp_path: Path, codec: str) -> None:
    source = clip(tmp_path / "noise.mkv", "-f", "lavfi", "-i", "sine=d=1", "-c:a", codec)
    with av.open(str(source)) as container:
        spoilt = [(packet.pos, packet.size) for packet in container.demux(audio=0) if packet.size]
    data = bytearray(source.read_bytes())
    for place, size in spoilt:
        assert place is not None
        data[place + 20 : place + size] = bytes(0x55 ^ byte for byte in data[place + 20 : place + size])
    source.write_bytes(data)
    sound, warnings = film_with_sound_of(source, tmp_path / "out.mp4")
    assert len(sound) + len(warnings) == 1
