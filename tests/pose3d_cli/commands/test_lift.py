"""`pose3d detect`, `lift` and `render`, one after the other: what `pose3d run` makes in one go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from command_line import FakeDetector, Invoke, one_error

from in_the_wild import formats
from in_the_wild.stature import stature
from in_the_wild.video.read import VideoReader


def test_the_steps_alone_make_what_run_makes(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--fov", 60).exit_code == 0
    alone = tmp_path / "new" / "keypoints.npz"
    assert cli("detect", flat, "-o", alone).exit_code == 0
    lifted, refined = alone.with_name("lifted.npz"), alone.with_name("joints.npz")
    assert cli("lift", alone, "-o", lifted, "--weights", tiny, "--fov", 60).exit_code == 0
    assert cli("refine", lifted, "-o", refined, "--refiner", "whole_clip", "--keypoints", alone).exit_code == 0
    for ours, theirs in (("keypoints.npz", "poses2d.npz"), ("joints.npz", "poses3d.npz")):
        with np.load(alone.with_name(ours)) as new, np.load(tmp_path / "flat" / theirs) as old:
            assert set(new.files) == set(old.files)
            for name in old.files:
                assert np.array_equal(new[name], old[name]), name
    film = tmp_path / "film.mp4"
    assert cli("render", tmp_path / "flat/poses3d.npz", "--video", flat, "-o", film).exit_code == 0
    for one, other in zip(VideoReader(film), VideoReader(tmp_path / "flat/overlay.mp4"), strict=True):
        assert np.array_equal(one.image, other.image)


def test_keypoints_of_ones_own_are_lifted_once_they_say_enough(cli: Invoke, tiny: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", keypoints=np.random.default_rng(0).uniform(0, 300, (9, 17, 2)))
    lift = ("lift", tmp_path / "own.npz", "-o", tmp_path / "own3d.csv", "--weights", tiny)
    assert "--read-as npz:skeleton=" in one_error(cli(*lift).stderr)
    done = cli(*lift, "--read-as", "npz:skeleton=coco17,size=640x360,fps=25")
    assert done.exit_code == 0, done.stderr
    assert len(formats.read(tmp_path / "own3d.csv", "csv:size=640x360")) == 9


def test_keypoints_are_not_written_over(cli: Invoke, tiny: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", keypoints=np.zeros((9, 17, 2)))
    (tmp_path / "link.npz").hardlink_to(tmp_path / "own.npz")
    before = (tmp_path / "own.npz").read_bytes()
    for output in ("own.npz", "link.npz"):
        done = cli("lift", tmp_path / "own.npz", "-o", tmp_path / output, "--weights", tiny)
        assert "written over the input" in one_error(done.stderr)
    assert (tmp_path / "own.npz").read_bytes() == before


def test_people_are_as_tall_as_one_says(cli: Invoke, tiny: Path, tmp_path: Path) -> None:
    np.savez(tmp_path / "own.npz", keypoints=np.random.default_rng(0).uniform(0, 300, (9, 17, 2)))
    own = ("lift", tmp_path / "own.npz", "-o", tmp_path / "own3d.npz", "--weights", tiny, "--read-as")
    lift = (*own, "npz:skeleton=coco17,size=640x360,fps=25")
    assert cli(*lift, "--height", "1.5").exit_code == 0
    lifted = formats.read(tmp_path / "own3d.npz")
    assert abs(stature(lifted.keypoints, lifted.skeleton) - 1.5) < 1e-4
    refused = cli(*lift, "--height", 150)
    assert refused.exit_code == 2
    assert "did you mean" in refused.stderr
    assert "There is no person 3" in one_error(cli(*lift, "--height", "3:1.5").stderr)
