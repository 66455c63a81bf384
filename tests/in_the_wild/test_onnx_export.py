"""Lifters as .onnx files: the same joints as torch for any number of windows, and what such a file says of itself."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from small_lifters import FAMILY, NAMES, arguments, windows_for
from torch import Tensor
from typer.testing import CliRunner, Result

from in_the_wild import checkpoints, onnx_export, plugins
from in_the_wild.errors import OutputError, PluginError
from in_the_wild.lifters.base import Lifter
from in_the_wild.skeletons import COCO17, HUMAN36M17
from pose3d_cli.main import app

onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("onnx", reason="onnx is not installed")

TRAINING = checkpoints.Training(fps=25.0, normalisation="box", data="a dance", licence="CC0")
# Every lifter, and what the arguments of some make of them that is traced in another way.
CASES: list[tuple[str, dict[str, Any]]] = [
    *((name, {}) for name in NAMES),
    ("mixste", {"attention": "routing", "depth": 1}),
    ("videopose3d", {"dense": True, "causal": True}),
]
Invoke = Callable[..., Result]


def saved(path: Path, name: str, **more: Any) -> Path:
    torch.manual_seed(0)
    chosen = arguments(name) | more
    lifter = plugins.load(FAMILY, name)(**chosen)
    checkpoints.save(path, model=name, lifter=lifter, arguments=chosen, training=TRAINING)
    return path


@pytest.fixture(scope="module", params=CASES, ids=lambda case: "-".join([case[0], *case[1]]))
def exported(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[checkpoints.Weights, onnx_export.Exported, Path]:
    name, more = request.param
    folder = tmp_path_factory.mktemp(name)
    loaded = checkpoints.load(str(saved(folder / "own.pt", name, **more)))
    path = folder / "model.onnx"
    return loaded, onnx_export.export(loaded, path), path


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return saved(tmp_path / "own.pt", "videopose3d")


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch) -> Invoke:
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(app, ["export-model", *map(str, arguments)])


@torch.no_grad()
def test_any_number_of_windows_gives_the_same_as_torch(
    exported: tuple[checkpoints.Weights, onnx_export.Exported, Path],
) -> None:
    loaded, told, path = exported
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (read,), (given,) = session.get_inputs(), session.get_outputs()
    assert (read.name, read.shape) == ("keypoints", ["batch", *told.reads])
    assert (given.name, given.shape) == ("joints", ["batch", *told.gives])
    assert 0 <= told.difference_mm < 0.01
    for count in (1, 2, 5):
        x = windows_for(loaded.lifter, count)
        (joints,) = session.run(None, {"keypoints": x.numpy()})
        np.testing.assert_allclose(joints, loaded.lifter(x).numpy(), rtol=0, atol=1e-5)


def test_the_file_says_what_its_weights_were_trained_on(
    exported: tuple[checkpoints.Weights, onnx_export.Exported, Path],
) -> None:
    loaded, _, path = exported
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    told = json.loads(session.get_modelmeta().custom_metadata_map["pose3d"])
    assert asdict(TRAINING).items() <= told.items()
    assert told["input_joints"] == list(COCO17.joints)
    assert told["output_flip"] == list(HUMAN36M17.flip)
    assert (told["frames"], told["every_frame"]) == (loaded.lifter.frames, loaded.lifter.every_frame)
    assert told["output_frame"] == (None if loaded.lifter.every_frame else loaded.lifter.output_frame)
    assert (told["model"], told["sha256"]) == (loaded.model, loaded.sha256)


def test_the_command_says_what_it_wrote(cli: Invoke, own: Path, tmp_path: Path) -> None:
    done = cli(own, "-o", tmp_path / "new" / "model.onnx")
    assert done.exit_code == 0, done.output
    assert "keypoints (B, 9, 17, 4) -> joints (B, 1, 17, 3)" in done.stdout
    assert "mm" in done.stdout
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["model.onnx"]


def test_weights_that_come_with_the_program_are_exported_by_name(cli: Invoke, tmp_path: Path) -> None:
    done = cli("pstmo_coco", "-o", tmp_path / "model.onnx")
    assert done.exit_code == 0, done.output
    assert "17, 3) of pstmo_coco.pt" in done.stdout


def test_what_cannot_be_exported_is_told_in_a_sentence(cli: Invoke, own: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    before = sorted(tmp_path.rglob("*"))
    unwritable = cli(own, "-o", tmp_path / "file" / "model.onnx")
    assert unwritable.exit_code == 1
    assert "Results cannot be written into" in unwritable.stderr
    suffix = cli(own, "-o", tmp_path / "model.pt")
    assert suffix.exit_code == 2
    assert "ending in .onnx" in suffix.stderr
    refiner = cli("mixsynthformer_coco17_n10", "-o", tmp_path / "model.onnx")
    assert refiner.exit_code == 1
    assert "holds no lifter" in refiner.stderr
    assert len(refiner.stderr.splitlines()) == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_other_joints_than_torchs_are_not_written(own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.onnx"
    path.write_text("the old one")
    unfold = onnx_export._SAME[Tensor.unfold]
    monkeypatch.setitem(onnx_export._SAME, Tensor.unfold, lambda *arguments: unfold(*arguments).flip(-1))
    with pytest.raises(OutputError, match=r"found \S+ mm between"):
        onnx_export.export(checkpoints.load(str(own)), path)
    assert path.read_text() == "the old one"


class _Decomposing(Lifter):
    """Has an operation that ONNX lacks."""

    every_frame = True

    def __init__(self) -> None:
        super().__init__()
        self.frames, self.joints, self.out_joints, self.in_channels = 3, 17, 17, 3

    def forward(self, x: Tensor) -> Tensor:
        return torch.linalg.qr(x).Q

    convert = None  # type: ignore[assignment]


def test_an_operation_that_onnx_lacks_is_told(own: Path, tmp_path: Path) -> None:
    loaded = checkpoints.load(str(own))
    lifter = _Decomposing()
    with pytest.raises(OutputError, match="is not exported: videopose3d has an operation"):
        onnx_export.export(checkpoints.Weights(**{**vars(loaded), "lifter": lifter}), tmp_path / "model.onnx")
    assert not (tmp_path / "model.onnx").exists()


@pytest.mark.parametrize("package", ["onnx", "onnxruntime"])
def test_a_package_that_is_not_installed_is_named(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(PluginError, match=f"^{package} cannot be imported .*Install it: pip install {package}$"):
        onnx_export.export(checkpoints.load(str(own)), tmp_path / "model.onnx")
