"""PCK, AUC and MPJPE of MPI-INF-3DHP against the authors' Matlab functions, and by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import references
from matlab_tables import TESTS, assert_tables
from scipy.io import loadmat, savemat

from in_the_wild.errors import InputError
from in_the_wild.skeletons import HUMAN36M17, MPI_INF_3DHP17
from pose3d_cli.metrics import pck3d


def octave() -> tuple[pck3d.Evaluation, dict[str, np.ndarray]]:
    arrays = references.load("mpi3dhp_eval_octave.npz")
    valid = {name: arrays[f"in/valid_{name}"] == 1 for name in TESTS}
    result = pck3d.evaluate(
        {name: arrays[f"in/pred_{name}"] for name in TESTS},
        {name: arrays[f"in/univ_annot3_{name}"][valid[name]] for name in TESTS},
        {name: arrays[f"in/activity_{name}"][valid[name]] for name in TESTS},
    )
    return result, arrays


def test_the_tables_equal_the_authors_matlab_functions() -> None:
    result, arrays = octave()
    for name in TESTS:
        np.testing.assert_allclose(result.errors[name], arrays[f"out/per_joint_error_{name}"], rtol=1e-4, atol=1e-9)
    assert_tables(result.sequences, arrays, "out/seq")
    assert_tables(result.activities, arrays, "out/act")
    assert list(result.activities) == [*pck3d.ACTIVITIES.values(), "All"]


def test_averages_over_sequences_are_by_frames_or_plain() -> None:
    result, arrays = octave()
    frames = [len(arrays[f"in/pred_{name}"]) for name in TESTS]
    totals = arrays["out/seq_PCK"][:, -1]
    assert result.weighted.pck["Total"] == pytest.approx(np.average(totals, weights=frames), abs=1e-4)
    assert result.plain.pck["Total"] == pytest.approx(totals.mean(), abs=1e-4)
    assert abs(result.weighted.pck["Total"] - result.plain.pck["Total"]) > 0.01
    # Every frame counts alike in both.
    assert result.weighted.mpjpe == pytest.approx(result.activities["All"].mpjpe)
    assert result.weighted.auc == pytest.approx(result.activities["All"].auc)
    studio = (totals[2] * frames[2] + totals[3] * frames[3]) / (frames[2] + frames[3])
    assert result.scenes["Studio"].pck["Total"] == pytest.approx(studio, abs=1e-4)
    assert list(result.scenes) == ["Green screen", "Studio", "Outdoor"]


def test_thresholds_are_strict_and_perfect_predictions_miss_one() -> None:
    errors = np.zeros((4, 17))
    perfect = pck3d.score(errors)
    assert set(perfect.pck.values()) == {100.0}
    assert perfect.auc["Total"] == pytest.approx(100 * 30 / 31)
    wrist = MPI_INF_3DHP17.index("left_wrist")
    errors[0, wrist] = 150.0
    errors[1, wrist] = 149.99
    one_off = pck3d.score(errors)
    assert one_off.pck["Wrist"] == pytest.approx(100 * 7 / 8)
    assert one_off.pck["Total"] == pytest.approx(100 * 55 / 56)
    assert one_off.mpjpe["left_wrist"] == pytest.approx(299.99 / 4)
    assert one_off.mpjpe["Average"] == pytest.approx(299.99 / 4 / 17)
    # 149.99 is below the last threshold alone, 150 below none.
    assert one_off.auc["Wrist"] == pytest.approx(100 * (30 * 6 + 1) / (31 * 8))


def test_pelvis_spine_and_head_count_in_mpjpe_alone() -> None:
    errors = np.zeros((3, 17))
    errors[:, MPI_INF_3DHP17.indices("pelvis", "spine", "head")] = 1000.0
    score = pck3d.score(errors)
    assert score.pck["Total"] == 100.0
    assert score.mpjpe["Average"] == pytest.approx(3000 / 17)


def test_the_truth_is_centred_and_the_prediction_is_not() -> None:
    joints = np.random.default_rng(0).normal(size=(5, 17, 3)) * 300
    centred = joints - joints[:, [MPI_INF_3DHP17.root]]
    result = pck3d.evaluate({"TS1": centred}, {"TS1": joints + np.array([10.0, 20.0, 4000.0])})
    assert result.weighted.mpjpe["Average"] == pytest.approx(0, abs=1e-9)
    assert result.activities == {}
    assert result.scenes == {}
    moved = pck3d.evaluate({"TS1": centred + np.array([0, 0, 7.0])}, {"TS1": joints})
    assert moved.weighted.mpjpe["Average"] == pytest.approx(7)


def test_a_sequence_without_frames_is_left_out_of_averages() -> None:
    given = {"TS1": np.zeros((2, 17, 3)), "TS2": np.zeros((0, 17, 3))}
    result = pck3d.evaluate(given, given)
    assert np.isnan(result.sequences["TS2"].pck["Total"])
    assert result.weighted.pck["Total"] == result.plain.pck["Total"] == 100.0
    nothing = pck3d.evaluate({"TS2": given["TS2"]}, {"TS2": given["TS2"]})
    assert np.isnan(nothing.weighted.auc["Total"])


def test_human36m_has_the_same_groups() -> None:
    groups = pck3d.groups(HUMAN36M17)
    assert list(groups) == list(pck3d.groups(MPI_INF_3DHP17))
    assert groups["Head"] == ("head",)
    assert groups["Neck"] == ("thorax",)
    assert pck3d.groups(MPI_INF_3DHP17)["Head"] == ("head_top",)
    errors = np.zeros((1, 17))
    errors[0, HUMAN36M17.index("thorax")] = 200.0
    assert pck3d.score(errors, HUMAN36M17).pck["Total"] == pytest.approx(100 * 13 / 14)


def test_what_does_not_fit_is_refused() -> None:
    joints = np.zeros((3, 17, 3))
    with pytest.raises(InputError, match="same sequences were expected, found TS1; TS2"):
        pck3d.evaluate({"TS1": joints}, {"TS2": joints})
    with pytest.raises(InputError, match="one shape were expected"):
        pck3d.evaluate({"TS1": joints}, {"TS1": joints[:2]})
    with pytest.raises(InputError, match=r"TS1: an activity for each of 3 frames .* \(2,\)"):
        pck3d.evaluate({"TS1": joints}, {"TS1": joints}, {"TS1": np.ones(2)})
    with pytest.raises(InputError, match="found none"):
        pck3d.evaluate({}, {})
    with pytest.raises(InputError, match=r"found none\."):
        pck3d.average([], weighted=True)
    with pytest.raises(InputError, match=r"Errors \(N, 17\)"):
        pck3d.score(np.zeros((3, 15)))


def test_predictions_for_matlab_come_back(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    given = {"TS1": rng.normal(size=(4, 17, 3)), "TS5": rng.normal(size=(1, 17, 3))}
    path = tmp_path / "inference_data.mat"
    pck3d.write_inference_mat(path, given)
    variables = loadmat(path)
    assert variables["TS1"].shape == (3, 17, 1, 4)
    assert variables["TS1"].dtype == np.float32
    np.testing.assert_array_equal(variables["TS1"][:, 3, 0, 2], given["TS1"][2, 3].astype(np.float32))
    back = pck3d.read_inference_mat(path)
    assert list(back) == ["TS1", "TS5"]
    for name, joints in given.items():
        np.testing.assert_array_equal(back[name], joints.astype(np.float32))


def test_files_that_hold_no_predictions_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "inference_data.mat"
    with pytest.raises(InputError, match="missing, damaged"):
        pck3d.read_inference_mat(path)
    path.write_bytes(b"MATLAB 5.0 MAT-file" + bytes(200))
    with pytest.raises(InputError, match="missing, damaged"):
        pck3d.read_inference_mat(path)
    savemat(path, {"TS1": np.zeros((4, 17, 3))})
    with pytest.raises(InputError, match=r"found TS1 \(4, 17, 3\)"):
        pck3d.read_inference_mat(path)
