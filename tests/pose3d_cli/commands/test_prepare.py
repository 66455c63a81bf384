"""`pose3d prepare`, from the command line."""

from __future__ import annotations

import inspect
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from published_sets import write_coco
from typer.testing import CliRunner, Result

from in_the_wild import plugins
from in_the_wild.files import sha256
from pose3d_cli.commands._prepared_set import READERS
from pose3d_cli.datasets.prepared import sequences
from pose3d_cli.datasets.prepared.sequences import Labelled
from pose3d_cli.datasets.readers.coco import Coco
from pose3d_cli.main import app

ROOT = Path(__file__).parents[3]
Invoke = Callable[..., Result]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(app, [str(argument) for argument in arguments])


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


def only(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# -------------------------------------------------------------------------------------------------------------- prepare


def test_what_is_prepared_is_what_the_reader_reads(cli: Invoke, coco: Path, tmp_path: Path) -> None:
    to = tmp_path / "data" / "own"
    done = cli("prepare", "coco", "--from", coco, "--to", to, "-v")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"{to}: 4 sequences, 53 frames with keypoints, scores, joints and boxes. To see more: pose3d datasets {to}"
    ]
    assert "checksums done: 4 files" in done.stderr
    assert "read done: 4 sequences" in done.stderr
    prepared = sequences.open_folder(to)
    given = {one.name: one for one in Coco(coco).read()}
    assert [one.name for one in prepared] == list(given)
    for one in prepared:
        for name, values in given[one.name].arrays().items():
            np.testing.assert_array_equal(one.arrays()[name], values.astype(np.float32))
    assert prepared.description.sources == {file.name: sha256(file) for file in sorted(coco.iterdir())}
    assert prepared.description.notes["settings"] == "companion=joints3d.npz, fps=0.0, stills=False"
    assert only(to.parent) == ["own"]


def test_settings_reach_the_reader(cli: Invoke, coco: Path, tmp_path: Path) -> None:
    to = tmp_path / "own"
    assert cli("prepare", "coco", "--from", coco, "--to", to, "--set", "fps=60").exit_code == 0
    assert {one.fps for one in sequences.open_folder(to)} == {60, 30}


def test_the_same_files_are_not_prepared_again_unasked(
    cli: Invoke, coco: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = tmp_path / "own"
    command = ("prepare", "coco", "--from", coco, "--to", to)
    assert cli(*command).exit_code == 0
    monkeypatch.setattr(Coco, "read", lambda self: pytest.fail("read again"))
    again = cli(*command)
    assert again.exit_code == 0
    assert "stays as it is" in again.stdout
    monkeypatch.undo()

    before = (to / "dataset.json").read_bytes()
    assert "with other settings" in error_of(cli(*command, "--set", "fps=60"))
    with (coco / "train.json").open("a") as file:
        file.write(" ")
    assert "from other files" in error_of(cli(*command))
    assert (to / "dataset.json").read_bytes() == before
    assert cli(*command, "--overwrite").exit_code == 0
    assert (to / "dataset.json").read_bytes() != before


def test_a_damaged_set_is_replaced_when_asked(cli: Invoke, coco: Path, tmp_path: Path) -> None:
    to = tmp_path / "own"
    to.mkdir()
    (to / "dataset.json").write_text('{"somebody": "else\'s"}')
    (to / "thesis.txt").write_text("years of work")
    command = ("prepare", "coco", "--from", coco, "--to", to)
    assert "--overwrite" in error_of(cli(*command))
    assert only(to) == ["dataset.json", "thesis.txt"]
    assert cli(*command, "--overwrite").exit_code == 0
    assert sequences.open_folder(to).check() == []


def test_other_files_are_never_replaced(cli: Invoke, coco: Path, tmp_path: Path) -> None:
    assert "is in it" in error_of(cli("prepare", "coco", "--from", coco, "--to", coco, "--overwrite"))
    assert "is in it" in error_of(cli("prepare", "coco", "--from", coco, "--to", tmp_path, "--overwrite"))
    other = tmp_path / "other"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    assert "no prepared data set" in error_of(cli("prepare", "coco", "--from", coco, "--to", other, "--overwrite"))
    assert only(other) == ["thesis.txt"]


@pytest.mark.parametrize(
    ("break_it", "expected"),
    [
        (lambda folder: (folder / "test.json").write_text('{"images": ['), "test.json cannot be read"),
        (lambda folder: (folder / "test_joints3d.npz").write_bytes(b"PK"), "test_joints3d.npz cannot be read"),
        (lambda folder: (folder / "test_joints3d.npz").unlink(), "lacks test_joints3d.npz"),
        (lambda folder: [file.unlink() for file in folder.iterdir()], "lacks train.json"),
        (lambda folder: _drop_a_keypoint(folder / "test.json"), "annotation 1 should have 51 finite numbers"),
        (lambda folder: _cut_a_box(folder / "test.json"), 'annotation 1 should have 4 finite numbers in "bbox"'),
    ],
)
def test_broken_sources_end_in_one_line_and_no_folder(
    cli: Invoke, coco: Path, tmp_path: Path, break_it: Callable[[Path], object], expected: str
) -> None:
    break_it(coco)
    done = cli("prepare", "coco", "--from", coco, "--to", tmp_path / "data" / "own")
    assert expected in error_of(done)
    assert only(tmp_path) in (["coco"], ["coco", "data"])
    assert not list((tmp_path / "data").glob("*"))


def _drop_a_keypoint(path: Path) -> None:
    content = json.loads(path.read_text())
    del content["annotations"][0]["keypoints"][-3:]
    path.write_text(json.dumps(content))


def _cut_a_box(path: Path) -> None:
    content = json.loads(path.read_text())
    content["annotations"][0]["bbox"].pop()
    path.write_text(json.dumps(content))


@pytest.mark.parametrize("stop", [KeyboardInterrupt, MemoryError])
def test_what_is_stopped_midway_leaves_the_old_set(
    cli: Invoke, coco: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    to = tmp_path / "data" / "own"
    command = ("prepare", "coco", "--from", coco, "--to", to)
    assert cli(*command).exit_code == 0
    before = {path.name: path.read_bytes() for path in to.iterdir()}

    read = Coco.read

    def stopped(self: Coco) -> Iterator[Labelled]:
        yield next(read(self))
        raise stop

    monkeypatch.setattr(Coco, "read", stopped)
    done = cli(*command, "--overwrite")
    assert done.exit_code == (130 if stop is KeyboardInterrupt else 1)
    assert {path.name: path.read_bytes() for path in to.iterdir()} == before
    assert only(to.parent) == ["own"]


def test_ctrl_c_leaves_nothing(coco: Path, tmp_path: Path) -> None:
    """In a process of its own, with a reader that would never end."""
    slow = f"""
import sys, threading
sys.argv = ["pose3d", "prepare", "coco", "--from", {str(coco)!r}, "--to", {str(tmp_path / "data" / "own")!r}]
from pose3d_cli.datasets.readers.coco import Coco
read = Coco.read
def slowly(self):
    for one in read(self):
        yield one
        print("one is read", flush=True)
        threading.Event().wait()
Coco.read = slowly
from pose3d_cli.main import main
main()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", slow],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "one is read\n"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "Stopped."
    assert "Traceback" not in err
    assert list((tmp_path / "data").iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        (["coc", "--from", "{}", "--to", "x"], 2, 'Did you mean "coco"'),
        (["coco", "--to", "x"], 2, "--from"),
        (["coco", "--from", "{}"], 2, "--to"),
        (["coco", "--from", "{}", "--to", "x", "--set", "fps"], 2, 'KEY=VALUE, found "fps"'),
        (["coco", "--from", "{}", "--to", "x", "--set", "fsp=25"], 1, 'Did you mean "fps"'),
        (["coco", "--from", "{}", "--to", "x", "--set", "source=y"], 1, 'no setting "source"'),
        (
            ["coco", "--from", "{}", "--to", "x", "--set", "fps=fast"],
            1,
            'fps of the data set coco must be a number, as 0.0 is; found "fast"',
        ),
        (["coco", "--from", "{}/nothing", "--to", "x"], 1, "is no folder"),
        (["coco", "--from", "{}", "--to", "x", "--npz", "y"], 1, "leave --npz out"),
    ],
)
def test_mistakes_in_the_command_line(
    cli: Invoke, coco: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, hint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = cli("prepare", *(argument.format(coco) for argument in arguments))
    assert done.exit_code == code
    assert hint in done.stderr
    assert only(tmp_path) == ["coco"]


def test_files_for_other_people_s_code(
    cli: Invoke, coco: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_npz(self: Coco, folder: Path) -> list[Path]:
        return [folder / "a.npz", folder / "b.npz"]

    monkeypatch.setattr(Coco, "write_npz", write_npz, raising=False)
    command = ("prepare", "coco", "--from", coco, "--to", tmp_path / "own", "--npz", tmp_path / "npz")
    for _ in range(2):  # also where the set is there already
        done = cli(*command)
        assert done.exit_code == 0
        assert done.stdout.splitlines()[-1].endswith(f"{tmp_path / 'npz' / 'a.npz'}, {tmp_path / 'npz' / 'b.npz'}.")


# -------------------------------------------------------------------------------------------------------------- readers


@pytest.mark.parametrize("name", plugins.names(READERS))
def test_every_reader_takes_plain_settings_and_says_what_it_needs(name: str, tmp_path: Path) -> None:
    reader = plugins.load(READERS, name)
    source, *settings = inspect.signature(reader).parameters.values()
    assert source.name == "source"
    for one in settings:
        assert one.kind is inspect.Parameter.KEYWORD_ONLY
        assert isinstance(one.default, bool | int | float | str | None), one
    assert reader.layout.endswith(".")
    assert "\n" not in reader.layout
    with pytest.raises(Exception, match=re.escape(str(tmp_path))) as caught:
        reader(tmp_path).require()
    assert "\n" not in str(caught.value)


def test_what_annotators_export_is_told_where_it_is_left_out(cli: Invoke, tmp_path: Path) -> None:
    case = Path(__file__).parents[2] / "cases/inputs/ball_category"
    done = cli("prepare", "coco", "--from", case, "--to", tmp_path / "own", "--set", "fps=25")
    assert done.exit_code == 0, done.stderr
    said = " ".join(done.stderr.split())
    assert "40 people with keypoints are read; left out are annotations 1 of category ball." in said


def test_detections_of_human36m_with_scores(cli: Invoke, tmp_path: Path) -> None:
    case = Path(__file__).parents[2] / "cases/inputs/h36m_detectron_pt_coco"
    done = cli("prepare", "human36m", "--from", case, "--to", tmp_path / "own", "--set", "keypoints=detectron_pt_coco")
    assert done.exit_code == 0, done.stderr
    prepared = sequences.open_folder(tmp_path / "own")
    scores = np.asarray(prepared[0].scores)
    with np.load(case / "data_2d_h36m_detectron_pt_coco.npz", allow_pickle=True) as file:
        given = file["positions_2d"][()]["S1"]["Walking 1"][0]
    np.testing.assert_allclose(scores, given[: len(scores), :, 2].clip(0, 1), atol=1e-6)
