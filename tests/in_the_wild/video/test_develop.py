"""Pictures as they are shown: turned and flipped as is asked for, of standard range, of one moment, of one size."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numbered_clips import GREEN, RED, indices, is_colour, make_clip, run_ffmpeg

from in_the_wild.errors import InputError
from in_the_wild.video.footage import Video
from in_the_wild.video.read import VideoReader


def first(video: Video) -> np.ndarray:
    reader = VideoReader(video)
    image = next(iter(reader)).image
    assert (reader.info.width, reader.info.height) == (image.shape[1], image.shape[0])
    assert image.flags.c_contiguous
    return image


@pytest.mark.parametrize("said", [0, 90, 180, 270])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("mirror", [False, True])
def test_a_turn_adds_to_what_the_file_says_and_the_flip_is_last(
    tmp_path: Path, steady: Path, said: int, rotate: int, mirror: bool
) -> None:
    path = tmp_path / "turned.mp4"
    run_ffmpeg("-display_rotation", str(said), "-i", steady, "-c", "copy", path)
    expected = np.rot90(first(Video(steady)), (said + rotate) // 90)
    image = first(Video(path, rotate=rotate, mirror=mirror))
    assert np.array_equal(image, expected[:, ::-1] if mirror else expected)


def test_a_quarter_turn_is_counter_clockwise(steady: Path) -> None:
    """Red is at the left of the upper edge, green at its right: turned, red is below green at the left."""
    image = first(Video(steady, rotate=90))
    assert is_colour(image[-1, 0], RED)
    assert is_colour(image[0, 0], GREEN)


def test_an_eighth_of_a_turn_is_refused(steady: Path) -> None:
    with pytest.raises(InputError, match="90, 180 or 270 degrees, found 45"):
        Video(steady, rotate=45)


def test_a_stream_is_chosen_by_number(tmp_path: Path, steady: Path) -> None:
    path = tmp_path / "two.mkv"
    run_ffmpeg("-i", steady, "-f", "lavfi", "-i", "color=red:s=32x16:d=1:r=10", "-map", "0:v", "-map", "1:v", path)
    assert first(Video(path)).shape == (48, 64, 3)
    assert first(Video(path, stream=1)).shape == (16, 32, 3)
    frames = list(VideoReader(Video(path, stream=1, start=0.2, end=0.5)))
    assert [frame.time for frame in frames] == pytest.approx([0.2, 0.3, 0.4, 0.5])
    with pytest.raises(
        Exception, match=r"has no stream of pictures 2; choose one that it has: 0 \(64x48\), 1 \(32x16\)"
    ):
        VideoReader(Video(path, stream=2))


_BT709 = (
    "format=gbrp,scale=out_color_matrix=bt709:out_range=tv,format={},"
    "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
)
_PATCHES = ("gray", "0x202020", "0xC0C0C0", "0xC8783C", "0x3C64B4", "0x50A050", "0xB43232", "0xE0AC88")


@pytest.mark.parametrize(("transfer", "curve"), [("arib-std-b67", "hlg"), ("smpte2084", "pq")])
@pytest.mark.parametrize("pixels", ["yuv420p10le", "yuv422p12le"])
def test_high_dynamic_range_has_the_colours_of_its_standard_original(
    tmp_path: Path, transfer: str, curve: str, pixels: str
) -> None:
    """The original is brought to HLG and PQ by zimg, which shares no code with what brings it back."""
    sources = "".join(f"color={colour}:s=64x64:r=5:d=0.4[c{i}];" for i, colour in enumerate(_PATCHES))
    joined = "".join(f"[c{i}]" for i in range(len(_PATCHES)))
    original, hdr = tmp_path / "original.mkv", tmp_path / "hdr.mp4"
    patches = f"{sources}{joined}hstack={len(_PATCHES)},{_BT709.format('yuv444p')}"
    run_ffmpeg("-f", "lavfi", "-i", patches, "-c:v", "ffv1", original)
    to_hdr = f"zscale=pin=709:tin=709:min=709:rin=tv:p=2020:t={transfer}:m=2020_ncl:r=tv:npl=203:agamma=false"
    said = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc:crf=4:log-level=error"
    run_ffmpeg(
        *("-i", original, "-vf", f"{to_hdr},format={pixels}", "-c:v", "libx265", "-x265-params", said),
        *("-tag:v", "hvc1", hdr),
    )
    reader = VideoReader(hdr)
    assert reader.info.transfer == curve
    frames = [frame.image for frame in reader]
    assert len(frames) == 2
    expected = next(iter(VideoReader(original))).image
    middles = (slice(20, 44), [64 * i + 32 for i in range(len(_PATCHES))])
    difference = np.abs(frames[1][middles].astype(int) - expected[middles]).max(axis=(0, 2))
    assert difference[:-1].max() <= 4, difference
    assert difference[-1] <= 14, "bright skin lies beyond the knee, from which on there is room for highlights"


def test_ten_bits_of_standard_range_keep_their_colours(tmp_path: Path) -> None:
    path = tmp_path / "ten.mkv"
    green = f"color=0x28C814:s=64x64:d=0.2:r=10,{_BT709.format('yuv444p10le')}"
    run_ffmpeg("-f", "lavfi", "-i", green, "-c:v", "ffv1", path)
    assert first(Video(path))[30, 30] == pytest.approx([0x28, 0xC8, 0x14], abs=2)


@pytest.mark.parametrize(
    ("name", "codec"),
    [("clip.mpg", ("-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-q:v", "2")),
     ("clip.mp4", ("-c:v", "libx264", "-x264-params", "tff=1", "-crf", "12"))],
)  # fmt: skip
def test_interlaced_pictures_show_one_moment(tmp_path: Path, name: str, codec: tuple[str, ...]) -> None:
    """A white bar that moves fast: both fields together show it twice, as a comb."""
    moving = "color=black:s=320x240:r=50:d=1,format=yuv420p,geq=lum='if(between(X,N*6,N*6+40),235,16)':cb=128:cr=128"
    run_ffmpeg("-f", "lavfi", "-i", f"{moving},tinterlace=interleave_top,fieldorder=tff", *codec, tmp_path / name)
    combed = run_ffmpeg("-i", tmp_path / name, "-f", "rawvideo", "-pix_fmt", "gray", "-")
    combed_frames = np.frombuffer(combed, np.uint8).reshape(25, 240, 320).astype(int)
    reader = VideoReader(tmp_path / name)
    frames = list(reader)
    assert reader.warning is None
    assert [frame.time for frame in frames] == pytest.approx([index / 25 for index in range(25)], abs=1e-4)
    for frame in frames[3:20]:
        grey = frame.image.mean(axis=2)
        assert _combing(grey) < 0.1 * _combing(combed_frames[frame.index])
        middle = np.flatnonzero(grey[120] > 128).mean()
        assert middle == pytest.approx(2 * frame.index * 6 + 20, abs=2), "of two moments the first"
    part = list(VideoReader(Video(tmp_path / name, start=0.2, end=0.4)))
    assert [frame.time for frame in part] == [frame.time for frame in frames if 0.2 <= frame.time <= 0.4]
    for one, other in zip(part, frames[5:11], strict=True):
        assert np.abs(one.image.astype(int) - other.image).mean() < 2


def _combing(grey: np.ndarray) -> float:
    """How much lines differ from both of their neighbours in the same way."""
    return float(np.abs(grey[1:-1] - (grey[:-2] + grey[2:]) / 2).mean())


def test_progressive_pictures_are_left_alone(steady: Path) -> None:
    assert indices([frame.image for frame in VideoReader(steady)]) == list(range(30))


def test_a_change_of_size_is_fitted_and_told(tmp_path: Path) -> None:
    """Three sizes in one stream: the second of another shape, the third larger in the shape of the first."""
    parts = []
    for number, size in enumerate([(64, 48), (48, 64), (128, 96)]):
        clip = make_clip(tmp_path / f"{number}.mkv", count=10, size=size, rate=Fraction(10), codec="ffv1")
        path = tmp_path / f"{number}.ts"
        run_ffmpeg("-i", clip, "-c:v", "libx264", "-bf", "0", "-output_ts_offset", str(number), path)
        parts.append(path.read_bytes())
    (tmp_path / "changing.ts").write_bytes(b"".join(parts))
    reader = VideoReader(tmp_path / "changing.ts")
    frames = list(reader)
    assert [frame.image.shape for frame in frames] == [(48, 64, 3)] * 30
    assert indices([frame.image for frame in frames]) == list(range(10)) * 3
    upright = frames[15].image
    assert not upright[:, :14].any(), "black bars at both sides"
    assert not upright[:, -14:].any()
    assert is_colour(upright[2, 16], RED)
    assert is_colour(upright[2, -17], GREEN)
    assert is_colour(frames[25].image[2, 2], RED)
    assert reader.warning is None
    assert reader.notes == [
        "Pictures change their size (48x64 at 1.00 s, 128x96 at 2.00 s) and are fitted into the first, 64x48."
    ]
