"""Published errors by data set, and what was measured here beside them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import labelled
import pytest
from typer.testing import CliRunner, Result

from in_the_wild import checkpoints
from in_the_wild.checkpoints import records
from in_the_wild.errors import ConfigError, InputError
from in_the_wild.lifters.pstmo import PSTMO
from pose3d_cli import config
from pose3d_cli.datasets.prepared.sequences import open_folder
from pose3d_cli.evaluation import prepared, report
from pose3d_cli.main import app
from pose3d_cli.tables import benchmark, measured, reported

TABLES = {name: reported.load(name) for name in reported.names()}
ROWS = [row for table in TABLES.values() for row in table.rows]


def row(table: str, method: str, frames: int, **said: Any) -> reported.Row:
    """The one row of a method in a table."""
    (found,) = (
        one
        for one in TABLES[table].rows
        if (one.method, one.frames) == (method, frames)
        and all(getattr(one, name) == value for name, value in said.items())
    )
    return found


# --------------------------------------------------------------------------------------------------------- the numbers


@pytest.mark.parametrize(
    ("table", "method", "frames", "numbers", "uses_truth"),
    [
        ("human36m_cpn", "P-STMO-S", 27, {"mpjpe": 46.1}, False),
        ("human36m_cpn", "P-STMO-S", 81, {"mpjpe": 44.1}, False),
        ("human36m_cpn", "P-STMO-S", 243, {"mpjpe": 43.0}, False),
        ("human36m_cpn", "P-STMO", 243, {"mpjpe": 42.8, "p_mpjpe": 34.4}, False),
        ("human36m_cpn", "P-STMO, refined", 243, {"mpjpe": 42.1}, True),
        ("human36m_gt", "P-STMO-S", 243, {"mpjpe": 29.3}, False),
        ("human36m_detectron_coco", "P-STMO-S in the wild", 243, {"mpjpe": 51.4}, False),
        ("human36m_cpn", "MixSTE", 243, {"mpjpe": 40.9, "p_mpjpe": 32.6}, False),
        ("human36m_cpn", "MixSTE", 81, {"mpjpe": 42.4}, False),
        ("human36m_cpn", "MixSTE", 27, {"mpjpe": 45.1}, False),
        ("human36m_cpn", "STCFormer", 27, {"mpjpe": 44.08, "p_mpjpe": 34.76}, False),
        ("human36m_cpn", "STCFormer", 81, {"mpjpe": 41.72, "p_mpjpe": 32.94}, False),
        ("human36m_cpn", "STCFormer", 243, {"mpjpe": 41.0, "p_mpjpe": 32.0}, False),
        ("human36m_cpn", "STCFormer-L", 243, {"mpjpe": 40.5, "p_mpjpe": 31.8}, False),
        ("human36m_cpn", "StridedTransformer, refined", 351, {"mpjpe": 43.7, "p_mpjpe": 35.2}, True),
        ("human36m_cpn", "StridedTransformer", 351, {}, False),
        ("human36m_cpn", "VideoPose3D", 243, {"mpjpe": 46.8, "p_mpjpe": 36.5}, False),
        ("human36m_gt", "MixSTE", 243, {"mpjpe": 21.6}, False),
        ("human36m_gt", "STCFormer", 81, {"mpjpe": 25.7}, False),
        ("human36m_gt", "STCFormer, refined", 243, {"mpjpe": 21.3}, True),
        ("mpi_inf_3dhp", "P-STMO-S", 81, {"pck": 97.9, "auc": 75.8, "mpjpe": 32.2}, False),
        ("mpi_inf_3dhp", "STCFormer", 81, {"pck": 98.7, "auc": 83.9, "mpjpe": 23.1}, False),
        ("mpi_inf_3dhp", "MixSTE", 27, {"pck": 94.4, "auc": 66.5, "mpjpe": 54.9}, False),
        ("humaneva", "VideoPose3D, 2D by Mask R-CNN", 27, {"mpjpe": 33.0}, False),
        ("sparse_2d", "MixSynthFormer", 11, {"pck_2d": (99.3, 95.1, 80.7)}, False),
    ],
)
def test_a_published_number_is_in_its_table(
    table: str, method: str, frames: int, numbers: dict[str, reported.Number], uses_truth: bool
) -> None:
    found = row(table, method, frames)
    assert found.numbers == numbers
    assert found.uses_truth == uses_truth


@pytest.mark.parametrize(
    ("data", "inputs", "numbers"),
    [
        ("human36m_fcn", "fcn", {"mpjpe": 50.9, "acceleration": 1.5}),
        ("pw3d", "spin", {"mpjpe": 91.2, "acceleration": 6.8}),
        ("pw3d", "eft", {"mpjpe": 88.1, "acceleration": 6.3}),
        ("pw3d", "pare", {"mpjpe": 76.5, "acceleration": 6.7}),
        ("aist", "spin", {"mpjpe": 71.2, "acceleration": 4.7}),
    ],
)
def test_mixsynthformer_s_numbers_are_in_its_table(data: str, inputs: str, numbers: dict[str, reported.Number]) -> None:
    (found,) = (
        one
        for one in TABLES["sparse_3d"].rows
        if one.method == "MixSynthFormer" and (one.data, one.inputs) == (data, inputs)
    )
    assert found.numbers == numbers


def test_every_number_has_a_source_and_all_that_uses_ground_truth_says_so() -> None:
    for one in ROWS:
        assert one.source
        assert one.status in (reported.STATUSES if one.numbers else ("",))
        assert one.uses_truth == ("refined" in one.method), one
        assert one.uses_truth or "ground truth" not in one.source


def test_every_record_and_every_configuration_has_one_row() -> None:
    measured = [one.weights for one in ROWS if one.weights and one.numbers]
    assert len(measured) == len(set(measured))
    known = {*records.names(), *records.names(records.REFINERS)}
    assert {one.weights for one in ROWS if one.weights} == known - {
        name for name in known if not records.get(name).reported.keys() - {"note"}
    } | {"videopose3d_243_h36m_detectron_coco"}
    configs = [one.config for one in ROWS if one.config]
    assert sorted(configs) == sorted(name for name in config.names("published") if not name.endswith("_masked"))


# ---------------------------------------------------------------------------------------------------------- own tables


TABLE = """
title = "mine"
data = "human36m"
inputs = "gt"
metrics = ["mpjpe"]
"""


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("rows = []\nsubtitle = 'x'", 'unknown key "subtitle". Did you mean "title"'),
        ("", "missing: rows"),
        ("rows = [dict(method='x', mpjpee=1.0)]", 'unknown key "mpjpee". Did you mean "mpjpe"'),
        ("rows = [dict(method='x', mpjpe=1.0, status='authors')]", 'of x where its numbers come from.*found "" and'),
        ("rows = [dict(method='x', mpjpe=1.0, source='y')]", "as status one of authors, cited, unconfirmed"),
        ("rows = [dict(method='x', mpjpe=1.0, source='y', status='sure')]", 'found "y" and "sure"'),
        (
            "rows = [dict(method='x', record='mixste_243_h36m_cpn', mpjpe=1.0, status='cited')]",
            "says again what the record mixste_243_h36m_cpn says",
        ),
        ("rows = [dict(method='x', record='mixste_243_h36m_cpm')]", 'Did you mean "mixste_243_h36m_cpn"'),
        ("rows = []\nmetrics = ['mpjep']", 'no metric "mpjep". Did you mean "mpjpe"'),
    ],
)
def test_a_table_that_says_too_little_or_too_much_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "mine.py").write_text(TABLE + text)
    with pytest.raises(ConfigError, match=reason):
        reported.load(str(tmp_path / "mine.py"))


# --------------------------------------------------------------------------------------------------- what was measured


def evaluation(file: Path, **changed: Any) -> Path:
    """An `errors.json` as `pose3d evaluate` leaves it, in short."""
    said: dict[str, Any] = {
        "format": "pose3d-errors-2",
        "weights": {"variant": "pstmo_243_h36m_cpn", "sha256": "00"},
        "data": {
            "name": "human36m",
            "inputs": "cpn_ft_h36m_dbb",
            "truth": "",
            "split": "test",
            "subjects": ["S11", "S9"],
            "actions": [str(number) for number in range(15)],
            "sequences": 236,
        },
        "uses_ground_truth": False,
        "errors": {
            "released": {"average": {"mpjpe": 42.876, "p_mpjpe": 34.5}},
            "whole": {"average": {"mpjpe": 42.9, "p_mpjpe": 34.6}},
        },
        "mpi_inf_3dhp": None,
    }
    for key, value in changed.items():
        said[key] = {**said[key], **value} if isinstance(value, dict) and said.get(key) else value
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(said))
    return file


def test_an_evaluation_of_the_published_checkpoint_stands_beside_its_number(tmp_path: Path) -> None:
    evaluation(tmp_path / "any/where/errors.json")
    (found,) = measured.find(tmp_path)
    assert found.numbers == {"mpjpe": 42.876, "p_mpjpe": 34.5}
    assert measured.beside(row("human36m_cpn", "P-STMO", 243), [found]) is found
    assert [one.method for one in ROWS if measured.beside(one, [found])] == ["P-STMO"]


def test_own_weights_stand_beside_the_row_whose_configuration_they_are_below(tmp_path: Path) -> None:
    evaluation(tmp_path / "mixste_h36m_cpn_27/test/errors.json", weights={"variant": ""})
    found = measured.find(tmp_path)
    assert [one.config for one in ROWS if measured.beside(one, found)] == ["mixste_h36m_cpn_27"]


@pytest.mark.parametrize(
    "changed",
    [
        {"data": {"split": "train"}},
        {"data": {"inputs": "gt"}},
        {"data": {"actions": ["Walking"]}},
        {"data": {"subjects": ["S9"]}},
        {"data": {"name": "mocap"}},
        {"uses_ground_truth": True},
        {"weights": {"variant": "pstmo_s_243_h36m_cpn or pstmo_s_243_h36m_gt"}},
        {"format": "another program's"},
        {"errors": []},
    ],
)
def test_what_cannot_be_compared_is_not_set_beside(tmp_path: Path, changed: dict[str, Any]) -> None:
    evaluation(tmp_path / "errors.json", **changed)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/errors.json").write_text("{")
    assert measured.beside(row("human36m_cpn", "P-STMO", 243), measured.find(tmp_path)) is None


def test_what_is_refined_stands_beside_what_is_refined(tmp_path: Path) -> None:
    released = {"variant": "strided_transformer_351_h36m_cpn"}
    evaluation(tmp_path / "a/errors.json", weights=released)
    evaluation(tmp_path / "b/errors.json", weights=released, uses_ground_truth=True)
    found = measured.find(tmp_path)
    plain = measured.beside(row("human36m_cpn", "StridedTransformer", 351), found)
    refined = measured.beside(row("human36m_cpn", "StridedTransformer, refined", 351), found)
    assert plain is not None
    assert refined is not None
    assert (plain.file.parent.name, refined.file.parent.name) == ("a", "b")


def test_the_newest_evaluation_counts(tmp_path: Path) -> None:
    for age, name in ((20, "new"), (30, "old")):
        file = evaluation(tmp_path / f"{name}/errors.json")
        os.utime(file, (1e9 - age, 1e9 - age))
    found = measured.beside(row("human36m_cpn", "P-STMO", 243), measured.find(tmp_path))
    assert found is not None
    assert found.file.parent.name == "new"


def test_pck_and_auc_of_mpi_inf_3dhp_are_weighted_by_frames(tmp_path: Path) -> None:
    scores = {"pck": {"Total": 97.5, "Hip": 1.0}, "auc": {"Total": 75.0}, "mpjpe": {"Average": 32.5, "Hip": 2.0}}
    told = {"name": "mpi_inf_3dhp", "inputs": "gt", "truth": "univ_annot3", "sequences": 6}
    variant = {"variant": "pstmo_s_81_3dhp"}
    evaluation(tmp_path / "errors.json", data=told, weights=variant, mpi_inf_3dhp={"weighted": scores, "plain": {}})
    asked = row("mpi_inf_3dhp", "P-STMO-S", 81)
    found = measured.beside(asked, measured.find(tmp_path))
    assert found is not None
    assert found.numbers == {"pck": 97.5, "auc": 75.0, "mpjpe": 32.5}
    evaluation(
        tmp_path / "errors.json",
        data={**told, "truth": "annot3"},
        weights=variant,
        mpi_inf_3dhp={"weighted": scores, "plain": {}},
    )
    assert measured.beside(asked, measured.find(tmp_path)) is None


@pytest.mark.parametrize(
    ("errors", "numbers"),
    [
        ({"mpjpe_mm": 51.0, "p_mpjpe_mm": 40.0, "acceleration_mm": 1.5, "linear_mpjpe_mm": 60.0},
         {"mpjpe": 51.0, "p_mpjpe": 40.0, "acceleration": 1.5}),
        ({"error_percent": 3.0, "pck_0.2": 99.0, "pck_0.1": 95.0, "pck_0.05": 80.0}, {"pck_2d": (99.0, 95.0, 80.0)}),
    ],
)  # fmt: skip
def test_a_refiner_s_errors_are_found_too(tmp_path: Path, errors: dict[str, float], numbers: dict[str, Any]) -> None:
    file = evaluation(tmp_path / "mixsynthformer_aist_spin/errors.json", data={"name": "aist", "inputs": "spin"})
    said = json.loads(file.read_text())
    del said["mpi_inf_3dhp"], said["weights"]["variant"]
    said["errors"] = {"released": errors, "whole": {}}
    file.write_text(json.dumps(said))
    found = measured.beside(row("sparse_3d", "MixSynthFormer", 101, data="aist"), measured.find(tmp_path))
    assert found is not None
    assert found.numbers == numbers


def test_what_evaluation_writes_is_read(tmp_path: Path) -> None:
    """No mock: a small lifter is measured on a small set."""
    small: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 16, "layers": 1}
    training = checkpoints.Training(input_skeleton="human36m17", fps=50.0, variant="pstmo_s_243_h36m_gt")
    checkpoints.save(tmp_path / "w.pt", model="pstmo", lifter=PSTMO(**small), arguments=small, training=training)
    dataset = open_folder(labelled.write(tmp_path / "set")).choose(split="test")
    loaded = checkpoints.load(str(tmp_path / "w.pt"))
    for folder, settings in (("faster", prepared.Settings(every=10)), ("as_published", prepared.Settings())):
        found = prepared.evaluate(loaded, dataset, settings, split="test", device="cpu")
        written = tmp_path / "runs" / folder
        report.write(found, written)
    # What was lifted otherwise than its authors do is no match for their numbers.
    (said,) = measured.find(tmp_path / "runs")
    assert said.file.parent.name == "as_published"
    assert (said.data, said.inputs, said.truth, said.uses_truth) == ("human36m", "gt", "", False)
    assert said.tested == {"subjects": 1, "actions": 3, "sequences": 6}
    assert found.released is not None
    assert said.numbers == {name: found.released.average[name] for name in ("mpjpe", "p_mpjpe")}


# ------------------------------------------------------------------------------------------------------- the benchmark


ENTRY = {
    "model": "pstmo",
    "config": "pstmo_mocap_27",
    "weights": "pstmo_mocap",
    "parameters": 4_600_000,
    "mpjpe": 55.25,
    "p_mpjpe": 40.0,
    "protocol": "mocap benchmark 1, detector noise 1, every fifth frame, no mirror image",
    "date": "2025-11-21",
    "machine": "2 cores of a Xeon, no GPU",
}


def test_the_benchmark_is_read_and_nothing_is_no_error(tmp_path: Path) -> None:
    assert benchmark.load(tmp_path / "none.json") == []
    file = tmp_path / "benchmark.json"
    file.write_text(json.dumps([ENTRY, {**ENTRY, "model": "mixste", "cpu_minutes": 22.4, "ms_per_frame": 0.5}]))
    first, second = benchmark.load(file)
    assert (first.model, first.mpjpe, first.cpu_minutes, first.uses_truth) == ("pstmo", 55.25, None, False)
    assert (second.model, second.cpu_minutes, second.ms_per_frame) == ("mixste", 22.4, 0.5)


@pytest.mark.parametrize("content", ["{}", "[{}]", "[", json.dumps([{**ENTRY, "speed": 1}]), "[1]"])
def test_a_benchmark_of_another_form_is_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "benchmark.json").write_text(content)
    with pytest.raises(InputError, match=r"does not hold measurements: a list was expected .* model, config, weights"):
        benchmark.load(tmp_path / "benchmark.json")


def test_the_shipped_benchmark_can_be_read() -> None:
    assert all(one.config in config.names() for one in benchmark.load())


# -------------------------------------------------------------------------------------------------------- command line


def cli(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "140"}).invoke(app, [str(argument) for argument in arguments])


def test_every_table_is_told_in_140_columns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluation(tmp_path / "errors.json")
    evaluation(
        tmp_path / "r/errors.json", weights={"variant": "pstmo_243_h36m_cpn_refine"}, uses_ground_truth=True
    )  # fmt: skip
    monkeypatch.setattr(benchmark, "load", lambda: [benchmark.Benchmarked(**ENTRY)])  # type: ignore[arg-type]
    told = {name: cli("tables", name, "--runs", tmp_path).stdout for name in (*TABLES, "mocap")}
    for name, table in TABLES.items():
        assert table.title in told[name]
        assert all(note in told[name] for note in table.notes)
    text = "".join(told.values())
    lines = text.splitlines()
    assert max(len(line) for line in lines if line.startswith(("│", "┃"))) <= 140
    # Names that are to be typed are never broken.
    for one in ROWS:
        assert any(line.startswith(f"│ {one.config}") for line in lines)
    (own,) = (line for line in lines if line.startswith("│ pstmo_h36m_cpn_243 "))
    assert [cell.strip() for cell in own.strip("│").split("│")] == [
        "pstmo_h36m_cpn_243", "P-STMO", "243", "6.7", "42.8 / 34.4", "42.88 / 34.5", own.strip("│ ").split()[-1]
    ]  # fmt: skip
    (refined,) = (line for line in lines if line.startswith("│ pstmo_h36m_cpn_243_refine "))
    assert "42.1 / –*" in refined
    assert "42.88 / 34.5*" in refined
    assert "STCFormer's paper, table 4 (cited)" in text
    assert "│ pstmo_mocap_27" in text
    assert "4,600,000" in text
    assert "mocap benchmark 1, detector noise 1, every fifth frame, no mirror image; 2025-11-21, 2 cores" in text


def test_tables_need_no_runs(tmp_path: Path) -> None:
    done = cli("tables", "human36m_cpn", "--runs", tmp_path / "nowhere")
    assert done.exit_code == 0, done.output
