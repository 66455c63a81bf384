"""`pose3d datasets DIR`: what a prepared set holds, and what else a folder may."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import labelled
import numpy as np
import pytest
from command_line import Invoke
from published_sets import write_coco
from typer.testing import Result

from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli.datasets.prepared import sequences, summary
from pose3d_cli.datasets.prepared.sequences import Description, Labelled


@pytest.fixture
def coco(tmp_path: Path) -> Path:
    return write_coco(tmp_path / "coco")


def error_of(done: Result) -> str:
    """The one red line that a command ended with, after what it said of its progress."""
    assert done.exit_code == 1, done.output
    (line,) = [line for line in done.stderr.splitlines() if not re.match(r"(checksums|read|look)\b", line)]
    assert line.startswith("Error: ")
    return line


def rows_of(done: Result) -> dict[str, str]:
    """A table of two columns, as text by its first column; lines that go on are joined."""
    assert done.exit_code == 0, done.stderr
    found: dict[str, str] = {}
    name = ""
    for line in done.stdout.splitlines():
        cells = [cell.strip() for cell in line.strip("│").split("│")]
        if len(cells) == 2 and line.startswith("│"):
            name = cells[0] or name
            found[name] = f"{found.get(name, '')} {cells[1]}".strip()
    return found


def test_tells_what_there_is(cli: Invoke, tmp_path: Path) -> None:
    labelled.write(tmp_path / "set")
    index = json.loads((tmp_path / "set" / "dataset.json").read_text())
    (tmp_path / "set" / "dataset.json").write_text(json.dumps({**index, "notes": {"made": "for tests"}}))
    done = cli("datasets", tmp_path / "set", "--check")
    rows = rows_of(done)
    assert rows["data set"] == "human36m"
    assert rows["inputs"] == "gt"
    assert rows["joints"] == "human36m17, camera space"
    assert rows["licence"] == "not said"
    assert rows["sequences"] == "12"
    assert rows["frames"] == "720, which are 0.004 hours"
    assert rows["frames a second"] == "50"
    assert rows["subjects"] == "2: S1, S9"
    assert rows["actions"] == "3: squat, walk, wave"
    assert rows["cameras"] == "2: A, B; intrinsics known for 100% of the sequences"
    assert rows["pictures"] == "1000x1000, 1000x1002"
    assert "joints 0.1 MB" in rows["arrays"]
    assert re.fullmatch(r"3\.\d+ to 5\.\d+ m, 4\.50 m on average", rows["root from camera"])
    assert rows["... in the picture"] == "100.0%"
    assert rows["note: made"] == "for tests"
    assert "keypoints seen" not in rows, "there are no scores"
    assert rows["checksums"] == "as they were written"
    assert re.search(r"│ train +│ S1 +│ +6 │ +360 │ +0.002 │", done.stdout)
    assert re.search(r"│ test +│ S9 +│ +6 │ +360 │", done.stdout)


def test_the_numbers_are_those_of_the_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read in pieces of 7 frames, they are what numpy says of the whole."""
    monkeypatch.setattr(summary, "_PIECE", 7)
    rng = np.random.default_rng(0)
    camera = sequences.Camera("A", 100, 80)
    given = []
    with sequences.Writer(
        tmp_path / "set", Description(name="own", keypoint_skeleton="coco17", joint_skeleton="human36m17")
    ) as writer:
        for number, frames in enumerate((20, 33)):
            given.append(
                Labelled(
                    name=str(number),
                    subject="A",
                    action="wave",
                    split="train",
                    fps=10.0,
                    camera=camera,
                    keypoints=rng.uniform(-10, 110, (frames, 17, 2)).astype(np.float32),
                    scores=rng.integers(0, 3, (frames, 17)).astype(np.float32) / 2,
                    joints=rng.normal(0, 1, (frames, 17, 3)).astype(np.float32),
                    valid=rng.integers(0, 2, frames).astype(bool),
                )
            )
            writer.add(given[-1])
    told: list[int] = []
    found = summary.summarise(sequences.open_folder(tmp_path / "set"), tell=told.append)
    assert told == [1, 2]
    whole = {name: np.concatenate([one.arrays()[name] for one in given]) for name in given[0].arrays()}
    offsets = whole["joints"] - whole["joints"][:, HUMAN36M17.root, None]
    assert found.extent is not None
    for axis, one in enumerate(found.extent):
        values = offsets[..., axis]
        np.testing.assert_allclose((one.low, one.mean, one.high), (values.min(), values.mean(), values.max()), 1e-5)
    distance = np.linalg.norm(whole["joints"][:, HUMAN36M17.root], axis=-1)
    assert found.distance is not None
    np.testing.assert_allclose(found.distance.mean, distance.mean(), 1e-5)
    np.testing.assert_allclose(found.distance.high, distance.max(), 1e-5)
    seen = whole["scores"] > 0
    x, y = np.moveaxis(whole["keypoints"], -1, 0)
    inside = (x >= 0) & (x < 100) & (y >= 0) & (y < 80)
    assert found.seen == pytest.approx(seen.mean())
    assert found.inside == pytest.approx(inside[seen].mean())
    assert found.valid == pytest.approx(whole["valid"].mean())
    assert (found.frames, found.hours) == (53, pytest.approx(5.3 / 3600))
    assert found.nbytes == {name: values.nbytes for name, values in whole.items()}
    assert found.calibrated == 0


def test_joints_from_the_root_have_no_distance(cli: Invoke, tmp_path: Path) -> None:
    description = Description(name="own", joint_skeleton="human36m17", centred=True)
    one = labelled.sequence("wave", "S1", "train", labelled.CAMERAS[0], azimuth=0.0)
    joints = one.arrays()["joints"] - one.arrays()["joints"][:, HUMAN36M17.root, None]
    with sequences.Writer(tmp_path / "set", description) as writer:
        writer.add(Labelled(name="a", subject="", action="b", split="test", fps=50.0, joints=joints))
    rows = rows_of(cli("datasets", tmp_path / "set"))
    assert rows["joints"] == "human36m17, from the root"
    assert rows["pictures"] == "of unknown size"
    assert "joints from root" in rows
    assert not {"root from camera", "... in the picture", "checksums"} & set(rows)


def test_finds_changed_numbers(cli: Invoke, tmp_path: Path) -> None:
    labelled.write(tmp_path / "set")
    with (tmp_path / "set" / "joints.npy").open("r+b") as file:
        file.seek(-4, os.SEEK_END)
        file.write(b"\0\0\0\0")
    assert cli("datasets", tmp_path / "set").exit_code == 0
    assert "joints no longer hold what was written" in error_of(cli("datasets", tmp_path / "set", "--check"))


def test_of_a_folder_that_is_not_prepared(cli: Invoke, coco: Path, tmp_path: Path) -> None:
    message = error_of(cli("datasets", coco))
    assert "It seems to hold the files of coco" in message
    command = message.partition(": pose3d ")[2].split()
    assert command == ["prepare", "coco", "--from", str(coco), "--to", f"{coco}-prepared"]
    assert cli(*command).exit_code == 0
    assert cli("datasets", f"{coco}-prepared").exit_code == 0

    (coco / "test_joints3d.npz").unlink()
    assert "some of coco's files, without test_joints3d.npz" in error_of(cli("datasets", coco))
    write_coco(coco, truth=False)
    (coco / "train_joints3d.npz").unlink()
    message = error_of(cli("datasets", coco))
    assert "It may hold coco's files, but: " in message
    assert message.count("--set fps=25") == 1
    (tmp_path / "empty").mkdir()
    assert "pose3d datasets" in error_of(cli("datasets", tmp_path / "empty"))
    assert "is no folder" in error_of(cli("datasets", tmp_path / "nowhere"))


def test_only_a_folder_can_be_checked(cli: Invoke) -> None:
    for arguments in ((), ("coco",)):
        done = cli("datasets", *arguments, "--check")
        assert done.exit_code == 2
        assert "pose3d datasets DIR --check" in done.stderr
