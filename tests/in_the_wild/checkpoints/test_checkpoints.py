"""Checkpoints: self-describing, strict, recognised by their parameters, and never run."""

from __future__ import annotations

import builtins
import contextlib
import os
import pickle
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import references
import torch

from in_the_wild import checkpoints, plugins
from in_the_wild.errors import PluginError, WeightsError
from in_the_wild.lifters.pstmo import PSTMO

ARGUMENTS: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 32, "layers": 1, "in_channels": 4}


def saved(folder: Path) -> tuple[Path, PSTMO]:
    torch.manual_seed(0)
    lifter = PSTMO(**ARGUMENTS).eval()
    checkpoints.save(
        folder / "own.pt",
        model="pstmo",
        lifter=lifter,
        arguments=ARGUMENTS,
        training=checkpoints.Training(fps=25.0, normalisation="box", data="none", licence="none"),
    )
    return folder / "own.pt", lifter


@pytest.mark.slow
def test_a_checkpoint_rebuilds_its_network_from_the_file_alone(tmp_path: Path) -> None:
    path, lifter = saved(tmp_path)
    again = checkpoints.load(str(path))
    x = torch.randn(2, 9, 17, 4)
    with torch.no_grad():
        torch.testing.assert_close(again.lifter(x), lifter(x), atol=5e-3, rtol=5e-3)  # 16-bit floats
    assert again.training.fps == 25.0
    assert again.training.normalisation == "box"
    assert not again.lifter.training
    floats = [v.dtype for v in checkpoints.read(path)["state_dict"].values() if v.is_floating_point()]
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
            checkpoints.load(str(tmp_path / name), model="pstmo")
    assert not (tmp_path / "sprung").exists()


def test_weights_of_another_network_say_which_keys_differ(tmp_path: Path) -> None:
    path, lifter = saved(tmp_path)
    state = lifter.state_dict()
    del state["position"]
    state["strided.0.expand.weight"] = torch.zeros(3, 3)
    state["surplus"] = torch.zeros(1)
    with pytest.raises(WeightsError) as error:
        checkpoints.load_strictly(lifter, state, path.name)
    for part in ("missing position", "unexpected surplus", "strided.0.expand.weight is (3, 3) instead of (32, 16)"):
        assert part in str(error.value)


# ------------------------------------------------------------------------------- what numpy's random generator leaves


class Reduces:
    """Pickled as a call of something with arguments, and a state to be set on what it returns."""

    def __init__(self, call: Callable, arguments: tuple, state: object = None) -> None:
        self.reduced = (call, arguments, state) if state is not None else (call, arguments)

    def __reduce__(self) -> tuple:
        return self.reduced


GENERATOR = np.random.RandomState(1234)
# How releases of numpy pickle it; where only names of modules changed, they are replaced in the file.
_PICKLE = __import__("numpy.random._pickle", fromlist=["_"])
_RECONSTRUCT: Any = np.zeros(1).__reduce__()[0]
ERAS: dict[str, tuple[object, tuple[bytes, bytes] | None]] = {
    "1.16": (Reduces(getattr(np.random, "__RandomState_ctor"), (), GENERATOR.get_state(legacy=True)), None),
    "1.17": (
        Reduces(getattr(_PICKLE, "__randomstate_ctor"), ("MT19937",), GENERATOR.get_state(legacy=False)),
        None,
    ),
    "1.24": (GENERATOR, None),
    "2.0": (GENERATOR, (b"numpy.core.multiarray\n", b"numpy._core.multiarray\n")),
}
ZIP = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])


# A zip file has a checksum over the names; that of MixSTE's checkpoint, further down, is of numpy 2.
@pytest.mark.parametrize(
    ("era", "zipped"), [(era, zipped) for era in ERAS for zipped in (True, False) if not (zipped and ERAS[era][1])]
)
def test_the_state_of_a_random_generator_is_read_past(tmp_path: Path, era: str, zipped: bool) -> None:
    state, renamed = ERAS[era]
    path = tmp_path / "generator.bin"
    content = {"epoch": 60, "random_state": state, "model_pos": {"a": torch.arange(3.0)}}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    if renamed:
        path.write_bytes(path.read_bytes().replace(*renamed))
        assert renamed[1] in path.read_bytes()
    allowed = set(torch.serialization.get_safe_globals())
    found = checkpoints.read(path)
    assert set(found) == {"epoch", "model_pos"}
    assert found["model_pos"]["a"].tolist() == [0, 1, 2]
    assert set(torch.serialization.get_safe_globals()) == allowed


def hostile(marker: Path) -> dict[str, object]:
    """Pickles that make a file when they are opened carelessly, by what they abuse."""
    make = f"open({str(marker)!r}, 'w').close()"
    touch = Reduces(os.system, (f"touch {marker}",))
    constructor = getattr(_PICKLE, "__randomstate_ctor")
    legacy = GENERATOR.get_state(legacy=False)
    return {
        "os.system": touch,
        "eval": Reduces(builtins.eval, (make,)),
        "exec": Reduces(builtins.exec, (make,)),
        "subprocess": Reduces(subprocess.check_call, (["touch", str(marker)],)),
        "getattr": Reduces(getattr, (Reduces(__import__, ("os",)), "system")),
        "inside a random state's arguments": Reduces(constructor, (touch,)),
        "inside a random state's state": Reduces(constructor, ("MT19937",), {**legacy, "gauss": touch}),
        "as a random state's constructor": Reduces(constructor, ("MT19937", os.system)),
        "inside an array": Reduces(_RECONSTRUCT, (np.ndarray, touch, b"b")),
        "another of numpy's": Reduces(np.fromfile, (touch,)),
    }


@pytest.mark.parametrize("kind", hostile(Path()))
@ZIP
def test_nothing_runs_when_a_checkpoint_is_read(tmp_path: Path, kind: str, zipped: bool) -> None:
    marker, path = tmp_path / "marker", tmp_path / "evil.bin"
    content = {"random_state": hostile(marker)[kind], "model_pos": {"a": torch.zeros(1)}}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(WeightsError, match="would run code"):
        checkpoints.read(path)
    assert not marker.exists()


def test_what_others_allow_torch_to_call_does_not_count_here(tmp_path: Path) -> None:
    marker, path = tmp_path / "marker", tmp_path / "evil.bin"
    torch.save({"random_state": Reduces(shutil.copyfile, (__file__, str(marker)))}, path)
    with torch.serialization.safe_globals([shutil.copyfile]):
        with pytest.raises(WeightsError, match="would run code"):
            checkpoints.read(path)
        assert not marker.exists()
        torch.load(path, weights_only=True)
    assert marker.exists()


@pytest.mark.parametrize("kind", ["os.system", "eval", "inside a random state's arguments"])
def test_the_hostile_pickles_do_run_when_opened_carelessly(tmp_path: Path, kind: str) -> None:
    """The test above would pass on pickles that do nothing."""
    marker, path = tmp_path / "marker", tmp_path / "evil.bin"
    torch.save({"random_state": hostile(marker)[kind]}, path)
    with contextlib.suppress(Exception):  # some stumble after they ran
        torch.load(path, weights_only=False)
    assert marker.exists()


# ------------------------------------------------------------------------------------- files of the six projects

# File -> network, and what was recognised but the shapes do not tell.
LIFTERS: dict[str, str] = {
    "PSTMO_no_refine_28_4306.pth": "pstmo",
    "Strided_no_refine_5_4369.pth": "strided_transformer",
    "STCFormer_no_refine_6_4406.pth": "stcformer",
    "STCFormer3dhp_no_refine_8_2310.pth": "stcformer",
    "MixSTE_best_epoch.bin": "mixste",
    "VideoPose3D_epoch_60.bin": "videopose3d",
    "VideoPose3D_legacyformat_epoch_60.bin": "videopose3d",
}
OTHERS: dict[str, str] = {
    "PSTMO_refine_6_4215.pth": r"true depth of the root and the camera.*pose3d evaluate --refine-module",
    "PSTMO_pretrain_28_430.pth": r"no 3D head yet; give the file of stage II, or train on from this one",
    "MixSynthFormer_checkpoint_e42.pth.tar": r"--refiner mixsynthformer:weights=.*MixSynthFormer_checkpoint",
}


def reference_file(name: str) -> Path:
    """A checkpoint as the authors' code writes it; the test is skipped where it is not to be had."""
    for folder in (references.HERE, references.SHARED / "checkpoints"):
        if (folder / name).is_file():
            return folder / name
    pytest.skip(f"{name} is in neither tests/reference nor ../shared/reference/checkpoints")


def frames_first(x: np.ndarray) -> np.ndarray:
    """The authors' (B, C, T, J, 1) -> (B, T, J, C); what is so already stays."""
    return x[..., 0].transpose(0, 2, 3, 1) if x.ndim == 5 else x


@pytest.mark.parametrize("name", LIFTERS)
def test_the_authors_files_are_recognised_and_give_the_authors_numbers(name: str) -> None:
    path = reference_file(name)
    expected = dict(np.load(reference_file(name + ".expected.npz")))
    x = torch.tensor(frames_first(expected["in/x"]))
    checkpoint = checkpoints.recognise(str(path))
    assert checkpoint.model == LIFTERS[name]
    # No parameter of STCFormer has the window's length.
    arguments = {} if "frames" in checkpoint.arguments or checkpoint.model != "stcformer" else {"frames": x.shape[1]}
    loaded = checkpoints.load(str(path), arguments=arguments)
    with torch.no_grad():
        references.assert_equal(loaded.lifter(x), frames_first(expected["out/x"]))
    asked = checkpoints.load(str(path), model=LIFTERS[name], arguments=arguments)
    assert asked.sha256 == loaded.sha256


@pytest.mark.parametrize("name", LIFTERS)
def test_a_file_asked_for_under_another_model_says_which_it_is(name: str) -> None:
    path = reference_file(name)
    other = "pstmo" if LIFTERS[name] != "pstmo" else "mixste"
    with pytest.raises(WeightsError, match=f"holds weights of {LIFTERS[name]}, not of {other}; run with --model"):
        checkpoints.load(str(path), model=other)


@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("model", [None, "pstmo"])
def test_files_that_lift_nothing_say_what_they_are_for(name: str, model: str | None) -> None:
    path = reference_file(name)
    with pytest.raises(checkpoints.NotALifterError, match=OTHERS[name]):
        checkpoints.load(str(path), model=model)


def test_own_weights_of_a_refiner_say_where_they_belong(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    content = checkpoints.read(path)
    assert content["family"] == "lifters"
    torch.save({**content, "family": "refiners", "model": "mixsynthformer"}, path)
    with pytest.raises(checkpoints.NotALifterError, match=r"--refiner mixsynthformer:weights=.*own\.pt"):
        checkpoints.load(str(path))
    del content["family"]  # files of earlier releases hold lifters
    torch.save(content, path)
    assert checkpoints.load(str(path)).model == "pstmo"


def authors_file(folder: Path) -> Path:
    """A P-STMO of 9 frames under the authors' names."""
    path = folder / "no_refine_1_9999.pth"
    arrays = references.load("pstmo_model_f9_l2_c16.npz")
    torch.save({f"module.{name}": value for name, value in references.state_dict(arrays).items()}, path)
    return path


def test_arguments_replace_what_the_shapes_tell_and_must_fit(tmp_path: Path) -> None:
    path = authors_file(tmp_path)
    assert checkpoints.load(str(path), arguments={"dropout": 0.3}).arguments["dropout"] == 0.3
    with pytest.raises(WeightsError, match=r'pstmo has no argument "layrs". Did you mean "layers"'):
        checkpoints.load(str(path), arguments={"layrs": 3})
    with pytest.raises(WeightsError, match=r"does not fit PSTMO: missing temporal\.2\."):
        checkpoints.load(str(path), arguments={"layers": 3})
    own, _ = saved(tmp_path)
    with pytest.raises(WeightsError, match="says itself how its network is built"):
        checkpoints.load(str(own), arguments={"layers": 3})


def test_training_must_fit_what_the_network_reads(tmp_path: Path) -> None:
    path = authors_file(tmp_path)
    assert checkpoints.load(path).training.fps == 25.0  # as its authors' records say, not the 50 of most others
    told = checkpoints.Training(input_skeleton="coco17", fps=25.0, data="told")
    assert checkpoints.load(str(path), training=told).training == told
    with pytest.raises(WeightsError, match="reads 17 keypoints and gives 17 joints, but humaneva15"):
        checkpoints.load(
            str(path), training=checkpoints.Training(input_skeleton="humaneva15", output_skeleton="humaneva15")
        )
    with pytest.raises(WeightsError, match="reads 2 numbers per keypoint, where 4 were expected"):
        checkpoints.load(str(path), training=checkpoints.Training(normalisation="box"))


def test_fifteen_joints_are_humaneva_s(tmp_path: Path) -> None:
    arrays = references.load("pstmo_model_f9_l3_c24_j15.npz")
    torch.save(references.state_dict(arrays), tmp_path / "humaneva.pth")
    training = checkpoints.load(str(tmp_path / "humaneva.pth")).training
    assert (training.input_skeleton, training.output_skeleton, training.fps) == ("humaneva15", "humaneva15", 60.0)


def test_a_file_of_no_known_network_lists_what_is_known(tmp_path: Path) -> None:
    torch.save({f"gru.{name}": torch.zeros(1) for name in "abcd"}, tmp_path / "gru.pth")
    with pytest.raises(WeightsError) as error:
        checkpoints.load(str(tmp_path / "gru.pth"))
    assert "gru.a, gru.b, gru.c;" in str(error.value)
    assert all(name in str(error.value) for name in plugins.names("in_the_wild.lifters"))


@pytest.mark.parametrize("content", [b"", b"text", np.arange(9).tobytes()])
def test_files_that_are_no_checkpoints_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.pt"
    path.write_bytes(content)
    with pytest.raises(WeightsError):
        checkpoints.load(str(path), model="pstmo")


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    path, _ = saved(tmp_path)
    with pytest.raises(WeightsError, match="neither a file nor come with the program"):
        checkpoints.load("no_such_weights")
    with pytest.raises(WeightsError, match="holds weights of pstmo, not of mixste"):
        checkpoints.load(str(path), model="mixste")
    content = checkpoints.read(path)
    torch.save({**content, "training": {"speed": 3}}, tmp_path / "newer.pt")
    with pytest.raises(WeightsError, match=r"this one cannot read .*speed"):
        checkpoints.load(str(tmp_path / "newer.pt"))
    del content["arguments"]
    torch.save(content, tmp_path / "cut.pt")
    with pytest.raises(WeightsError, match="lacks arguments"):
        checkpoints.load(str(tmp_path / "cut.pt"))
    torch.save({"a": torch.zeros(1)}, tmp_path / "bare.pt")
    with pytest.raises(PluginError, match='Did you mean "pstmo"'):
        checkpoints.load(str(tmp_path / "bare.pt"), model="pstom")
