"""`pose3d export`: poses for other programs."""

from __future__ import annotations

import csv
from pathlib import Path

import fakes
import numpy as np
import pytest
from command_line import Invoke, one_error

from in_the_wild import formats
from in_the_wild.formats._bone_names import PRESETS
from in_the_wild.poses import Poses
from pose3d_cli.commands import _options as options


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Two persons in three frames."""
    first = fakes.poses2d(np.random.default_rng(0).uniform(0, 300, (3, 17, 2)))
    poses = Poses.join([first, first.replace(person_id=np.full(3, 7))])
    formats.write(poses, tmp_path / "poses2d.npz")
    return tmp_path / "poses2d.npz"


@pytest.fixture
def saved3d(tmp_path: Path) -> Path:
    """Two persons in 3D, in one second of 25 frames."""
    one = fakes.poses3d(*fakes.walking(25))
    formats.write(Poses.join([one, one.replace(person_id=np.full(25, 7))]), tmp_path / "poses3d.npz")
    return tmp_path / "poses3d.npz"


@pytest.mark.parametrize("suffix", sorted({*formats.suffixes(writes=True)} - {".fbx"}))  # which needs Blender
def test_the_name_says_the_format(cli: Invoke, saved3d: Path, suffix: str) -> None:
    output = saved3d.parent / f"new/out{suffix}"
    done = cli("export", saved3d, output)
    assert done.exit_code == 0, done.stderr
    assert "50 poses, persons: 0, 7" in done.stdout
    written = sorted(output.parent.iterdir())
    assert all(str(file) in done.stdout for file in written)
    if formats.writers_by_suffix()[suffix].reads:
        assert sum(len(formats.read(file, "csv:size=1280x720" if suffix == ".csv" else None)) for file in written) == 50


def test_presets_are_bvhs(cli: Invoke, saved3d: Path) -> None:
    assert tuple(PRESETS) == options.PRESETS
    output = saved3d.with_name("out.bvh")
    assert cli("export", saved3d, output, "--person", 0, "--preset", "unity").exit_code == 0
    assert "JOINT LeftUpperArm" in output.read_text()
    assert cli("export", saved3d, output, "--preset", "poser").exit_code == 2
    refused = one_error(cli("export", saved3d, output.with_suffix(".trc"), "--preset", "maya").stderr)
    assert "have no choice of preset" in refused


def test_one_person_as_a_wide_table(cli: Invoke, saved: Path) -> None:
    output = saved.with_name("out.csv")
    assert cli("export", saved, output, "--person", 7, "--format", "csv:layout=wide").exit_code == 0
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["person"] for row in rows] == ["7"] * 3
    assert float(rows[2]["left_wrist_x_px"]) == pytest.approx(formats.read(saved).keypoints[5, 9, 0])


def test_what_a_file_does_not_say_is_said(cli: Invoke, saved: Path) -> None:
    table, again = saved.with_name("out.csv"), saved.with_name("again.npz")
    assert cli("export", saved, table).exit_code == 0
    assert "--read-as csv:size=WIDTHxHEIGHT" in one_error(cli("export", table, again).stderr)
    assert not again.exists()
    assert cli("export", table, again, "--read-as", "csv:size=1280x720").exit_code == 0
    np.testing.assert_array_equal(formats.read(again).keypoints, formats.read(saved).keypoints)


def test_what_cannot_be_exported(cli: Invoke, saved: Path) -> None:
    before = saved.read_bytes()
    link = saved.with_name("link.npz")
    link.symlink_to(saved)
    for output in (saved, link, saved.parent / "x" / ".." / saved.name):
        (saved.parent / "x").mkdir(exist_ok=True)
        assert "written over the input" in one_error(cli("export", saved, output).stderr)
    assert saved.read_bytes() == before
    assert "no person 3, 4. Known: 0, 7" in one_error(
        cli("export", saved, saved.with_name("a.csv"), "--person", 3, "--person", 4).stderr
    )
    assert ".c3d, .csv," in one_error(cli("export", saved, saved.with_name("a.xyz")).stderr)
    assert "3D joints were expected, found keypoints" in one_error(
        cli("export", saved, saved.with_name("a.trc")).stderr
    )
    done = cli("export", saved, saved.with_name("a.csv"), "--format", "csvv")
    assert done.exit_code == 2
    assert 'Did you mean "csv"' in done.stderr


@pytest.mark.parametrize(
    ("name", "said", "custom"),
    [
        ("bvh", "BVH is y up in centimetres", "world, y up, cm"),
        ("trc", "TRC y up in millimetres", "world, y up, mm"),
        ("c3d", "C3D z up in millimetres", "world, z up, mm"),
    ],
)
def test_the_help_says_what_is_custom(cli: Invoke, name: str, said: str, custom: str) -> None:
    assert said in " ".join(cli("export", "--help-all").stdout.split())
    assert formats.load(name).custom() == custom


def test_part_of_the_time_at_another_rate_in_the_world(cli: Invoke, saved3d: Path) -> None:
    output = saved3d.with_name("part.json")
    done = cli("export", saved3d, output, "--start", "0.2", "--end", "0:00:00.6", "--fps", 50, "--space", "world")
    assert done.exit_code == 0, done.stderr
    assert "42 poses, persons: 0, 7" in done.stdout
    part = formats.read(output)
    assert (part.space, part.video.fps) == ("world", 50.0)
    np.testing.assert_allclose(np.unique(part.seconds), 0.2 + np.arange(21) / 50)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["--start", "1m"], 2, "h:mm:ss was expected"),
        (["--start", "2"], 1, "no frame in the chosen time; it has 0.00 to 0.96 seconds"),
        (["--start", "0.5", "--end", "0.2"], 1, "An end after the start"),
        (["--space", "wrld"], 2, 'Did you mean "world"'),
        (["--units", "ft"], 2, 'no unit "ft"'),
        (["--up", "x"], 2, 'no axis "x"'),
        (["--up", "y"], 1, "no choice of up"),
        (["--fps", "0"], 1, "Frames a second above 0"),
    ],
)
def test_choices_that_there_are_not(cli: Invoke, saved3d: Path, options: list[str], code: int, message: str) -> None:
    done = cli("export", saved3d, saved3d.with_name("a.npz"), *options)
    assert done.exit_code == code
    assert message in " ".join(done.stderr.replace("│", " ").split())
    assert not saved3d.with_name("a.npz").exists()
