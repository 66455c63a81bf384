"""`pose3d render`: films of poses alone, and files that do not belong together."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from command_line import FakeDetector, Invoke, leftovers, one_error

from in_the_wild.video.read import VideoReader


def test_render_without_the_video(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none").exit_code == 0
    poses = tmp_path / "flat/poses3d.npz"
    films = {}
    for name, options in {"turn.mp4": ["--turntable"], "still.mp4": []}.items():
        assert cli("render", poses, "-o", tmp_path / name, "--height", 200, *options).exit_code == 0
        films[name] = [frame.image for frame in VideoReader(tmp_path / name)]
        assert len(films[name]) == 12
        assert films[name][0].shape[0] == 200
    # The camera swings by 8 degrees in half a second; the person hardly moves.
    change = {name: np.abs(film[-1].astype(float) - film[0]).mean() for name, film in films.items()}
    assert change["turn.mp4"] > 2 * change["still.mp4"]
    assert cli("render", poses, "-o", tmp_path / "film.gif").exit_code == 0


def test_render_refuses_the_wrong_files(
    cli: Invoke, fake: type[FakeDetector], flat: Path, clip: Path, tiny: Path, tmp_path: Path
) -> None:
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none").exit_code == 0
    film = tmp_path / "film.mp4"
    longer = cli("render", tmp_path / "flat/poses3d.npz", "--video", clip, "-o", film)
    assert longer.exit_code == 1
    assert "12 frames" in longer.stderr
    flat_poses = cli("render", tmp_path / "flat/poses2d.npz", "-o", film)
    assert flat_poses.exit_code == 1
    assert "camera space" in one_error(flat_poses.stderr)
    assert "no file" in one_error(cli("render", tmp_path / "nothing.npz", "-o", film).stderr)
    assert not film.exists()
    assert not leftovers(tmp_path)


def test_every_layout_of_a_folder_with_its_video(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none").exit_code == 0
    folder = tmp_path / "flat"
    for layout, film in {
        "overlay": "a.webm", "side": "a.mov", "scene": "a.gif", "quad": "a.mp4", "strip": "a.png", "compare": "b.mp4"
    }.items():  # fmt: skip
        results = (folder, folder) if layout == "compare" else (folder,)
        done = cli("render", *results, "--layout", layout, "-o", tmp_path / film, "--height", 120)
        assert done.exit_code == 0, done.stderr
        assert (tmp_path / film).stat().st_size > 300
    assert len([frame.image for frame in VideoReader(tmp_path / "a.mp4")]) == 12
    (shown,) = {frame.image.shape for frame in VideoReader(tmp_path / "a.webm")}
    assert shown == (120, 120 * 64 // 48, 3)
    corner = next(iter(VideoReader(tmp_path / "a.webm"))).image[:20]
    assert corner.mean() > 60, "the clip's own grey, for its video is found again"


def test_sizes_limits_and_pictures_in_place_of_a_film(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none").exit_code == 0
    poses = tmp_path / "flat/poses3d.npz"
    look = ("--background", "light", "--body", "bones", "--trails", "left_wrist,right_ankle")
    assert cli("render", poses, "-o", tmp_path / "a.mp4", "--size", "321x200", *look).exit_code == 0
    assert {frame.image.shape for frame in VideoReader(tmp_path / "a.mp4")} == {(200, 320, 3)}
    unknown = cli("render", poses, "-o", tmp_path / "no.mp4", "--trails", "left_wrist,left_wirst")
    assert one_error(unknown.stderr).startswith(
        'Error: Trails of joints were expected, there is no "left_wirst". Did you mean'
    )
    assert not (tmp_path / "no.mp4").exists()
    assert cli("render", poses, "-o", tmp_path / "wide.gif", "--size", "900x90").exit_code == 0
    assert next(iter(VideoReader(tmp_path / "wide.gif"))).image.shape == (90, 900, 3)
    assert cli("render", poses, "-o", tmp_path / "small.gif", "--max-mb", "0.02").exit_code == 0
    assert (tmp_path / "small.gif").stat().st_size <= 20_000
    clear = ("--background", "transparent", "--height", 100)
    assert cli("render", poses, "-o", tmp_path / "frames/%02d.png", *clear).exit_code == 0
    pictures = sorted((tmp_path / "frames").iterdir())
    assert [path.name for path in pictures] == [f"{number:02}.png" for number in range(1, 13)]
    assert (cv2.imread(str(pictures[0]), cv2.IMREAD_UNCHANGED)[..., 3] == 0).mean() > 0.5
    refused = cli("render", poses, "-o", tmp_path / "b.mp4", *clear)
    assert "cannot be transparent" in one_error(refused.stderr)
    assert "1920x1080" in cli("render", poses, "--size", "big").stderr
    assert "limit of megabytes" in one_error(cli("render", poses, "-o", tmp_path / "b.mp4", "--max-mb", 1).stderr)
    assert not (tmp_path / "b.mp4").exists()


def test_run_draws_the_layout_that_is_asked_for(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    common = ("-o", tmp_path, "--weights", tiny, "--no-view")
    assert cli("run", flat, *common, "--layout", "strip").exit_code == 0
    assert (tmp_path / "flat/overlay.png").is_file()
    assert cli("run", flat, *common, "--layout", "overlay", "--render", "webm").exit_code == 0
    assert next(iter(VideoReader(tmp_path / "flat/overlay.webm"))).image.shape == (360, 480, 3)
    assert "quad" in cli("run", flat, *common, "--layout", "qaud").stderr
