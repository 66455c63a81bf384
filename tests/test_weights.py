"""Checkpoints: self-describing, strict, and never run."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import references
import torch

from in_the_wild import weights
from in_the_wild.errors import PluginError, WeightsError
from in_the_wild.lifters.pstmo import PSTMO

ARGUMENTS: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 32, "layers": 1, "in_channels": 4}


def saved(folder: Path) -> tuple[Path, PSTMO]:
    torch.manual_seed(0)
    lifter = PSTMO(**ARGUMENTS).eval()
    weights.save(
        folder / "own.pt",
        model="pstmo",
        lifter=lifter,
        arguments=ARGUMENTS,
        training=weights.Training(fps=25.0, normalisation="box", data="none", licence="none"),
    )
    return folder / "own.pt", lifter


def test_a_checkpoint_rebuilds_its_network_from_the_file_alone(tmp_path: Path) -> None:
    path, lifter = saved(tmp_path)
    again = weights.load(str(path))
    x = torch.randn(2, 9, 17, 4)
    with torch.no_grad():
        torch.testing.assert_close(again.lifter(x), lifter(x), atol=5e-3, rtol=5e-3)  # 16-bit floats
    assert again.training.fps == 25.0
    assert again.training.normalisation == "box"
    assert not again.lifter.training
    floats = [v.dtype for v in weights.read(path)["state_dict"].values() if v.is_floating_point()]
    assert set(floats) == {torch.float16}


class Trap:
    def __reduce__(self) -> tuple:
        return (Path.touch, (Path("sprung"),))


def test_a_pickle_that_runs_code_is_refused_and_does_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": Trap()}, tmp_path / "zip.pt")
    (tmp_path / "plain.pt").write_bytes(pickle.dumps(Trap()))
    for name in ("zip.pt", "plain.pt"):
        with pytest.raises(WeightsError, match="would run code"):
            weights.load(str(tmp_path / name), model="pstmo")
    assert not (tmp_path / "sprung").exists()


def test_weights_of_another_network_say_which_keys_differ(tmp_path: Path) -> None:
    path, lifter = saved(tmp_path)
    state = lifter.state_dict()
    del state["position"]
    state["strided.0.expand.weight"] = torch.zeros(3, 3)
    state["surplus"] = torch.zeros(1)
    with pytest.raises(WeightsError) as error:
        weights.load_strictly(lifter, state, path.name)
    for part in ("missing position", "unexpected surplus", "strided.0.expand.weight is (3, 3) instead of (32, 16)"):
        assert part in str(error.value)


def test_the_authors_pretraining_file_is_told_apart() -> None:
    path = references.SHARED / "checkpoints" / "PSTMO_pretrain_28_430.pth"
    if not path.is_file():
        pytest.skip("../shared/reference/checkpoints is absent")
    with pytest.raises(WeightsError, match="pre-training"):
        weights.load(str(path), model="pstmo")


def test_other_systems_checkpoints_are_refused() -> None:
    path = references.SHARED / "checkpoints" / "STCFormer_no_refine_6_4406.pth"
    if not path.is_file():
        pytest.skip("../shared/reference/checkpoints is absent")
    with pytest.raises(WeightsError, match="not P-STMO's"):
        weights.load(str(path), model="pstmo")


@pytest.mark.parametrize("content", [b"", b"text", np.arange(9).tobytes()])
def test_files_that_are_no_checkpoints_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsError):
        weights.load(str(path), model="pstmo")


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    with pytest.raises(WeightsError, match="neither a file nor come with the program"):
        weights.load("no_such_weights")
    with pytest.raises(WeightsError, match="holds weights of pstmo, not of mixste"):
        weights.load(str(path), model="mixste")
    content = weights.read(path)
    torch.save({**content, "training": {"speed": 3}}, tmp_path / "newer.pt")
    with pytest.raises(WeightsError, match=r"this one cannot read .*speed"):
        weights.load(str(tmp_path / "newer.pt"))
    del content["arguments"]
    torch.save(content, tmp_path / "cut.pt")
    with pytest.raises(WeightsError, match="lacks arguments"):
        weights.load(str(tmp_path / "cut.pt"))
    torch.save({"a": torch.zeros(1)}, tmp_path / "bare.pt")
    with pytest.raises(WeightsError, match="name it with --model"):
        weights.load(str(tmp_path / "bare.pt"))
    with pytest.raises(PluginError, match='Did you mean "pstmo"'):
        weights.load(str(tmp_path / "bare.pt"), model="pstom")
