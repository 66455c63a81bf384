"""MixSynthFormer on motion capture before virtual cameras: a run that resumes exactly, and beats straight lines."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from own_task import losses
from typer.testing import CliRunner

from in_the_wild.checkpoints import refiners
from in_the_wild.errors import ConfigError
from in_the_wild.refiners.mixsynthformer import MixSynthFormer
from pose3d_cli import config, main
from pose3d_cli.evaluation import baselines
from pose3d_cli.training import tasks

ARGUMENTS: dict[str, Any] = {
    "coordinates": 34, "interval": 5, "segments": 4, "channels": 16, "hidden": 32, "layers": 1, "reduce_time": 1,
    "dropout": 0.05,
}  # fmt: skip
CONFIG: dict[str, Any] = {
    "task": "recover_keypoints_virtual",
    "model": "mixsynthformer",
    "arguments": ARGUMENTS,
    "training": {"space": "image", "skeleton": "coco17", "fps": 25.0, "normalisation": "box"},
    "hold_out": ["9"],
    "stride": 2,
    "cameras": {},
    "bodies": {},
    "noise": {"offset": 0.0, "drift": 0.0, "jitter": 0.06, "guessed": 0.0, "unseen": 0.0},
    "bank": None,
    "clean": 0.0,
    "lifter": "pstmo_coco",
    "pool": 2,
    "past_noise": {},
    "batch": 16,
    "seed": 0,
    "schedule": {
        "steps": 24, "warmup": 5, "check_every": 8, "save_every": 4, "average_from": 8, "learning_rate": 1e-2,
        "average": 0.9,
    },
    "heldout": {"cameras": 4, "every": 5},
}  # fmt: skip


def build(packs: Path, **changes: Any) -> Any:
    """The task of a configuration."""
    return tasks.build({**CONFIG, **changes}, source=packs, name="own")


def trained(packs: Path, folder: Path, *, kill_after: int = 0, **changes: Any) -> list[float]:
    return losses(build(packs, **changes), folder, kill_after=kill_after)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open() as file:
        return [{k: v for k, v in row.items() if k != "seconds"} for row in csv.DictReader(file)]


def test_a_killed_run_resumes_with_the_same_losses(packs: Path, tmp_path: Path) -> None:
    whole = trained(packs, tmp_path / "whole")
    first = trained(packs, tmp_path / "killed", kill_after=14)
    rest = trained(packs, tmp_path / "killed")
    assert first == whole[:14]
    assert rest == whole[12:]  # the state of step 12 was the last saved
    assert rows(tmp_path / "killed") == rows(tmp_path / "whole")
    columns = ["step", "loss", "learning_rate", "error_percent", "linear_error_percent", "pchip_error_percent"]
    assert list(rows(tmp_path / "whole")[0]) == columns
    a, b = (refiners.load(str(tmp_path / name / "best.pt")) for name in ("whole", "killed"))
    for name, value in a.network.state_dict().items():
        assert value.equal(b.network.state_dict()[name]), name


def test_a_short_run_beats_straight_lines_on_people_never_seen(packs: Path, tmp_path: Path) -> None:
    found = trained(packs, tmp_path, schedule={**CONFIG["schedule"], "steps": 120, "check_every": 60})
    assert np.mean(found[-10:]) < 0.9 * np.mean(found[:10])
    run = build(packs)
    read, truth = run.heldout
    seen = np.arange(21) % 5 == 0
    refiner = MixSynthFormer(weights=str(tmp_path / "best.pt"))
    hidden = np.zeros_like(truth)
    hidden[:, seen] = read
    refined = np.stack([refiner.refine_array(window, seen) for window in hidden])
    lines = baselines.baselines(run.network, run.training, read)["linear"]
    own, theirs = (baselines.errors(run.training, found, truth)["error_percent"] for found in (refined, lines))
    assert own < 0.95 * theirs
    logged = float(rows(tmp_path)[-1]["error_percent"])
    assert own == pytest.approx(logged, rel=0.02)  # 16-bit weights


def test_it_starts_from_straight_lines(packs: Path) -> None:
    run = build(packs)
    found = run.evaluate(run.network.eval())
    assert found["error_percent"] == pytest.approx(found["linear_error_percent"], rel=1e-4)


@pytest.mark.parametrize("task", ["fill", "predict"])
def test_joints_are_trained_for_too(packs: Path, tmp_path: Path, task: str) -> None:
    training = {"task": task, "space": "camera", "skeleton": "human36m17", "fps": 25.0, "past": 11 * (task != "fill")}
    few = {**CONFIG["schedule"], "steps": 8}
    arguments = {**ARGUMENTS, "coordinates": 51}
    name = "predict_virtual" if task == "predict" else "recover_joints_virtual"
    heldout = {"cameras": 1, "every": 40}
    trained(packs, tmp_path, task=name, training=training, arguments=arguments, schedule=few, heldout=heldout)
    compared = ("linear", "pchip") if task == "fill" else ("last_pose", "velocity")
    names = [
        f"{name}{error}" for name in ("", *(f"{one}_" for one in compared)) for error in ("mpjpe_mm", "p_mpjpe_mm")
    ]
    (row,) = rows(tmp_path)
    assert list(row)[3:] == names
    assert (tmp_path / "curve.png").read_bytes()[:4] == b"\x89PNG"
    assert refiners.load(str(tmp_path / "best.pt")).training.task == task


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"schedule": {"step": 3}}, r'group schedule .* no key "step". Did you mean "steps"'),
        ({"arguments": {**ARGUMENTS, "segment": 3}}, r'group arguments .*"segment". Did you mean "segments"'),
        ({"arguments": {**ARGUMENTS, "coordinates": 51}}, "coco17 in image space is 34 numbers per frame, found 51"),
        (
            {"training": {"space": "image", "skeleton": "blazepose33"}},
            "keypoints_virtual trains .* found fill image blaze",
        ),
        ({"training": {"space": "image", "skeleton": "coco17", "past": 3}}, "asked with 3 past frames"),
    ],
)
def test_what_cannot_be_trained_is_said(packs: Path, changes: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        build(packs, **changes)


def test_the_command_trains_and_says_what_is_no_better(packs: Path, tmp_path: Path) -> None:
    few = ["schedule.steps=2", "schedule.average_from=0", "batch=2", "heldout.cameras=1", 'hold_out=["9"]']
    changes = [part for one in few for part in ("--set", one)]
    command = ["train", "mixsynthformer_coco17_n10", "--data", str(packs), "-o", str(tmp_path / "run")]
    done = CliRunner().invoke(main.app, [*command, "--workers", "0", "--set", "schedule.learning_rate=10.0", *changes])
    assert done.exit_code == 0, done.output
    assert "Best held-out error_percent" in done.output
    assert "no better than linear_error_percent" in done.output
    wrong = CliRunner().invoke(main.app, [*command, "--set", "schedule.stepz=2"])
    assert 'Did you mean "schedule.steps"' in " ".join(wrong.output.split())
    values = {**config.load("mixsynthformer_predict"), "pools": 3}
    (tmp_path / "odd.py").write_text("\n".join(f"{name} = {value!r}" for name, value in values.items()))
    odd = CliRunner().invoke(main.app, ["train", str(tmp_path / "odd.py"), "--data", str(packs)])
    assert 'unknown group "pools". Did you mean "pool"' in " ".join(odd.output.split())
