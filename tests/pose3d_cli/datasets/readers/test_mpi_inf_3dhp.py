"""MPI-INF-3DHP: both layouts, the conversion between them, and the authors' test from files to tables."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import published_sets
import pytest
import references
import torch
from matlab_tables import TESTS, assert_tables
from scipy.io import loadmat, savemat

from in_the_wild import normalise, unpickle, windows
from in_the_wild.errors import ConfigError, InputError, Pose3DError
from in_the_wild.lifters.base import lift_with_flip
from in_the_wild.plugins import load as load_plugin
from in_the_wild.skeletons import MPI_INF_3DHP17, mirror
from pose3d_cli.datasets.prepared import sequences
from pose3d_cli.datasets.prepared.sequences import Labelled
from pose3d_cli.datasets.readers import _matlab as matlab
from pose3d_cli.datasets.readers import _mpi_inf_3dhp_npz as mpi
from pose3d_cli.datasets.readers.mpi_inf_3dhp import MpiInf3dhp
from pose3d_cli.metrics import pck3d

ROOT = MPI_INF_3DHP17.root


def shared(name: str) -> Path:
    folder = references.SHARED / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not in ../shared/reference")
    return folder


def by_name(reader: MpiInf3dhp) -> dict[str, Labelled]:
    reader.require()
    return {sequence.name: sequence for sequence in reader.read()}


def root_relative_mm(joints: np.ndarray) -> np.ndarray:
    """The authors' target: millimetres from the root, which itself keeps its place."""
    relative = 1000 * (joints - joints[:, [ROOT]])
    relative[:, ROOT] = 1000 * joints[:, ROOT]
    return relative


def on_screen(sequence: Labelled) -> np.ndarray:
    assert sequence.keypoints is not None
    camera = sequence.camera
    return normalise.screen(sequence.keypoints, width=camera.width, height=camera.height)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny set in both layouts; tests change copies."""
    made = tmp_path_factory.mktemp("made")
    published_sets.write_mpi_inf_3dhp(made / "set", frames=12)
    MpiInf3dhp(made / "set", partial=True).write_npz(made / "npz")
    return made


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "set", tmp_path / "set"))


@pytest.fixture
def npz_folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made / "npz", tmp_path / "npz"))


# Against the authors' converters, loader and evaluation.


def test_conversion_equals_the_authors(tmp_path: Path) -> None:
    arrays = references.load("mpi3dhp_converted.npz")
    source = shared("mpi3dhp_layout")
    mpi.convert_train(source, tmp_path / "train.npz", partial=True)
    mpi.convert_test(source, tmp_path / "test.npz", partial=True)
    train, test = (unpickle.load(tmp_path / name)["data"] for name in ("train.npz", "test.npz"))
    found: dict[str, Any] = {}
    for take, (cameras, fps) in train.items():
        found[f"out/train/{take}/fps"] = fps
        found |= {
            f"out/train/{take}/cam{camera}/{key}": one for camera, of in cameras.items() for key, one in of.items()
        }
    found |= {f"out/test/{name}/{key}": one for name, of in test.items() for key, one in of.items()}
    assert found.keys() == {name for name in arrays if name.startswith("out/")}
    for name, value in found.items():
        np.testing.assert_array_equal(value, arrays[name])
        assert np.asarray(value).dtype == arrays[name].dtype


def test_conversion_equals_the_authors_files(tmp_path: Path) -> None:
    """Keys, types and numbers of the .npz files themselves; only the order of takes, os.walk's, is not taken over."""
    source = shared("mpi3dhp_layout")
    MpiInf3dhp(source, partial=True).write_npz(tmp_path)

    def flat(value: Any, name: str = "") -> dict[str, Any]:
        if isinstance(value, dict | list):
            parts = value.items() if isinstance(value, dict) else enumerate(value)
            return {key: one for part, of in parts for key, one in flat(of, f"{name}/{part!r}").items()}
        return {name: value}

    for name in (mpi.TRAIN_NPZ, mpi.TEST_NPZ):
        ours, theirs = (flat(unpickle.load(place / name)) for place in (tmp_path, source / "official_npz"))
        assert ours.keys() == theirs.keys()
        for key, value in ours.items():
            assert type(value) is type(theirs[key])
            np.testing.assert_array_equal(value, theirs[key])


def test_takes_are_cut_to_their_frames() -> None:
    arrays = references.load("mpi3dhp_truncate.npz")
    read = by_name(MpiInf3dhp(shared("mpi3dhp_truncate"), partial=True))
    assert [len(sequence) for sequence in read.values()] == arrays["out/frames"].tolist()
    last = read["S8 Seq2 8"]
    assert last.fps == 25
    assert last.keypoints is not None
    assert last.joints is not None
    references.assert_equal(last.keypoints[-1], arrays["out/last_2d_cam8"])
    references.assert_equal(1000 * last.joints[-1], arrays["out/last_3d_cam8"])


@pytest.mark.parametrize("layout", [".", "official_npz"])
def test_what_a_network_sees_equals_the_authors_loader(layout: str) -> None:
    arrays = references.load("mpi3dhp_loader.npz")
    read = by_name(MpiInf3dhp(shared("mpi3dhp_layout") / layout, partial=True))
    assert [name for name in read if name.startswith("TS")] == ["TS1", "TS5"]
    for part in ("train", "test"):
        for name in [key.rpartition("/")[2] for key in arrays if key.startswith(f"out/{part}2d/")]:
            sequence = read[name]
            assert sequence.split == part
            assert sequence.joints is not None
            references.assert_equal(on_screen(sequence), arrays[f"out/{part}2d/{name}"])
            references.assert_equal(root_relative_mm(sequence.joints), arrays[f"out/{part}3d/{name}"])

    pairs = []
    for number, name in enumerate(("TS1", "TS5")):
        valid = read[name].valid
        assert valid is not None
        pairs += [[number, frame, frame + 1] for frame in np.flatnonzero(valid)]
    np.testing.assert_array_equal(pairs, arrays["out/pairs_test"])

    first = read["TS1"]
    assert first.joints is not None
    _, frame, _ = pairs[0]
    window = torch.tensor(on_screen(first)[windows.centred(len(first), frames=9)[frame]])
    both = torch.stack([window, mirror(window, MPI_INF_3DHP17.flip)])
    references.assert_equal(both, arrays["out/test_item0_input_2D"])
    references.assert_equal(root_relative_mm(first.joints)[[frame]], arrays["out/test_item0_gt_3D"])

    trained = read["S2 Seq2 0"]
    assert trained.joints is not None
    look = windows.centred(len(trained), frames=9)[1]
    references.assert_equal(on_screen(trained)[look], arrays["out/train_item1_input_2D"])
    references.assert_equal(root_relative_mm(trained.joints)[look], arrays["out/train_item1_gt_3D"])


@pytest.mark.parametrize(("row", "frames"), [(0, 9), (1, 27), (2, 27)])
def test_windows_stand_around_valid_frames_and_reach_into_others(row: int, frames: int) -> None:
    arrays = references.load("pstmo_windows_3dhp.npz")
    valid = arrays[f"in/valid_{row}"] == 1
    look = windows.centred(len(valid), frames=frames)[valid]
    np.testing.assert_array_equal(look, arrays[f"out/idx2d_{row}"])
    np.testing.assert_array_equal(np.flatnonzero(valid)[:, None], arrays[f"out/idx3d_{row}"])


def test_the_authors_test_from_keypoints_to_tables(tmp_path: Path) -> None:
    arrays = references.load("mpi3dhp_chain_f9.npz")
    lifter = references.pstmo(arrays)
    predicted, truth, activities = {}, {}, {}
    for name in TESTS:
        width, height = (1920, 1080) if name in ("TS5", "TS6") else (2048, 2048)
        pixels, valid = arrays[f"in/data_2d_{name}"], arrays[f"in/valid_{name}"] == 1
        x = normalise.screen(pixels.astype(float), width=width, height=height).astype(np.float32)
        look = windows.centred(len(x), frames=lifter.frames)[valid]
        flip = MPI_INF_3DHP17.flip
        joints = lift_with_flip(lifter, torch.tensor(x[look]), flip=True, in_flip=flip, out_flip=flip)[:, 0].numpy()
        joints[:, ROOT] = 0
        predicted[name] = joints
        truth[name], activities[name] = (arrays[f"in/{what}_{name}"][valid] for what in ("data_3d", "activity"))
    path = tmp_path / "inference_data.mat"
    pck3d.write_inference_mat(path, predicted)
    for name, value in loadmat(path, variable_names=TESTS).items():
        if name in TESTS:
            references.assert_equal(value, arrays[f"out/inference_{name}"])
    for given in (predicted, pck3d.read_inference_mat(path)):
        result = pck3d.evaluate(given, truth, activities)
        assert_tables(result.sequences, arrays, "out/seq")
        assert_tables(result.activities, arrays, "out/act")


# Our own tiny set.


def test_a_prepared_set_holds_what_the_files_hold(folder: Path, tmp_path: Path) -> None:
    kind = load_plugin("pose3d_cli.datasets.readers", "mpi_inf_3dhp")
    reader = kind(folder, partial=True)
    reader.require()
    with sequences.Writer(tmp_path / "prepared", reader.describe()) as writer:
        for sequence in reader.read():
            writer.add(sequence)
    dataset = sequences.open_folder(tmp_path / "prepared")
    assert len(dataset) == reader.count() == 18
    assert dataset.description.truth == "univ_annot3"
    assert dataset.description.joint_skeleton == dataset.description.keypoint_skeleton == "mpi_inf_3dhp17"

    trained = dataset[3]
    assert (trained.name, trained.subject, trained.action, trained.split) == ("S1 Seq1 4", "S1", "Seq1", "train")
    assert (trained.camera.name, trained.camera.width, trained.camera.height) == ("4", 2048, 2048)
    assert trained.fps == 25
    assert trained.valid.all()
    assert not trained.activity.any()
    # The set was made with this focal length, so that joints and keypoints are of the same camera and the same joints.
    joints = trained.joints
    np.testing.assert_allclose(joints[..., :2] / joints[..., 2:] * 0.7 * 2048 + 1024, trained.keypoints, atol=1e-2)
    up = -joints[..., 1].mean(axis=0)
    order = MPI_INF_3DHP17.indices("head_top", "head", "neck", "spine", "left_knee", "left_ankle")
    assert (np.diff(up[order]) < 0).all()

    test = dataset[-1]
    assert (test.name, test.subject, test.split, test.camera.width, test.camera.height) == (
        "TS5", "TS5", "test", 1920, 1080,
    )  # fmt: skip
    np.testing.assert_array_equal(test.valid, np.arange(12) % 3 > 0)
    np.testing.assert_array_equal(test.activity, 1 + np.arange(12) % 7)


def test_fifty_frames_a_second_where_the_table_says_so(tmp_path: Path) -> None:
    folder = published_sets.write_mpi_inf_3dhp(tmp_path / "set", takes=["S1 Seq2"], sequences=[])
    read = by_name(MpiInf3dhp(folder, partial=True))
    assert {sequence.fps for sequence in read.values()} == {50}


def test_both_layouts_read_the_same_but_for_activities(folder: Path, npz_folder: Path) -> None:
    from_mat = by_name(MpiInf3dhp(folder, partial=True))
    from_npz = by_name(MpiInf3dhp(npz_folder, partial=True))
    assert list(from_mat) == list(from_npz)
    for name, sequence in from_mat.items():
        other = from_npz[name]
        assert other.activity is None
        assert (sequence.fps, sequence.split, sequence.camera) == (other.fps, other.split, other.camera)
        for key in ("keypoints", "joints", "valid"):
            np.testing.assert_array_equal(getattr(sequence, key), getattr(other, key))


def test_takes_of_one_layout_and_tests_of_the_other(folder: Path, npz_folder: Path) -> None:
    """As P-STMO's users have it: .npz files for the network, the test's own files for Matlab."""
    (npz_folder / mpi.TEST_NPZ).unlink()
    (folder / "test").rename(npz_folder / "test")
    reader = MpiInf3dhp(npz_folder, partial=True)
    assert [file.name for file in reader.files()] == ["annot_data.mat", "annot_data.mat", mpi.TRAIN_NPZ]
    read = by_name(reader)
    assert all(sequence.activity is not None for sequence in read.values())
    assert len(read) == 18


def test_the_other_truth_is_as_large_as_the_actors(folder: Path, npz_folder: Path) -> None:
    scaled = by_name(MpiInf3dhp(folder, partial=True))
    true = by_name(MpiInf3dhp(folder, partial=True, truth="annot3"))
    for name in ("S2 Seq1 8", "TS1"):
        small, large = scaled[name].joints, true[name].joints
        assert small is not None
        assert large is not None
        np.testing.assert_allclose(large, 1.05 * small)
    with pytest.raises(ConfigError, match='Did you mean "univ_annot3"'):
        MpiInf3dhp(folder, truth="univ_anot3")
    with pytest.raises(InputError, match="holds univ_annot3 alone"):
        MpiInf3dhp(npz_folder, partial=True, truth="annot3").require()


def test_calibrations_give_intrinsics(folder: Path) -> None:
    path = folder / "train" / "S1" / "Seq1" / "camera.calibration"
    blocks = [
        f"name          {camera}\n  sensor      10 10\n  size        2048 2048\n  animated    0\n"
        f"  intrinsic   {1490 + camera}.5 0 1024.7 0 0 1497.1 1051.4 0 0 0 1 0 0 0 0 1 \n"
        "  extrinsic   1 0 0 0 0 1 0 0 0 0 1 0 0 0 0 1 \n  radial      0\n"
        for camera in range(14)
    ]
    path.write_text("Skeletool Camera Calibration File V1.0\n" + "".join(blocks))
    reader = MpiInf3dhp(folder, partial=True)
    assert path in reader.files()
    found = {name: sequence.camera.intrinsics for name, sequence in by_name(reader).items()}
    assert found["S1 Seq1 8"] == pytest.approx((1498.5, 1497.1, 1024.7, 1051.4, 0, 0, 0, 0, 0))
    assert found["S2 Seq1 8"] is found["TS1"] is None
    path.write_text("name 0\nintrinsic 1 2\n")
    with pytest.raises(InputError, match="a calibration of MPI-INF-3DHP's cameras was expected"):
        by_name(reader)


def test_missing_files_are_named(folder: Path, npz_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"lacks train/S1/Seq2/annot\.mat, .* and 13 more\. Expected: .*partial=true"):
        MpiInf3dhp(folder).require()
    with pytest.raises(InputError, match=r"TS2, TS3, TS4, TS6 are missing; .* partial=true"):
        list(MpiInf3dhp(npz_folder).read())
    with pytest.raises(InputError, match="holds nothing of MPI-INF-3DHP"):
        MpiInf3dhp(tmp_path, partial=True).require()
    with pytest.raises(InputError, match=r"annot\.mat should be there"):
        mpi.convert_train(folder, tmp_path / "no.npz")
    with pytest.raises(InputError, match=r"no \.mat files"):
        MpiInf3dhp(npz_folder, partial=True).write_npz(tmp_path)
    assert not (tmp_path / "no.npz").exists()


def version_7_3(path: Path, variables: Mapping[str, np.ndarray]) -> None:
    """Write variables as MATLAB 7.3 does: dimensions the other way round, cells as references."""
    path.unlink()
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in variables.items():
            if value.dtype != object:
                file[name] = value.T
                continue
            references_to = np.empty(value.T.shape, h5py.ref_dtype)
            for at, one in np.ndenumerate(value.T):
                file[f"#refs#/{name}{at}"] = one.T
                references_to[at] = file[f"#refs#/{name}{at}"].ref
            file[name] = references_to


def test_either_version_of_matlab_is_read_in_either_half(folder: Path) -> None:
    before = by_name(MpiInf3dhp(folder, partial=True))
    for take in (folder / "train").rglob("annot.mat"):
        values = {name: value for name, value in loadmat(take).items() if not name.startswith("__")}
        version_7_3(take, values)
        assert h5py.is_hdf5(take)
    for test in (folder / "test").rglob("annot_data.mat"):
        with h5py.File(test) as file:
            values = {name: value[()].T for name, value in file.items()}
        savemat(test, values)
        assert not h5py.is_hdf5(test)
    after = by_name(MpiInf3dhp(folder, partial=True))
    for name, sequence in before.items():
        for key, value in sequence.arrays().items():
            np.testing.assert_array_equal(getattr(after[name], key), value)


def change(path: Path, **values: np.ndarray | None) -> None:
    """Write an annot.mat anew with other variables; None leaves one out."""
    given = {name: value for name, value in loadmat(path).items() if not name.startswith("__")} | values
    savemat(path, {name: value for name, value in given.items() if value is not None})


def one_sentence(error: Pose3DError, path: Path) -> None:
    assert str(path) in str(error)
    assert "\n" not in str(error)


def test_takes_of_another_layout_are_refused(folder: Path) -> None:
    path = folder / "train" / "S1" / "Seq1" / "annot.mat"
    original = path.read_bytes()
    cells = loadmat(path)["annot2"]
    narrow, short = cells.copy(), cells.copy()
    narrow[4, 0] = cells[4, 0][:, :34]
    short[4, 0] = cells[4, 0][:9]
    for values, message in (
        ({"annot2": None}, "lacks the variable annot2"),
        ({"annot2": narrow}, r"annot2 of camera 4 should be N x 56 numbers \(28 joints\), found \(12, 34\)"),
        ({"annot2": short}, "camera 4 should have as many frames in every array"),
        ({"cameras": np.arange(14)[None, ::-1]}, "cameras 0, 1, 2, ... in order"),
        ({"annot2": np.array([["text"]], object)}, "cannot be read"),
    ):
        change(path, **values)
        with pytest.raises(InputError, match=message) as caught:
            by_name(MpiInf3dhp(folder, partial=True))
        one_sentence(caught.value, path)
        path.write_bytes(original)


@pytest.mark.parametrize("name", ["train/S1/Seq1/annot.mat", "test/TS1/annot_data.mat"])
@pytest.mark.parametrize("damage", ["cut", "text", "empty"])
def test_damaged_files_are_refused(folder: Path, name: str, damage: str) -> None:
    path = folder / name
    good = path.read_bytes()
    path.write_bytes({"cut": good[: len(good) // 2], "text": b"no numbers" * 50, "empty": b""}[damage])
    with pytest.raises(InputError, match=r"cannot be read|lacks the variable univ_annot3") as caught:
        by_name(MpiInf3dhp(folder, partial=True))
    one_sentence(caught.value, path)


def test_tests_of_another_layout_are_refused(folder: Path) -> None:
    path = folder / "test" / "TS1" / "annot_data.mat"
    with h5py.File(path, "r+") as file:
        del file["annot2"]
        file["annot2"] = np.zeros((12, 1, 28, 2))
    with pytest.raises(InputError, match=r"annot2 should be 2 x 17 x 1 x N numbers, found \(2, 28, 1, 12\)") as caught:
        by_name(MpiInf3dhp(folder, partial=True))
    one_sentence(caught.value, path)
    with h5py.File(path, "r+") as file:
        del file["annot2"]
        file["annot2"] = np.zeros((11, 1, 17, 2))
    with pytest.raises(InputError, match="as many frames in every array"):
        by_name(MpiInf3dhp(folder, partial=True))


def test_a_file_does_not_point_to_another(tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    np.arange(4.0).tofile(secret)
    with h5py.File(tmp_path / "other.mat", "w") as file:
        file["x"] = np.arange(4.0)
    path = tmp_path / "annot_data.mat"
    with h5py.File(path, "w") as file:
        file["link"] = h5py.ExternalLink("other.mat", "/x")
        file.create_dataset("bytes", (4,), np.float64, external=[(str(secret), 0, h5py.h5f.UNLIMITED)])
        layout = h5py.VirtualLayout((4,), np.float64)
        layout[:] = h5py.VirtualSource(str(tmp_path / "other.mat"), "x", (4,))
        file.create_virtual_dataset("view", layout)
        file["own"] = np.arange(4.0)
    assert matlab.read(path, ["own"])["own"] is not None
    for name in ("link", "bytes", "view"):
        with pytest.raises(InputError, match="cannot be read"):
            matlab.read(path, [name])


class Hostile:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def test_npz_files_that_are_hostile_or_of_another_layout_are_refused(npz_folder: Path, tmp_path: Path) -> None:
    mark = tmp_path / "it ran"
    test, train = npz_folder / mpi.TEST_NPZ, npz_folder / mpi.TRAIN_NPZ
    good = unpickle.load(test)["data"]
    wrong_joints = {"TS1": {**good["TS1"], "data_3d": np.zeros((12, 28, 3))}}
    for path, data, message in (
        (test, {"TS1": {**good["TS1"], "valid": Hostile(mark)}}, "could run code"),
        (test, wrong_joints, r"TS1 should have data_3d of shape \('T', 17, 3\), found \(12, 28, 3\)"),
        (test, {"TS1": {**good["TS1"], "valid": np.ones(3)}}, "as many frames in every array"),
        (test, {"TS1": [1, 2]}, "should have data_2d"),
        (test, {"TS9": good["TS1"]}, "found TS9"),
        (test, {}, 'under "data"'),
        (train, {"S1 Seq1": {"0": 1}}, "S1 Seq1 should be a list"),
    ):
        before = path.read_bytes()
        np.savez(path, data=np.array(data, dtype=object))
        with pytest.raises(InputError, match=message) as caught:
            by_name(MpiInf3dhp(npz_folder, partial=True))
        one_sentence(caught.value, path)
        path.write_bytes(before)
    assert not mark.exists()
