"""Every data set from the command line: its files are prepared, shown, trained on for a few steps, and evaluated."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import packs
import published_sets
import pytest
from typer.testing import CliRunner

from in_the_wild import plugins
from pose3d_cli import config, main
from pose3d_cli.datasets.prepared.sequences import open_folder

# Networks small enough to train on the spot; their configurations are the published ones otherwise.
PSTMO = ("arguments.frames=9", "arguments.channels=16", "arguments.hidden=16", "arguments.layers=1")
MIXSTE = ("arguments.frames=9", "arguments.channels=16", "arguments.depth=1")
STCFORMER = ("arguments.frames=9", "arguments.channels=16", "arguments.layers=1")
VIDEOPOSE3D = ("arguments.filter_widths=[3, 3]", "arguments.channels=16")
MIXSYNTHFORMER = ("arguments.segments=2", "arguments.channels=16", "arguments.hidden=16", "arguments.layers=1")
SHORT = ("batch=8", "schedule.epochs=1")


@dataclass(frozen=True)
class Case:
    """A data set, how it is prepared, and what is trained on it."""

    reader: str
    write: Callable[[Path], object]
    config: str
    small: Sequence[str]
    settings: Sequence[str] = ()
    flags: Sequence[str] = ()


def _packs(folder: Path) -> None:
    folder.mkdir()
    packs.write(folder / "own.npz", {"walk": "01", "squat": "05", "wave": "02"})


def _deciwatch(reader: str, estimator: str | None = None) -> Callable[[Path], object]:
    return lambda folder: published_sets.write_deciwatch(folder, reader, estimator=estimator)


CASES = {
    "human36m, masked": Case(
        "human36m", published_sets.write_human36m, "pstmo_s_h36m_cpn_27_masked", PSTMO[1:],
    ),
    "human36m, P-STMO": Case(
        "human36m", published_sets.write_human36m, "pstmo_s_h36m_cpn_27", (*PSTMO, "start_from=None"),
    ),
    "human36m, MixSTE": Case("human36m", published_sets.write_human36m, "mixste_h36m_cpn_27", MIXSTE),
    "human36m, STCFormer": Case("human36m", published_sets.write_human36m, "stcformer_h36m_cpn_27", STCFORMER),
    "human36m, StridedTransformer": Case(
        "human36m", published_sets.write_human36m, "strided_transformer_h36m_cpn_27", PSTMO[1:],
    ),
    "human36m, VideoPose3D, true keypoints": Case(
        "human36m", published_sets.write_human36m, "videopose3d_h36m_gt_243", VIDEOPOSE3D, ("keypoints=gt",),
    ),
    "human36m, COCO keypoints": Case(
        "human36m", published_sets.write_human36m, "pstmo_s_coco_243", (*PSTMO, "start_from=None"),
        ("keypoints=detectron_pt_coco",),
    ),
    "humaneva": Case(
        "humaneva", published_sets.write_humaneva, "mixste_humaneva_43",
        (*MIXSTE, "data.train.actions=['Walking', 'Box']", "data.test.actions=['Walking', 'Box']"),
    ),
    "mpi_inf_3dhp": Case(
        "mpi_inf_3dhp", published_sets.write_mpi_inf_3dhp, "stcformer_3dhp_9", STCFORMER[1:], ("partial=true",),
    ),
    "human36m_fcn": Case("human36m_fcn", _deciwatch("human36m_fcn"), "mixsynthformer_h36m_fcn", MIXSYNTHFORMER),
    "pw3d": Case("pw3d", _deciwatch("pw3d"), "mixsynthformer_pw3d_spin", MIXSYNTHFORMER),
    "pw3d, SMPL": Case(
        "pw3d", _deciwatch("pw3d", "pare"), "mixsynthformer_pw3d_pare_smpl", MIXSYNTHFORMER, ("estimator=pare",),
    ),
    "aist": Case("aist", _deciwatch("aist"), "mixsynthformer_aist_spin", MIXSYNTHFORMER),
    "jhmdb": Case("jhmdb", _deciwatch("jhmdb"), "mixsynthformer_jhmdb_simplepose", MIXSYNTHFORMER),
    "mocap": Case("mocap", _packs, "videopose3d_mocap_27", VIDEOPOSE3D, ("cameras=1",)),
}  # fmt: skip


def pose3d(*arguments: object) -> str:
    """What a command says; it must succeed."""
    done = CliRunner().invoke(main.app, [str(argument) for argument in arguments])
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    return done.output


def sets(values: Sequence[str]) -> list[str]:
    return [part for value in values for part in ("--set", value)]


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_it_is_prepared_shown_trained_on_and_evaluated(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    case.write(tmp_path / "source")
    data, run, tables = (tmp_path / part for part in ("data", "run", "tables"))
    said = pose3d("prepare", case.reader, "--from", tmp_path / "source", "--to", data, *sets(case.settings))
    prepared = open_folder(data)
    assert f"{len(prepared):,} sequences" in said
    assert prepared.check() == []
    shown = pose3d("datasets", data)
    assert prepared.description.name in shown
    assert f"{prepared.lengths.sum():,}" in shown

    schedule = ("schedule.steps=4", "schedule.check_every=2", "schedule.save_every=2") if "mocap" in name else ()
    short = ("batch=8", *schedule) if schedule else SHORT
    said = pose3d("train", case.config, "--data", data, "-o", run, "--workers", 0, *sets((*case.small, *short)))
    assert "Best held-out" in said
    assert {"best.pt", "last.pt", "log.csv", "curve.png", "run.json"} <= {path.name for path in run.iterdir()}
    manifest = json.loads((run / "run.json").read_text())
    assert manifest["data"] == dict(prepared.digests)
    assert manifest["finished"] is not None
    if name.endswith("masked"):
        return  # which lifts nothing
    pose3d("evaluate", run / "best.pt", "--data", data, "-o", tables, *case.flags)
    record = json.loads((tables / "errors.json").read_text())
    assert record["data"]["name"] == prepared.description.name
    assert record["uses_ground_truth"] is False
    with (tables / "errors.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 3
    assert (tables / "table.tex").read_text().count("\\bottomrule") >= 1


def test_no_reader_is_left_out() -> None:
    apart = {"coco", "custom", "lifted"}  # below
    assert {case.reader for case in CASES.values()} | apart == set(plugins.names("pose3d_cli.datasets.readers"))


@pytest.mark.slow
def test_ones_own_videos_in_coco_format(tmp_path: Path) -> None:
    """Keypoints with and without 3D beside them, by configurations of one's own."""
    published_sets.write_coco(tmp_path / "coco")
    published_sets.write_custom(tmp_path / "custom")
    pose3d("prepare", "coco", "--from", tmp_path / "coco", "--to", tmp_path / "with_joints")
    pose3d(
        "prepare", "custom", "--from", tmp_path / "custom", "--to", tmp_path / "keypoints", "--set", "fps=25",
    )  # fmt: skip
    assert "coco17" in pose3d("datasets", tmp_path / "with_joints")
    small = ("batch=4", "arguments.channels=16", "arguments.hidden=16", "schedule.steps=4", "schedule.check_every=2")
    for stage, data in (("pstmo_mocap_27_masked", "keypoints"), ("pstmo_mocap_27", "with_joints")):
        (tmp_path / f"{stage}.py").write_text(
            f"_base_ = ['{os.path.relpath(config.find(stage), tmp_path)}']\n"
            "data = dict(_delete_=True, name='', inputs='', truth='', train=dict(split='train'), test=dict())\n"
            "start_from = None\n"
        )
        before = () if stage.endswith("masked") else ("--start-from", tmp_path / "pstmo_mocap_27_masked" / "best.pt")
        pose3d(
            "train", tmp_path / f"{stage}.py", "--data", tmp_path / data, "-o", tmp_path / stage, "--workers", 0,
            *before, *sets((*small, "schedule.save_every=2")),
        )  # fmt: skip
    best = tmp_path / "pstmo_mocap_27" / "best.pt"
    pose3d("evaluate", best, "--data", tmp_path / "with_joints", "--split", "all", "--every", 5)


def test_a_benchmark_that_is_lifted_trains_mixsynthformer(tmp_path: Path) -> None:
    _packs(tmp_path / "packs")
    data, again, run = (tmp_path / name for name in ("data", "lifted", "run"))
    pose3d("prepare", "mocap", "--from", tmp_path / "packs", "--to", data, "--set", "cameras=1")
    pose3d(
        "prepare", "lifted", "--from", data, "--to", again,
        "--set", "weights=videopose3d_coco", "--set", "every=2", "--set", "flip=false",
    )  # fmt: skip
    assert set(open_folder(again).has) >= {"joints", "estimated_joints"}
    small = ("arguments.segments=2", "batch=8", "schedule.steps=4", "schedule.check_every=2", "schedule.save_every=2")
    said = pose3d("train", "mixsynthformer_mocap_5", "--data", again, "-o", run, "--workers", 0, *sets(small))
    assert "linear_mpjpe_mm" in said
    pose3d("evaluate", run / "best.pt", "--data", again)
