"""Who is told how far a job is: nobody, a function, a log file, a terminal."""

from __future__ import annotations

import re
import subprocess
import sys

import moving_people
import numpy as np
import pytest

from in_the_wild import progress
from in_the_wild.progress import Pace, counting, reporting
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.steps.clean import clean
from in_the_wild.steps.refine import refine
from in_the_wild.steps.track import track


@pytest.mark.parametrize("nobody", [None, False])
def test_nobody_is_told(nobody: bool | None, capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(nobody, "clip.mp4") as report:
        report("detect", 1, 2)
    assert capsys.readouterr() == ("", "")


def test_a_function_is_told_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[tuple[str, int, int | None]] = []
    with reporting(lambda stage, done, total: told.append((stage, done, total)), "clip.mp4") as report:
        report("detect", 1, None)
        report("lift", 2, 2)
    assert told == [("detect", 1, None), ("lift", 2, 2)]
    assert capsys.readouterr() == ("", "")


def test_a_log_file_gets_a_line_at_the_start_and_the_end_of_every_stage(capsys: pytest.CaptureFixture[str]) -> None:
    with reporting(True, "clip.mp4") as report:
        for done in range(61):
            report("detect", done, 60)
        report("render", 3, None)
    out, err = capsys.readouterr()
    assert out == ""
    start, end, render, render_end = err.splitlines()
    assert start == "clip.mp4: detect, 60 frames"
    assert end.startswith("clip.mp4: detect done: 60 frames in ")
    assert render == "clip.mp4: render"
    assert render_end.startswith("clip.mp4: render done: 3 frames in ")


def test_a_terminal_gets_a_bar_for_every_stage(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    with progress.showing("[bold]\udcff.mp4", unit="views") as report:
        report("look", 0, 5)
        report("look", 7, 5)  # more than was promised
        report.note("a line [red]as it is")
        report("lift", 2, None)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    assert re.search(r"\[bold\]\\udcff\.mp4 look +━+ 7/7 views", plain)
    assert re.search(r"\[bold\]\\udcff\.mp4 lift +━+ 2/2 views", plain)
    assert "a line [red]as it is" in plain


def test_rich_is_imported_for_those_alone_who_ask() -> None:
    code = "import sys, in_the_wild.progress as p\nwith p.reporting(None): assert 'rich' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_stage_that_is_counted_begins_at_nothing_and_ends_with_all() -> None:
    told: list[tuple[str, int, int | None]] = []
    with counting(lambda *step: told.append(step), "refine", 10) as more:
        more(2.5)
        more(2.5)
        more(100)
    assert [done for _, done, _ in told] == [0, 2, 5, 10, 10]
    assert {(stage, total) for stage, _, total in told} == {("refine", 10)}


def test_pace_tells_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("in_the_wild.progress.time.monotonic", lambda: now)
    pace = Pace(10)
    assert (pace.rate, pace.left(50)) == (None, None)
    now = 104.0
    pace.at(30)
    assert pace.rate == 5
    assert pace.left(50) == 4
    assert pace.left(None) is None
    assert pace.left(20) == 0, "a header may promise fewer frames than there are"


def test_long_steps_tell_how_far_they_are_while_they_work() -> None:
    """Cleaning, tracking and solving a clip, in rows."""
    poses = moving_people.people(0, 1)
    solved: list[float] = []
    refine(poses.replace(space="camera"), WholeClip(), progress=solved.append)
    assert sum(solved) == pytest.approx(len(poses))
    flat = poses.replace(keypoints=100 * poses.keypoints[..., [0, 2]], space="image")
    cleaned: list[float] = []
    clean(flat, progress=cleaned.append)
    assert sum(cleaned) == pytest.approx(len(poses))
    assert len(cleaned) == 8, "four sweeps over each of two people"
    tracked: list[float] = []
    track(flat.replace(person_id=np.full(len(flat), -1)), progress=tracked.append)
    assert sum(tracked) == len(flat)
    assert len(tracked) == flat.video.frames
