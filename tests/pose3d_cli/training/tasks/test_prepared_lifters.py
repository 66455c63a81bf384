"""A lifter's tasks on a prepared set: each learns, resumes to the same numbers, and says what does not fit."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import labelled
import numpy as np
import pytest
import torch
from own_task import losses
from typer.testing import CliRunner

from in_the_wild import checkpoints
from in_the_wild.errors import ConfigError, InputError, Pose3DError
from in_the_wild.lifters.pstmo import PSTMO, MaskedPoseModel
from in_the_wild.skeletons import HUMAN36M17
from pose3d_cli import main
from pose3d_cli.datasets.lifting import Inference, predict
from pose3d_cli.datasets.prepared.sequences import Writer, open_folder
from pose3d_cli.evaluation import refine_module
from pose3d_cli.training import tasks

PSTMO_SMALL = {"frames": 9, "channels": 32, "hidden": 32, "layers": 1, "dropout": 0.0}
MIXSTE_SMALL = {"frames": 9, "channels": 16, "depth": 1, "heads": 2, "drop_path": 0.0}
STCFORMER_SMALL = {"frames": 9, "channels": 16, "layers": 1}
SCHEDULE = {
    "steps": 60, "learning_rate": 3e-3, "warmup": 5, "average": 0.9, "average_from": 10, "check_every": 20,
    "save_every": 20,
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labelled.write(tmp_path_factory.mktemp("sets") / "own")


def values(**changes: Any) -> dict[str, Any]:
    """A configuration."""
    return {
        "task": "lift",
        "model": "pstmo",
        "arguments": PSTMO_SMALL,
        "loss": "pstmo",
        "training": {"input_skeleton": "human36m17", "fps": 50.0, "data": "our own", "licence": "Apache-2.0"},
        "data": {"name": "human36m", "inputs": "gt", "train": {"split": "train"}, "test": {"split": "test"}},
        "windows": {"flip": True},
        "start_from": None,
        "start_parts": None,
        "lifter": None,
        "freeze": False,
        "batch": 16,
        "seed": 0,
        "schedule": SCHEDULE,
        "test": {"every": 5},
        **changes,
    }


def build(folder: Path, **changes: Any) -> Any:
    """The task of a configuration."""
    return tasks.build(values(**changes), source=folder, name="own")


def trained(folder: Path, run_folder: Path, *, kill_after: int = 0, **changes: Any) -> list[float]:
    return losses(build(folder, **changes), run_folder, kill_after=kill_after)


def rows(run_folder: Path) -> list[dict[str, float]]:
    with (run_folder / "log.csv").open() as file:
        return [{name: float(value) for name, value in row.items()} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def masked(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of stage I."""
    run_folder = tmp_path_factory.mktemp("masked")
    trained(folder, run_folder, task="masked", loss="masked", masks={"temporal": 0.5, "spatial": 2})
    return run_folder


@pytest.fixture(scope="module")
def lifted(folder: Path, masked: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of stage II, from stage I."""
    run_folder = tmp_path_factory.mktemp("lifted")
    trained(folder, run_folder, start_from=str(masked / "best.pt"))
    return run_folder


def test_stage_one_learns_and_hands_on_what_stage_two_shares(folder: Path, masked: Path) -> None:
    log = rows(masked)
    assert log[-1]["loss"] < 0.7 * log[0]["loss"]
    assert log[-1]["masked_error"] < 0.8 * log[0]["masked_error"]
    state = checkpoints.read(masked / "best.pt")
    shared = MaskedPoseModel.convert(state)[0]
    lifter = build(folder, start_from=str(masked / "best.pt")).network
    assert isinstance(lifter, PSTMO)
    own = lifter.state_dict()
    taken = [name for name in own if name.startswith(("encoder.", "temporal.")) and "num_batches" not in name]
    assert len(taken) > 10
    for name in taken:
        assert torch.equal(own[name], shared[name])
    with pytest.raises(checkpoints.NotALifterError, match="pre-training"):
        checkpoints.load(str(masked / "best.pt"))


def test_stage_two_learns(folder: Path, lifted: Path) -> None:
    log = rows(lifted)
    assert log[-1]["loss"] < 0.5 * log[0]["loss"]
    assert log[-1]["mpjpe_mm"] < 0.8 * log[0]["mpjpe_mm"]
    assert {"best.pt", "last.pt", "log.csv", "curve.png", "run.json", "state.pt"} <= {p.name for p in lifted.iterdir()}
    best = checkpoints.load(str(lifted / "best.pt"))
    assert best.training.data == "our own"
    opened = open_folder(folder).choose(split="test")
    found = [predict(best.lifter, best.training, one, opened.description, Inference(every=5)) for one in opened]
    joints = np.concatenate([one.joints for one in found])
    joints[:, HUMAN36M17.root] = 0
    error = np.linalg.norm(joints - np.concatenate([one.truth for one in found]), axis=-1).mean()
    # 16-bit weights in the file.
    assert error * 1e3 == pytest.approx(min(row["mpjpe_mm"] for row in log), rel=2e-3)


@pytest.mark.parametrize("freeze", [True, False])
def test_the_refine_module_learns_behind_a_lifter(folder: Path, lifted: Path, tmp_path: Path, freeze: bool) -> None:
    changes: dict[str, Any] = {"task": "refine_module", "lifter": str(lifted / "best.pt"), "freeze": freeze}
    trained(folder, tmp_path, **changes)
    log = rows(tmp_path)
    assert log[-1]["mpjpe_mm"] < log[0]["mpjpe_mm"]
    assert log[-1]["mpjpe_mm"] < 0.9 * min(row["mpjpe_mm"] for row in rows(lifted))
    module = refine_module.load(tmp_path / "refine_module.pt")
    assert module.joints == 17
    before, after = (checkpoints.read(path / "best.pt")["state_dict"] for path in (lifted, tmp_path))
    # A frozen lifter is the very same, batch norms included.
    same = all(torch.equal(value, after[name]) for name, value in before.items())
    assert same == freeze


def test_what_is_refined_is_saved_as_it_was_built(folder: Path, lifted: Path, tmp_path: Path) -> None:
    """Whatever size the configuration speaks of."""
    schedule = {**SCHEDULE, "steps": 2, "check_every": 2, "save_every": 2}
    other = {**PSTMO_SMALL, "channels": 64}
    trained(folder, tmp_path, task="refine_module", lifter=str(lifted / "best.pt"), arguments=other, schedule=schedule)
    assert checkpoints.load(str(tmp_path / "best.pt")).arguments["channels"] == PSTMO_SMALL["channels"]
    training = {**values()["training"], "metres": 0.001}
    with pytest.raises(ConfigError, match=r"with metres 0\.001, best\.pt was trained with 1\.0"):
        build(folder, task="refine_module", lifter=str(lifted / "best.pt"), training=training)


@pytest.mark.parametrize(
    "changes",
    [
        {"model": "mixste", "arguments": MIXSTE_SMALL, "loss": "mixste", "windows": {"rule": "chunks"}, "batch": 8},
        {
            "model": "mixste", "arguments": MIXSTE_SMALL, "loss": "mixste_scaled", "windows": {"rule": "chunks"},
            "batch": 8,
        },
        {
            "model": "stcformer", "arguments": STCFORMER_SMALL, "loss": "mpjpe",
            "windows": {"rule": "trailing", "step": 3, "tds": 3}, "test": {"tds": 3, "every": 5},
        },
        {"model": "strided_transformer", "arguments": {**PSTMO_SMALL, "encoder_dropout": 0.0, "frames": 27}},
        {
            "model": "videopose3d", "arguments": {"filter_widths": [3, 3], "channels": 32, "dropout": 0.0},
            "loss": "mpjpe",
        },
    ],
    ids=["mixste", "mixste_scaled", "stcformer", "strided_transformer", "videopose3d"],
)  # fmt: skip
def test_every_lifter_learns(folder: Path, tmp_path: Path, changes: dict[str, Any]) -> None:
    trained(folder, tmp_path, **changes)
    log = rows(tmp_path)
    assert log[-1]["loss"] < 0.8 * log[0]["loss"]
    assert log[-1]["mpjpe_mm"] < log[0]["mpjpe_mm"]


@pytest.mark.parametrize("task", ["masked", "lift", "refine_module"])
def test_a_killed_run_resumes_to_the_same_numbers(folder: Path, lifted: Path, tmp_path: Path, task: str) -> None:
    changes: dict[str, Any] = {
        "task": task,
        "arguments": {**PSTMO_SMALL, "dropout": 0.1},
        "schedule": {**SCHEDULE, "steps": 24, "check_every": 8, "save_every": 8},
        "lifter": str(lifted / "best.pt") if task == "refine_module" else None,
    }
    whole = trained(folder, tmp_path / "whole", **changes)
    trained(folder, tmp_path / "killed", kill_after=13, **changes)
    rest = trained(folder, tmp_path / "killed", **changes)
    assert rest == whole[-len(rest) :]
    assert 8 <= len(rest) <= 16
    for killed, straight in zip(rows(tmp_path / "killed"), rows(tmp_path / "whole"), strict=True):
        assert {**killed, "seconds": 0} == {**straight, "seconds": 0}


def test_epochs_are_counted_in_steps(folder: Path) -> None:
    schedule = {"epochs": 3, "warmup": 0.5, "decay": "exponential", "decay_by": 0.9, "decay_every": 1, "check_every": 1,
                "save_every": 0.1, "average": 0.0}  # fmt: skip
    run = build(folder, schedule=schedule)
    per_epoch = run.windows.steps(16)
    assert per_epoch == 6 * 60 * 2 // 16
    assert run.schedule.steps == 3 * per_epoch
    assert (run.schedule.warmup, run.schedule.decay_every, run.schedule.check_every) == (22, per_epoch, per_epoch)
    assert run.schedule.save_every == 4


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "lifts"}, 'what is trained; found "lifts". Did you mean "lift"'),
        ({"task": "masked", "model": "mixste", "arguments": MIXSTE_SMALL}, "Masked pre-training is P-STMO's"),
        ({"task": "refine_module"}, "needs the weights of a lifter"),
        ({"data": {"inputs": "cpn_ft_h36m_dbb"}}, 'for inputs "cpn_ft_h36m_dbb", .* holds "gt"'),
        ({"data": {"splits": {}}}, 'no key "splits"'),
        ({"data": {"train": {"speed": 1}}}, 'data.train of the configuration has no key "speed"'),
        ({"windows": {"rul": "centred"}}, 'windows of the configuration has no key "rul".*Did you mean "rule"'),
        ({"task": "masked", "masks": {"temporl": 0.5}}, 'group masks .* no key "temporl".*Did you mean "temporal"'),
        ({"test": {"rule": "center"}}, 'no rule "center" for windows.*Did you mean "centred"'),
        ({"schedule": {"steps": 5, "epochs": 1}}, "either steps or epochs"),
        ({"schedule": {}}, "either steps or epochs"),
        ({"batch": 100_000}, "make batch smaller"),
        (
            {"training": {"input_skeleton": "human36m17", "output_skeleton": "mpi_inf_3dhp17"}},
            "trains for mpi_inf_3dhp17",
        ),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said(folder: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ConfigError, InputError), match=message):
        build(folder, **changes)


def test_keypoints_alone_are_enough_for_stage_one(folder: Path, tmp_path: Path) -> None:
    opened = open_folder(folder)
    with Writer(tmp_path / "set", opened.description) as writer:
        for one in opened:
            writer.add(one.replace(joints=None, true_keypoints=None))
    schedule = {**SCHEDULE, "steps": 4, "check_every": 2, "save_every": 2}
    trained(tmp_path / "set", tmp_path / "run", task="masked", schedule=schedule)
    assert (tmp_path / "run" / "best.pt").is_file()
    with pytest.raises(InputError, match="of use for the task masked"):
        build(tmp_path / "set")


def test_the_command_trains_from_a_file_and_tells_a_misspelt_key(folder: Path, tmp_path: Path) -> None:
    config = tmp_path / "tiny.py"
    wanted = values(schedule={**SCHEDULE, "steps": 4, "check_every": 2, "save_every": 2})
    config.write_text("\n".join(f"{name} = {value!r}" for name, value in wanted.items() if name != "masks"))
    run = ["train", str(config), "--data", str(folder), "-o", str(tmp_path / "run"), "--workers", "0"]
    done = CliRunner().invoke(main.app, run)
    assert done.exit_code == 0, done.output
    assert "Best held-out mpjpe_mm" in done.output
    assert (tmp_path / "run" / "curve.png").is_file()
    for more, message in (
        (["--set", "windows.tdz=2"], 'no key "windows.tdz".*'),
        (["--data", str(tmp_path)], "is no prepared data set"),
        (["--lifter", "pstmo_coco"], "has no lifter; leave --lifter out"),
    ):
        failed = CliRunner().invoke(main.app, [*run, *more], catch_exceptions=True)
        assert failed.exit_code == 1 or isinstance(failed.exception, Pose3DError)
        assert message.split('"')[0] in failed.output + str(failed.exception)
    config.write_text(config.read_text() + "\nwindow = {}\n")
    failed = CliRunner().invoke(main.app, run)
    assert failed.exit_code == 1
    assert 'unknown group "window". Did you mean "windows"?' in failed.output
