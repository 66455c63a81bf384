"""Evaluation on prepared sets: the authors' figures, an oracle whose errors are known, slices, files and pictures."""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import labelled
import numpy as np
import pytest
import references
import torch
from scipy.spatial.transform import Rotation
from typer.testing import CliRunner

from in_the_wild import checkpoints, plugins, sparse
from in_the_wild.checkpoints import Training, Weights, refiners
from in_the_wild.errors import InputError
from in_the_wild.lifters.base import Lifter
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.look import LEFT, RIGHT
from in_the_wild.normalise import screen, unscreen
from in_the_wild.refiners._mixsynthformer_network import MixSynthFormerNetwork
from in_the_wild.skeletons import HUMAN36M17, MPI_INF_3DHP17, Skeleton
from pose3d_cli.datasets.lifting import Inference, Predicted, predict
from pose3d_cli.datasets.prepared.sequences import Camera, Dataset, Description, Labelled, Writer, open_folder
from pose3d_cli.evaluation import pictures, prepared, protocol, refine_module, report, slices
from pose3d_cli.evaluation.measure import Frame, Measured, errors, measure, worst_frames
from pose3d_cli.evaluation.prepared import Settings
from pose3d_cli.main import app
from pose3d_cli.metrics.joints3d import mpjpe, mpjve

WIDTH, HEIGHT = 1000, 1002
H36M = Training(input_skeleton="human36m17", output_skeleton="human36m17", fps=50.0)
SMALL: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 16, "layers": 1}
ROOT = HUMAN36M17.root


# Lifters whose answers are known


class Oracle(Lifter):
    """Knows the joints that belong to the keypoints of a window's middle frame, and how far it is to be wrong."""

    every_frame = False

    def __init__(self, dataset: Dataset, *, wrong: np.ndarray, metres: float = 1.0) -> None:
        super().__init__()
        self.frames, self.joints, self.out_joints, self.in_channels = 9, 17, 17, 2
        known, answers = [], []
        for sequence in dataset:
            assert sequence.keypoints is not None
            assert sequence.joints is not None
            known.append(screen(sequence.keypoints, width=sequence.camera.width, height=sequence.camera.height))
            answers.append((sequence.joints - sequence.joints[:, ROOT, None] + wrong) / metres)
        self.known = torch.tensor(np.concatenate(known), dtype=torch.float32).flatten(1)
        self.answers = torch.tensor(np.concatenate(answers), dtype=torch.float32)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        nearest = torch.cdist(x[:, self.frames // 2].flatten(1), self.known).argmin(dim=1)
        return self.answers[nearest][:, None]

    @classmethod
    def convert(cls, state_dict: Any) -> Any:
        raise NotImplementedError


class Echo(Lifter):
    """Gives back what it reads, with a depth of 0."""

    every_frame = True

    def __init__(self, frames: int) -> None:
        super().__init__()
        self.frames, self.joints, self.out_joints, self.in_channels = frames, 17, 17, 2

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.pad(x, (0, 1))

    @classmethod
    def convert(cls, state_dict: Any) -> Any:
        raise NotImplementedError


def loaded(lifter: Lifter, *, model: str = "pstmo", training: Training = H36M) -> Weights:
    return Weights(
        model=model, arguments={}, training=training, source="tiny.pt", sha256="0" * 64, lifter=lifter.eval()
    )


def reference_lifter(model: str, arrays: dict[str, np.ndarray]) -> Lifter:
    kind = plugins.load("in_the_wild.lifters", model)
    state, arguments = kind.convert(references.state_dict(arrays))
    lifter: Lifter = kind(**arguments)
    checkpoints.load_strictly(lifter, state, "reference")
    return lifter.eval()


def one_sequence(name: str, x: np.ndarray, joints: np.ndarray, **more: Any) -> Labelled:
    """Normalised keypoints (T, 17, 2) and joints from the root, the root itself absolute, as a labelled sequence."""
    joints = joints.copy()
    joints[:, 1:] += joints[:, :1]
    given: dict[str, Any] = {
        "subject": "S9", "action": "Walking", "split": "test", "fps": 50.0,
        "camera": Camera("1", WIDTH, HEIGHT), **more,
    }  # fmt: skip
    return Labelled(name=name, keypoints=unscreen(x, width=WIDTH, height=HEIGHT), joints=joints, **given)


def write(folder: Path, sequences: Sequence[Labelled], skeleton: Skeleton = HUMAN36M17, name: str = "human36m") -> Any:
    description = Description(name=name, inputs="gt", keypoint_skeleton=skeleton.name, joint_skeleton=skeleton.name)
    with Writer(folder, description) as writer:
        for sequence in sequences:
            writer.add(sequence)
    return open_folder(folder)


# The authors' figures, through the whole of the evaluation


def test_mixstes_evaluation_equals_the_authors(tmp_path: Path) -> None:
    arrays = references.load("mixste_evaluate_f27.npz")
    lengths = json.loads(str(arrays["config"]))["lengths"]
    dataset = write(
        tmp_path / "set", [one_sequence(f"T{n}", arrays[f"in/2d_T{n}"], arrays[f"in/3d_T{n}"]) for n in lengths]
    )
    found = prepared.evaluate(loaded(reference_lifter("mixste", arrays), model="mixste"), dataset, Settings())
    assert found.released is not None
    theirs = [found.released.average[metric] for metric in ("mpjpe", "p_mpjpe", "n_mpjpe", "mpjve")]
    np.testing.assert_allclose(theirs, arrays["out/metrics_mm"], rtol=1e-4)
    assert (found.released.over, found.released.frames) == (1, {"Walking": 81 + 27 + 27})
    # The other way counts every frame once, does without the root's error, and takes no step between windows.
    whole = slices.select(found.rows, "all")[slices.ALL]
    assert whole["mpjpe"].frames == sum(lengths)
    assert whole["mpjve"].frames == sum(lengths) - len(lengths)
    assert whole["mpjpe"].value != pytest.approx(theirs[0], rel=1e-3)


def test_mixstes_windows_equal_the_authors(tmp_path: Path) -> None:
    arrays = references.load("mixste_eval_data_prepare_f27.npz")
    for length in json.loads(str(arrays["config"]))["lengths"]:
        joints = arrays[f"in/3d_T{length}"][0].copy()
        sequence = one_sequence("T", arrays[f"in/2d_T{length}"][0], joints)
        dataset = write(tmp_path / f"T{length}", [sequence])
        inference = Inference(rule="consecutive", tds=1, flip=False)
        found = predict(Echo(27), H36M, dataset[0], dataset.description, inference)
        windows_2d, windows_3d = (arrays[f"out/{kind}_T{length}"].reshape(-1, 17, kind_size)
                                  for kind, kind_size in (("2d", 2), ("3d", 3)))  # fmt: skip
        np.testing.assert_allclose(found.joints[..., :2], windows_2d, rtol=1e-5, atol=1e-5)
        windows_3d = windows_3d.copy()
        windows_3d[:, ROOT] = 0
        np.testing.assert_allclose(found.truth, windows_3d, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["plain", "refine"])
def test_pstmos_test_step_equals_the_authors(kind: str, tmp_path: Path) -> None:
    arrays = references.load(f"pstmo_test_step_{kind}_f27.npz")
    sequences = []
    for part in "01":
        for i, action in enumerate(arrays[f"in/action_{part}"]):
            x, joints = arrays[f"in/input_2D_{part}"][i, 0], arrays[f"in/gt_3D_{part}"][i]
            scale = np.array([WIDTH / 2, WIDTH / 2])
            focal = arrays[f"in/cam_{part}"][i, :2] * scale
            centre = unscreen(arrays[f"in/cam_{part}"][i, 2:4], width=WIDTH, height=HEIGHT)
            middle = np.arange(len(x)) == len(x) // 2  # a window of the authors is a sequence whose middle counts
            sequences.append(
                one_sequence(
                    f"{part}{i}", x, np.repeat(joints, len(x), axis=0), action=str(action), valid=middle,
                    camera=Camera("1", WIDTH, HEIGHT, (*map(float, (*focal, *centre)), 0, 0, 0, 0, 0)),
                )
            )  # fmt: skip
    dataset = write(tmp_path / "set", sequences)
    settings = Settings(batch=4)
    if kind == "refine":
        state, arguments = refine_module.RefineModule.convert(references.state_dict(arrays, "sd_refine/"))
        module = refine_module.RefineModule(**arguments)
        checkpoints.load_strictly(module, state, "reference")
        refine = partial(refine_module.refine_sequence, module.eval(), root=ROOT)
        settings = replace(settings, refinement=prepared.Refinement(lambda *given: refine(*given), "refine.pth"))
    found = prepared.evaluate(loaded(reference_lifter("pstmo", arrays)), dataset, settings)
    assert found.released is not None
    theirs = [found.released.average[metric] for metric in ("mpjpe", "p_mpjpe")]
    np.testing.assert_allclose(theirs, arrays["out/p1_p2_mm"], rtol=1e-4)
    assert found.released.over == 15
    table = json.loads(str(arrays["config"]))["per_action"]
    for action, values in found.released.actions.items():
        assert values["mpjpe"] == pytest.approx(table[action]["p1_mm"], rel=1e-4)
        assert values["p_mpjpe"] == pytest.approx(table[action]["p2_mm"], rel=1e-4)
    # The whole average is over the actions that there are.
    whole = slices.select(found.rows, "all")[protocol.AVERAGE]["mpjpe"].value
    assert whole == pytest.approx(15 / len(found.released.actions) * theirs[0])
    assert found.record["uses_ground_truth"] == (kind == "refine")
    assert ("refine.pth reads the true root depth" in " ".join(found.caption)) == (kind == "refine")


def test_videopose3ds_evaluation_keeps_the_predicted_root(tmp_path: Path) -> None:
    arrays = references.load("vp3d_evaluate_3-3-3_T40.npz")
    theirs = arrays["out/pred"].astype(float)
    truth = theirs + np.random.default_rng(0).normal(0, 0.1, theirs.shape)
    truth[:, ROOT] = [0, 0, 4]
    dataset = write(tmp_path / "set", [one_sequence("T40", arrays["in/2d"], truth)])
    truth[:, ROOT] = 0
    found = prepared.evaluate(loaded(reference_lifter("videopose3d", arrays), model="videopose3d"), dataset, Settings())
    assert found.released is not None
    assert found.released.average["mpjpe"] == pytest.approx(1e3 * mpjpe(theirs, truth).mean(), rel=1e-4)
    assert found.released.average["mpjve"] == pytest.approx(1e3 * mpjve(theirs, truth).mean(), rel=1e-4)
    theirs[:, ROOT] = 0
    whole = slices.select(found.rows, "all")[slices.ALL]["mpjpe"].value
    assert whole == pytest.approx(1e3 * mpjpe(theirs, truth).mean(), rel=1e-4)


def test_the_accounting_of_actions_equals_the_authors() -> None:
    arrays = references.load("metrics_actions.npz")
    parts = []
    for part in "012":
        for i, action in enumerate(arrays[f"in/action_{part}"]):
            sequence = Labelled(name=f"{part}{i}", subject="S9", action=str(action), split="test", fps=50.0)
            given = Predicted(sequence, np.array([0]), arrays[f"in/pred_{part}"][i], arrays[f"in/target_{part}"][i])
            parts.append(measure(given, HUMAN36M17, zero_root=False))
    said = protocol.of("pstmo", H36M)
    as_released = protocol.account(parts, said, batch=4)
    np.testing.assert_allclose(
        [as_released.average[metric] for metric in ("mpjpe", "p_mpjpe")], arrays["out/p1_p2_mm"], rtol=1e-4
    )
    own = protocol.account(parts, said)
    assert own.average["mpjpe"] == pytest.approx(as_released.average["mpjpe"])
    assert own.average["p_mpjpe"] != pytest.approx(as_released.average["p_mpjpe"], rel=1e-3)
    with pytest.raises(InputError, match="batch of at least 1"):
        protocol.account(parts, said, batch=0)
    with pytest.raises(InputError, match="found 0 sequences"):
        protocol.account([], said)


@pytest.mark.parametrize("kind", ["plain", "similarity", "reflected", "flat"])
def test_the_metrics_equal_the_authors(kind: str) -> None:
    arrays = references.load("metrics3d.npz")
    found = errors(arrays[f"in/pred_{kind}"].astype(float), arrays["in/target"].astype(float), np.arange(12))
    scalars = dict(zip(json.loads(str(arrays["config"]))["scalars_order"], arrays[f"out/scalars_{kind}"], strict=True))
    np.testing.assert_allclose(found.joints.mean(axis=1), 1e3 * arrays[f"out/mpjpe_per_frame_{kind}"], rtol=1e-4)
    np.testing.assert_allclose(found.aligned.mean(axis=1), 1e3 * arrays[f"out/p_mpjpe_per_frame_{kind}"], rtol=1e-4)
    np.testing.assert_allclose(found.acceleration, 1e3 * arrays[f"out/accel_error_{kind}"], rtol=1e-4)
    assert found.scaled.mean() == pytest.approx(1e3 * scalars["n_mpjpe"], rel=1e-4)
    assert found.velocity.mean() == pytest.approx(1e3 * scalars["mean_velocity_error_axis0"], rel=1e-4)


def test_mpi_inf_3dhps_evaluation_equals_the_authors(tmp_path: Path) -> None:
    arrays = references.load("mpi3dhp_chain_f9.npz")
    sequences = []
    for number in range(1, 7):
        name = f"TS{number}"
        size = (2048, 2048) if number < 5 else (1920, 1080)
        sequences.append(
            Labelled(
                name=name, subject=name, action=name, split="test", fps=50.0, camera=Camera(name, *size),
                keypoints=arrays[f"in/data_2d_{name}"], joints=arrays[f"in/data_3d_{name}"] * 1e-3,
                valid=arrays[f"in/valid_{name}"] != 0, activity=arrays[f"in/activity_{name}"],
            )
        )  # fmt: skip
    dataset = write(tmp_path / "set", sequences, MPI_INF_3DHP17, "mpi_inf_3dhp")
    training = Training(input_skeleton="mpi_inf_3dhp17", output_skeleton="mpi_inf_3dhp17", fps=25.0, metres=0.001)
    found = prepared.evaluate(loaded(reference_lifter("pstmo", arrays), training=training), dataset, Settings())
    assert found.released is None
    assert found.scored is not None
    rows = list(found.scored.sequences.values())
    for metric, table in (("mpjpe", "seq_MPJPE"), ("pck", "seq_PCK"), ("auc", "seq_AUC")):
        theirs = arrays[f"out/{table}"]
        ours = np.array([list(getattr(row, metric).values()) for row in rows])
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-4)
    activities = np.array([list(row.pck.values()) for row in found.scored.activities.values()])
    np.testing.assert_allclose(activities, arrays["out/act_PCK"], atol=1e-4)
    files = {path.name for path in prepared.write(found, tmp_path / "out")}
    assert "inference_data.mat" in files
    kept = json.loads((tmp_path / "out" / "errors.json").read_text())["mpi_inf_3dhp"]
    assert kept["weighted"]["pck"]["Total"] == pytest.approx(found.scored.weighted.pck["Total"])
    assert "MPI-INF-3DHP's evaluation per activity" in (tmp_path / "out" / "table.txt").read_text()


# An oracle


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return labelled.write(tmp_path_factory.mktemp("prepared") / "set", frames=20)


def wrong_by(**millimetres: float) -> np.ndarray:
    """(17, 3) metres: joints that are too far to the right."""
    offset = np.zeros((17, 3))
    for joint, value in millimetres.items():
        offset[HUMAN36M17.index(joint), 0] = value / 1e3
    return offset


@pytest.fixture(scope="module")
def found(folder: Path) -> prepared.Found:
    """10 mm at the left wrist and 160 mm at the right one; the root 20 mm off, which counts for nobody here."""
    dataset = open_folder(folder).choose(split="test")
    oracle = Oracle(dataset, wrong=wrong_by(left_wrist=10, right_wrist=160, pelvis=20))
    return prepared.evaluate(loaded(oracle), dataset, Settings(flip=False), split="test")


def test_an_oracles_errors_are_found_exactly(found: prepared.Found) -> None:
    joints = slices.select(found.rows, "joint")
    assert joints["left_wrist"]["mpjpe"].value == pytest.approx(10, abs=1e-3)
    assert joints["right_wrist"]["mpjpe"].value == pytest.approx(160, abs=1e-3)
    assert joints["pelvis"]["mpjpe"].value == 0
    assert joints["left_knee"]["mpjpe"].value == pytest.approx(0, abs=1e-3)
    assert joints["left_wrist"]["pck150"].value == 100
    assert joints["right_wrist"]["pck150"].value == 0
    groups = slices.select(found.rows, "joint group")
    assert groups["wrists"]["mpjpe"].value == pytest.approx(85, abs=1e-3)
    assert groups["wrists"]["pck150"].value == pytest.approx(50)
    assert groups["left side"]["mpjpe"].value == pytest.approx(10 / 6, abs=1e-3)
    assert groups["middle"]["mpjpe"].value == pytest.approx(0, abs=1e-3)
    whole = slices.select(found.rows, "all")
    assert whole[slices.ALL]["mpjpe"].value == pytest.approx(170 / 17, abs=1e-3)
    assert whole[slices.ALL]["mpjve"].value == pytest.approx(0, abs=1e-3)
    assert whole[slices.ALL]["pck150"].value == pytest.approx(100 * 13 / 14)
    assert whole[slices.ALL]["auc"].value < 100 * 30 / 31


def test_every_slice_is_there_with_its_frames(found: prepared.Found) -> None:
    names = {cut: set(slices.select(found.rows, cut)) for cut in {row.slice for row in found.rows}}
    assert names["action"] == {"walk", "squat", "wave"}
    assert names["subject"] == {"S9"}
    assert names["camera"] == {"A", "B"}
    assert len(names["sequence"]) == 6
    assert names["joint"] == set(HUMAN36M17.joints)
    assert names["all"] == {slices.ALL, protocol.AVERAGE}
    assert names["released action"] == names["action"]
    assert "S9/squat/A at 0 s" in names["second"]
    for cut, frames in (("all", 120), ("action", 40), ("camera", 60), ("sequence", 20), ("joint", 120)):
        assert {one["mpjpe"].frames for one in slices.select(found.rows, cut).values()} == {frames}
    # A take's number is no part of its action, a difference is one frame fewer, and the root is zeroed by both.
    assert slices.select(found.rows, "action")["walk"]["mpjve"].frames == 38
    assert found.released is not None
    assert found.released.over == 3  # not Human3.6M's 15, which these are not among
    assert found.released.average["mpjpe"] == pytest.approx(10, abs=1e-3)


def test_millimetres_and_metres_give_the_same(folder: Path, found: prepared.Found) -> None:
    dataset = open_folder(folder).choose(split="test")
    oracle = Oracle(dataset, wrong=wrong_by(left_wrist=10, right_wrist=160), metres=0.001)
    other = prepared.evaluate(
        loaded(oracle, training=replace(H36M, metres=0.001)), dataset, Settings(flip=False), split="test"
    )
    ours, theirs = (slices.select(one.rows, "all")[slices.ALL]["mpjpe"].value for one in (other, found))
    assert ours == pytest.approx(theirs, rel=1e-4)


def test_frames_that_do_not_count_are_left_out(tmp_path: Path) -> None:
    sequence = labelled.sequence("walk", "S9", "test", labelled.CAMERAS[0], azimuth=0.3, frames=20)
    valid = np.ones(20, bool)
    valid[[4, 5, 12]] = False
    dataset = write(tmp_path / "set", [replace(sequence, valid=valid)])
    given = prepared.evaluate(loaded(Oracle(dataset, wrong=wrong_by())), dataset, Settings(flip=False))
    whole = slices.select(given.rows, "all")[slices.ALL]
    assert (whole["mpjpe"].frames, whole["mpjve"].frames, whole["acceleration"].frames) == (17, 14, 11)
    none = write(tmp_path / "none", [replace(sequence, valid=~np.ones(20, bool))])
    with pytest.raises(InputError, match="No frame of"):
        prepared.evaluate(loaded(Oracle(none, wrong=wrong_by())), none, Settings(flip=False))


def test_some_frames_alone_have_no_velocity(folder: Path) -> None:
    dataset = open_folder(folder).choose(split="test")
    given = prepared.evaluate(loaded(Oracle(dataset, wrong=wrong_by())), dataset, Settings(flip=False, every=7))
    whole = slices.select(given.rows, "all")[slices.ALL]
    assert whole["mpjpe"].frames == 6 * 3
    assert math.isnan(whole["mpjve"].value)
    assert whole["mpjve"].frames == 0
    assert given.record["protocol"]["as_the_authors"] is False


def test_an_answer_that_stands_twice_counts_once_and_is_the_earlier_one() -> None:
    sequence = Labelled(name="a", subject="S9", action="walk", split="test", fps=50.0)
    truth = np.random.default_rng(0).normal(size=(4, 17, 3))
    truth[:, ROOT] = 0
    joints = truth[[0, 1, 2, 1, 2, 3]] + np.array([0.01, 0.01, 0.01, 0.05, 0.05, 0.05])[:, None, None] * [1, 0, 0]
    frames = np.array([0, 1, 2, 1, 2, 3])
    part = measure(Predicted(sequence, frames, joints, truth[frames]), HUMAN36M17, zero_root=False)
    np.testing.assert_allclose(part.released.joints[:, 1], [10, 10, 10, 50, 50, 50], rtol=1e-4)
    np.testing.assert_allclose(part.whole.joints[:, 1], [10, 10, 10, 50], rtol=1e-4)
    np.testing.assert_allclose(part.released.joints[:, ROOT], part.released.joints[:, 1], rtol=1e-4)
    assert (part.whole.joints[:, ROOT] == 0).all()


def test_the_worst_frames_are_a_second_apart() -> None:
    sequence = Labelled(name="a", subject="S9", action="walk", split="test", fps=10.0)
    truth = np.zeros((40, 17, 3))
    joints = truth.copy()
    joints[:, 2] = 1e-3
    joints[:, 1, 0] = np.where(np.arange(40) == 22, 1.0, np.arange(40) / 100)
    part = measure(Predicted(sequence, np.arange(40), joints, truth), HUMAN36M17, zero_root=True, worst=3)
    assert [frame.number for frame in part.worst] == [22, 39, 12]
    assert [frame.number for frame in worst_frames([part, part], count=2)] == [22, 22]


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (Settings(rule="centerd"), 'no rule "centerd".*Did you mean "centred"'),
        (Settings(rule="consecutive"), "answers for one frame of a window.*leave it at centred"),
        (Settings(every=0), "at least 1 were expected, found tds None and every 0"),
    ],
)
def test_settings_that_do_not_fit_are_refused(settings: Settings, message: str, folder: Path) -> None:
    dataset = open_folder(folder).choose(split="test")
    with pytest.raises(InputError, match=message):
        prepared.evaluate(loaded(Oracle(dataset, wrong=wrong_by())), dataset, settings)


def test_windows_side_by_side_are_for_the_weights_own_frame_rate(folder: Path) -> None:
    dataset = open_folder(folder).choose(split="test")
    echo = loaded(Echo(9), model="mixste", training=replace(H36M, fps=25.0))
    assert prepared.evaluate(echo, dataset, Settings()).record["protocol"]["rule"] == "blended"
    same = prepared.evaluate(loaded(Echo(9), model="mixste"), dataset, Settings())
    assert same.record["protocol"] == {
        "rule": "consecutive", "tds": 1, "flip": True, "every": 1, "zero_root": False, "average_over": 3,
        "released_batch": None, "as_the_authors": True, "source": protocol.of("mixste", H36M).source,
    }  # fmt: skip
    with pytest.raises(InputError, match="takes every frame, found tds 2"):
        prepared.evaluate(echo, dataset, Settings(rule="consecutive", tds=2))


def test_every_lifter_has_a_protocol() -> None:
    training = replace(H36M, input_skeleton="mpi_inf_3dhp17", output_skeleton="mpi_inf_3dhp17")
    for name in plugins.names("in_the_wild.lifters"):
        said = protocol.of(name, H36M)
        assert said.zero_root == (name not in ("mixste", "videopose3d"))
        assert protocol.of(name, training).tds == 1
    # One that somebody has dropped in.
    assert protocol.of("own", H36M) == protocol.Protocol(
        "centred", True, ("mpjpe", "p_mpjpe", "n_mpjpe", "mpjve"), False, "none published"
    )


# Files and pictures


@pytest.fixture(scope="module")
def written(found: prepared.Found, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out")
    files = prepared.write(found, out)
    assert {path.name for path in files} == {
        "table.txt", "errors.csv", "errors.json", "table.tex", "per_joint.png", "over_time.png", "worst.png",
    }  # fmt: skip
    assert {path.name for path in out.iterdir()} == {path.name for path in files}
    return out


def test_the_csv_holds_every_figure(found: prepared.Found, written: Path) -> None:
    with (written / "errors.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    assert list(lines[0]) == ["slice", "name", "metric", "value", "frames"]
    assert len(lines) == len(found.rows)
    for line, row in zip(lines, found.rows, strict=True):
        assert (line["slice"], line["name"], line["metric"]) == (row.slice, row.name, row.metric)
        assert float(line["value"]) == row.value
        assert int(line["frames"]) == row.frames


def test_the_json_says_where_it_comes_from(found: prepared.Found, written: Path) -> None:
    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is no JSON")

    said = json.loads((written / "errors.json").read_text(), parse_constant=refuse)
    assert said["format"] == report.FORMAT
    assert said["weights"]["source"] == "tiny.pt"
    assert said["weights"]["sha256"] == "0" * 64
    assert (said["data"]["name"], said["data"]["inputs"], said["data"]["split"]) == ("human36m", "gt", "test")
    assert set(said["data"]["sha256"]) == {"keypoints", "true_keypoints", "joints"}
    assert (said["data"]["subjects"], said["data"]["sequences"], said["data"]["frames"]) == (["S9"], 6, 120)
    assert said["uses_ground_truth"] is False
    assert said["ground_truth"] == ["the 2D keypoints are the true ones"]
    assert set(said["versions"]) == {"pose3d", "python", "torch", "numpy", "scipy"}
    assert len(said["rows"]) == len(found.rows)
    assert said["errors"]["whole"]["all"]["mpjpe"] == pytest.approx(10, abs=1e-3)
    assert said["errors"]["released"]["average"]["mpjpe"] == pytest.approx(10, abs=1e-3)
    assert len(said["worst"]) == 6


def test_the_latex_is_escaped_and_whole(found: prepared.Found, written: Path) -> None:
    text = (written / "table.tex").read_text()
    for name in ("table", "tabular"):
        assert text.count(f"\\begin{{{name}}}") == text.count(f"\\end{{{name}}}") == len(found.tables)
    assert r"left\_wrist & 120 & 10.0" in text
    body = re.sub(r"\\[&%$#_{}]", "", text.partition("\n")[2])
    assert not re.search(r"[%$#_~^]", body)
    for block in re.findall(r"\\begin{tabular}{(l?r*)}(.*?)\\end{tabular}", body, flags=re.DOTALL):
        lines = [line for line in block[1].splitlines() if line.endswith(r"\\")]
        assert {line.count("&") for line in lines} == {len(block[0]) - 1}
    assert report.escape(r"50% of a_b & {c} ~ ^ \ $1 #2 <x> mm²") == (
        r"50\% of a\_b \& \{c\} \textasciitilde{} \textasciicircum{} \textbackslash{} \$1 \#2 "
        r"\textless{}x\textgreater{} mm\textsuperscript{2}"
    )


def test_the_text_is_aligned_and_says_what_was_used(found: prepared.Found, written: Path) -> None:
    text = (written / "table.txt").read_text()
    assert "Inputs: gt (human36m17). Ground truth: human36m (human36m17)." in text
    assert "Uses ground truth: the 2D keypoints are the true ones." in text
    assert "* as the authors count (P-STMO run.py step" in text
    lines = text[text.index("Errors per action") :].partition("\n\n")[0].splitlines()
    assert len({len(line) for line in lines[1:2] + lines[3:]}) == 1
    assert max(map(len, lines[1:])) <= 140
    assert found.main_tables[0].columns[:6] == ("action", "frames", "MPJPE*", "P-MPJPE*", "MPJPE", "P-MPJPE")
    average = found.main_tables[0].rows[-2]
    assert average[:5] == (protocol.AVERAGE, "120", "10.0", average[3], "10.0")


def test_pictures_are_drawn(written: Path) -> None:
    for name in ("per_joint", "over_time", "worst"):
        image = cv2.imread(str(written / f"{name}.png"))
        assert image.shape[0] > 300
        assert image.shape[1] > 600
        assert image.std() > 10


def test_a_person_is_drawn_upright_and_not_mirrored() -> None:
    """Who faces the camera has his left at the picture's right; an error across the picture is seen from the camera."""
    facing = np.zeros((17, 3))
    for joint, place in (("left_wrist", (0.5, 0, 0)), ("right_wrist", (-0.5, 0, 0)), ("head", (0, -0.8, 0)),
                         ("left_shoulder", (0.2, -0.5, 0)), ("right_shoulder", (-0.2, -0.5, 0)),
                         ("left_elbow", (0.4, -0.3, 0)), ("right_elbow", (-0.4, -0.3, 0)), ("thorax", (0, -0.5, 0)),
                         ("neck", (0, -0.6, 0)), ("spine", (0, -0.3, 0)), ("left_hip", (0.1, 0, 0)),
                         ("right_hip", (-0.1, 0, 0)), ("left_knee", (0.1, 0.5, 0)), ("right_knee", (-0.1, 0.5, 0)),
                         ("left_ankle", (0.1, 0.9, 0)), ("right_ankle", (-0.1, 0.9, 0))):  # fmt: skip
        facing[HUMAN36M17.index(joint)] = place
    truth = facing + np.array([0.1, 0, 0]) * (np.arange(17) > 0)[:, None]
    # A camera that is held upside down sees him so; the world does not.
    upside_down = facing * [-1, -1, 1], truth * [-1, -1, 1]
    level, rolled = (math.sqrt(0.5), -math.sqrt(0.5), 0.0, 0.0), (0.0, 0.0, -math.sqrt(0.5), -math.sqrt(0.5))
    x, y, z, w = (Rotation.from_euler("z", 40, degrees=True) * Rotation.from_quat([*level[1:], level[0]])).as_quat()
    turned = (float(w), float(x), float(y), float(z))
    for joints, exact, quaternion in (
        (facing, truth, None), (facing, truth, level), (facing, truth, turned), (*upside_down, rolled),
    ):  # fmt: skip
        image, angle = pictures.draw(Frame("a", 0, 1.0, joints, exact, quaternion), HUMAN36M17)
        assert angle == 0
        rows, columns = {}, {}
        for side, colour in (("left", LEFT), ("right", RIGHT)):
            near = (np.abs(image.astype(int) - colour).max(axis=-1) < 30).nonzero()
            rows[side], columns[side] = near[0].mean(), near[1].mean()
        assert columns["left"] > columns["right"] + 50
        head = (image.min(axis=-1) > 200).nonzero()
        assert head[0].mean() < min(rows.values())
    deep = facing + np.array([0, 0, 0.3]) * (np.arange(17) > 0)[:, None]
    assert abs(pictures.draw(Frame("a", 0, 1.0, facing, deep), HUMAN36M17)[1]) == 90


def test_many_sequences_and_other_skeletons_are_drawn(found: prepared.Found, tmp_path: Path) -> None:
    parts: list[Measured] = [replace(found.parts[0], name=f"{n}") for n in range(60)]
    pictures.over_time(tmp_path / "many.png", parts, caption=["one line"])
    per_joint = {joint: float(j) for j, joint in enumerate(MPI_INF_3DHP17.joints)}
    pictures.per_joint(tmp_path / "3dhp.png", per_joint, MPI_INF_3DHP17, caption=["one line"])
    assert all(path.stat().st_size > 10_000 for path in tmp_path.iterdir())


# The command


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "tiny.pt"
    checkpoints.save(path, model="pstmo", lifter=PSTMO(**SMALL), arguments=SMALL, training=replace(H36M, fps=25.0))
    return path


def run(*arguments: object) -> Any:
    return CliRunner().invoke(app, ["evaluate", *map(str, arguments), "--device", "cpu"])


def test_the_command_measures_and_writes(folder: Path, tiny: Path, tmp_path: Path) -> None:
    done = run(tiny, "--data", folder, "-o", tmp_path / "out", "--actions", "walk,squat", "--camera", "B", "--no-flip",
               "--every", 5)  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "average of the actions" in done.stdout
    assert "wave" not in done.stdout
    assert "* as the authors count" in done.stdout
    said = json.loads((tmp_path / "out" / "errors.json").read_text())
    assert (said["data"]["actions"], said["data"]["cameras"]) == (["squat", "walk"], ["B"])
    assert (said["protocol"]["flip"], said["protocol"]["tds"]) == (False, None)
    assert said["weights"]["sha256"] == checkpoints.load(str(tiny)).sha256
    trained = run(tiny, "--data", folder, "--split", "all", "--subjects", "S1", "--every", 5)
    assert trained.exit_code == 0, trained.output
    assert "human36m, all, 6 sequences" in trained.stdout


def test_the_command_refines_with_the_truth(folder: Path, tiny: Path, tmp_path: Path) -> None:
    refine_module.save(tmp_path / "refine.pth", refine_module.RefineModule())
    done = run(tiny, "--data", folder, "--refine-module", tmp_path / "refine.pth", "--every", 5, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "refine.pth reads the true root depth and camera" in done.stdout
    said = json.loads((tmp_path / "out" / "errors.json").read_text())
    assert said["uses_ground_truth"] is True
    assert said["refine"]["source"] == "refine.pth"
    assert len(said["refine"]["sha256"]) == 64


def test_mixsynthformers_weights_are_measured_too(tmp_path: Path) -> None:
    torch.manual_seed(0)
    arguments: dict[str, Any] = {"interval": 2, "segments": 2, "channels": 16, "hidden": 16, "layers": 1}
    network = MixSynthFormerNetwork(**arguments)
    training = sparse.Training(space="camera", skeleton="human36m17")
    refiners.save(
        tmp_path / "sparse.pt", model="mixsynthformer", network=network, arguments=arguments, training=training
    )
    sequences = []
    for action in ("walk", "wave"):
        sequence = labelled.sequence(action, "S9", "test", labelled.CAMERAS[0], azimuth=0.3, frames=20)
        assert sequence.joints is not None
        sequences.append(replace(sequence, estimated_joints=sequence.joints - sequence.joints[:, :1]))
    write(tmp_path / "set", sequences)
    done = run(tmp_path / "sparse.pt", "--data", tmp_path / "set", "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "as released" in done.stdout
    assert "input, every frame seen" in done.stdout
    said = json.loads((tmp_path / "out" / "errors.json").read_text())
    assert said["errors"]["whole"]["input_mpjpe_mm"] == pytest.approx(0, abs=1e-2)
    assert {row["slice"] for row in said["rows"]} == {"all", "released all", "action", "released action"}
    refused = run(tmp_path / "sparse.pt", "--data", tmp_path / "set", "--tds", 2)
    assert refused.exit_code == 1
    assert "--tds cannot be used" in refused.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["pstmo_coco", "--data", "SET"], "There is no remap from human36m17 to coco17"),
        (["TINY", "--data", "SET", "--actions", "walk,squatt"], 'no action "squatt". Did you mean "squat"'),
        (["TINY", "--data", "SET", "--subjects", "S11"], 'no subject "S11". Did you mean "S1"'),
        (["TINY", "--data", "EMPTY"], "prepared data set or motion capture packs"),
        (["TINY", "--data", "EMPTY", "--actions", "walk"], "is no prepared data set: --actions cannot be used"),
        (["TINY", "--data", "SET", "--cameras", "3"], "--cameras cannot be used"),
        (["TINY", "--data", "SET", "--windows", "blended"], "answers for one frame of a window"),
        (["TINY", "--data", "SET", "-o", "TINY"], "A folder for tables and pictures was expected"),
        (["TINY", "--data", "SET", "--refine-module", "TINY"], "not a refine module's"),
        (["REFINE", "--data", "SET"], "holds the refine stage of P-STMO"),
        (["OTHER", "--data", "SET"], "The truth of human36m is of human36m17; these weights give mpi_inf_3dhp17"),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    arguments: list[str], message: str, folder: Path, tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    refine_module.save(tmp_path / "refine.pth", refine_module.RefineModule())
    training = replace(H36M, output_skeleton="mpi_inf_3dhp17")
    checkpoints.save(tmp_path / "other.pt", model="pstmo", lifter=PSTMO(**SMALL), arguments=SMALL, training=training)
    names = {"SET": folder, "TINY": tiny, "EMPTY": tmp_path / "empty", "REFINE": tmp_path / "refine.pth",
             "OTHER": tmp_path / "other.pt"}  # fmt: skip
    done = run(*(names.get(argument, argument) for argument in arguments))
    assert done.exit_code == 1, done.output
    (line,) = [line for line in done.output.splitlines() if line.startswith("Error: ")]
    assert message in line
    assert "Traceback" not in done.output


def test_a_wrong_choice_is_a_mistake_in_the_command_line(folder: Path, tiny: Path) -> None:
    for arguments, message in (
        (["--windows", "centerd"], "centred"),
        (["--split", "tset"], "test"),
    ):
        done = run(tiny, "--data", folder, *arguments)
        assert done.exit_code == 2
        said = " ".join(done.output.replace("│", " ").split())
        assert f'Did you mean "{message}"' in said
