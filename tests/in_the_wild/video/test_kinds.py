"""Every kind of film: its pictures come back, with transparency and sound where it can have them, within limits."""

from __future__ import annotations

import itertools
import stat
import sys
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
import pytest
from numbered_clips import SIZE, UNEVEN, leftovers, picture

from in_the_wild.errors import OutputError
from in_the_wild.video import hardware
from in_the_wild.video.encoder import ffmpeg_binary
from in_the_wild.video.kinds import KINDS, Encoding
from in_the_wild.video.loops import Loop, _rungs
from in_the_wild.video.pictures import write_numbered, write_picture
from in_the_wild.video.probe import probe
from in_the_wild.video.write import VideoWriter

CASES = Path(__file__).resolve().parents[2] / "cases"
RED, NOTHING = (230, 20, 30, 255), (0, 0, 0, 0)
LOOPS = [suffix for suffix, kind in KINDS.items() if kind.encode is None]


def clear(index: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """A red square that moves over nothing."""
    image = np.full((size[1], size[0], 4), NOTHING, dtype=np.uint8)
    image[20:44, 8 + index : 32 + index] = RED
    return image


def write(path: Path, images: list[np.ndarray], **options: object) -> None:
    height, width, channels = images[0].shape
    encoding = options.pop("encoding", Encoding(threads=1))
    with VideoWriter(
        path, width=width, height=height, fps=25, encoding=encoding, alpha=channels == 4, **options  # type: ignore[arg-type]
    ) as writer:  # fmt: skip
        for image in images:
            writer.write(image)


def decoded(path: Path, decoder: str | None = None) -> list[np.ndarray]:
    """RGBA pictures; a decoder by name where libav's first choice passes transparency over."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if decoder is None:
            return [frame.to_ndarray(format="rgba") for frame in container.decode(stream)]
        context = cast(av.VideoCodecContext, av.CodecContext.create(decoder, "r"))
        packets = [*container.demux(stream)]
        return [frame.to_ndarray(format="rgba") for packet in packets for frame in context.decode(packet)]


@pytest.mark.parametrize(
    ("suffix", "decoder"), [(".mov", None), (".webm", "libvpx-vp9"), (".gif", None), (".apng", None)]
)
def test_what_is_transparent_stays_so(tmp_path: Path, suffix: str, decoder: str | None) -> None:
    path = tmp_path / f"out{suffix}"
    write(path, [clear(index) for index in range(8)])
    images = decoded(path, decoder)
    assert len(images) == 8
    for index, image in enumerate(images):
        square = image[22:42, 10 + index : 30 + index].astype(int)
        assert square[..., 3].min() > 250
        assert np.abs(square[..., :3].mean(axis=(0, 1)) - RED[:3]).max() < 15
        assert (image[2:14, :, 3] < 5).all()
    assert leftovers(tmp_path) == [path.name]


def test_a_transparent_webp_says_so(tmp_path: Path) -> None:
    from PIL import Image, ImageSequence  # libav does not read animated WebP

    write(tmp_path / "out.webp", [clear(index) for index in range(5)])
    with Image.open(tmp_path / "out.webp") as image:
        assert len(list(ImageSequence.Iterator(image))) == 5
        image.seek(0)
        shown = np.asarray(image.convert("RGBA"))
    assert shown[30, 20, 3] == 255
    assert shown[5, 5, 3] == 0


def test_what_cannot_be_transparent_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"\.mov"):
        VideoWriter(tmp_path / "out.mp4", width=64, height=48, fps=25, alpha=True)
    with pytest.raises(OutputError, match=r"\.png"):
        write_picture(tmp_path / "out.jpg", clear(0))
    with pytest.raises(OutputError, match="limit"):
        VideoWriter(tmp_path / "out.mp4", width=64, height=48, fps=25, encoding=Encoding(max_mb=1))


@pytest.mark.parametrize("suffix", [".mov", ".webm"])
@pytest.mark.parametrize("times", [None, UNEVEN], ids=["steady", "uneven"])
def test_sound_and_times_are_kept(tmp_path: Path, suffix: str, times: list[float] | None) -> None:
    path = tmp_path / f"out{suffix}"
    count = 12 if times is None else len(times)
    write(path, [picture(i, SIZE) for i in range(count)], timestamps=times, audio_from=CASES / "iphone_apac.mov")
    found = probe(path)
    assert found.sound == ({".mov": "aac", ".webm": "opus"}[suffix],)
    with av.open(str(path)) as container:
        shown = [float(frame.time) for frame in container.decode(video=0)]
    wanted = np.arange(count) / 25 if times is None else np.array(times) - times[0]
    np.testing.assert_allclose(np.array(shown) - shown[0], wanted, atol=1e-3)


@pytest.mark.parametrize("suffix", LOOPS)
def test_a_limit_is_kept_and_used(tmp_path: Path, suffix: str) -> None:
    rng = np.random.default_rng(0)
    noise = cv2.GaussianBlur(rng.integers(0, 255, (240, 320, 3), dtype=np.uint8), (0, 0), 2)
    images = [np.roll(noise, 3 * index, axis=1) for index in range(20)]
    write(tmp_path / f"free{suffix}", images)
    free = (tmp_path / f"free{suffix}").stat().st_size
    limit = free / 4 / 1e6
    write(tmp_path / f"out{suffix}", images, encoding=Encoding(threads=1, max_mb=limit))
    size = (tmp_path / f"out{suffix}").stat().st_size
    assert limit * 1e6 / 3 < size <= limit * 1e6
    write(tmp_path / f"roomy{suffix}", images, encoding=Encoding(threads=1, max_mb=2 * free / 1e6))
    assert (tmp_path / f"roomy{suffix}").stat().st_size == free
    with pytest.raises(OutputError, match=r"does not fit into 0\.0001 MB"):
        write(tmp_path / f"none{suffix}", images, encoding=Encoding(threads=1, max_mb=0.0001))
    assert sorted(leftovers(tmp_path)) == [f"free{suffix}", f"out{suffix}", f"roomy{suffix}"]


def test_a_smaller_file_is_never_more_of_the_pictures() -> None:
    rungs = _rungs(Loop(640, 25.0), 640)
    assert rungs[0] == Loop(640, 25.0)
    for more, less in itertools.pairwise(rungs):
        assert less.width <= more.width
        assert less.fps <= more.fps
        assert less.colours <= more.colours
    assert _rungs(Loop(640, 12.5), 100)[0] == Loop(100, 12.5)


def test_numbered_pictures(tmp_path: Path) -> None:
    write_numbered(tmp_path / "frame_%03d.png", [clear(index) for index in range(3)])
    assert leftovers(tmp_path) == ["frame_001.png", "frame_002.png", "frame_003.png"]
    second = cv2.cvtColor(cv2.imread(str(tmp_path / "frame_002.png"), cv2.IMREAD_UNCHANGED), cv2.COLOR_BGRA2RGBA)
    assert np.array_equal(second, clear(1))
    for wrong in ("%s.png", "%d_%d.png", "%5.2f.png"):
        with pytest.raises(OutputError, match="one number"):
            write_numbered(tmp_path / wrong, [clear(0)])


def _claiming(folder: Path, works: str) -> Path:
    """An ffmpeg that claims NVIDIA's and Intel's encoders, of which one alone, or none, does anything."""
    fake = folder / "ffmpeg"
    fake.write_text(
        f"""#!{sys.executable}
import subprocess, sys
if "-encoders" in sys.argv:
    print(" V....D h264_nvenc  x\\n V....D h264_qsv  x\\n V....D libx264  x")
    sys.exit(0)
with open({str(folder / "asked")!r}, "a") as log:
    print(*sys.argv[1:], file=log)
if "h264_nvenc" in sys.argv and {works!r} != "h264_nvenc":
    sys.exit("No capable devices found")
if "h264_qsv" in sys.argv and {works!r} != "h264_qsv":
    sys.exit("Error creating a MFX session")
own = {{"-global_quality": "-crf"}}
rest = [own.get(word, word) for word in sys.argv[1:]]
rest = ["libx264" if word.startswith("h264_") else word for word in rest]
sys.exit(subprocess.call([{ffmpeg_binary()!r}, *rest]))
"""
    )
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    return fake


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for ffmpeg is a script")
@pytest.mark.parametrize("works", ["", "h264_qsv"])
def test_encoders_that_do_not_work_are_passed_over_in_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, works: str
) -> None:
    fake = _claiming(tmp_path, works)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(fake))
    chosen = hardware.working_encoder(64, 48, 23)
    assert chosen == ({"vcodec": "h264_qsv", "global_quality": 23} if works else None)
    for name in ("a.mp4", "b.mp4"):
        write(tmp_path / name, [picture(index, SIZE) for index in range(6)])
        with av.open(str(tmp_path / name)) as container:
            assert sum(1 for _ in container.decode(video=0)) == 6
    asked = (tmp_path / "asked").read_text().splitlines()
    assert sum("h264_nvenc" in line for line in asked) == 1, "an encoder is tried once"
    assert [("h264_qsv" if works else "libx264") in line for line in asked[-2:]] == [True, True]
