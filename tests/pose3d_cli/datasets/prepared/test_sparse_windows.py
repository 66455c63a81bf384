"""Windows of sparse poses from a prepared set: what is read, what is answered, and what does not fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sparse_sets
from scipy.spatial.transform import Rotation
from sparse_sets import ARRAYS, CAMERA17

from in_the_wild.errors import ConfigError, InputError
from in_the_wild.skeletons import HUMAN36M17, JHMDB15
from in_the_wild.sparse import Training
from pose3d_cli.datasets.prepared.sequences import Dataset
from pose3d_cli.datasets.prepared.sparse_windows import SparseWindows, Values, kind_of
from pose3d_cli.training.distributed import World, share


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    return sparse_sets.write(tmp_path_factory.mktemp("sets"))


def values(dataset: Dataset, kind: str, coordinates: int, training: Training = ARRAYS) -> Values:
    return Values(dataset, kind, training, coordinates)


def windows(content: Values, **changes: Any) -> SparseWindows:
    return SparseWindows(content, **{"frames": 11, "interval": 5, **changes})


def test_windows_of_joints_are_the_sets_own_from_the_root(sets: dict[str, Dataset]) -> None:
    dataset = sets["pw3d"].choose(split="train")
    cut = windows(values(dataset, "3d", 42), step=3)
    assert len(cut) == sum((length - 11) // 3 + 1 for length in (60, 53, 46)) == 17 + 15 + 12
    read, truth = cut.windows(np.array([0, 16, 17, 18, 43]))
    assert (read.shape, truth.shape, read.dtype) == ((5, 3, 42), (5, 11, 42), np.float32)
    for row, (sequence, start) in enumerate([(0, 0), (0, 48), (1, 0), (1, 3), (2, 33)]):
        given = dataset[sequence].arrays()
        frames = np.arange(start, start + 11)
        np.testing.assert_allclose(truth[row], given["joints"][frames].reshape(11, -1), atol=1e-6)
        np.testing.assert_allclose(read[row], given["estimated_joints"][frames[::5]].reshape(3, -1), atol=1e-6)


def test_an_epoch_has_every_window_once_and_a_batch_is_its_steps(sets: dict[str, Dataset]) -> None:
    content = values(sets["human36m_fcn"].choose(split="train"), "3d", 51)
    cut = windows(content)
    size = 10
    steps = cut.steps(size)
    assert steps == len(cut) // size
    assert steps > 5
    seen = np.concatenate([cut.batch(size, seed=3, step=step)[1] for step in range(steps)])
    everything = cut.windows(np.arange(len(cut)))[1]
    assert len(np.unique(seen.reshape(len(seen), -1), axis=0)) == steps * size  # none twice
    assert {row.tobytes() for row in seen} <= {row.tobytes() for row in everything}
    late = windows(content).batch(size, seed=3, step=steps + 2)  # by itself, in another epoch
    for one, two in zip(late, cut.batch(size, seed=3, step=steps + 2), strict=True):
        np.testing.assert_array_equal(one, two)
    assert not np.array_equal(late[0], cut.batch(size, seed=3, step=2)[0])
    other = cut.batch(size, seed=4, step=steps + 2)[0]
    assert not np.array_equal(other, late[0])
    np.testing.assert_array_equal(other, windows(content).batch(size, seed=4, step=steps + 2)[0])
    whole = cut.batch(size, seed=3, step=1)
    for rank in range(2):
        part = cut.batch(size, seed=3, step=1, part=slice(rank, None, 2))
        for one, two in zip(part, share(whole, World(rank, 2)), strict=True):
            np.testing.assert_array_equal(one, two)
    with pytest.raises(ConfigError, match="make batch smaller"):
        cut.steps(len(cut) + 1)


def test_keypoints_are_shares_of_the_picture_as_the_authors_have_them_or_pixels(sets: dict[str, Dataset]) -> None:
    dataset = sets["jhmdb"].choose(split="train")
    in_shares = values(dataset, "2d", 30)
    read, truth = windows(in_shares).windows(np.array([0]))
    pixels = dataset[0].arrays()["true_keypoints"][:11].reshape(11, 15, 2)
    np.testing.assert_allclose(truth[0].reshape(11, 15, 2), pixels / [320, 240], atol=1e-6)
    np.testing.assert_allclose(in_shares.pixels(truth[0], 0), pixels, atol=1e-4)
    boxed = Training(space="image", skeleton="jhmdb15", fps=30.0, normalisation="box")
    read, truth = windows(values(dataset, "2d", 30, boxed)).windows(np.array([0]))
    np.testing.assert_allclose(truth[0].reshape(11, 15, 2), pixels, atol=1e-4)
    np.testing.assert_allclose(read[0], dataset[0].arrays()["keypoints"][:11:5].reshape(3, -1), atol=1e-4)


def test_smpl_poses_are_six_numbers_for_a_joint_in_the_authors_order(sets: dict[str, Dataset]) -> None:
    dataset = sets["aist"]
    _, truth = windows(values(dataset, "smpl", 144)).windows(np.array([0]))
    pose = dataset[0].arrays()["smpl"][:11]
    matrices = Rotation.from_rotvec(pose.reshape(-1, 3)).as_matrix().reshape(11, 24, 3, 3)
    # MixSynthFormer lib/utils/geometry_utils.py, numpy_rotmat_to_6d: curr_pose[:, :, :2].reshape(-1, 6).
    theirs = np.stack([matrices[..., row, column] for row in range(3) for column in range(2)], axis=-1)
    np.testing.assert_allclose(truth[0], theirs.reshape(11, 144), atol=1e-6)
    read, truth = windows(values(dataset, "smpl", 72)).windows(np.array([0]))
    np.testing.assert_allclose(truth[0], pose, atol=1e-6)
    np.testing.assert_allclose(read[0], dataset[0].arrays()["estimated_smpl"][:11:5, :72], atol=1e-6)


def test_predictions_read_the_true_past(sets: dict[str, Dataset]) -> None:
    training = Training(task="predict", space="camera", skeleton="human36m17", fps=25.0, past=6)
    cut = windows(values(sets["own"], "predict", 51, training), past=6)
    read, truth = cut.windows(np.array([1]))
    assert (read.shape, truth.shape) == ((1, 6, 51), (1, 5, 51))
    joints = sets["own"][0].arrays()["joints"]
    joints = joints - joints[:, :1]
    frames = 1 + 2 * np.arange(11)  # 50 frames per second for weights of 25
    expected = joints[frames].reshape(11, 51)
    np.testing.assert_allclose(np.concatenate([read[0], truth[0]]), expected, atol=1e-6)


def test_mirror_images_and_backward_windows(sets: dict[str, Dataset]) -> None:
    content = values(sets["human36m_fcn"], "3d", 51)
    plain = windows(content)
    varied = windows(content, flip=True, reverse=True)
    count = len(plain)
    assert len(varied) == 4 * count
    read, truth = varied.windows(np.arange(4) * count + 7)
    (given,), (exact,) = plain.windows(np.array([7]))
    mirrored = exact.reshape(11, 17, 3)[:, list(HUMAN36M17.flip)] * [-1, 1, 1]
    np.testing.assert_array_equal(truth[0], exact)
    np.testing.assert_array_equal(truth[1], mirrored.reshape(11, 51))
    np.testing.assert_array_equal(truth[2], exact[::-1])
    np.testing.assert_array_equal(truth[3], mirrored.reshape(11, 51)[::-1])
    np.testing.assert_array_equal(read[2], given[::-1])
    shares = windows(values(sets["jhmdb"], "2d", 30), flip=True)
    _, truth = shares.windows(np.array([0, len(shares) // 2]))
    left, right = JHMDB15.indices("left_wrist", "right_wrist")
    points = truth.reshape(2, 11, 15, 2)
    np.testing.assert_allclose(points[1, :, left, 0], 1 - points[0, :, right, 0], atol=1e-6)
    np.testing.assert_array_equal(points[1, :, left, 1], points[0, :, right, 1])
    with pytest.raises(ConfigError, match=r"not mirrored; set windows\.flip"):
        windows(values(sets["aist"], "smpl", 144), flip=True)


def test_a_sequence_shorter_than_a_window_is_continued_by_its_last_frame(sets: dict[str, Dataset]) -> None:
    dataset = sets["human36m_fcn"].choose(split="test")
    cut = windows(values(dataset, "3d", 51), frames=71)
    assert len(cut) == 2
    _, truth = cut.windows(np.array([1]))
    joints = dataset[1].arrays()["joints"].reshape(53, 51)
    np.testing.assert_allclose(truth[0, :53], joints, atol=1e-6)
    np.testing.assert_allclose(truth[0, 53:], np.repeat(joints[-1:], 18, axis=0), atol=1e-6)


@pytest.mark.parametrize(
    ("name", "kind", "coordinates", "training", "message"),
    [
        ("pw3d", "4d", 42, ARRAYS, 'no kind "4d"'),
        ("own", "3d", 51, ARRAYS, "has no estimated_joints"),
        ("jhmdb", "smpl", 144, ARRAYS, "has no estimated_smpl and no smpl"),
        ("pw3d", "3d", 51, ARRAYS, "is 42 numbers per frame, the network has 51"),
        ("pw3d", "smpl", 70, ARRAYS, "is 144 or 72 numbers per frame"),
        ("pw3d", "3d", 42, CAMERA17, "weights of lsp14 in camera space; found human36m17 in camera space"),
        ("pw3d", "smpl", 144, CAMERA17, "weights of no joints; found human36m17"),
        ("pw3d", "3d", 42, Training(space="camera", skeleton="lsp14"), "between the hips; leave training.space"),
        ("jhmdb", "2d", 30, Training(space="image", skeleton="jhmdb15"), 'normalisation "box", found "none"'),
        ("own", "predict", 51, CAMERA17, "weights that predict; found the task fill"),
    ],
)
def test_what_does_not_fit_is_said(
    sets: dict[str, Dataset], name: str, kind: str, coordinates: int, training: Training, message: str
) -> None:
    with pytest.raises((ConfigError, InputError), match=message):
        values(sets[name], kind, coordinates, training)


def test_what_weights_are_for_is_seen_by_their_numbers(sets: dict[str, Dataset]) -> None:
    assert kind_of(sets["pw3d"], ARRAYS, 42) == "3d"
    assert kind_of(sets["pw3d"], ARRAYS, 144) == "smpl"
    assert kind_of(sets["jhmdb"], ARRAYS, 30) == "2d"
    assert kind_of(sets["human36m_fcn"], CAMERA17, 51) == "3d"
    with pytest.raises(InputError, match=r"51 numbers per frame fit nothing of what .* has: "):
        kind_of(sets["pw3d"], ARRAYS, 51)
