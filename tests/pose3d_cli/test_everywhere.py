"""--quiet, --verbose and --json: every command has them, they count wherever they stand, and each keeps its word."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import START, FakeDetector, Invoke, one_error, pose3d

from in_the_wild import plugins
from pose3d_cli import everywhere

COMMANDS = [name.replace("_", "-") for name in plugins.names("pose3d_cli.commands")]
FLAGS = ("--quiet", "--verbose", "--json", "--debug")


def _events(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def _of(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_them_in_its_help(cli: Invoke, name: str) -> None:
    text = cli(name, "--help-all").stdout
    for flag in FLAGS:
        assert re.search(rf"{flag}\b", text), flag


@pytest.mark.parametrize("name", COMMANDS)
def test_a_mistake_in_any_command_line_is_told_to_programs(cli: Invoke, name: str) -> None:
    done = cli(name, "--no-such-option", "--json")
    assert done.exit_code == 2
    (event,) = _events(done.stdout)
    assert event["event"] == "error"
    assert "--no-such-option" in event["message"]
    assert done.stderr == ""


def test_they_are_completed() -> None:
    done = subprocess.run(
        [sys.executable, "-c", START],
        env={"_POSE3D_COMPLETE": "complete_bash", "COMP_WORDS": "pose3d measure --qu", "COMP_CWORD": "2"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.split() == ["--quiet"]


def test_what_stands_behind_two_dashes_is_no_option() -> None:
    assert everywhere.taken_out(["-v", "run", "--", "--json"]) == (
        everywhere.Asked(verbose=True),
        ["run", "--", "--json"],
    )


# ------------------------------------------------------------------------------------------ one command


@pytest.fixture
def run(cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path) -> Invoke:
    """`pose3d run` on 12 grey pictures, in which the fake detector sees somebody."""
    return lambda *more: cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none", *more)


def test_a_program_is_told_all_as_json(run: Invoke, tmp_path: Path) -> None:
    done = run("--json")
    assert done.exit_code == 0
    assert done.stderr == ""
    events = _events(done.stdout)
    stages = [event["stage"] for event in _of(events, "progress")]
    assert list(dict.fromkeys(stages)) == ["detect", "track", "clean", "lift", "refine", "view"]
    for stage in set(stages):
        told = [event for event in _of(events, "progress") if event["stage"] == stage]
        assert told[0]["done"] == 0
        assert told[-1]["done"] == told[-1]["total"] == 12
        assert {event["unit"] for event in told} == {"frames"}, "and never windows"
        assert {event["of"] for event in told} == {"flat.mp4"}
        assert told[-1]["rate"] > 0
        assert told[-1]["seconds_left"] == 0
    (result,) = _of(events, "result")
    assert events[-1] == result
    assert result["files"] == ["poses2d.npz", "poses3d.npz", "view.html", "run.json"]
    assert result["folder"] == str(tmp_path / "flat")
    assert (result["persons"], result["frames"], result["error"]) == ([0], 12, None)


def test_a_program_is_told_of_warnings(run: Invoke, fake: type[FakeDetector], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "people", 0)
    events = _events(run("--json").stdout)
    (warning,) = _of(events, "warning")
    assert "No person was found in flat.mp4" in warning["message"]
    assert _of(events, "result")[0]["warnings"] == [warning["message"]]


def test_a_program_is_told_of_errors(cli: Invoke, tmp_path: Path) -> None:
    done = cli("run", tmp_path / "no.mp4", "--json")
    assert done.exit_code == 1
    (event,) = _events(done.stdout)
    assert event["event"] == "error"
    assert "no.mp4" in event["message"]
    assert not event["message"].startswith("Error")


def test_one_of_several_inputs_that_fails_is_told(run: Invoke, tmp_path: Path) -> None:
    (tmp_path / "bad.mp4").write_bytes(b"no video")
    done = run(tmp_path / "bad.mp4", "--json")
    assert done.exit_code == 1
    good, bad = _of(_events(done.stdout), "result")
    assert good["error"] is None
    assert bad["error"] == _of(_events(done.stdout), "error")[0]["message"]


def test_an_error_that_nobody_foresaw_is_told_to_programs_too() -> None:
    broken = "import pose3d_cli.commands._family as family; family.lines = lambda *_: 1 / 0; "
    done = subprocess.run(
        [sys.executable, "-c", broken + START, "skeletons", "--json"], capture_output=True, text=True, check=False
    )
    (event,) = _events(done.stdout)
    assert "ZeroDivisionError" in event["message"]
    assert done.returncode == 1


def test_tables_are_told_with_numbers_as_numbers(cli: Invoke) -> None:
    table, text = _events(cli("skeletons", "coco17", "--json").stdout)
    assert table["rows"][1] == {"number": 1, "joint": "left_eye", "parent": "nose"}
    assert text["event"] == "text"


def test_quiet_leaves_warnings_and_errors_alone(
    run: Invoke, fake: type[FakeDetector], cli: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = run("-q")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    monkeypatch.delenv("FORCE_COLOR")
    monkeypatch.setattr(fake, "people", 0)
    assert run("--quiet", "--overwrite").stderr.startswith("Warning: No person was found")
    assert "no.mp4" in one_error(cli("--quiet", "run", "no.mp4").stderr)
    assert "left_eye" in cli("skeletons", "coco17", "--quiet").stdout, "what was asked for is answered"


def test_progress_is_for_terminals(run: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run().stderr == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", run("--overwrite").stderr)
    for stage in ("detect", "track", "clean", "lift", "refine"):
        assert re.search(rf"flat\.mp4 {stage} +━+ 12/12 frames", shown), stage


def test_verbose_says_every_step(run: Invoke) -> None:
    first, *told, last = run("-v").stderr.splitlines()
    assert re.match(r"pose3d \S+, Python 3", first)
    assert last.startswith("done after ")
    said = "\n".join(told)
    assert re.search(r"flat\.mp4: 64x48, 25 frames/s", said)
    assert re.search(r"weights of pstmo, on cpu", said)
    assert re.search(r"flat\.mp4: lift done: 12 frames in \d", said)
    assert re.search(r"poses3d\.npz: written, \d+ bytes", said)
    assert "taken from an earlier run" in run("-v").stderr


def test_a_manner_does_not_outlast_its_command(run: Invoke) -> None:
    run("-v")
    assert run().stderr == ""


def test_json_is_json_whatever_names_hold() -> None:
    code, out, err = pose3d("run", "[bold]\udcff\n.mp4", "--json")
    assert code == 1
    assert err == ""
    (event,) = _events(out)
    assert "[bold]" in event["message"]
