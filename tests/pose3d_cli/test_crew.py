"""How a batch is shown: bars on a terminal, lines for logs, events for programs."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from command_line import FakeDetector, Invoke

from in_the_wild.batch.outcome import Outcome, Status
from pose3d_cli.terminal.crew import Tally


@pytest.fixture
def two(flat: Path, tmp_path: Path) -> Path:
    """A folder of two videos."""
    for name in ("one.mp4", "two.mp4"):
        (tmp_path / "in").mkdir(exist_ok=True)
        shutil.copy(flat, tmp_path / "in" / name)
    return tmp_path / "in"


def _outcome(status: Status) -> Outcome:
    return Outcome("clip.mp4", "clip.mp4", None, status, error="It failed." if status == "failed" else None)


def test_a_line_for_the_worker_and_one_for_all_on_a_terminal(
    cli: Invoke, fake: type[FakeDetector], two: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    done = cli("run", two, "-o", tmp_path / "out", "--weights", tiny, "--render", "none")
    assert done.exit_code == 0, done.stderr
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", done.stderr)
    assert re.search(r"two\.mp4 view +━+ 12/12 frames", plain)
    assert re.search(r"all clips +━+ 2/2", plain)
    quiet = cli("run", two, "-o", tmp_path / "quiet", "--weights", tiny, "--render", "none", "--quiet")
    assert (quiet.exit_code, quiet.stderr, quiet.stdout) == (0, "", "")


def test_programs_hear_of_each_clip_and_of_all(
    cli: Invoke, fake: type[FakeDetector], two: Path, tiny: Path, tmp_path: Path
) -> None:
    done = cli("run", two, "-o", tmp_path / "out", "--weights", tiny, "--render", "none", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    progress = [event for event in events if event["event"] == "progress"]
    of_all = [(event["done"], event["total"]) for event in progress if event["stage"] == "clips"]
    assert (of_all[0], of_all[-1]) == ((1, 2), (2, 2))
    for clip in ("one.mp4", "two.mp4"):
        assert {event["stage"] for event in progress if event["of"] == clip} >= {"detect", "lift"}
    results = [event for event in events if event["event"] == "result"]
    assert [(event["status"], event["frames"], event["error"]) for event in results] == [("done", 12, None)] * 2


def test_the_tally_counts_what_failed_and_leaves_out_what_was_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    tally = Tally(10)
    assert (tally.said, tally.seconds_left) == ("0/10", None)
    for _ in range(4):
        tally.add(_outcome("kept"))
    assert (tally.said, tally.seconds_left) == ("4/10", None), "those of an earlier run took no time"
    now = 160.0
    tally.add(_outcome("done"))
    tally.add(_outcome("failed"))
    assert (tally.said, tally.seconds_left) == ("6/10, 1 failed  0:02:00 left", 120.0)
    for _ in range(4):
        tally.add(_outcome("done"))
    assert tally.said == "10/10, 1 failed"
