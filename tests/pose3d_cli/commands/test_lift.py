"""`pose3d detect`, `lift` and `render`, one after the other: what `pose3d run` makes in one go."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from command_line import FakeDetector, Invoke

from in_the_wild.video.read import VideoReader


def test_the_steps_alone_make_what_run_makes(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--fov", 60).exit_code == 0
    alone = tmp_path / "new" / "keypoints.npz"
    assert cli("detect", flat, "-o", alone).exit_code == 0
    assert cli("lift", alone, "-o", alone.with_name("joints.npz"), "--weights", tiny, "--fov", 60).exit_code == 0
    for ours, theirs in (("keypoints.npz", "poses2d.npz"), ("joints.npz", "poses3d.npz")):
        with np.load(alone.with_name(ours)) as new, np.load(tmp_path / "flat" / theirs) as old:
            assert set(new.files) == set(old.files)
            for name in old.files:
                assert np.array_equal(new[name], old[name]), name
    film = tmp_path / "film.mp4"
    assert cli("render", tmp_path / "flat/poses3d.npz", "--video", flat, "-o", film).exit_code == 0
    for one, other in zip(VideoReader(film), VideoReader(tmp_path / "flat/overlay.mp4"), strict=True):
        assert np.array_equal(one.image, other.image)
