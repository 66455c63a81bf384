"""`pose3d render`: films of poses alone, and files that do not belong together."""

from __future__ import annotations

from pathlib import Path

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
