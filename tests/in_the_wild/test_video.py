"""Every picture carries its index as a grey level, so that each test sees the right picture at the right time."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from in_the_wild import video
from in_the_wild.errors import OutputError, VideoError
from in_the_wild.video import VideoReader, VideoWriter, ffmpeg_binary, probe

ROOT = Path(__file__).resolve().parents[2]
SHARED_VIDEO = ROOT.parent / "shared" / "data" / "video"
NTSC = Fraction(30000, 1001)
SIZE = (64, 48)  # width, height
UNEVEN = [0.0, 0.02, 0.1, 0.11, 0.15, 0.4, 0.433, 1.2, 1.21, 1.3]  # seconds
RED, GREEN = (220, 20, 20), (20, 200, 40)


def level(index: int) -> int:
    """Different for 45 pictures running, by more than coding changes it."""
    return 16 + 5 * (index % 45)


def picture(index: int, size: tuple[int, int] = SIZE) -> np.ndarray:
    """Grey by index; the top left corner is red and the top right one green."""
    width, height = size
    image = np.full((height, width, 3), level(index), np.uint8)
    image[: height // 4, : width // 4] = RED
    image[: height // 4, -(width // 4) :] = GREEN
    return image


def indices(images: Sequence[np.ndarray]) -> list[int]:
    """Which picture each image is, read off its middle."""
    return [round((float(image[image.shape[0] // 2, image.shape[1] // 2].mean()) - 16) / 5) for image in images]


def is_colour(pixel: np.ndarray, colour: tuple[int, int, int]) -> bool:
    return bool(np.abs(pixel.astype(int) - colour).max() < 30)


def make_clip(
    path: Path,
    *,
    count: int = 30,
    times: Sequence[float] | None = None,
    rate: Fraction = NTSC,
    size: tuple[int, int] = SIZE,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    options: dict[str, str] | None = None,
    group: int = 10,
) -> Path:
    """A clip made by PyAV, which is no part of how VideoWriter makes one."""
    time_base = 1 / rate if times is None else Fraction(1, 1000)
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.codec_context.time_base = time_base
        stream.codec_context.gop_size = group
        for index in range(count if times is None else len(times)):
            frame = av.VideoFrame.from_ndarray(picture(index, size), format="rgb24")
            frame.pts = index if times is None else round(times[index] * 1000)
            frame.time_base = time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def run_ffmpeg(*arguments: str | Path) -> bytes:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-y", "-v", "error", *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True).stdout


def leftovers(folder: Path, *known: str) -> list[str]:
    return sorted(set(os.listdir(folder)) - set(known))


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clips")


@pytest.fixture(scope="session")
def steady(clips: Path) -> Path:
    return make_clip(clips / "steady.mp4")


@pytest.fixture(scope="session")
def flash_and_beep(clips: Path) -> Path:
    """Two seconds that turn white, and begin to sound, at 1 s."""
    path = clips / "flash_and_beep.mp4"
    run_ffmpeg(
        *("-f", "lavfi", "-i", "color=black:s=64x48:r=25:d=2,geq=lum='if(gte(T,0.999),235,16)':cb=128:cr=128"),
        *("-f", "lavfi", "-i", "aevalsrc='if(gte(t,1),sin(6283*t),0)':s=48000:d=2"),
        *("-c:v", "libx264", "-c:a", "aac", path),
    )
    return path


# ---------------------------------------------------------------------------------------------------------------- in


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


@pytest.mark.parametrize("every", [1, 4, 29, 100])
def test_pictures_of_some_frames_and_the_last(steady: Path, every: int) -> None:
    whole = list(VideoReader(steady))
    reader = VideoReader(steady)
    some = list(reader.pictures(every=every))
    assert [(frame.index, frame.time) for frame in some] == [(frame.index, frame.time) for frame in whole]
    assert reader.warning is None
    for frame, other in zip(some, whole, strict=True):
        if frame.index % every == 0 or frame.index == 29:
            assert np.array_equal(frame.image, other.image)
        else:
            assert frame.image.shape == (0, 0, 3)


def test_probe(steady: Path, flash_and_beep: Path) -> None:
    info = probe(steady)
    assert (info.width, info.height, info.rotation, info.has_audio) == (64, 48, 0, False)
    assert info.fps == float(NTSC)
    assert info.frames_claimed == 30
    assert info.duration == pytest.approx(float(30 / NTSC), abs=1e-3)
    assert probe(flash_and_beep).has_audio


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


def test_a_clock_is_not_taken_for_a_frame_rate(tmp_path: Path) -> None:
    make_clip(tmp_path / "clip.avi", times=[index / 25 for index in range(40)], rate=Fraction(1000))
    with av.open(str(tmp_path / "clip.avi")) as container:
        assert container.streams.video[0].average_rate == 1000  # the trap
    assert probe(tmp_path / "clip.avi").fps == pytest.approx(25)


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
    assert next(iter(VideoReader(path))).image[20, 20] == pytest.approx([0x28, 0xC8, 0x14], abs=3)


@given(st.lists(st.none() | st.fractions(min_value=-1000, max_value=1000, max_denominator=90000), min_size=1))
def test_times_always_increase(stamps: list[Fraction | None]) -> None:
    clock = video._Clock(fps=30.0)
    seconds = [clock.seconds(stamp) for stamp in stamps]
    assert seconds[0] == 0.0
    assert all(later > earlier for earlier, later in itertools.pairwise(seconds))


@given(st.lists(st.integers(min_value=1, max_value=10**7), min_size=1), st.integers(-(10**9), 10**9))
def test_times_that_increase_are_kept(ticks: list[int], start: int) -> None:
    clock = video._Clock(fps=30.0)
    stamps = [Fraction(start + after, 90000) for after in [0, *itertools.accumulate(ticks)]]
    assert [clock.seconds(stamp) for stamp in stamps] == [float(stamp - stamps[0]) for stamp in stamps]


def test_a_missing_time_follows_from_the_one_before() -> None:
    clock = video._Clock(fps=10.0)
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
    some = list(reader.pictures(every=4))
    assert [frame.time for frame in some] == [frame.time for frame in frames]
    assert indices([frame.image for frame in some if frame.image.size]) == [0, 4, 8, 11]


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


# --------------------------------------------------------------------------------------------------------------- out


def write(path: Path, count: int, *, size: tuple[int, int] = SIZE, fps: float = 25.0, **options: object) -> None:
    with VideoWriter(path, width=size[0], height=size[1], fps=fps, threads=1, **options) as writer:  # type: ignore[arg-type]
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


@pytest.mark.parametrize("size", [(63, 48), (64, 47), (33, 25)])
def test_odd_sizes_gain_a_black_edge(tmp_path: Path, size: tuple[int, int]) -> None:
    write(tmp_path / "out.mp4", 3, size=size)
    image = next(iter(VideoReader(tmp_path / "out.mp4"))).image
    assert image.shape == (size[1] + size[1] % 2, size[0] + size[0] % 2, 3)
    assert is_colour(image[0, 0], RED)
    if size[0] % 2:
        assert image[size[1] // 2, -1] == pytest.approx([0, 0, 0], abs=12)
    if size[1] % 2:
        assert image[-1, size[0] // 2] == pytest.approx([0, 0, 0], abs=12)


def test_colours_there_and_back(tmp_path: Path) -> None:
    colours = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255), (200, 120, 60), (255, 255, 255), (0, 0, 0)], np.uint8)
    image = np.tile(np.repeat(colours, 16, axis=0), (32, 1, 1))
    with VideoWriter(tmp_path / "out.mp4", width=96, height=32, fps=25, crf=4) as writer:
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
    with VideoWriter(out, width=64, height=48, fps=25, timestamps=times, audio_from=source, threads=1) as writer:
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


@pytest.mark.parametrize("varying", [False, True])
def test_gif(tmp_path: Path, varying: bool) -> None:
    times = np.arange(40) / 30 + (0.012 * (np.arange(40) % 2) if varying else 0)
    write(tmp_path / "out.gif", 40, fps=30, timestamps=times, size=(96, 64), gif_width=48)
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
from in_the_wild.video import VideoWriter
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
    process.communicate(timeout=10)
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
        (tmp_path / "out.avi", ".mp4 or .gif"),
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
from in_the_wild.video import VideoWriter
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
