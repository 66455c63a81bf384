"""A lifter on motion capture before virtual cameras: a run that resumes exactly, and errors that fall."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from own_task import losses

from in_the_wild import checkpoints
from in_the_wild.errors import ConfigError, InputError, WeightsError
from in_the_wild.lifters.blocks import StridedLifter
from pose3d_cli.training import tasks

CONFIG: dict[str, Any] = {
    "task": "lift_virtual",
    "model": "pstmo",
    "arguments": {"frames": 9, "channels": 16, "hidden": 32, "layers": 1, "in_channels": 4, "dropout": 0.1},
    "loss": "pstmo",
    "training": {"fps": 25.0, "normalisation": "box", "data": "own", "licence": "own"},
    "hold_out": ["9"],
    "stride": 2,
    "cameras": {},
    "bodies": {},
    "noise": {},
    "bank": None,
    "clean": 0.5,
    "start_from": None,
    "start_parts": None,
    "batch": 16,
    "seed": 0,
    "schedule": {
        "steps": 30,
        "warmup": 5,
        "check_every": 10,
        "save_every": 5,
        "average_from": 8,
        "learning_rate": 3e-3,
    },
    "heldout": {"cameras": 3, "every": 10},
}


def build(packs: Path, **changes: Any) -> Any:
    """The task of a configuration."""
    return tasks.build({**CONFIG, **changes}, source=packs, name="own")


def trained(packs: Path, folder: Path, *, kill_after: int = 0, **changes: Any) -> list[float]:
    return losses(build(packs, **changes), folder, kill_after=kill_after)


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "log.csv").open() as file:
        return list(csv.DictReader(file))


def test_a_killed_run_resumes_with_the_same_losses(packs: Path, tmp_path: Path) -> None:
    whole = trained(packs, tmp_path / "whole")
    first = trained(packs, tmp_path / "killed", kill_after=17)
    rest = trained(packs, tmp_path / "killed")
    assert first == whole[:17]
    assert rest == whole[15:]  # the state of step 15 was the last saved
    kept = ("step", "loss", "learning_rate", "mpjpe_mm", "p_mpjpe_mm")
    assert [[row[k] for k in kept] for row in rows(tmp_path / "killed")] == [
        [row[k] for k in kept] for row in rows(tmp_path / "whole")
    ]
    a, b = (torch.load(tmp_path / name / "state.pt", weights_only=True) for name in ("whole", "killed"))
    for name, value in a["network"].items():
        assert torch.equal(value, b["network"][name]), name
    assert (tmp_path / "whole" / "curve.png").read_bytes()[:4] == b"\x89PNG"
    assert checkpoints.load(str(tmp_path / "whole" / "best.pt")).training.normalisation == "box"


def test_another_run_in_the_same_folder_is_refused(packs: Path, tmp_path: Path) -> None:
    trained(packs, tmp_path, kill_after=6)
    with pytest.raises(InputError, match="belongs to a run of 30 steps, this one has 40"):
        trained(packs, tmp_path, schedule={**CONFIG["schedule"], "steps": 40})


def test_training_learns(packs: Path, tmp_path: Path) -> None:
    found = trained(
        packs, tmp_path, clean=1.0, schedule={**CONFIG["schedule"], "steps": 250, "check_every": 250, "save_every": 250}
    )
    assert np.mean(found[-10:]) < 0.6 * np.mean(found[:10])


def test_a_group_that_does_not_fit_is_named(packs: Path) -> None:
    with pytest.raises(ConfigError, match=r"group schedule .*step_size"):
        build(packs, schedule={"step_size": 3})


def test_a_run_starts_from_parts_of_another_network(packs: Path, tmp_path: Path) -> None:
    trained(packs, tmp_path / "pstmo", schedule={**CONFIG["schedule"], "steps": 10})
    shared = ["position", "temporal", "strided_positions", "strided", "frame_head", "centre_head"]
    changes = {
        "model": "strided_transformer",
        "arguments": {**CONFIG["arguments"], "encoder_dropout": 0.0},
        "start_from": str(tmp_path / "pstmo" / "best.pt"),
    }
    run = build(packs, **{**changes, "start_parts": shared})
    theirs = checkpoints.load(str(tmp_path / "pstmo" / "best.pt")).lifter.state_dict()
    ours = run.network.state_dict()
    for name, value in ours.items():
        if name.partition(".")[0] in shared:
            torch.testing.assert_close(value, theirs[name])
    with pytest.raises(WeightsError, match="missing encoder"):
        build(packs, **{**changes, "start_parts": [*shared, "encoder"]})


def test_a_deeper_network_goes_on_from_where_a_shallower_one_was(packs: Path, tmp_path: Path) -> None:
    trained(packs, tmp_path / "two", schedule={**CONFIG["schedule"], "steps": 10})
    weights = str(tmp_path / "two" / "best.pt")
    layers = CONFIG["arguments"]["layers"]
    deeper: dict[str, Any] = {"arguments": {**CONFIG["arguments"], "layers": layers + 2}, "start_from": weights}
    shallow, deep = checkpoints.load(weights).lifter, build(packs, **deeper).network
    assert isinstance(shallow, StridedLifter)
    assert isinstance(deep, StridedLifter)
    assert len(deep.temporal) == layers + 2
    seen = torch.randn(3, CONFIG["arguments"]["frames"], 17, 4)
    with torch.no_grad():
        for ours, theirs in zip(deep.eval().both_heads(seen), shallow.both_heads(seen), strict=True):
            torch.testing.assert_close(ours, theirs)
    # The new layers change nothing yet, but they learn.
    schedule = {**CONFIG["schedule"], "steps": 5, "check_every": 5, "save_every": 5}
    trained(packs, tmp_path / "four", **deeper, schedule=schedule)
    learnt = checkpoints.load(str(tmp_path / "four" / "best.pt")).lifter.state_dict()
    for name in ("attention.out.weight", "contract.weight"):
        assert learnt[f"temporal.{layers + 1}.{name}"].abs().max() > 0
    with pytest.raises(WeightsError, match=rf"unexpected temporal\.{layers}\."):
        build(packs, start_from=str(tmp_path / "four" / "best.pt"))


@pytest.mark.parametrize("name", ["mpjpe", "mixste"])
def test_every_frame_lifters_learn(packs: Path, tmp_path: Path, name: str) -> None:
    changes: dict[str, Any] = {
        "model": "mixste",
        "arguments": {"frames": 9, "channels": 16, "depth": 1, "heads": 2, "in_channels": 4, "drop_path": 0.0},
        "loss": name,
        "clean": 1.0,
        "schedule": {**CONFIG["schedule"], "steps": 150, "check_every": 150, "save_every": 150, "average": 0.9},
    }
    found = trained(packs, tmp_path, **changes)
    assert np.mean(found[-10:]) < 0.6 * np.mean(found[:10])
    assert float(rows(tmp_path)[-1]["mpjpe_mm"]) < 400


def test_losses_that_do_not_fit_the_lifter_are_refused(packs: Path) -> None:
    for model, loss, reason in (
        ("pstmo", "mixste", "answers for one, take mpjpe"),
        ("mixste", "pstmo", "per-frame and centre heads"),
        ("pstmo", "mpjp", "mpjpe"),
    ):
        arguments = CONFIG["arguments"] if model == "pstmo" else {"frames": 9, "channels": 16, "depth": 1, "heads": 2}
        with pytest.raises(ConfigError, match=reason):
            build(packs, model=model, arguments=arguments, loss=loss)
