"""`pose3d run`, `detect` and `render` on everything that has pictures: what comes out of each kind of input."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from command_line import FakeDetector, Invoke, leftovers, one_error
from numbered_clips import GREEN, RED, is_colour, make_clip, make_flash_and_beep, picture, run_ffmpeg
from web import serving, silence

from in_the_wild import formats
from in_the_wild.poses import Poses
from in_the_wild.video import record
from in_the_wild.video.probe import probe
from in_the_wild.video.read import VideoReader

SIDEWAYS = Path(__file__).parents[2] / "cases" / "sideways_no_metadata.mp4"
Run = Callable[..., str]


@pytest.fixture
def run(cli: Invoke, fake: type[FakeDetector], tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`pose3d run` into out/, seen from an empty folder; what it says."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: object, code: int = 0) -> str:
        done = cli("run", *arguments, "--weights", tiny)
        assert done.exit_code == code, done.stderr
        assert leftovers(Path()) == []
        return done.stderr

    return invoke


def write_pictures(folder: Path, names: list[str], size: tuple[int, int] = (64, 48)) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for index, name in enumerate(names):
        cv2.imwrite(str(folder / name), picture(index, size)[..., ::-1])


def poses(name: str) -> Poses:
    return formats.read(Path("out") / name / "poses3d.npz")


def note(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((Path("out") / name / "run.json").read_text())
    return found


def results() -> list[str]:
    """The folders of videos."""
    return sorted(folder.name for folder in Path("out").glob("[!.]*/"))


def test_a_folder(run: Run) -> None:
    write_pictures(Path("clips"), ["photo.jpg"])
    make_clip(Path("clips/a.mp4"), count=5)
    make_clip(Path("clips/b.mkv"), count=4)
    write_pictures(Path("clips"), [f"{i:03d}.png" for i in range(6)])
    Path("clips/readme.txt").write_text("not a video")
    said = run("clips", "--render", "none", "--fps", 12.5)
    assert results() == ["a", "b", "clips", "photo"]
    assert [poses(name).video.frames for name in results()] == [5, 4, 6, 1]
    assert poses("clips").video.fps == 12.5
    assert "assumed" not in said


def test_a_quoted_pattern(run: Run) -> None:
    for folder in ("one", "two"):
        Path(folder).mkdir()
        make_clip(Path(folder) / "clip.mp4", count=3)
    run("*/clip.mp4", "--render", "none")
    assert results() == ["one_clip", "two_clip"], "one name twice: both are kept, apart"


def test_numbered_pictures(run: Run) -> None:
    write_pictures(Path("frames"), [f"{i:04d}.png" for i in range(10)])
    said = run("frames/%04d.png")
    assert "25 pictures a second are assumed of frames/%04d.png; say it with --fps." in said
    run("frames/%04d.png", "--fps", "10", "--start", "0.2", "--end", "0.6")
    found = poses("frames")
    assert found.video.timestamps == pytest.approx([0.2, 0.3, 0.4, 0.5, 0.6])
    assert found.video.fps == 10
    assert note("frames")["video"] == "frames/%04d.png"
    assert note("frames")["warnings"] == []
    film = VideoReader(Path("out/frames/overlay.mp4"))
    assert film.info.fps == pytest.approx(10)
    assert len(list(film)) == 5


def test_numbered_pictures_one_by_one_are_told(run: Run) -> None:
    write_pictures(Path("frames"), [f"{i:04d}.png" for i in range(3)])
    said = run("frames/*.png", "--render", "none")
    assert results() == ["0000", "0001", "0002"]
    assert "3 numbered pictures are taken one by one; to take them as one video give frames." in said


def test_a_list(run: Run) -> None:
    make_clip(Path("a b.mp4"), count=3)
    make_clip(Path("c.mp4"), count=3)
    Path("list.txt").write_text("# today's\n\na b.mp4\nc.mp4\n")
    run("@list.txt", "--render", "none")
    assert results() == ["a b", "c"]


def test_a_jpeg_is_answered_with_a_picture(run: Run, cli: Invoke) -> None:
    write_pictures(Path(), ["photo.jpg"], (320, 240))
    run("photo.jpg")
    assert sorted(path.name for path in Path("out/photo").iterdir()) == [
        "overlay.png", "poses2d.npz", "poses3d.npz", "run.json", "view.html"
    ]  # fmt: skip
    assert poses("photo").video.frames == 1
    assert len(poses("photo")) == 1
    assert "overlay.png" in note("photo")["files"]
    drawn = cv2.imread("out/photo/overlay.png")[..., ::-1]
    assert drawn.shape == (360, 480 + 288, 3)
    assert is_colour(drawn[4, 4], RED)
    assert is_colour(drawn[4, 475], GREEN)
    again = cli("render", "out/photo/poses3d.npz", "--video", "photo.jpg", "-o", "again.png")
    assert again.exit_code == 0, again.stderr
    assert Path("again.png").read_bytes() == Path("out/photo/overlay.png").read_bytes()


def test_a_film_is_no_picture(run: Run, cli: Invoke, flat: Path) -> None:
    run(flat, "--render", "none")
    done = cli("render", "out/flat/poses3d.npz", "-o", "film.png")
    told = one_error(done.stderr.splitlines()[-1])
    assert "A picture shows one frame, and these poses have more" in told
    assert not Path("film.png").exists()


def test_a_clip_that_lies_on_its_side(run: Run) -> None:
    make_clip(Path("clip.mp4"), count=8)
    run("clip.mp4", "--rotate", "90")
    assert (poses("clip").video.width, poses("clip").video.height) == (48, 64)
    assert note("clip")["options"]["reading"] == {
        "start": None, "end": None, "rotate": 90, "mirror": False, "stream": 0, "fps": None
    }  # fmt: skip
    frames = list(VideoReader(Path("out/clip/overlay.mp4")))
    assert is_colour(frames[0].image[-4, 4], RED), "the left end of the upper edge is the lower end of the left one"
    assert is_colour(frames[0].image[4, 4], GREEN)


def test_a_selfie(run: Run, fake: type[FakeDetector]) -> None:
    make_clip(Path("clip.mp4"), count=8)
    run("clip.mp4", "--mirror")
    frames = list(VideoReader(Path("out/clip/overlay.mp4")))
    video = frames[0].image.shape[1] - frames[0].image.shape[0]  # the 3D view beside it is square
    assert is_colour(frames[0].image[4, 4], GREEN)
    assert is_colour(frames[0].image[4, video - 4], RED)


def test_a_part_keeps_the_times_of_the_whole_and_their_sound(run: Run) -> None:
    make_flash_and_beep(Path("clip.mp4"))
    run("clip.mp4", "--start", "0:00.8", "--end", "1.4")
    times = poses("clip").video.timestamps
    assert times == pytest.approx(np.arange(20, 36) / 25)
    assert note("clip")["frames"] == 16
    film = list(VideoReader(Path("out/clip/overlay.mp4")))
    assert len(film) == 16
    # The flash is at 1 s of the whole, 0.2 s of the part; so is the beep.
    corner = [float(frame.image[2, 2].mean()) for frame in film]
    assert max(corner[:5]) < 60
    assert min(corner[5:]) > 200
    samples = run_ffmpeg("-i", "out/clip/overlay.mp4", "-ac", "1", "-ar", "8000", "-f", "s16le", "-")
    sound = np.frombuffer(samples, np.int16).astype(int)
    assert np.flatnonzero(np.abs(sound) > 3000)[0] / 8000 == pytest.approx(0.2, abs=0.04)
    assert len(sound) / 8000 == pytest.approx(0.64, abs=0.1)


def test_results_are_taken_again_where_the_same_is_read_in_the_same_way(run: Run, fake: type[FakeDetector]) -> None:
    make_clip(Path("clip.mp4"), count=8)
    looked = [0]
    for reading, is_new in (
        ((), True), ((), False), (("--rotate", "180"), True), (("--rotate", "180"), False), (("--mirror",), True),
        (("--start", "0.1"), True), (("--start", "0:00.1"), False), (("--end", "0.2"), True), ((), True),
        (("--rotate", "auto"), False),
    ):  # fmt: skip
        run("clip.mp4", *reading, "--render", "none")
        looked.append(fake.pictures)
        assert (looked[-1] > looked[-2]) == is_new, reading


def test_render_shows_the_video_as_it_was_read(run: Run, cli: Invoke) -> None:
    make_clip(Path("clip.mp4"), count=10)
    run("clip.mp4", "--rotate", "270", "--mirror", "--start", "0.1", "--end", "0.25")
    done = cli("render", "out/clip/poses3d.npz", "--video", "clip.mp4", "-o", "again.mp4")
    assert done.exit_code == 0, done.stderr
    for one, other in zip(VideoReader("again.mp4"), VideoReader("out/clip/overlay.mp4"), strict=True):
        assert np.array_equal(one.image, other.image)


def test_detect_reads_as_run_does(run: Run, cli: Invoke) -> None:
    make_clip(Path("clip.mp4"), count=10)
    how = ("--rotate", "90", "--start", "0.1", "--end", "0.2")
    run("clip.mp4", *how, "--render", "none")
    done = cli("detect", "clip.mp4", *how, "-o", "found.npz")
    assert done.exit_code == 0, done.stderr
    one, other = formats.read(Path("found.npz")), formats.read(Path("out/clip/poses2d.npz"))
    assert np.array_equal(one.keypoints, other.keypoints)
    assert one.meta["reading"] == other.meta["reading"]
    Path("clips").mkdir()
    make_clip(Path("clips/a.mp4"), count=3)
    make_clip(Path("clips/b.mp4"), count=3)
    assert "One video was expected, found 2: a.mp4, b.mp4" in one_error(cli("detect", "clips").stderr)


def test_an_address(run: Run, cli: Invoke) -> None:
    Path("served").mkdir()
    make_flash_and_beep(Path("served/clip.mp4"))
    with serving(Path("served")) as server:
        said = run(f"{server.url}/clip.mp4", "--start", "0.8", "--end", "1.2", "-v")
        assert "clip.mp4: fetch done" in said
        assert probe("out/clip/overlay.mp4").sound == ("aac",)
        assert note("clip")["video"] == f"{server.url}/clip.mp4"
        of_address = poses("clip")
        drawn = cli("render", "out/clip/poses3d.npz", "--video", f"{server.url}/clip.mp4", "-o", "again.mp4")
        assert drawn.exit_code == 0, drawn.stderr
    shutil.rmtree("out")
    run("served/clip.mp4", "--start", "0.8", "--end", "1.2")
    assert np.array_equal(of_address.keypoints, poses("clip").keypoints)
    assert np.array_equal(of_address.video.timestamps, poses("clip").video.timestamps)
    for one, other in zip(VideoReader("again.mp4"), VideoReader("out/clip/overlay.mp4"), strict=True):
        assert np.array_equal(one.image, other.image)


def test_an_address_that_gives_nothing_is_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "_PATIENCE", 0.3)
    with silence() as url:
        assert "sent nothing for 0.3 seconds" in one_error(run(url, code=1))
    with serving(Path()) as server:
        assert "404" in one_error(run(f"{server.url}/no.mp4", code=1))
    assert not Path("out").exists()


def test_a_clip_of_high_dynamic_range(run: Run) -> None:
    make_clip(Path("sdr.mp4"), count=8)
    hlg = "zscale=pin=709:tin=709:min=709:rin=tv:p=2020:t=arib-std-b67:m=2020_ncl:r=tv:npl=203:agamma=false"
    said = "colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc:crf=4:log-level=error"
    how = ("-c:v", "libx265", "-x265-params", said, "-tag:v", "hvc1")
    tagged = "setparams=colorspace=bt709:color_primaries=bt709:color_trc=bt709:range=tv"
    run_ffmpeg("-i", "sdr.mp4", "-vf", f"{tagged},{hlg},format=yuv420p10le", *how, "hlg.mp4")
    run_ffmpeg("-i", "sdr.mp4", "-vf", tagged, "-c:v", "libx264", "-crf", "4", "tagged.mp4")
    run("hlg.mp4", "tagged.mp4")
    pairs = zip(VideoReader("out/hlg/overlay.mp4"), VideoReader("out/tagged/overlay.mp4"), strict=True)
    for one, other in pairs:
        # Left of the drawn skeleton, where the clip's own colours are: red above, grey below.
        assert np.abs(one.image[:, :40].astype(int) - other.image[:, :40]).mean() < 4


def test_an_interlaced_clip(run: Run) -> None:
    bar = "geq=lum='if(between(X,N*12,N*12+40),235,16)':cb=128:cr=128"
    run_ffmpeg(
        *(
            "-f",
            "lavfi",
            "-i",
            f"color=black:s=320x240:r=50:d=0.4,format=yuv420p,{bar},tinterlace=interleave_top,fieldorder=tff",
        ),
        *("-c:v", "mpeg2video", "-flags", "+ilme+ildct", "-q:v", "2", "clip.mpg"),
    )
    run("clip.mpg")
    assert poses("clip").video.frames == 10
    film = [frame.image[:, :320].mean(axis=2) for frame in VideoReader("out/clip/overlay.mp4")]
    comb = np.abs(film[4][1:-1] - (film[4][:-2] + film[4][2:]) / 2).mean()
    assert comb < 4, "without a filter it is 20 and more"


def test_the_sizes_of_a_clip_that_changes_are_told(run: Run) -> None:
    parts = []
    for number, size in enumerate([(64, 48), (48, 64)]):
        make_clip(Path(f"{number}.mkv"), count=10, codec="ffv1", size=size)
        how = ("-c:v", "libx264", "-bf", "0", "-r", "10", "-output_ts_offset", str(number))
        run_ffmpeg("-i", f"{number}.mkv", *how, f"{number}.ts")
        parts.append(Path(f"{number}.ts").read_bytes())
    Path("clip.ts").write_bytes(b"".join(parts))
    said = run("clip.ts", "--render", "none")
    assert "Pictures change their size (48x64 at " in said
    assert note("clip")["warnings"] == poses("clip").meta["warnings"]
    assert "Pictures change their size" in run("clip.ts", "--render", "none"), "also where keypoints are taken again"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("0",), 1, "cameras are not read by their number"),
        (("*.mov",), 1, "No file matches *.mov"),
        (("clip.mp4", "--start", "1:75"), 2, "seconds or h:mm:ss"),
        (("clip.mp4", "--start", "2", "--end", "1"), 1, "An end after the start was expected"),
        (("clip.mp4", "--start", "60"), 1, "has no picture from 60 s; it lasts about 0.33 s"),
        (("clip.mp4", "--rotate", "45"), 2, 'There is no turn "45"'),
        (("clip.mp4", "--stream", "1"), 1, "has no stream of pictures 1; choose one that it has: 0 (64x48)"),
        (("clip.mp4", "--fps", "30"), 1, "clip.mp4 has times of its own"),
        (("empty",), 1, "No video and no picture is in the folder empty"),
    ],
)
def test_what_is_wrong_is_told_with_the_way_to_mend_it(
    run: Run, arguments: tuple[str, ...], code: int, told: str
) -> None:
    make_clip(Path("clip.mp4"), count=10)
    Path("empty").mkdir()
    assert told in " ".join(run(*arguments, "--render", "none", code=code).replace("│", " ").split())
    assert not list(Path().rglob("*.npz"))


@pytest.mark.slow
def test_a_clip_on_its_side_gets_a_hint_that_mends_it(cli: Invoke, tiny: Path, tmp_path: Path) -> None:
    common = ("--weights", tiny, "--render", "none", "--persons", "1", "--device", "cpu")
    sideways = cli("run", SIDEWAYS, "-o", tmp_path / "sideways", *common)
    assert "stands upright; if it was filmed sideways, turn it: --rotate 90." in sideways.stderr
    upright = cli("run", SIDEWAYS, "-o", tmp_path / "upright", "--rotate", "90", *common)
    assert "upright" not in upright.stderr
    mirrored = cli("run", SIDEWAYS, "-o", tmp_path / "mirrored", "--mirror", *common)
    assert "turn it: --rotate 90." in mirrored.stderr, "the flip comes after the turn"
