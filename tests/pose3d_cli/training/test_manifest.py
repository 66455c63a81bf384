"""`run.json`: what a run says of itself, from its first step to its last, however often it was stopped."""

from __future__ import annotations

import itertools
import json
import os
import platform
import signal
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import own_task
import packs
import pytest
import torch
from torch import nn
from typer.testing import CliRunner

import in_the_wild
from in_the_wild import checkpoints
from in_the_wild.errors import OutputError
from pose3d_cli import main, terminal
from pose3d_cli.training import loop, manifest
from pose3d_cli.training.schedule import Schedule

CONFIGURATION = {"model": "linear", "schedule": {"epochs": 1.5}, "start_from": Path("best.pt"), "strides": (3, 9)}


def train(
    folder: Path, *, stop_after: int = 0, steps: int = 6, data: dict[str, str] | None = None
) -> list[dict[str, Any]]:
    """A run of a network of six parameters; what the file said at every evaluation."""
    network = nn.Linear(2, 2)
    said: list[dict[str, Any]] = []

    def evaluate(network: nn.Module) -> dict[str, float]:
        said.append(read(folder))
        return {"error": 10.0 / len(said)}

    def on_step(done: int) -> None:
        if done == stop_after:
            raise KeyboardInterrupt

    task = own_task.Own(
        network,
        Schedule(steps=steps, warmup=0, average=0.0, check_every=2, save_every=1),
        make=lambda step: (np.ones((4, 2), np.float32),),
        minimise=lambda x: network(x).square().mean(),
        measure=evaluate,
        seed=5,
        digests=data or {"joints.npy": "ab12"},
        low_precision=False,
    )
    loop.fit(task, folder, own_task.Heard(on_step=on_step), record=loop.Record(CONFIGURATION))
    return said


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second has passed whenever the clock is read, two of the processors."""
    ticks = itertools.count()
    monkeypatch.setattr(manifest.Clock, "_read", staticmethod(lambda: (2.0 * (tick := next(ticks)), 1.0 * tick)))


def read(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return content


@pytest.mark.usefixtures("clock")
def test_a_run_says_how_it_was_made_and_how_it_went(tmp_path: Path) -> None:
    said = train(tmp_path)
    last = read(tmp_path)
    assert last["configuration"] == {
        "model": "linear", "schedule": {"epochs": 1.5}, "start_from": "best.pt", "strides": [3, 9],
    }  # fmt: skip
    assert last["data"] == {"joints.npy": "ab12"}
    assert last["schedule"]["steps"] == 6
    assert (last["seed"], last["processes"], last["parameters"], last["precision"]) == (5, 1, 6, "float32")
    assert last["versions"] == {
        "pose3d": in_the_wild.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "numpy": np.__version__,
    }
    assert last["machine"]["cores"] == os.cpu_count()
    assert last["machine"]["cpu"]
    assert last["device"] == f"cpu, {torch.get_num_threads()} threads"
    assert platform.node() not in (tmp_path / "run.json").read_text()
    assert last["best_error"] == pytest.approx(10 / 3)
    assert last["resumed"] == []
    assert datetime.fromisoformat(last["started"]) <= datetime.fromisoformat(last["finished"])
    # At the start and at every evaluation it was as far as it then was.
    assert [(one["step"], one["best_error"], one["finished"]) for one in said] == [
        (0, None, None), (2, 10.0, None), (4, 5.0, None),
    ]  # fmt: skip
    assert said[1]["wall_seconds"] < last["wall_seconds"]


@pytest.mark.usefixtures("clock")
def test_what_was_spent_is_added_up_over_resumptions(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, stop_after=5)
    before = read(tmp_path)
    assert before["step"] == 4  # the last evaluation; the steps after it were not told
    # Another machine may have been slower.
    (tmp_path / "run.json").write_text(json.dumps({**before, "wall_seconds": 1000.0, "cpu_seconds": 2000.0}))
    train(tmp_path)
    after = read(tmp_path)
    assert after["started"] == before["started"]
    assert [one["from_step"] for one in after["resumed"]] == [4]
    assert 1000 < after["wall_seconds"] < 1060
    assert after["cpu_seconds"] - 2000 == 2 * (after["wall_seconds"] - 1000)
    assert after["finished"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"started": 3}'])
def test_a_damaged_file_takes_away_the_past_alone(content: str, tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        train(tmp_path, stop_after=3)
    (tmp_path / "run.json").write_text(content)
    train(tmp_path)
    assert [one["from_step"] for one in read(tmp_path)["resumed"]] == [2]
    assert read(tmp_path)["step"] == 6


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "run.json").mkdir()
    with pytest.raises(OutputError, match=r"Cannot write .*run\.json"):
        train(tmp_path)


def test_everything_becomes_plain() -> None:
    values = {"path": Path("a/b"), "pair": (1, np.float32(0.5)), "nothing": None, "far": float("inf"), 3: [True, "x"]}
    expected = {"path": "a/b", "pair": [1, 0.5], "nothing": None, "far": "inf", "3": [True, "x"]}
    assert manifest.plain(values) == expected
    assert json.loads(json.dumps(expected)) == expected


def test_the_command_ends_by_a_signal_with_its_code_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`kill PID`, as a scheduler ends a job: the step is finished and saved, and all that is left is named."""
    packs.write(tmp_path / "own.npz", {"walk": "1", "wave": "9"})
    few = ["schedule.steps=4", "schedule.average_from=0", "batch=2", "heldout.cameras=1", 'hold_out=["9"]']
    command = [
        "train", "mixsynthformer_coco17_n10", "--data", str(tmp_path), "-o", str(tmp_path / "run"), "--workers", "0",
        *(part for one in few for part in ("--set", one)),
    ]  # fmt: skip
    step = terminal.Training.step

    def told(self: terminal.Training, done: int, loss: float) -> None:
        step(self, done, loss)
        if done == 1:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(terminal.Training, "step", told)
    done = CliRunner().invoke(main.app, command)
    assert done.exit_code == 143, done.output
    assert "Stopped. Give the same command again to go on from step 2 of 4." in " ".join(done.output.split())
    done = CliRunner().invoke(main.app, command)
    assert done.exit_code == 0, done.output
    run = read(tmp_path / "run")
    assert [one["from_step"] for one in run["resumed"]] == [2]
    assert run["step"] == 4
    best, last = (torch.load(tmp_path / "run" / name, weights_only=True) for name in ("best.pt", "last.pt"))
    assert best.keys() == last.keys()
    with pytest.raises(checkpoints.NotALifterError):  # which it says of itself
        checkpoints.load(str(tmp_path / "run" / "last.pt"))
