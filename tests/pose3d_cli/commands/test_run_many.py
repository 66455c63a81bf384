"""`pose3d run --jobs`: killed, stopped, started twice; what it says, and what it leaves."""

from __future__ import annotations

import csv
import json
import random
import re
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path
from typing import Any

import fsspec
import pytest
from batches import arrays_in, make_clips
from command_line import FakeDetector, Invoke, leftovers, one_error, start

CLIPS = 4


@pytest.fixture(scope="module")
def waving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clips(tmp_path_factory.mktemp("clips"), CLIPS)


@pytest.fixture
def command(waving: Path, tiny: Path) -> list[object]:
    """Quick, with films of few pixels."""
    return ["run", waving, "--weights", tiny, "--detector", "movenet:model=lightning", "--device", "cpu", "--jobs", 2]


def _rows(output: Path) -> list[dict[str, str]]:
    with (output / "report.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _results(lines: str) -> list[dict[str, Any]]:
    return [event for event in map(json.loads, lines.splitlines()) if event["event"] == "result"]


def test_several_videos_leave_a_report_and_a_page(
    cli: Invoke, fake: type[FakeDetector], waving: Path, tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    for clip in sorted(waving.iterdir())[:2]:
        (tmp_path / "in" / clip.name).write_bytes(clip.read_bytes())
    (tmp_path / "in" / "notes.mp4").write_text("words")
    run = ("run", tmp_path / "in", "-o", tmp_path / "out", "--weights", tiny, "--render", "none")
    done = cli(*run)
    assert done.exit_code == 1
    assert [(row["status"], row["frames"]) for row in _rows(tmp_path / "out")] == [
        ("done", "12"), ("done", "13"), ("failed", ""),
    ]  # fmt: skip
    page = (tmp_path / "out" / "index.html").read_text()
    assert all(name in page for name in ("clip00.mp4", "clip01.mp4", "notes.mp4", "view.html", "poster.jpg"))
    looked = fake.pictures
    (tmp_path / "in" / "notes.mp4").unlink()
    lacking = tmp_path / "out" / "clip00" / "poster.jpg"  # as a full disk leaves it
    lacking.unlink()
    again = cli(*run)
    assert (again.exit_code, fake.pictures) == (0, looked)
    assert lacking.is_file()
    assert again.stdout.count("all of an earlier run") == 2
    assert [row["status"] for row in _rows(tmp_path / "out")] == ["kept", "kept"]
    assert cli(*run, "--persons", "1").exit_code == 0
    assert fake.pictures == 2 * looked, "another detector: it looks for one person"
    assert cli(*run, "--persons", "2", "--skip-existing").exit_code == 0
    assert fake.pictures == 2 * looked
    assert cli(*run, "--persons", "1", "--overwrite").exit_code == 0
    assert fake.pictures == 3 * looked


def test_results_may_go_to_a_store(
    cli: Invoke, fake: type[FakeDetector], waving: Path, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSE3D_HOME", str(tmp_path / "home"))
    system, address = fsspec.filesystem("memory"), "memory://bucket/out"
    run = ("run", waving / "clip00.mp4", "-o", f"{address}/", "--weights", tiny, "--render", "none")
    for status in ("done", "kept"):
        done = cli(*run, "--json")
        assert done.exit_code == 0
        (told,) = _results(done.stdout)
        assert (told["status"], told["folder"]) == (status, f"{address}/clip00")
    assert {"report.csv", "index.html", "clip00"} == {
        name.rpartition("/")[2] for name in system.ls("/bucket/out", False)
    }
    assert system.exists("/bucket/out/clip00/view.html")
    system.rm("/bucket", recursive=True)
    refused = cli("run", waving / "clip00.mp4", "--live", "-o", address)
    assert "What is live is kept in a folder of this machine; give one." in refused.output
    unknown = cli("run", waving / "clip00.mp4", "-o", "nowhere://bucket/out", "--weights", tiny)
    assert unknown.exit_code == 1
    assert "fsspec knows (s3, gs, sftp ...), found nowhere://bucket/out." in one_error(unknown.stderr)


def test_a_folder_that_cannot_be_is_told_once(
    cli: Invoke, fake: type[FakeDetector], waving: Path, tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").write_text("a file")
    done = cli("run", waving, "-o", tmp_path / "out", "--weights", tiny)
    assert done.exit_code == 1
    assert str(tmp_path / "out") in one_error(done.stderr)
    assert fake.pictures == 0


def test_one_video_alone_leaves_neither(
    cli: Invoke, fake: type[FakeDetector], flat: Path, tiny: Path, tmp_path: Path
) -> None:
    assert cli("run", flat, "-o", tmp_path, "--weights", tiny, "--render", "none").exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["flat"]


@pytest.mark.parametrize("jobs", ["0", "two", "-1", "1.5"])
def test_jobs_are_a_number_or_auto(cli: Invoke, flat: Path, jobs: str) -> None:
    done = cli("run", flat, f"--jobs={jobs}")
    assert done.exit_code == 2
    assert "neither auto nor a whole number" in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.slow
def test_a_run_that_is_killed_again_and_again_ends_as_if_it_had_not_been(command: list[object], tmp_path: Path) -> None:
    undisturbed = start(*command, "-o", tmp_path / "undisturbed", "--json")
    began = time.monotonic()
    out, err = undisturbed.communicate(timeout=300)
    took = time.monotonic() - began
    assert (undisturbed.returncode, [one["status"] for one in _results(out)]) == (0, ["done"] * CLIPS), err
    chance = random.Random(3)
    for _ in range(3):
        process = start(*command, "-o", tmp_path / "killed", stdout=subprocess.DEVNULL)
        time.sleep(took * chance.uniform(0.4, 0.9))
        process.kill()
        process.communicate()
    last = start(*command, "-o", tmp_path / "killed", "--json")
    out, err = last.communicate(timeout=300)
    assert last.returncode == 0, err
    assert {one["status"] for one in _results(out)} <= {"done", "kept"}
    assert arrays_in(tmp_path / "killed") == arrays_in(tmp_path / "undisturbed")
    assert leftovers(tmp_path / "killed") == leftovers(tmp_path / "undisturbed") == []
    for clip in (tmp_path / "undisturbed").glob("clip*"):
        there = {path.name for path in clip.iterdir()}
        assert {path.name for path in (tmp_path / "killed" / clip.name).iterdir()} == there
    assert [row["frames"] for row in _rows(tmp_path / "killed")] == ["12", "13", "14", "15"]


@pytest.mark.slow
def test_two_runs_in_one_folder_share_the_work(command: list[object], tmp_path: Path) -> None:
    processes = [start(*command, "-o", tmp_path, "--json", "--render", "none") for _ in range(2)]
    results = []
    for process in processes:
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, err
        results += _results(out)
    assert Counter(one["status"] for one in results) == {"done": CLIPS, "kept": CLIPS}
    done = [one["input"] for one in results if one["status"] == "done"]
    assert len(set(done)) == CLIPS, "each by one of them"
    assert len(_rows(tmp_path)) == CLIPS


@pytest.mark.slow
def test_ctrl_c_says_what_is_done_and_the_same_command_goes_on(command: list[object], tmp_path: Path) -> None:
    process = start(*command, "-o", tmp_path, "--json", "--render", "none")
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["event"] == "result":
            break
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    said = json.loads(out.splitlines()[-1])["message"]
    match = re.fullmatch(
        rf"Stopped. (\d) of {CLIPS} videos are done, (\d) are not. Finished files are kept in .*. "
        "The same command goes on.",
        said,
    )
    assert match is not None, said
    assert int(match[1]) + int(match[2]) == CLIPS
    assert int(match[1]) >= 1
    assert leftovers(tmp_path) == []
    again = start(*command, "-o", tmp_path, "--json", "--render", "none")
    out, err = again.communicate(timeout=300)
    assert again.returncode == 0, err
    assert Counter(one["status"] for one in _results(out))["kept"] >= int(match[1])
