"""`pose3d run --live`: figures in a page while a source goes on, what is kept of it, and what does not go together."""

from __future__ import annotations

import signal
import urllib.request
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from command_line import FakeDetector, Invoke, leftovers, start
from numbered_clips import make_clip

from in_the_wild import formats


def clip(folder: Path, count: int = 15) -> Path:
    return make_clip(folder / "clip.mp4", count=count, rate=Fraction(20), size=(128, 96))


def test_what_was_shown_is_kept_where_a_folder_is_named(cli: Invoke, fake: type[FakeDetector], tmp_path: Path) -> None:
    done = cli("run", clip(tmp_path), "--live", "--latency", "0.1", "-o", tmp_path / "out", "--render", "none")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith("http://127.0.0.1:")
    poses = formats.read(tmp_path / "out" / "clip" / "poses3d.npz")
    assert poses.video.timestamps[-1] == pytest.approx(14 / 20)
    assert np.unique(poses.frame).tolist() == list(range(poses.video.frames))
    assert leftovers(tmp_path) == []


def test_nothing_is_written_without_a_folder(
    cli: Invoke, fake: type[FakeDetector], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = clip(tmp_path)
    assert cli("run", source, "--live").exit_code == 0
    assert list(tmp_path.iterdir()) == [source]


@pytest.mark.slow
def test_stopped_it_leaves_what_was_shown_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    process = start("run", clip(tmp_path, count=2400), "--live", "-o", out, "--detector", "movenet", "--render", "none")
    assert process.stdout is not None
    with urllib.request.urlopen(f"{process.stdout.readline().strip()}events", timeout=60) as events:
        assert events.readline().startswith(b'data: {"time":')
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "Stopped." in said[1]
    frames = formats.read(out / "clip" / "poses2d.npz").video.frames
    assert 0 < frames < 2400
    assert (out / "clip" / "run.json").is_file()
    assert leftovers(out) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--refiner", "butterworth"], "it takes the whole clip"),
        (["--start", "1"], "live looking begins now"),
        (["--end", "2"], "stop it with Ctrl-C"),
        (["--looks", "12"], "every picture is looked at"),
        (["--tds", "2"], "in time, not in frames"),
        (["--persons", "longest"], "take largest"),
    ],
)
def test_what_cannot_go_together_is_said(cli: Invoke, tmp_path: Path, options: list[str], said: str) -> None:
    done = cli("run", clip(tmp_path), "--live", *options)
    assert done.exit_code != 0
    assert said in " ".join(done.stderr.replace("│", " ").split())


def test_one_source_that_goes_on_is_wanted(cli: Invoke, tmp_path: Path) -> None:
    for inputs in ([tmp_path], [tmp_path / "no.mp4"], [clip(tmp_path), clip(tmp_path)]):
        done = cli("run", *inputs, "--live")
        assert done.exit_code != 0
        assert "was expected" in " ".join(done.stderr.replace("│", " ").split())
    assert "give --live too" in " ".join(cli("run", clip(tmp_path), "--latency", "1").stderr.replace("│", " ").split())


def test_a_camera_that_is_not_there_is_said(cli: Invoke, fake: type[FakeDetector]) -> None:
    done = cli("run", "63", "--live")
    assert done.exit_code == 1
    assert "Camera 63 cannot be opened" in done.stderr
