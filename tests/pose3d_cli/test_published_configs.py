"""The authors' hyper-parameters as configurations: each has all keys, builds its network, and reads its data set."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import published_sets
import pytest
import torch

from in_the_wild import checkpoints, plugins
from in_the_wild.checkpoints import records
from in_the_wild.lifters.pstmo import PSTMO, MaskedPoseModel
from in_the_wild.lifters.strided_transformer import StridedTransformer
from in_the_wild.refiners._mixsynthformer_network import MixSynthFormerNetwork
from in_the_wild.skeletons import get_skeleton
from pose3d_cli import config
from pose3d_cli.datasets.prepared.sequences import Writer
from pose3d_cli.tables import reported
from pose3d_cli.training import groups, losses, tasks
from pose3d_cli.training.schedule import Schedule, in_steps

FOLDER = "published"
CONFIGS = {name: config.load(name, folder=FOLDER) for name in config.names(FOLDER)}
SPARSE = {name: values for name, values in CONFIGS.items() if values["model"] == "mixsynthformer"}
LIFTING = {name: values for name, values in CONFIGS.items() if name not in SPARSE}
# What the task is named after: the rows of the papers' tables, and P-STMO's first stages.
WANTED = (
    *(f"pstmo_s_h36m_cpn_{frames}{stage}" for frames in (27, 81, 243) for stage in ("", "_masked")),
    *("pstmo_h36m_cpn_243", "pstmo_h36m_cpn_243_masked", "pstmo_h36m_cpn_243_refine"),
    *("pstmo_s_h36m_gt_243", "pstmo_s_coco_243", "pstmo_s_3dhp_81"),
    *(f"mixste_h36m_cpn_{frames}" for frames in (27, 81, 243)),
    *("mixste_h36m_gt_243", "mixste_3dhp_27", "mixste_humaneva_43"),
    *(f"stcformer_h36m_cpn_{frames}" for frames in (27, 81, 243)),
    *("stcformer_l_h36m_cpn_243", "stcformer_h36m_gt_81", "stcformer_h36m_gt_243"),
    *(f"stcformer_3dhp_{frames}" for frames in (9, 27, 81)),
    *(f"strided_transformer_h36m_cpn_{frames}" for frames in (27, 81, 243, 351)),
    *("strided_transformer_h36m_cpn_351_refine", "videopose3d_h36m_cpn_243", "videopose3d_humaneva_27"),
    *(f"mixsynthformer_{data}" for data in ("h36m_fcn", "pw3d_spin", "pw3d_eft", "pw3d_pare", "aist_spin")),
    "mixsynthformer_jhmdb_simplepose",
)


def test_every_row_has_its_configuration() -> None:
    assert set(WANTED) <= CONFIGS.keys()
    # Also without naming the folder, as users do.
    assert set(CONFIGS) <= set(config.names())


@pytest.mark.parametrize("name", CONFIGS)
def test_a_configuration_has_all_keys_and_no_others(name: str) -> None:
    values = CONFIGS[name]
    kind = plugins.load(tasks.FAMILY, values["task"])
    assert set(values) == {"task", *groups.names(kind, without=("source",)), *kind.passed_over}
    assert set(values["data"]) == {"name", "inputs", "truth", "train", "test"}
    schedule = values["schedule"]
    assert set(schedule) <= {"epochs", *inspect.signature(Schedule).parameters} - {"steps", "horizon"}
    # Published: nothing that only pose3d does is left to a default.
    assert {"warmup", "clip", "average", "average_from", "weight_decay", "precision", "optimiser", "decay"} <= set(
        schedule
    )
    assert (schedule["clip"], schedule["average"], schedule["warmup"], schedule["patience"]) == (0, 0, 0, 0)
    assert values["training"]["data"]
    assert values["training"]["licence"]


@pytest.mark.parametrize("name", LIFTING)
def test_a_configuration_s_network_fits_its_skeletons_and_its_loss(name: str) -> None:
    values = LIFTING[name]
    training = checkpoints.Training(**values["training"])
    reads, gives = get_skeleton(training.input_skeleton), get_skeleton(training.output_skeleton)
    with torch.device("meta"):
        if values["task"] == "masked":
            masked = MaskedPoseModel(**values["arguments"])
            assert (masked.joints, masked.in_channels) == (len(reads), 2)
            assert set(values["masks"]) == {"temporal", "spatial", "last_joint"}
            return
        lifter = plugins.load("in_the_wild.lifters", values["model"])(**values["arguments"])
    assert (lifter.joints, lifter.out_joints, lifter.in_channels) == (len(reads), len(gives), 2)
    loss = losses.get(values["loss"], lifter, skeleton=gives)
    if values["model"] == "mixste":  # whose loss weighs joints by their names
        x, target = torch.zeros(1, lifter.frames, len(reads), 2), torch.zeros(1, lifter.frames, len(gives), 3)
        assert loss(lifter, x.to("meta"), target.to("meta")).shape == ()
    assert (values["loss"] == "pstmo") == isinstance(lifter, (PSTMO, StridedTransformer))
    assert (values["loss"] == "mixste_scaled") == (values["model"] == "mixste")
    # Lifted as they are trained.
    assert values["test"]["tds"] == values["windows"]["tds"]
    if values["data"]["name"] != "mpi_inf_3dhp":
        video = {"human36m": 50, "humaneva": 60}[values["data"]["name"]]
        assert training.fps == pytest.approx(video / values["windows"]["tds"])


@pytest.mark.parametrize("name", SPARSE)
def test_a_configuration_s_refiner_has_a_window_of_the_values_that_it_reads(name: str) -> None:
    values = SPARSE[name]
    with torch.device("meta"):
        network = MixSynthFormerNetwork(**values["arguments"])
    numbers = {"human36m_fcn": 17 * 3, "pw3d": 14 * 3, "aist": 14 * 3, "jhmdb": 15 * 2}[values["data"]["name"]]
    assert network.coordinates == (24 * 6 if values["windows"]["kind"] == "smpl" else numbers)
    assert values["arguments"]["hidden"] == 2 * values["arguments"]["channels"]


ROWS = [row for name in reported.names() for row in reported.load(name).rows if row.weights and row.config]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.config)
def test_a_configuration_trains_the_network_of_the_published_checkpoint(row: reported.Row) -> None:
    record = records.get(row.weights)
    values = CONFIGS[row.config]
    known = record.training.keys() & values["training"].keys()
    assert values["model"] == record.model
    assert {key: values["training"][key] for key in known} == {key: record.training[key] for key in known}
    assert values["training"]["data"] == record.data
    kind = (
        MixSynthFormerNetwork if row.config in SPARSE else plugins.load("in_the_wild.lifters", values["model"])
    )  # fmt: skip
    with torch.device("meta"):
        ours, theirs = kind(**values["arguments"]).state_dict(), kind(**record.arguments).state_dict()
    assert {key: value.shape for key, value in ours.items()} == {key: value.shape for key, value in theirs.items()}
    # The same joints, steps and heads, which shapes do not tell.
    said = {key: default.default for key, default in inspect.signature(kind).parameters.items()}
    assert {**said, **values["arguments"]} == {**said, **record.arguments}


def test_what_goes_before_a_stage_is_trained_by_a_configuration() -> None:
    for name, values in LIFTING.items():
        before = values["start_from"] or values["lifter"]
        if before is None:
            continue
        runs, first, file = Path(before).parts
        assert (runs, file) == ("runs", "best.pt")
        other = CONFIGS[first]
        assert other["task"] == {"lift": "masked", "refine_module": "lift"}[values["task"]]
        for key in ("model", "arguments", "training", "data", "windows", "batch", "test"):
            assert other[key] == values[key], f"{name}: {key}"
        assert first == (f"{name}_masked" if values["task"] == "lift" else name.removesuffix("_refine"))


@pytest.mark.parametrize(
    ("name", "epoch", "rate"),
    [
        ("pstmo_s_h36m_cpn_243", 79, 7e-4 * 0.97**78),
        ("pstmo_s_h36m_cpn_243_masked", 2, 1e-4 * 0.97),
        ("pstmo_h36m_cpn_243", 1, 1e-3),
        ("pstmo_s_h36m_gt_243", 1, 1e-3),
        ("pstmo_h36m_cpn_243_refine", 1, 1e-5),
        ("pstmo_s_3dhp_81", 3, 7e-4 * 0.97**2),
        ("strided_transformer_h36m_cpn_351", 5, 1e-3 * 0.95**4),
        # The fifth epoch ends with a factor of 0.5 in the place of 0.95.
        ("strided_transformer_h36m_cpn_351", 6, 1e-3 * 0.95**4 * 0.5),
        ("strided_transformer_h36m_cpn_351", 20, 1e-3 * 0.95**16 * 0.5**3),
        ("strided_transformer_h36m_cpn_351_refine", 2, 1e-5 * 0.95),
        ("stcformer_h36m_cpn_27", 79, 1e-3 * 0.96**78),
        ("mixste_h36m_cpn_243", 120, 4e-5 * 0.99**119),
        ("videopose3d_h36m_cpn_243", 80, 1e-3 * 0.95**79),
        ("videopose3d_humaneva_27", 1000, 1e-3 * 0.996**999),
        ("mixsynthformer_h36m_fcn", 100, 1e-3 * 0.97**99),
        ("mixsynthformer_pw3d_pare", 1, 5e-3),
    ],
)
def test_learning_rates_fall_as_the_authors_loops_let_them(name: str, epoch: int, rate: float) -> None:
    steps = 7  # of an epoch
    schedule = in_steps(CONFIGS[name]["schedule"], steps)
    last = epoch == CONFIGS[name]["schedule"]["epochs"]
    for step in ((epoch - 1) * steps, epoch * steps - 1):
        assert schedule.rate(step) == pytest.approx(rate)
    assert (schedule.steps == epoch * steps) == last
    assert schedule.check_every == steps


def test_batch_norms_of_videopose3d_forget_ever_less() -> None:
    schedule = in_steps(CONFIGS["videopose3d_h36m_cpn_243"]["schedule"], 7)
    assert schedule.batch_norm_momentum(0) == pytest.approx(0.1)
    for epoch in (1, 40, 79):  # run.py:590
        expected = 0.1 * math.exp(-epoch / 80 * math.log(100))
        assert schedule.batch_norm_momentum(7 * epoch) == pytest.approx(expected)


def test_batches_are_the_authors() -> None:
    for name, values in LIFTING.items():
        batch, frames = values["batch"], values["arguments"].get("frames")
        if values["model"] == "mixste":  # counted in frames
            assert batch == 1024 // frames
        elif values["model"] == "stcformer":
            assert batch == 128 // values["windows"]["step"]
        else:
            humaneva = values["data"]["name"] == "humaneva"
            expected = {"pstmo": 160, "strided_transformer": 256, "videopose3d": 128 if humaneva else 1024}
            assert batch == expected[values["model"]], name


# ------------------------------------------------------------------------------------------------- on tiny data sets


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """A tiny prepared set by name and inputs, made once."""
    root = tmp_path_factory.mktemp("sets")
    made: dict[tuple[str, str], Path] = {}

    def make(name: str, inputs: str) -> Path:
        if (name, inputs) in made:
            return made[name, inputs]
        source, folder = root / "files" / name / inputs, root / name / inputs
        settings: dict[str, Any] = {"keypoints": inputs}
        if name == "human36m":
            published_sets.write_human36m(source, subjects=("S1", "S9"))
        elif name == "humaneva":
            published_sets.write_humaneva(source, subjects=("S1",))
        elif name == "mpi_inf_3dhp":
            settings = {"partial": True}
            published_sets.write_mpi_inf_3dhp(source, takes=("S1 Seq1",), sequences=("TS1",))
        else:
            settings = {"estimator": inputs}
            published_sets.write_deciwatch(source, name, estimator=inputs)
        reader = plugins.load("pose3d_cli.datasets.readers", name)(source, **settings)
        with Writer(folder, reader.describe()) as writer:
            for sequence in reader.read():
                writer.add(sequence)
        made[name, inputs] = folder
        return folder

    return make


@pytest.fixture(scope="module")
def lifters(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Weights of small lifters to go before the refine module."""
    small: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 16, "layers": 1}
    training = checkpoints.Training(input_skeleton="human36m17", data="nothing", licence="none")
    files = {}
    for model, kind in (("pstmo", PSTMO), ("strided_transformer", StridedTransformer)):
        files[model] = tmp_path_factory.mktemp("lifters") / f"{model}.pt"
        checkpoints.save(files[model], model=model, lifter=kind(**small), arguments=small, training=training)
    return files


@pytest.mark.parametrize("name", LIFTING)
def test_a_configuration_builds_on_its_data_set(
    name: str, prepared: Callable[[str, str], Path], lifters: dict[str, Path]
) -> None:
    values = {**LIFTING[name], "batch": 2, "start_from": None}
    if values["data"]["name"] == "humaneva":
        # The tiny set has no Jog.
        chosen = {part: {**values["data"][part], "actions": ["Walking", "Box"]} for part in ("train", "test")}
        values["data"] = {**values["data"], **chosen}
    if values["lifter"] is not None:
        values["lifter"] = str(lifters[values["model"]])
    folder = prepared(values["data"]["name"], values["data"]["inputs"])
    with torch.device("cpu" if values["task"] == "refine_module" else "meta"):
        task: Any = tasks.build(values, source=folder, name=name)
    assert task.windows.dataset.description.name == values["data"]["name"]
    assert len(task.heldout) > 0
    inputs, targets = task.windows.batch(2, seed=task.seed, step=0)
    frames = task.windows.frames
    training = task.windows.training
    reads, gives = get_skeleton(training.input_skeleton), get_skeleton(training.output_skeleton)
    assert inputs.shape == (2, frames, len(reads), 2)
    assert targets.shape == (2, frames, len(gives), 3)
    unit = 1 if training.metres == 1 else 1000
    assert 0.05 * unit < np.abs(targets).max() < 3 * unit
    assert task.schedule.steps == values["schedule"]["epochs"] * task.windows.steps(2)


@pytest.mark.parametrize("name", SPARSE)
def test_a_refiner_s_configuration_builds_on_its_data_set(name: str, prepared: Callable[[str, str], Path]) -> None:
    values = {**SPARSE[name], "batch": 2}
    with torch.device("meta"):
        source = prepared(values["data"]["name"], values["data"]["inputs"])
        task: Any = tasks.build(values, source=source, name=name)
    assert task.windows.frames == task.network.frames
    assert len(task.heldout) == 2


def test_published_networks_are_those_of_the_records() -> None:
    """Nothing that has a record and a configuration is left out of the test above."""
    recorded = {row.weights for row in ROWS}
    untrained = {"videopose3d_243_h36m_detectron_coco"}  # with a second network that pose3d does not train
    assert recorded == {*records.names(), *records.names(records.REFINERS)} - untrained
