"""MixSynthFormer on prepared sets: it learns what an estimator does wrong, resumes, and says what does not fit."""

from __future__ import annotations

import csv
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sparse_sets
from own_task import Heard, losses
from sparse_sets import CAMERA17, SMALL

from in_the_wild.checkpoints import refiners
from in_the_wild.errors import ConfigError, InputError
from pose3d_cli.datasets.prepared.sequences import Dataset
from pose3d_cli.training import loop, tasks


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    return sparse_sets.write(tmp_path_factory.mktemp("sets"))


SCHEDULE: dict[str, Any] = {
    "epochs": 4, "optimiser": "adam", "amsgrad": True, "learning_rate": 5e-3, "warmup": 0, "weight_decay": 0.0,
    "clip": 0.0, "decay": "exponential", "decay_by": 0.97, "decay_every": 1, "average": 0.0, "average_from": 0,
    "check_every": 2, "save_every": 1,
}  # fmt: skip


def config(name: str, coordinates: int, **changes: Any) -> dict[str, Any]:
    return {
        "task": "predict" if name == "own" else "recover",
        "model": "mixsynthformer",
        "arguments": {**SMALL, "coordinates": coordinates},
        "training": {"fps": {"jhmdb": 30.0, "pw3d": 30.0, "aist": 60.0}.get(name, 50.0)},
        "data": {"name": name, "inputs": "", "truth": "", "train": {"split": "train"}, "test": {"split": "test"}},
        "windows": {"step": 1},
        "batch": 16,
        "seed": 0,
        "schedule": SCHEDULE,
        "test": {"rule": "released", "every": 1},
        **changes,
    }


def build(dataset: Dataset, values: dict[str, Any]) -> Any:
    """The task of a configuration."""
    return tasks.build(values, source=dataset.folder, name="own")


@pytest.mark.parametrize(
    ("name", "coordinates", "kind"),
    [
        ("jhmdb", 30, "2d"),
        ("human36m_fcn", 51, "3d"),
        ("pw3d", 42, "3d"),
        ("aist", 144, "smpl"),
        ("own", 51, "predict"),
    ],
)
def test_training_learns_what_the_estimator_does_wrong(
    sets: dict[str, Dataset], name: str, coordinates: int, kind: str, tmp_path: Path
) -> None:
    changes: dict[str, Any] = {"windows": {"kind": kind, "step": 1}}
    if name == "own":
        changes |= {"training": {**dataclasses.asdict(CAMERA17), "task": "predict", "past": 6}}
        changes |= {"data": {"train": {"split": "train"}, "test": {"split": "test"}}}
    task = build(sets[name], config(name, coordinates, **changes))
    before = task.evaluate(task.network.eval())
    heard = Heard()
    best = loop.train(task, tmp_path / "run", heard)
    found = heard.losses
    assert len(found) == task.schedule.steps == 4 * task.windows.steps(16)
    assert np.mean(found[-5:]) < 0.9 * np.mean(found[:5])
    first = next(iter(best))
    assert best[first] < 0.95 * before[first]
    baseline = "last_pose" if kind == "predict" else "linear"
    assert best[f"{baseline}_{first}"] == pytest.approx(before[f"{baseline}_{first}"])
    with (tmp_path / "run" / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert min(float(row[first]) for row in rows) == pytest.approx(best[first], rel=1e-5)
    kept = refiners.load(str(tmp_path / "run" / "best.pt"))
    assert kept.training == task.training
    assert task.evaluate(kept.network)[first] == pytest.approx(best[first], rel=2e-2)  # 16-bit weights
    assert {"last.pt", "curve.png", "state.pt", "run.json"} <= {file.name for file in (tmp_path / "run").iterdir()}


def test_a_run_that_was_stopped_repeats_its_losses(sets: dict[str, Dataset], tmp_path: Path) -> None:
    given = config("human36m_fcn", 51, schedule={**SCHEDULE, "epochs": 1, "save_every": 0.25})
    given["arguments"] = {**given["arguments"], "dropout": 0.2}

    def trained(folder: Path, kill_after: int = 0) -> list[float]:
        return losses(build(sets["human36m_fcn"], given), folder, kill_after=kill_after)

    whole = trained(tmp_path / "whole")
    trained(tmp_path / "part", kill_after=5)
    rest = trained(tmp_path / "part")
    assert len(rest) < len(whole)
    assert rest == whole[-len(rest) :]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "pstmo"}, "mixsynthformer learns, found pstmo"),
        ({"task": "predict"}, "predict is for windows of predict; found 3d"),
        ({"windows": {"stap": 1}}, 'windows .* no key "stap". Did you mean "step"'),
        ({"windows": {"step": 0}}, r"windows\.step is at least 1"),
        ({"test": {"rule": "hole"}}, 'test.rule cannot be "hole". Did you mean "whole"'),
        ({"test": {"every": 0}}, r"test\.every is at least 1"),
        ({"training": {"fps": 70.0}}, "cannot come at 70; set training.fps to 50"),
        ({"training": {"past": 4}}, "To fill was asked with 4 past frames"),
        ({"data": {"name": "pw3d"}}, 'for name "pw3d", .* holds "human36m_fcn"'),
        ({"arguments": {**SMALL, "coordinates": 42}}, "42 numbers per frame fit nothing"),
        ({"batch": 1000}, "make batch smaller"),
    ],
)
def test_what_cannot_be_trained_is_said(sets: dict[str, Dataset], changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ConfigError, InputError), match=message):
        build(sets["human36m_fcn"], config("human36m_fcn", 51, **changes))
