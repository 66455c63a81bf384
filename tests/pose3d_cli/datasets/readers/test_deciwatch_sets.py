"""Sets in DeciWatch's layout, and prepared sets lifted: what comes out is what went in, in our joints and units."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import labelled
import numpy as np
import published_sets
import pytest
import torch

from in_the_wild import checkpoints, plugins
from in_the_wild.errors import ConfigError, InputError, SkeletonError
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.skeletons import HUMAN36M17, JHMDB15, LSP14
from pose3d_cli.datasets.lifting import Inference, predict
from pose3d_cli.datasets.prepared.sequences import Dataset, Description, Labelled, Writer, open_folder
from pose3d_cli.datasets.readers._deciwatch import DeciWatchReader, with_number
from pose3d_cli.datasets.readers.aist import Aist
from pose3d_cli.datasets.readers.human36m_fcn import Human36MFcn
from pose3d_cli.datasets.readers.jhmdb import Jhmdb
from pose3d_cli.datasets.readers.lifted import Lifted
from pose3d_cli.datasets.readers.pw3d import Pw3d

READERS: dict[str, Callable[..., DeciWatchReader]] = {
    "human36m_fcn": Human36MFcn, "pw3d": Pw3d, "aist": Aist, "jhmdb": Jhmdb,
}  # fmt: skip


def true_file(folder: Path, name: str) -> Path:
    said, _ = published_sets.DECIWATCH[name]
    return folder / f"groundtruth_poses/{said}/{said}_gt_train.npz"


def read(folder: Path, name: str, **settings: Any) -> list[Labelled]:
    reader = READERS[name](published_sets.write_deciwatch(folder, name), **settings)
    reader.require()
    found = list(reader.read())
    assert len(found) == reader.count() == 5
    return found


def given(folder: Path, name: str) -> Any:
    """What we wrote there ourselves."""
    return np.load(true_file(folder, name), allow_pickle=True)


def change(folder: Path, name: str, **arrays: Any) -> None:
    """Rewrite the true training file with other arrays; None leaves one out."""
    file = true_file(folder, name)
    with np.load(file, allow_pickle=True) as found:
        kept = {key: found[key] for key in found.files}
    np.savez(file, **{key: value for key, value in {**kept, **arrays}.items() if value is not None})


@pytest.mark.parametrize("name", READERS)
def test_every_set_is_a_plug_in_and_goes_into_a_prepared_folder(name: str, tmp_path: Path) -> None:
    assert plugins.load("pose3d_cli.datasets.readers", name) is READERS[name]
    reader = READERS[name](published_sets.write_deciwatch(tmp_path / "given", name))
    with Writer(tmp_path / "made", reader.describe()) as writer:
        for sequence in reader.read():
            writer.add(sequence)
    made = open_folder(tmp_path / "made")
    assert [sequence.split for sequence in made] == ["train"] * 3 + ["test"] * 2
    np.testing.assert_array_equal(made.lengths, [60, 53, 46, 60, 53])
    assert made.description.name == name
    assert made.description.inputs == published_sets.DECIWATCH[name][1]


def test_human36m_joints_are_as_given_from_the_pelvis(tmp_path: Path) -> None:
    one = read(tmp_path, "human36m_fcn")[1]
    found = one.arrays()
    assert (one.name, one.subject, one.action) == ("S2/squat_1/camera1", "S2", "squat 1")
    assert (one.camera.name, one.fps) == ("camera1", 50.0)
    true = given(tmp_path, "human36m_fcn")["joints_3d"][1].reshape(-1, 17, 3)
    np.testing.assert_allclose(found["joints"], true - true[:, :1], atol=1e-12)
    assert np.abs(found["estimated_joints"][:, HUMAN36M17.root]).max() == 0
    off = np.linalg.norm(found["estimated_joints"] - found["joints"], axis=-1)
    assert 0.02 < off.mean() < 0.15


def test_3dpw_has_the_authors_14_joints_from_between_the_hips(tmp_path: Path) -> None:
    found = read(tmp_path, "pw3d")[2].arrays()
    raw = given(tmp_path, "pw3d")["joints_3d"][2].reshape(-1, 17, 3)
    # MixSynthFormer lib/dataset/pw3d_dataset.py: H36M_TO_J17, then the first 14; root [2, 3].
    theirs = raw[:, [6, 5, 4, 1, 2, 3, 16, 15, 14, 11, 12, 13, 8, 10]]
    theirs = theirs - theirs[:, [2, 3]].mean(axis=1, keepdims=True)
    np.testing.assert_allclose(found["joints"], theirs, atol=1e-12)
    assert found["joints"][:, LSP14.index("left_ankle"), 1].mean() > 0.5  # y down
    assert found["joints"][:, LSP14.index("head_top"), 1].mean() < -0.5


def test_people_of_one_video_have_sequences_of_their_own(tmp_path: Path) -> None:
    found = read(tmp_path, "pw3d")
    assert [(one.name, one.subject) for one in found] == [
        ("downtown_walking_00", "1"), *((f"downtown_walking_00/{n}", f"{n}") for n in (2, 3, 4, 5)),
    ]  # fmt: skip
    assert {one.action for one in found} == {"downtown_walking 00"}


def test_smpl_is_pose_and_then_shape(tmp_path: Path) -> None:
    found = read(tmp_path / "pw3d", "pw3d")[0].arrays()
    true = given(tmp_path / "pw3d", "pw3d")
    np.testing.assert_array_equal(found["smpl"], np.concatenate([true["pose"][0], true["shape"][0]], axis=1))
    assert found["estimated_smpl"].shape == (60, 82)
    dance = read(tmp_path / "aist", "aist")[0].arrays()
    assert (dance["smpl"].shape, dance["estimated_smpl"].shape) == ((60, 72), (60, 82))


def test_a_name_of_aist_tells_genre_camera_and_dancer(tmp_path: Path) -> None:
    one = read(tmp_path, "aist")[1]
    assert (one.action, one.camera.name, one.subject, one.fps) == ("gBR", "c02", "d04", 60.0)
    assert one.arrays()["joints"].shape[1:] == (len(LSP14), 3)


def test_jhmdb_has_pixels_boxes_and_the_size_of_the_picture(tmp_path: Path) -> None:
    one = read(tmp_path, "jhmdb")[0]
    found = one.arrays()
    true = given(tmp_path, "jhmdb")
    assert (one.name, one.action) == ("walk/clip_0", "walk")
    assert one.camera.picture == (320, 240)
    np.testing.assert_array_equal(found["true_keypoints"], true["joints_2d"][0].reshape(-1, 15, 2))
    np.testing.assert_allclose(found["boxes"], true["bbox"][0], rtol=1e-6)
    low, high = found["boxes"][:, None, :2], found["boxes"][:, None, 2:]
    assert ((low < found["true_keypoints"]) & (found["true_keypoints"] < high)).all()
    side = found["true_keypoints"][:, JHMDB15.index("face"), 1] < found["true_keypoints"][:, JHMDB15.index("belly"), 1]
    assert side.all()
    assert 1 < np.abs(found["keypoints"] - found["true_keypoints"]).mean() < 20


def test_another_estimator(tmp_path: Path) -> None:
    reader = Pw3d(published_sets.write_deciwatch(tmp_path, "pw3d", estimator="pare"), estimator="pare")
    assert reader.describe().inputs == "pare"
    assert len(list(reader.read())) == 5
    with pytest.raises(ConfigError, match=r'not come with an estimator "spim"\. Did you mean "spin"'):
        Pw3d(tmp_path, estimator="spim")
    with pytest.raises(InputError, match=r"lacks detected_poses/pw3d/spin/pw3d_spin_train\.npz"):
        Pw3d(tmp_path).require()


def test_takes_have_numbers() -> None:
    assert [with_number(name) for name in ("Walking_1", "Walking", "office_phoneCall_00")] == [
        "Walking 1", "Walking", "office_phoneCall 00",
    ]  # fmt: skip


def objects(*values: Any) -> np.ndarray:
    found = np.empty(len(values), object)
    found[:] = values
    return found


BROKEN: list[tuple[str, dict[str, Any], str]] = [
    ("pw3d", {"shape": None}, "lacks shape: the arrays imgname, joints_3d, pose, shape were expected"),
    ("pw3d", {"pose": objects(1, 2)}, "as many sequences in every array"),
    ("pw3d", {"pose": objects(np.zeros((59, 72)), np.zeros((53, 72)), np.zeros((46, 72)))}, "sequence 0: pose of 60"),
    ("pw3d", {"pose": objects(["a"] * 60, ["a"] * 53, ["a"] * 46)}, "sequence 0: numbers were expected in pose"),
    ("aist", {"joints_3d": objects(*(np.zeros((n, 39)) for n in (60, 53, 46)))}, "14 joints of 3 coordinates .* 39"),
    (
        "jhmdb",
        {"imgshape": objects(np.array([0, 0, 3]), 1, 1)},
        r"sequence 0: pictures .* found walk/clip_0/..., \[0, 0",
    ),
    ("jhmdb", {"imgname": objects(["a.jpg"] * 60, ["b"] * 53, ["c"] * 46)}, "SEQUENCE/PICTURE were expected .* a.jpg"),
    ("human36m_fcn", {"imgname": objects(["a/1"] * 60, ["b/1"] * 53, ["c/1"] * 46)}, "SUBJECT/ACTION/CAMERA/PICTURE"),
    ("human36m_fcn", {"imgname": objects([], ["b/1"] * 53, ["c/1"] * 46)}, "found none"),
    ("human36m_fcn", {"imgname": objects(["a/b/c/1"] * 60), "joints_3d": objects(1)}, "should hold the 1 sequences"),
]


@pytest.mark.parametrize(("name", "arrays", "message"), BROKEN)
def test_what_is_broken_is_said_in_a_sentence(name: str, arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
    reader = READERS[name](published_sets.write_deciwatch(tmp_path, name))
    change(tmp_path, name, **arrays)
    with pytest.raises(InputError, match=message):
        list(reader.read())


class _Hostile:
    def __init__(self, marker: Path) -> None:
        self.marker = marker

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.marker),)


def test_hostile_and_damaged_files_are_refused(tmp_path: Path) -> None:
    reader = Jhmdb(published_sets.write_deciwatch(tmp_path, "jhmdb"))
    change(tmp_path, "jhmdb", bbox=objects(_Hostile(tmp_path / "ran"), 1, 1))
    with pytest.raises(InputError, match="could run code"):
        list(reader.read())
    assert not (tmp_path / "ran").exists()
    pickle.loads(pickle.dumps(_Hostile(tmp_path / "ran")))  # it would have
    assert (tmp_path / "ran").exists()
    file = reader.files()[0]
    file.write_bytes(file.read_bytes()[:2000])
    for call in (reader.count, lambda: list(reader.read())):
        with pytest.raises(InputError, match=f"{file} cannot be read"):
            call()


# --------------------------------------------------------------------------------------------------------------- lifted


@pytest.fixture(scope="module")
def benchmark(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return open_folder(labelled.write(tmp_path_factory.mktemp("sets") / "given", frames=20))


@pytest.fixture(scope="module")
def weights_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random lifter of Human3.6M keypoints, in millimetres."""
    torch.manual_seed(0)
    arguments: dict[str, Any] = {"frames": 9, "channels": 16, "hidden": 32, "layers": 1}
    training = checkpoints.Training(input_skeleton="human36m17", fps=50.0, metres=0.001)
    file = tmp_path_factory.mktemp("weights") / "random.pt"
    checkpoints.save(file, model="pstmo", lifter=PSTMO(**arguments), arguments=arguments, training=training)
    return file


@pytest.mark.parametrize("every", [1, 3])
def test_a_set_is_lifted_with_what_it_had(benchmark: Dataset, weights_file: Path, tmp_path: Path, every: int) -> None:
    reader = Lifted(benchmark.folder, weights=str(weights_file), every=every, flip=False)
    assert reader.files() == [benchmark.folder / "dataset.json"]
    reader.require()
    with Writer(tmp_path / "made", reader.describe()) as writer:
        for sequence in reader.read():
            writer.add(sequence)
    made = open_folder(tmp_path / "made")
    assert len(made) == len(benchmark) == reader.count()
    assert (made.description.inputs, made.description.centred) == ("random", True)
    assert made.description.notes["keypoints"] == "gt"
    loaded = checkpoints.load(str(weights_file))
    for before, after in zip(benchmark, made, strict=True):
        expected = predict(loaded.lifter, loaded.training, before, benchmark.description, Inference(flip=False))
        joints = expected.joints.copy()
        joints[:, 0] = 0
        found, had = after.arrays(), before.arrays()
        np.testing.assert_allclose(found["estimated_joints"], joints[::every], atol=1e-6)
        np.testing.assert_allclose(found["joints"], expected.truth[::every], atol=1e-6)
        np.testing.assert_array_equal(found["keypoints"], had["keypoints"][::every])
        assert after.fps == pytest.approx(50 / every)
        assert (after.name, after.split, after.camera) == (before.name, before.split, before.camera)


def test_frames_that_tests_leave_out_are_lifted_too(weights_file: Path, tmp_path: Path) -> None:
    one = labelled.sequence("walk", "S9", "test", labelled.CAMERAS[0], azimuth=0.0, frames=12)
    description = Description(name="x", keypoint_skeleton="human36m17", joint_skeleton="human36m17")
    with Writer(tmp_path / "given", description) as writer:
        writer.add(one.replace(valid=np.arange(12) % 3 == 0))
    (lifted,) = Lifted(tmp_path / "given", weights=str(weights_file), every=2).read()
    found = lifted.arrays()
    assert len(found["estimated_joints"]) == 6
    np.testing.assert_array_equal(found["valid"], np.arange(0, 12, 2) % 3 == 0)


def test_what_cannot_be_lifted_is_said(benchmark: Dataset, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="found every 0"):
        Lifted(benchmark.folder, every=0)
    with pytest.raises(InputError, match=r"lacks dataset\.json"):
        Lifted(tmp_path).require()
    with pytest.raises(SkeletonError, match="no remap from human36m17 to coco17"):
        next(Lifted(benchmark.folder).read())
