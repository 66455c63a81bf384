"""`pose3d refine`: the step that `pose3d run` takes, and settings that there are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from command_line import FakeDetector, Invoke, one_error

from in_the_wild.video.read import VideoReader


def test_the_refine_step_alone_makes_what_run_makes(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    refiners, none = ("--refiner", "linear", "--refiner", "butterworth"), ("--refiner", "none")
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--every", 3, *refiners, *none).exit_code == 0
    folder = tmp_path / "flat"
    alone = {name: tmp_path / f"{name}.npz" for name in ("detected", "refined", "lifted")}
    assert cli("detect", flat, "--every", 3, "-o", alone["detected"]).exit_code == 0
    assert cli("refine", alone["detected"], *refiners, "-o", alone["refined"]).exit_code == 0
    assert cli("lift", alone["refined"], "-o", alone["lifted"], "--weights", tiny).exit_code == 0
    pairs = {"detected": "poses2d", "refined": "poses2d_refined", "lifted": "poses3d"}
    for ours, theirs in pairs.items():
        with np.load(alone[ours]) as new, np.load(folder / f"{theirs}.npz") as old:
            assert set(new.files) == set(old.files)
            for name in old.files:
                assert np.array_equal(new[name], old[name]), (ours, name)
    film = tmp_path / "film.mp4"
    assert cli("render", folder / "poses3d.npz", "--video", flat, "-o", film).exit_code == 0
    for one, other in zip(VideoReader(film), VideoReader(folder / "overlay.mp4"), strict=True):
        assert np.array_equal(one.image, other.image)


@pytest.mark.parametrize(
    ("refiner", "says"),
    [
        ("butterworth:cutof=3", 'has no setting "cutof". Did you mean "cutoff"'),
        ("butterworth:cutoff=low", 'cutoff of the refiner butterworth must be a number, as 4.0 is; found "low"'),
        ("savitzky_golay:order=2.5", 'must be a whole number, as 2 is; found "2.5"'),
        ("one_euro:both_ways=1", 'must be true or false, as True is; found "1"'),
        ("median:window=-1", "above 0 seconds was expected"),
        ("linear:window=1", 'The refiner linear has no setting "window"'),
    ],
)
def test_settings_that_a_refiner_does_not_have(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tmp_path: Path, refiner: str, says: str
) -> None:
    assert cli("detect", flat, "-o", tmp_path / "poses2d.npz").exit_code == 0
    done = cli("refine", tmp_path / "poses2d.npz", "--refiner", refiner, "-o", tmp_path / "refined.npz")
    assert done.exit_code == 1
    assert says in one_error(done.stderr)
    assert not (tmp_path / "refined.npz").exists()
