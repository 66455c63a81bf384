"""Published checkpoints on the command line: recognised, told, noted, and named by --variant."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import references
import torch
from typer.testing import CliRunner, Result

from in_the_wild import checkpoints, formats, plugins, skeletons
from in_the_wild.checkpoints import records, shipped
from in_the_wild.checkpoints.records.base import Record
from in_the_wild.errors import ConfigError
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.poses import Poses, Source
from pose3d_cli.commands import _options
from pose3d_cli.main import app

LIFTERS = plugins.names("in_the_wild.lifters")
VARIANTS = {record.name: record for record in records.records()}
# Checkpoints as the authors' code writes them, shipped or shared.
FILES = {
    path.name: path
    for folder in (references.SHARED / "checkpoints", references.HERE)
    for path in sorted(folder.glob("*"))
    if path.suffix in (".pth", ".bin", ".tar")
}


def test_a_file_of_one_s_own_describes_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("like: pstmo_s_243_in_the_wild\narguments: {frames: 27}\nwindow: 27\n")
    variant = _options.variant_of(str(path))
    assert isinstance(variant, Record)
    assert (variant.name, variant.window, variant.arguments["layers"]) == ("mine", 27, 3)
    assert variant.training["input_skeleton"] == "coco17"
    path.write_text("model: pstmo\nspeed: 3\n")
    with pytest.raises(ConfigError, match=r"missing: arguments, .* unknown: speed"):
        _options.variant_of(str(path))
    path.write_text("like: pstmo_s_243_in_the_wild\nwindow: wide\n")
    with pytest.raises(ConfigError, match=r"its window is 'wide'"):
        _options.variant_of(str(path))
    with pytest.raises(ConfigError, match='Did you mean "pstmo_s_243_h36m_gt"'):
        records.get("pstmo_s_243_h36m_gp")


# -------------------------------------------------------------------------------------------------------- command line


def cli(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, [str(argument) for argument in arguments])


def one_error(output: str) -> str:
    (line,) = output.strip().splitlines()
    assert line.startswith("Error: ")
    return line


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Human3.6M keypoints of one person in 40 frames, as `pose3d detect` would write them."""
    rng = np.random.default_rng(0)
    frames = np.arange(40)
    body = rng.uniform(300, 500, (17, 2)) + rng.normal(0, 2, (40, 17, 2))
    poses = Poses(
        keypoints=body.astype(np.float32),
        scores=np.ones((40, 17), np.float32),
        frame=frames,
        person_id=np.zeros(40, int),
        skeleton=skeletons.HUMAN36M17,
        space="image",
        video=Source(path="clip.mp4", width=1000, height=1000, fps=50.0, timestamps=frames / 50),
    )
    path = tmp_path_factory.mktemp("clip") / "poses2d.npz"
    formats.write(poses, path)
    return path


def authors_file(folder: Path, name: str) -> Path:
    """A P-STMO of a published size under the authors' names, its numbers random."""
    theirs = references.state_dict(references.load("pstmo_model_f9_l3_c24_j15.npz"))
    ours, _ = PSTMO.convert(theirs)
    used = [official for official in theirs if ".model.norm." not in official]
    names = dict(zip(ours, used, strict=True))
    torch.manual_seed(0)
    state = PSTMO(**VARIANTS[name].arguments).state_dict()
    for more in state.keys() - names.keys():  # strided stages that the small network does not have
        stage = more.split(".")[1]
        known = names[more.replace(f"strided.{stage}.", "strided.2.")]
        names[more] = known.replace("reduce.model.layers.2.", f"reduce.model.layers.{stage}.")
    path = folder / "file.pth"
    torch.save({f"module.{names[key]}": value for key, value in state.items()}, path)
    return path


def is_lifter(path: Path) -> bool:
    try:
        checkpoints.recognise(str(path))
    except checkpoints.NotALifterError:
        return False
    return True


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_the_six_projects_is_described_and_used(name: str, clip: Path, tmp_path: Path) -> None:
    path = FILES[name]
    shown = cli("weights", path)
    assert shown.exit_code == 0, shown.output
    lifted = cli("lift", clip, "-o", tmp_path / "poses3d.npz", "--weights", path, "--device", "cpu")
    if not is_lifter(path):
        assert lifted.exit_code == 1
        assert one_error(lifted.stderr) == f"Error: {shown.stdout.splitlines()[-1]}"
        return
    assert lifted.exit_code == 0, lifted.stderr
    model = checkpoints.recognise(str(path)).model
    assert re.search(rf"network +│ {model}: ", shown.stdout)
    assert f"{name}: {model} of no published size, taken to read" in lifted.stderr
    poses = formats.read(tmp_path / "poses3d.npz")
    assert len(poses) == 40
    assert np.isfinite(poses.keypoints).all()
    assert poses.meta["model"] == model


def test_a_published_checkpoint_is_told_and_noted(clip: Path, tmp_path: Path) -> None:
    path = authors_file(tmp_path, "pstmo_s_27_h36m_cpn")
    done = cli("lift", clip, "-o", tmp_path / "poses3d.npz", "--weights", path, "--device", "cpu")
    assert done.exit_code == 0, done.stderr
    line = "file.pth: pstmo_s_27_h36m_cpn by its shapes; reads human36m17, 27 frames at 5.556/s; trained on Human3.6M"
    assert line in done.stderr
    noted = formats.read(tmp_path / "poses3d.npz").meta["weights"]
    assert noted["variant"] == "pstmo_s_27_h36m_cpn"
    assert (noted["licence"], noted["input_skeleton"]) == ("MIT", "human36m17")
    shown = cli("weights", path).stdout
    for word in ("pstmo_s_27_h36m_cpn", "mpjpe 46.1", "github.com/paTRICK-swk", "27 frames at 5.556/s", "centre frame"):
        assert word in shown


def test_variant_says_what_shapes_do_not(clip: Path, tmp_path: Path) -> None:
    path = authors_file(tmp_path, "pstmo_s_81_h36m_cpn")
    lift = ("lift", clip, "-o", tmp_path / "poses3d.npz", "--device", "cpu", "--weights", path)
    assert "pstmo_s_81_3dhp, pstmo_s_81_h36m_cpn" in one_error(cli(*lift).stderr)
    done = cli(*lift, "--variant", "pstmo_s_81_h36m_cpn")
    assert done.exit_code == 0, done.stderr
    assert "file.pth: pstmo_s_81_h36m_cpn as --variant says" in done.stderr
    line = one_error(cli(*lift, "--variant", "pstmo_s_27_h36m_cpn").stderr)
    assert "does not fit PSTMO" in line
    assert "unexpected strided.3.attention.query.weight" in line
    line = one_error(cli(*lift, "--variant", "mixste_81_h36m_cpn").stderr)
    assert "holds weights of pstmo, but mixste_81_h36m_cpn is a checkpoint of mixste" in line


def test_a_wrong_variant_is_answered_with_the_nearest() -> None:
    done = cli("lift", "x.npz", "--variant", "pstmo_s_243_in_the_wlid")
    assert done.exit_code == 2
    assert 'Did you mean "pstmo_s_243_in_the_wild"' in done.stderr
    assert _options.complete(records.names)("pstmo_s_8") == ["pstmo_s_81_3dhp", "pstmo_s_81_h36m_cpn"]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small P-STMO of the program's own, which stands for the shipped weights."""
    arguments: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 16, "layers": 1}
    training = checkpoints.Training(input_skeleton="human36m17", data="nothing", licence="Apache-2.0")
    path = tmp_path / "own.pt"
    checkpoints.save(path, model="pstmo", lifter=PSTMO(**arguments), arguments=arguments, training=training)
    monkeypatch.setattr(shipped, "names", lambda: ["pstmo_coco"])
    monkeypatch.setattr(shipped, "find", lambda name: path if name == "pstmo_coco" else Path(name))
    return path


@pytest.mark.parametrize("given", [(), ("--model", "pstmo"), ("--model", "pstmo", "--weights", "pstmo_coco")])
def test_shipped_weights_are_taken_where_none_are_named(
    own: Path, clip: Path, tmp_path: Path, given: tuple[str, ...]
) -> None:
    done = cli("lift", clip, "-o", tmp_path / "poses3d.npz", "--device", "cpu", *given)
    assert done.exit_code == 0, done.stderr
    noted = formats.read(tmp_path / "poses3d.npz").meta
    assert (noted["model"], noted["weights"]["source"]) == ("pstmo", "own.pt")
    assert "own.pt" not in done.stderr.replace(str(tmp_path), "")


def test_model_and_weights_must_agree(own: Path, clip: Path, tmp_path: Path) -> None:
    lift = ("lift", clip, "-o", tmp_path / "poses3d.npz", "--device", "cpu")
    others = [name for name in LIFTERS if name != "pstmo"]
    assert "No weights of mixste come with the program" in one_error(cli(*lift, "--model", "mixste").stderr)
    for other in others:
        line = one_error(cli(*lift, "--model", other, "--weights", own).stderr)
        assert f"holds weights of pstmo, not of {other}" in line
    line = one_error(cli(*lift, "--variant", "pstmo_s_81_3dhp").stderr)
    assert "own.pt says itself how its network is built and what it was trained on; leave" in line


def test_the_record_of_a_run_says_what_was_recognised(clip: Path, tmp_path: Path) -> None:
    path = authors_file(tmp_path, "pstmo_s_27_h36m_cpn")
    loaded, _ = _options.load_weights(str(path), model=None, device="cpu")
    assert json.loads(json.dumps(vars(loaded.training)))["variant"] == "pstmo_s_27_h36m_cpn"
