"""No picture is lost without a word, in any container; and a sound file, however odd, is called sound."""

from __future__ import annotations

import itertools
import random
import re
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numbered_clips import indices, make_clip, picture, run_ffmpeg

from in_the_wild.errors import VideoError
from in_the_wild.video.container import decode
from in_the_wild.video.read import VideoReader

FRAMES, RATE = 40, Fraction(20)
KINDS = {
    "mkv": "libx264",
    "avi": "mjpeg",
    "reordered.avi": "libx264",
    "webm": "libvpx",
    "vp9.webm": "libvpx-vp9",
    "ts": "libx264",
    "mp4": "libx264",
    "fragmented.mp4": "libx264",
    "flv": "libx264",
}


def noisy(index: int, size: tuple[int, int]) -> np.ndarray:
    """A numbered picture with noise along its edge, so that every picture takes up bytes, as those of cameras do."""
    image = picture(index, size)
    image[-size[1] // 4 :] = np.random.default_rng(index).integers(0, 255, (size[1] // 4, size[0], 3))
    return image


def whole_clip(folder: Path, kind: str) -> Path:
    path = folder / f"whole.{kind}"
    options = {"movflags": "frag_keyframe+empty_moov"} if kind.startswith("fragmented") else {}
    pix_fmt = "yuvj420p" if KINDS[kind] == "mjpeg" else "yuv420p"
    how = {"codec": KINDS[kind], "pix_fmt": pix_fmt, "options": options}
    return make_clip(path, count=FRAMES, rate=RATE, size=(96, 64), draw=noisy, **how)  # type: ignore[arg-type]


def damaged(data: bytes, seed: int) -> bytes:
    """Zeros, noise, flipped bits, or nothing at all in the place of some bytes."""
    chance = random.Random(seed)
    low, high = len(data) // 10, len(data) * 95 // 100
    start, size = chance.randrange(low, high), chance.choice([300, 2000, len(data) // 5])
    end = min(high, start + size)
    match seed % 4:
        case 0:
            middle = bytes(end - start)
        case 1:
            middle = chance.randbytes(end - start)
        case 2:
            middle = b""
        case _:
            flipped = bytearray(data)
            for _ in range(20):
                flipped[chance.randrange(low, high)] ^= 1 << chance.randrange(8)
            return bytes(flipped)
    return data[:start] + middle + data[end:]


@pytest.mark.parametrize("kind", KINDS)
def test_no_picture_is_lost_without_a_word(tmp_path: Path, kind: str) -> None:
    data = whole_clip(tmp_path, kind).read_bytes()
    path = tmp_path / f"damaged.{kind}"
    lost = 0
    for seed in range(12):
        path.write_bytes(damaged(data, seed))
        try:
            reader = VideoReader(path)
            frames = list(reader)
        except VideoError:
            continue
        assert all(later.time > earlier.time for earlier, later in itertools.pairwise(frames))
        if len(frames) < FRAMES:
            lost += 1
            assert reader.warning is not None, f"{FRAMES - len(frames)} pictures of {kind}, seed {seed}"
            assert f"gave {len(frames)} frames" in reader.warning
    assert lost >= 2


class Swallowing:
    """A stream whose decoder drops a picture without a word."""

    def __init__(self, stream: av.VideoStream) -> None:
        self._stream, self._left = stream, FRAMES // 2

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def decode(self, packet: av.Packet | None) -> list[av.VideoFrame]:
        pictures = self._stream.decode(packet)
        self._left -= len(pictures)
        return pictures[:-1] if -len(pictures) < self._left <= 0 else pictures


@pytest.mark.parametrize("kind", ["mkv", "avi", "reordered.avi", "mp4"])
def test_what_a_decoder_swallows_is_told(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clip = whole_clip(tmp_path, kind)
    whole = VideoReader(clip)
    assert len(list(whole)) == FRAMES
    assert whole.warning is None
    monkeypatch.setattr(
        "in_the_wild.video.read.decode",
        lambda packets, stream, ledger: decode(packets, Swallowing(stream), ledger),  # type: ignore[arg-type]
    )
    reader = VideoReader(clip)
    assert len(list(reader)) == FRAMES - 1
    assert reader.warning is not None
    assert "about 1 more is missing" in reader.warning


def zeroed(path: Path, kind: str) -> Path:
    """A clip without pictures 12 to 27, whose bytes are zero."""
    data = bytearray(whole_clip(path.parent, kind).read_bytes())
    with av.open(str(path.parent / f"whole.{kind}")) as container:
        places = [packet.pos for packet in container.demux(video=0) if packet.size and packet.pos is not None]
    start, end = (len(data) * 3 // 10, len(data) * 7 // 10) if kind == "ts" else (places[12] - 4, places[27])
    data[start:end] = bytes(end - start)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_left_has_its_right_times_and_the_rest_is_counted(tmp_path: Path, kind: str) -> None:
    reader = VideoReader(zeroed(tmp_path / f"zeroed.{kind}", kind))
    frames = list(reader)
    assert reader.warning is not None
    if kind.startswith("fragmented"):  # libav finds no way back into it
        assert "is damaged" in reader.warning
        return
    found = re.search(r"is damaged: about (\d+) more are missing", reader.warning)
    assert found is not None, reader.warning
    assert abs(int(found[1]) - (FRAMES - len(frames))) <= 2
    assert len(frames) < FRAMES - 8
    seen = {index: frame.time for index, frame in zip(indices([f.image for f in frames]), frames, strict=True)}
    sure = {index: time for index, time in seen.items() if index < 8 or index >= 30}
    assert len(sure) >= 8
    # Matroska counts in milliseconds; Flash writes when the first is decoded, the two of which begin apart.
    assert list(sure.values()) == pytest.approx([index / RATE for index in sure], abs=2e-3)


def test_an_mp4_whose_tables_do_not_agree_has_lost_pictures(tmp_path: Path) -> None:
    whole = whole_clip(tmp_path, "mp4")
    sound = tmp_path / "sound.mp4"
    run_ffmpeg("-i", whole, "-f", "lavfi", "-i", "sine=d=2", "-c:v", "copy", "-shortest", sound)
    data = bytearray(sound.read_bytes())
    table = data.index(b"stsc")  # which pictures lie in which part of the file
    (parts,) = struct.unpack_from(">I", data, table + 8)
    for part in range(parts):
        struct.pack_into(">I", data, table + 16 + 12 * part, 0)
        if part < parts // 4:
            struct.pack_into(">I", data, table + 16 + 12 * part, 1)
    sound.write_bytes(data)
    reader = VideoReader(sound)
    frames = list(reader)
    assert 0 < len(frames) < FRAMES - 10
    assert "is damaged: about" in str(reader.warning)


def test_pictures_after_a_loss_of_an_avi_without_an_index_are_told_to_come_too_early(tmp_path: Path) -> None:
    data = whole_clip(tmp_path, "avi").read_bytes()
    index = data.index(b"idx1")
    middle = data.index(b"00dc", index // 2)
    (tmp_path / "cut.avi").write_bytes(data[:middle] + data[middle + 6000 : index])
    reader = VideoReader(tmp_path / "cut.avi")
    frames = list(reader)
    assert len(frames) < FRAMES
    assert f"about {FRAMES - len(frames)} more" in str(reader.warning)
    assert "come too early" in str(reader.warning)


def test_times_that_go_back_or_stand_still_are_put_in_order_and_told(tmp_path: Path) -> None:
    whole = make_clip(tmp_path / "whole.mkv", count=7, rate=RATE, codec="ffv1", draw=noisy)
    with av.open(str(whole)) as container:
        blocks = [packet.pos or 0 for packet in container.demux(video=0) if packet.size]
    data = bytearray(whole.read_bytes())
    for number, milliseconds in ((3, 100), (5, 120)):  # which were 150 and 250
        place = data.index(struct.pack(">h", 50 * number), blocks[number] - 8)  # after the number of the track
        struct.pack_into(">h", data, place, milliseconds)
    (tmp_path / "back.mkv").write_bytes(data)
    reader = VideoReader(tmp_path / "back.mkv")
    frames = list(reader)
    assert indices([frame.image for frame in frames]) == list(range(7))
    assert all(later.time > earlier.time for earlier, later in itertools.pairwise(frames))
    assert "2 time(s) that were missing or did not increase" in str(reader.warning)


# What a sound file may look like

# As phones write when light is short, and as programs that record a screen do.
UNSTEADY = [0.0, *np.cumsum([0.033, 0.034, 0.033, 0.067, 0.033, 0.05, 0.034, 0.1] * 4).tolist()]
PAUSING = [0.0, *np.cumsum([0.04, 0.04, 1.7, 0.04, 0.4, 0.04, 3.1, 0.04, 0.04, 0.8] * 3).tolist()]


@pytest.mark.parametrize("times", [UNSTEADY, PAUSING], ids=["unsteady", "pausing"])
@pytest.mark.parametrize("kind", [*KINDS, "remuxed.ts", "remuxed.mkv", "live.webm", "mov"])
def test_pauses_are_no_damage(tmp_path: Path, times: list[float], kind: str) -> None:
    whole = make_clip(tmp_path / "whole.mp4", times=times)
    path = tmp_path / f"clip.{kind}"
    codec = "libvpx" if kind == "live.webm" else KINDS.get(kind, "copy")
    live = ("-live", "1") if kind == "live.webm" else ()
    fragments = ("-movflags", "frag_every_frame+empty_moov") if kind.startswith("fragmented") else ()
    run_ffmpeg("-i", whole, "-c:v", codec, "-fps_mode", "vfr", *live, *fragments, path)
    reader = VideoReader(path)
    assert sum(1 for _ in reader) > 0.8 * len(times)
    assert reader.warning is None


@pytest.mark.parametrize("kind", ["avi", "mkv", "webm", "mp4"])
def test_a_header_that_claims_a_few_pictures_more_is_no_damage(tmp_path: Path, kind: str) -> None:
    data = bytearray(whole_clip(tmp_path, kind).read_bytes())
    if kind == "avi":
        for mark, after in ((b"avih", 24), (b"strh", 40)):
            struct.pack_into("<I", data, data.index(mark) + after, FRAMES + 5)
    elif kind == "mp4":
        for mark in (b"mvhd", b"tkhd", b"mdhd"):
            place = data.index(mark) + (24 if mark == b"tkhd" else 20)
            (duration,) = struct.unpack_from(">I", data, place)
            struct.pack_into(">I", data, place, duration * (FRAMES + 5) // FRAMES)
    else:
        place = data.index(b"\x44\x89") + 3
        struct.pack_into(">d", data, place, (FRAMES + 5) / float(RATE) * 1000)
    (tmp_path / f"claims.{kind}").write_bytes(data)
    reader = VideoReader(tmp_path / f"claims.{kind}")
    assert sum(1 for _ in reader) == FRAMES
    assert reader.warning is None


@pytest.mark.parametrize("codec", ["libx264", "libx265", "libvpx", "libvpx-vp9", "libaom-av1", "mpeg2video", "mjpeg"])
def test_however_pictures_are_encoded_none_is_missed(tmp_path: Path, codec: str) -> None:
    """Some reorder them, some write packets that show none."""
    source = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=20:d=2")
    how = {"libvpx": ("-auto-alt-ref", "1", "-lag-in-frames", "16"), "libaom-av1": ("-cpu-used", "8")}.get(codec, ())
    run_ffmpeg(*source, "-c:v", codec, *how, tmp_path / "clip.mkv")
    reader = VideoReader(tmp_path / "clip.mkv")
    assert sum(1 for _ in reader) == 40
    assert reader.warning is None


def test_a_clip_that_was_cut_out_of_another_is_whole(tmp_path: Path) -> None:
    """Its first pictures lean on others before them: they are not shown, and nobody misses them."""
    source = ("-f", "lavfi", "-i", "testsrc2=s=96x64:r=20:d=4", "-c:v", "libx264", "-g", "20")
    run_ffmpeg(*source, "-x264-params", "open-gop=1:bframes=3", tmp_path / "long.mp4")
    for kind in ("mp4", "mkv"):
        run_ffmpeg("-ss", "1.3", "-i", tmp_path / "long.mp4", "-c", "copy", tmp_path / f"cut.{kind}")
        reader = VideoReader(tmp_path / f"cut.{kind}")
        assert sum(1 for _ in reader) > 40
        assert reader.warning is None
