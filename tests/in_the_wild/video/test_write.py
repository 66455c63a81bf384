"""Pictures written and read again: their times, colours and sound; and files that are whole or not there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest
from numbered_clips import GREEN, NTSC, RED, SIZE, UNEVEN, indices, is_colour, leftovers, make_clip, picture, run_ffmpeg

from in_the_wild.errors import OutputError
from in_the_wild.video.encoder import ffmpeg_binary
from in_the_wild.video.kinds import Encoding
from in_the_wild.video.probe import probe
from in_the_wild.video.read import VideoReader
from in_the_wild.video.write import VideoWriter

ROOT = Path(__file__).resolve().parents[3]
ONE_THREAD = Encoding(threads=1)


def write(
    path: Path,
    count: int,
    *,
    size: tuple[int, int] = SIZE,
    fps: float = 25.0,
    encoding: Encoding = ONE_THREAD,
    **options: object,
) -> None:
    with VideoWriter(path, width=size[0], height=size[1], fps=fps, encoding=encoding, **options) as writer:  # type: ignore[arg-type]
        for index in range(count):
            writer.write(picture(index, size))


def test_constant_rate_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "out.mp4"
    write(path, 30, fps=29.97002997)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert stream.average_rate == NTSC
        assert next(container.decode(stream)).colorspace == 1  # BT.709
    data = path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    frames = list(VideoReader(path))
    assert indices([frame.image for frame in frames]) == list(range(30))
    assert [frame.time for frame in frames] == pytest.approx([float(i / NTSC) for i in range(30)], abs=1e-9)
    assert leftovers(tmp_path) == ["out.mp4"]


@pytest.mark.parametrize(
    "times",
    [
        UNEVEN,
        [0.0, 0.04, 0.08, 5.0],
        [0.0, 4.0, 4.02, 4.06, 4.07],
        [12.3, 12.31, 12.4, 12.5],
        [0.25],
        list(np.cumsum(np.random.default_rng(0).uniform(0.004, 0.1, 45))),
    ],
    ids=["uneven", "long last", "long first", "part of a clip", "one", "random"],
)
def test_variable_rate_there_and_back(tmp_path: Path, times: list[float]) -> None:
    path = tmp_path / "out.mp4"
    write(path, len(times), timestamps=times)
    reader = VideoReader(path)
    frames = list(reader)
    assert [frame.time for frame in frames] == pytest.approx([time - times[0] for time in times], abs=1 / 90000)
    assert indices([frame.image for frame in frames]) == list(range(len(times)))
    assert reader.info.duration == pytest.approx(times[-1] - times[0] + 1 / 25, abs=1e-3)
    assert reader.warning is None


def test_times_rounded_by_the_file_are_still_a_constant_rate(tmp_path: Path) -> None:
    times = [frame.time for frame in VideoReader(make_clip(tmp_path / "in.mkv", count=60))]
    assert times[1] == 0.033  # Matroska counts in milliseconds
    write(tmp_path / "out.mp4", 60, fps=float(NTSC), timestamps=times)
    assert probe(tmp_path / "out.mp4").fps == float(NTSC)
    assert [f.time for f in VideoReader(tmp_path / "out.mp4")] == pytest.approx(times, abs=1e-3)


@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_a_name_may_be_as_long_as_names_can_be(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / ("x" * (255 - len(suffix)) + suffix)
    write(path, 2)
    assert leftovers(tmp_path) == [path.name]


@pytest.mark.parametrize("size", [(63, 48), (64, 47), (33, 25)])
def test_odd_sizes_gain_a_black_edge(tmp_path: Path, size: tuple[int, int]) -> None:
    write(tmp_path / "out.mp4", 3, size=size)
    image = next(iter(VideoReader(tmp_path / "out.mp4"))).image
    assert image.shape == (size[1] + size[1] % 2, size[0] + size[0] % 2, 3)
    assert is_colour(image[0, 0], RED)
    if size[0] % 2:
        assert image[size[1] // 2, -1].astype(int) == pytest.approx([0, 0, 0], abs=12)
    if size[1] % 2:
        assert image[-1, size[0] // 2].astype(int) == pytest.approx([0, 0, 0], abs=12)


def test_colours_there_and_back(tmp_path: Path) -> None:
    colours = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 60), (255, 255, 255), (0, 0, 0)], np.uint8)
    image = np.tile(np.repeat(colours, 16, axis=0), (32, 1, 1))
    with VideoWriter(tmp_path / "out.mp4", width=96, height=32, fps=25, encoding=Encoding(crf=4)) as writer:
        writer.write(image)
    back = next(iter(VideoReader(tmp_path / "out.mp4"))).image
    assert back[16, 8::16].astype(int) == pytest.approx(colours.astype(int), abs=6)


def onset_of_sound(path: Path) -> float:
    """Seconds, on the file's clock, at which it begins to sound."""
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            loud = np.flatnonzero(np.abs(frame.to_ndarray()).max(axis=0) > 0.1)
            if len(loud) and frame.time is not None:
                return frame.time + loud[0] / frame.sample_rate
    raise AssertionError(f"{path} is silent")


def onset_of_light(path: Path) -> float:
    """Seconds, on the file's clock, at which it turns white."""
    with av.open(str(path)) as container:
        return next(f.time for f in container.decode(video=0) if f.to_ndarray(format="gray").mean() > 128)


@pytest.mark.parametrize("first", [0, 12], ids=["all of it", "from the 13th frame on"])
@pytest.mark.parametrize("kind", ["together.mp4", "late_video.mkv", "late_sound.ts", "vorbis.mkv"])
def test_sound_stays_in_step(tmp_path: Path, flash_and_beep: Path, kind: str, first: int) -> None:
    source, out = tmp_path / kind, tmp_path / "out.mp4"
    late, other = ("-itsoffset", "0.5", "-i", flash_and_beep), ("-i", flash_and_beep)
    if kind == "vorbis.mkv":
        run_ffmpeg(*other, "-c:v", "copy", "-c:a", "libvorbis", source)
    elif kind == "late_sound.ts":
        run_ffmpeg(*other, *late, "-map", "0:v", "-map", "1:a", "-c", "copy", source)
    elif kind == "late_video.mkv":
        run_ffmpeg(*late, *other, "-map", "0:v", "-map", "1:a", "-c", "copy", source)
    else:
        shutil.copy(flash_and_beep, source)
    frames = list(VideoReader(source))[first:]
    times = [frame.time for frame in frames]
    with VideoWriter(
        out, width=64, height=48, fps=25, timestamps=times, audio_from=source, encoding=ONE_THREAD
    ) as writer:
        for frame in frames:
            writer.write(frame.image)
    assert onset_of_light(out) == pytest.approx(1.0 - first / 25, abs=2e-3)
    assert onset_of_sound(out) - onset_of_light(out) == pytest.approx(
        onset_of_sound(source) - onset_of_light(source), abs=5e-3
    )
    with av.open(str(out)) as container:
        assert container.streams.audio[0].codec_context.name == "aac"
        for stream in container.streams:
            assert stream.duration is not None
            assert stream.time_base is not None
            assert float(stream.duration * stream.time_base) <= len(frames) / 25 + 0.05


def test_sound_that_fits_is_copied_bit_for_bit(tmp_path: Path, flash_and_beep: Path) -> None:
    write(tmp_path / "out.mp4", 50, audio_from=flash_and_beep)

    def packets(path: Path) -> list[bytes]:
        with av.open(str(path)) as container:
            return [bytes(packet) for packet in container.demux(audio=0) if packet.size]

    # The first packet holds the encoder's delay, before the first picture.
    assert packets(tmp_path / "out.mp4") == packets(flash_and_beep)[-len(packets(tmp_path / "out.mp4")) :]
    assert len(packets(tmp_path / "out.mp4")) >= len(packets(flash_and_beep)) - 1


def test_a_source_without_sound_is_all_right(tmp_path: Path, steady: Path) -> None:
    write(tmp_path / "out.mp4", 3, audio_from=steady)
    assert not probe(tmp_path / "out.mp4").has_audio


@pytest.mark.parametrize("link", ["same", "hard", "symbolic", "from elsewhere"])
@pytest.mark.parametrize("suffix", [".mp4", ".gif"])
def test_a_film_never_takes_the_place_of_its_own_source(
    tmp_path: Path, flash_and_beep: Path, link: str, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / f"clip{suffix}", tmp_path / f"out{suffix}"
    shutil.copy(flash_and_beep, source)
    if link == "hard":
        out.hardlink_to(source)
    elif link == "symbolic":
        out.symlink_to(source)
    elif link == "from elsewhere":
        monkeypatch.chdir(tmp_path)
        out = Path(f"../{tmp_path.name}/clip{suffix}")
    else:
        out = source
    with pytest.raises(OutputError, match="would be written over the input"):
        write(out, 1, audio_from=source)
    assert source.read_bytes() == flash_and_beep.read_bytes()


@pytest.mark.parametrize("varying", [False, True])
def test_gif(tmp_path: Path, varying: bool) -> None:
    times = np.arange(40) / 30 + (0.012 * (np.arange(40) % 2) if varying else 0)
    write(
        tmp_path / "out.gif", 40, fps=30, timestamps=times, size=(96, 64), encoding=Encoding(threads=1, loop_width=48)
    )
    reader = VideoReader(tmp_path / "out.gif")
    frames = list(reader)
    assert (reader.info.width, reader.info.height) == (48, 32)
    assert reader.info.duration == pytest.approx(40 / 30, abs=0.08)
    assert len(frames) == pytest.approx(20, abs=1)  # every second one, to stay within 25 a second
    for frame in frames:
        shown = indices([frame.image])[0]
        assert times[shown] == pytest.approx(frame.time, abs=0.06)
    assert is_colour(frames[0].image[2, 2], RED)
    assert is_colour(frames[0].image[2, -3], GREEN)
    assert leftovers(tmp_path) == ["out.gif"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
@pytest.mark.parametrize("name", ["out.mp4", "out.gif"])
@pytest.mark.parametrize("times", [None, UNEVEN], ids=["constant", "variable"])
def test_a_block_that_fails_leaves_what_was_there(
    tmp_path: Path, error: type[BaseException], name: str, times: list[float] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Remembered(subprocess.Popen):
        def __init__(self, *arguments: object, **options: object) -> None:
            super().__init__(*arguments, **options)  # type: ignore[call-overload]
            started.append(self)

    (tmp_path / name).write_text("from before")
    monkeypatch.setattr(subprocess, "Popen", Remembered)

    def fail() -> None:
        with VideoWriter(tmp_path / name, width=64, height=48, fps=25, timestamps=times) as writer:
            for index in range(5):
                writer.write(picture(index))
            raise error

    with pytest.raises(error):
        fail()
    assert leftovers(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "from before"
    assert started
    assert all(process.poll() is not None for process in started)


@pytest.mark.skipif(os.name != "posix", reason="sends a signal to a process group")
def test_ctrl_c_leaves_nothing(tmp_path: Path) -> None:
    program = """
import sys, time
import numpy as np
from in_the_wild.video.write import VideoWriter
with VideoWriter(sys.argv[1], width=64, height=48, fps=25) as writer:
    while True:
        writer.write(np.zeros((48, 64, 3), np.uint8))
        print("wrote", flush=True)
        time.sleep(0.01)
"""
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path / "out.mp4")],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"wrote\n"
    assert leftovers(tmp_path)  # the unfinished file
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("times", [None, UNEVEN], ids=["constant", "variable"])
def test_no_image_is_an_error_and_no_file(tmp_path: Path, times: list[float] | None) -> None:
    with pytest.raises(OutputError, match="at least one image"):
        write(tmp_path / "out.mp4", 0, timestamps=times)
    assert leftovers(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="puts a shell script in the place of ffmpeg")
@pytest.mark.parametrize("times", [None, list(np.cumsum(1 + np.arange(200) % 3) / 25)], ids=["constant", "variable"])
@pytest.mark.parametrize(
    "script",
    [
        "echo '[out#0/mp4 @ 0x55] The encoder is out of ink' >&2; echo 'Conversion failed!' >&2; exit 3",
        # More than a pipe holds, before the first image is taken.
        "yes 'a long complaint' | head -n 100000 >&2; cat >/dev/null; echo The encoder is out of ink >&2; exit 3",
    ],
    ids=["ends at once", "complains at length"],
)
def test_what_ffmpeg_died_of_is_said(
    tmp_path: Path, script: str, times: list[float] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(program))
    with pytest.raises(OutputError, match=r"because ffmpeg failed: The encoder is out of ink\.$"):
        write(tmp_path / "out.mp4", 200, timestamps=times)
    assert leftovers(tmp_path) == ["ffmpeg"]


def test_without_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise RuntimeError("No ffmpeg exe could be found.")

    monkeypatch.setattr(imageio_ffmpeg, "get_ffmpeg_exe", none)
    with pytest.raises(OutputError, match="imageio-ffmpeg"):
        ffmpeg_binary()


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.mp4").mkdir()
    for path, said in [
        (tmp_path / "missing" / "out.mp4", "no file can be made in that folder"),
        (tmp_path / "file" / "out.mp4", "no file can be made in that folder"),
        (tmp_path / "folder.mp4", "is a folder"),
        (tmp_path / "out.avi", "or .mp4"),
    ]:
        with pytest.raises(OutputError, match=said):
            write(path, 1)
    assert leftovers(tmp_path) == ["file", "folder.mp4"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="Permission denied"):
            write(tmp_path / "out.mp4", 1)
    finally:
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("name", ["out.mp4", "out.gif"])
def test_a_full_disk(tmp_path: Path, name: str) -> None:
    mount = f"mount -t tmpfs -o size=100k none {tmp_path}"
    unshare = shutil.which("unshare")
    if unshare is None or subprocess.run([unshare, "-rm", "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("a small disk of one's own cannot be made here (unshare, tmpfs)")
    program = """
import os, sys
import numpy as np
from in_the_wild.errors import OutputError
from in_the_wild.video.write import VideoWriter
noise = np.random.default_rng(0)
try:
    with VideoWriter(sys.argv[1], width=64, height=48, fps=25) as writer:
        for _ in range(200):
            writer.write(noise.integers(0, 255, (48, 64, 3), dtype=np.uint8))
except OutputError as error:
    print(error, os.listdir(os.path.dirname(sys.argv[1])))
"""
    done = subprocess.run(
        [unshare, "-rm", "sh", "-c", f'{mount} && exec "$@"', "sh", sys.executable, "-c", program, tmp_path / name],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.endswith("(No space left on device); make room there, or name another folder. []\n")


def test_images_and_times_are_checked(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "out.mp4", width=64, height=48, fps=25, timestamps=[0.0]) as writer:
        for wrong in (np.zeros((64, 48, 3), np.uint8), np.zeros((48, 64, 3)), np.zeros((48, 64), np.uint8)):
            with pytest.raises(ValueError, match=r"Expected an image \(48, 64, 3\)"):
                writer.write(wrong)
        writer.write(np.asfortranarray(picture(0)))
        with pytest.raises(ValueError, match="one more"):
            writer.write(picture(1))
    assert indices([frame.image for frame in VideoReader(tmp_path / "out.mp4")]) == [0]
    for times in map(np.array, ([0.0, 0.0], [1.0, 0.5], [0.0, float("nan")], [[0.0]])):
        with pytest.raises(ValueError, match="increase"):
            VideoWriter(tmp_path / "out.mp4", width=64, height=48, fps=25, timestamps=times)
    for fps in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="positive"):
            VideoWriter(tmp_path / "out.mp4", width=64, height=48, fps=fps)
