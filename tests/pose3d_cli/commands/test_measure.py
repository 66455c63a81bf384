"""`pose3d measure`: a table, and a tidy file."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import fakes
import numpy as np
import pytest
import true_people
from command_line import Invoke, one_error

from in_the_wild import formats
from in_the_wild.poses import Poses


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A walker, and another who does the same."""
    one = true_people.walker()
    formats.write(Poses.join([one, one.replace(person_id=np.full(len(one), 7))]), tmp_path / "poses3d.npz")
    return tmp_path / "poses3d.npz"


def test_a_table_for_each_person(cli: Invoke, saved: Path) -> None:
    done = cli("measure", saved)
    assert done.exit_code == 0, done.stderr
    assert "Person 0" in done.stdout
    assert "Person 7" in done.stdout
    knee = true_people.walker().angles().person(0)["left_knee_flexion"]
    row = next(line for line in done.stdout.splitlines() if "left_knee_flexion" in line)
    for value in (knee.min(), knee.mean(), knee.max()):
        assert f"{value:.2f}" in row
    assert "steps/min" in done.stdout
    assert [file.name for file in saved.parent.iterdir()] == ["poses3d.npz"]


def test_a_folder_of_run_is_its_result(cli: Invoke, saved: Path) -> None:
    folder = saved.parent / "out" / "walker"
    folder.mkdir(parents=True)
    saved.rename(folder / "poses3d.npz")
    for given in (folder, folder.parent):
        assert cli("measure", given).exit_code == 0
        assert cli("export", given, saved.parent / "a.csv").exit_code == 0
        assert cli("compare", given, folder).exit_code == 0
    assert formats.read(saved.parent / "a.csv").persons == [0, 7]
    (saved.parent / "empty").mkdir()
    assert "found no poses3d.npz" in one_error(cli("measure", saved.parent / "empty").stderr)


def test_a_tidy_file(cli: Invoke, saved: Path) -> None:
    output = saved.with_name("out.csv")
    done = cli("measure", saved, "-o", output, "--person", 7)
    assert done.exit_code == 0, done.stderr
    assert "Person 0" not in done.stdout
    with output.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["seconds", "frame", "person", "measure", "value", "unit"]
    assert {row["person"] for row in rows} == {"7"}
    assert f"{len(rows)} values" in done.stdout
    knee = [row for row in rows if row["measure"] == "left_knee_flexion"]
    expected = true_people.walker().angles().person(0)["left_knee_flexion"]
    assert [float(row["value"]) for row in knee] == pytest.approx(expected.tolist(), abs=1e-3)
    assert [int(row["frame"]) for row in knee] == list(range(len(expected)))
    assert knee[25]["seconds"] == "1.0"


def test_json_says_the_same(cli: Invoke, saved: Path) -> None:
    for name in ("out.csv", "out.json"):
        assert cli("measure", saved, "-o", saved.with_name(name)).exit_code == 0
    told = json.loads(saved.with_name("out.json").read_text())
    assert (told["format"], told["version"]) == ("pose3d-measures", 1)
    with saved.with_name("out.csv").open(newline="") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    flat = [
        (str(seconds), str(frame), str(one["person"]), one["measure"], str(value), one["unit"])
        for one in told["measures"]
        for seconds, frame, value in zip(one["seconds"], one["frames"], one["values"], strict=True)
    ]
    assert flat == rows


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-o", "out.txt"], "A name that ends in .csv or .json was expected for measures, found out.txt."),
        (["--person", "5"], "There is no person 5; the ids are 0, 7."),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(cli: Invoke, saved: Path, arguments: list[str], sentence: str) -> None:
    assert sentence in one_error(cli("measure", saved, *arguments).stderr)


def test_keypoints_in_the_picture_are_refused(cli: Invoke, tmp_path: Path) -> None:
    formats.write(fakes.poses2d(np.zeros((3, 17, 2))), tmp_path / "poses2d.npz")
    done = cli("measure", tmp_path / "poses2d.npz")
    assert "found keypoints in the picture of fake.mp4; lift them first" in one_error(done.stderr)


def test_the_result_is_not_written_over(cli: Invoke, saved: Path) -> None:
    output = saved.with_name("out.json")
    formats.write(true_people.walker(), output)
    assert "would be written over the input" in one_error(cli("measure", output, "-o", output).stderr)


def test_repetitions_of_what_is_named(cli: Invoke, saved: Path) -> None:
    poses = true_people.of_clip("dancer")
    formats.write(poses, saved)
    output = saved.with_name("out.csv")
    done = cli("measure", saved, "-o", output, "--repetitions", "left_shoulder_abduction")
    assert done.exit_code == 0, done.stderr
    with output.open(newline="") as file:
        ends = [row for row in csv.DictReader(file) if row["measure"] == "left_shoulder_abduction_repetition_end"]
    expected = poses.repetitions("left_shoulder_abduction")[0].each
    assert [float(row["value"]) for row in ends] == pytest.approx([one.end for one in expected], abs=1e-4)
    assert [int(row["frame"]) for row in ends] == [one.frames[1] for one in expected]
    assert "no angle or height" in one_error(cli("measure", saved, "--repetitions", "left_knee").stderr)
