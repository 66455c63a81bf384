"""MixSynthFormer on prepared sets: windows, training and the authors' evaluation."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import labelled
import numpy as np
import published_sets
import pytest
import references
import torch
from scipy.spatial.transform import Rotation

from in_the_wild import checkpoints, plugins
from in_the_wild.errors import ConfigError, InputError
from in_the_wild.refiners import mixsynthformer
from in_the_wild.refiners.mixsynthformer import MixSynthFormer, MixSynthFormerNetwork, Training
from in_the_wild.skeletons import HUMAN36M17, JHMDB15, LSP14
from pose3d_cli.datasets.prepared.sequences import Camera, Dataset, Description, Labelled, Writer, open_folder
from pose3d_cli.datasets.prepared.sparse_windows import SparseWindows, Values, kind_of
from pose3d_cli.evaluation import baselines
from pose3d_cli.evaluation import sparse as sparse_poses
from pose3d_cli.training import build_sparse
from pose3d_cli.training.distributed import World, share

SMALL: dict[str, Any] = {
    "interval": 5, "segments": 2, "channels": 16, "hidden": 32, "layers": 1, "reduce_time": 1, "dropout": 0.0,
}  # fmt: skip
ARRAYS = Training()


def prepared(folder: Path, description: Description, sequences: Sequence[Labelled]) -> Dataset:
    with Writer(folder, description) as writer:
        for sequence in sequences:
            writer.add(sequence)
    return open_folder(folder)


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    """The four published sets, tiny, and our own motion, whose joints stand for an estimator's too."""
    folder = tmp_path_factory.mktemp("sets")
    made = {}
    for name in published_sets.DECIWATCH:
        given = published_sets.write_deciwatch(folder / "given", name)
        reader = plugins.load("pose3d_cli.datasets.readers", name)(given)
        made[name] = prepared(folder / name, reader.describe(), list(reader.read()))
    made["own"] = open_folder(labelled.write(folder / "own", frames=30))
    return made


def values(dataset: Dataset, kind: str, coordinates: int, training: Training = ARRAYS) -> Values:
    return Values(dataset, kind, training, coordinates)


def windows(content: Values, **changes: Any) -> SparseWindows:
    return SparseWindows(content, **{"frames": 11, "interval": 5, **changes})


# -------------------------------------------------------------------------------------------------------------- windows


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


CAMERA17 = Training(space="camera", skeleton="human36m17")


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


# -------------------------------------------------------------------------------------------------- the authors' tables


def network_of(arrays: dict[str, np.ndarray]) -> MixSynthFormerNetwork:
    state, arguments = MixSynthFormerNetwork.convert(references.state_dict(arrays))
    built = MixSynthFormerNetwork(**arguments)
    checkpoints.load_strictly(built, state, "reference")
    return built.eval()


@pytest.mark.parametrize("result", ["as_released", "with_detected_input"])
def test_the_evaluation_in_3d_equals_the_authors(result: str, tmp_path: Path) -> None:
    arrays = references.load("mixsynth_evaluate3d_s10_q1.npz")
    taken = [
        Labelled(
            name=str(i), subject="S9", action="x", split="test", fps=50.0,
            joints=arrays[f"in/gt_{i}"], estimated_joints=arrays[f"in/pred_{i}"],
        )
        for i in range(2)
    ]  # fmt: skip
    dataset = prepared(tmp_path / "made", Description(name="x", joint_skeleton="human36m17"), taken)
    found = sparse_poses.evaluate(
        network_of(arrays), CAMERA17, dataset, rule="published", truth_as_input=result == "as_released"
    )
    names = [
        f"{who}{name}" for who in ("", "input_", "linear_") for name in ("mpjpe_mm", "p_mpjpe_mm", "acceleration_mm")
    ]
    np.testing.assert_allclose([found[name] for name in names], arrays[f"out/{result}"], rtol=1e-4, atol=1e-3)
    assert next(iter(found)) == "mpjpe_mm"


def test_the_evaluation_in_2d_equals_the_authors(tmp_path: Path) -> None:
    arrays = references.load("mixsynth_evaluate2d_2seq.npz")
    taken = []
    for i in range(2):
        height, width = (int(side) for side in arrays[f"in/imgshape_{i}"][:2])
        taken.append(
            Labelled(
                name=str(i),
                subject="x",
                action="x",
                split="test",
                fps=30.0,
                camera=Camera("", width, height),
                keypoints=arrays[f"in/pred_{i}"] * [width, height],
                true_keypoints=arrays[f"in/gt_{i}"] * [width, height],
                boxes=arrays[f"in/bbox_{i}"],
            )
        )
    dataset = prepared(tmp_path / "made", Description(name="x", keypoint_skeleton="jhmdb15"), taken)
    found = sparse_poses.evaluate(network_of(arrays), ARRAYS, dataset)
    shares = [found[f"{who}pck_{share}"] for share in ("0.05", "0.1", "0.2") for who in ("input_", "")]
    np.testing.assert_allclose(shares, arrays["out/result"] * 100, atol=1e-4)
    said = json.loads(str(arrays["config"]))["result"]
    lines = [found[f"linear_pck_{share}"] / 100 for share in ("0.05", "0.1", "0.2")]
    np.testing.assert_allclose(lines, [said[f"linear_interp_pck_{share}"] for share in ("005", "01", "02")], atol=1e-6)


@pytest.mark.parametrize("name", ["mixsynth_slide_s10_q5_L33", "mixsynth_slide_s5_q2_L137", "mixsynth_slide_s5_q2_L8"])
def test_frames_that_count_are_the_authors(name: str, tmp_path: Path) -> None:
    arrays = references.load(f"{name}.npz")
    one = Labelled(
        name="x", subject="x", action="x", split="test", fps=50.0,
        joints=arrays["in/gt_sequence"], estimated_joints=arrays["in/pred_sequence"],
    )  # fmt: skip
    dataset = prepared(tmp_path / "made", Description(name="x", joint_skeleton="human36m17"), [one])
    found = sparse_poses.evaluate(network_of(arrays), CAMERA17, dataset)
    recovered, exact = (arrays[f"out/{key}"].astype(np.float64) for key in ("recovered", "gt_sequence"))
    recovered -= recovered[:, :1]
    expected = np.linalg.norm(recovered - exact, axis=-1).mean() * 1e3
    assert found["mpjpe_mm"] == pytest.approx(expected, rel=1e-4)


# ----------------------------------------------------------------------------------------------------------- evaluation


def straight(coordinates: int, **arguments: Any) -> MixSynthFormerNetwork:
    """A network that interpolates linearly between the frames it reads, and corrects nothing."""
    built = MixSynthFormerNetwork(**{**SMALL, "coordinates": coordinates, **arguments}).eval()
    for parameter in built.head.parameters():
        torch.nn.init.zeros_(parameter)
    return built


@pytest.mark.parametrize(("name", "coordinates"), [("jhmdb", 30), ("pw3d", 42), ("pw3d", 144), ("aist", 144)])
@pytest.mark.parametrize("rule", sparse_poses.RULES)
def test_a_network_of_straight_lines_is_as_good_as_straight_lines(
    sets: dict[str, Dataset], name: str, coordinates: int, rule: str, tmp_path: Path
) -> None:
    tests = sets[name].choose(split="test")
    # The last window reads what was seen only where a sequence ends on such a frame.
    short = [one.replace(**{key: value[:46] for key, value in one.arrays().items()}) for one in tests]
    dataset = prepared(tmp_path / "short", tests.description, short)
    found = sparse_poses.evaluate(straight(coordinates), ARRAYS, dataset, rule=rule)
    own = {key: value for key, value in found.items() if not key.startswith(("linear_", "input_"))}
    first = next(iter(own))
    assert found[f"input_{first}"] != pytest.approx(own[first], rel=1e-3)
    for key, value in own.items():
        assert value == pytest.approx(found[f"linear_{key}"], rel=1e-4, abs=1e-3), key


def constant(name: str, dataset: Dataset, folder: Path, **changes: Any) -> Dataset:
    """The set's tests, with other arrays."""
    sequences = [
        one.replace(**{key: make(one) for key, make in changes.items()}) for one in dataset.choose(split="test")
    ]
    return prepared(folder / name, dataset.description, sequences)


def test_errors_are_those_that_were_made(sets: dict[str, Dataset], tmp_path: Path) -> None:
    def moved(one: Labelled) -> np.ndarray:
        joints = np.repeat(one.arrays()["joints"][:1], len(one), axis=0)
        joints[:, LSP14.index("left_wrist"), 2] += 0.14  # metres: 10 mm on average over 14 joints
        return joints

    def still(one: Labelled) -> np.ndarray:
        return np.repeat(one.arrays()["joints"][:1], len(one), axis=0)

    dataset = constant("still", sets["pw3d"], tmp_path, joints=still, estimated_joints=moved)
    for rule in sparse_poses.RULES:
        found = sparse_poses.evaluate(straight(42), ARRAYS, dataset, rule=rule)
        for who in ("", "input_", "linear_"):
            assert found[f"{who}mpjpe_mm"] == pytest.approx(10, rel=1e-4)
            assert found[f"{who}acceleration_mm"] == pytest.approx(0, abs=1e-2)
            assert 0 < found[f"{who}p_mpjpe_mm"] < 30


def test_the_truth_can_be_read_as_in_the_released_evaluation(sets: dict[str, Dataset]) -> None:
    dataset = sets["pw3d"].choose(split="test")
    for rule in sparse_poses.RULES:
        given, released = (
            sparse_poses.evaluate(straight(42), ARRAYS, dataset, rule=rule, truth_as_input=truth)
            for truth in (False, True)
        )
        assert released["input_mpjpe_mm"] == pytest.approx(0, abs=1e-9)
        assert 0 < released["mpjpe_mm"] < given["mpjpe_mm"]


def test_turns_are_measured_in_degrees(sets: dict[str, Dataset], tmp_path: Path) -> None:
    def still(one: Labelled) -> np.ndarray:
        return np.repeat(one.arrays()["smpl"][:1], len(one), axis=0)

    def turned(one: Labelled) -> np.ndarray:
        pose = still(one)
        first = Rotation.from_rotvec([0, 0, np.radians(48)]) * Rotation.from_rotvec(pose[:, :3])
        pose[:, :3] = first.as_rotvec()
        return pose

    dataset = constant("turned", sets["pw3d"], tmp_path, smpl=still, estimated_smpl=turned)
    for coordinates in (144, 72):
        found = sparse_poses.evaluate(straight(coordinates), ARRAYS, dataset, kind="smpl")
        assert found["rotation_deg"] == pytest.approx(2, abs=1e-3)  # 48 degrees of one of 24 joints


def test_keypoints_count_within_shares_of_the_box(sets: dict[str, Dataset], tmp_path: Path) -> None:
    def off(one: Labelled) -> np.ndarray:
        points = np.array(one.arrays()["true_keypoints"])
        points[:, :5, 0] += 15.5
        points[:, 5:9, 1] -= 8
        return points

    def boxes(one: Labelled) -> np.ndarray:
        return np.tile([0.9, 0.0, 60.0, 100.9], (len(one), 1))  # 100.9 high; whole pixels: 100

    dataset = constant("off", sets["jhmdb"], tmp_path, keypoints=off, boxes=boxes)
    found = sparse_poses.evaluate(straight(30), ARRAYS, dataset)
    assert [found[f"input_pck_{share}"] for share in ("0.2", "0.1", "0.05")] == pytest.approx(
        [100, 100 * 10 / 15, 100 * 6 / 15]
    )
    assert found["input_error_percent"] == pytest.approx((5 * 15.5 + 4 * 8) / 15, rel=1e-4)
    whole = sparse_poses.evaluate(straight(30), ARRAYS, dataset, rule="whole")
    assert whole["input_error_percent"] == pytest.approx((5 * 15.5 + 4 * 8) / 15 / 1.009, rel=1e-4)


def test_the_whole_sequence_is_answered_as_the_refiner_answers(sets: dict[str, Dataset], tmp_path: Path) -> None:
    torch.manual_seed(0)
    built = MixSynthFormerNetwork(**{**SMALL, "coordinates": 51}).eval()
    arguments = {**SMALL, "coordinates": 51}
    mixsynthformer.save(tmp_path / "x.pt", network=built, arguments=arguments, training=ARRAYS)
    loaded = mixsynthformer.load(str(tmp_path / "x.pt"))
    refiner = MixSynthFormer(weights=str(tmp_path / "x.pt"))
    dataset = sets["human36m_fcn"].choose(split="test")
    off = []
    for one in dataset:
        given = one.arrays()
        seen = np.arange(len(one)) % 5 == 0
        seen[-1] = True
        hidden = np.where(seen[:, None, None], given["estimated_joints"], 1e3).reshape(len(one), 51)
        refined = refiner.refine_array(hidden, seen).reshape(len(one), 17, 3)
        off.append(np.linalg.norm(refined - refined[:, :1] - given["joints"], axis=-1).mean(axis=-1))
    found = sparse_poses.evaluate(loaded.network, CAMERA17, dataset, rule="whole")
    assert found["mpjpe_mm"] == pytest.approx(np.concatenate(off).mean() * 1e3, rel=1e-4)


def test_frames_that_tests_leave_out_do_not_count(sets: dict[str, Dataset], tmp_path: Path) -> None:
    def wrong_at_first(one: Labelled) -> np.ndarray:
        joints = np.array(one.arrays()["joints"])
        joints[:20, 1:, 0] += 0.5
        return joints

    made = constant(
        "valid",
        sets["human36m_fcn"],
        tmp_path,
        estimated_joints=wrong_at_first,
        valid=lambda one: np.arange(len(one)) >= 20,
    )
    found = sparse_poses.evaluate(straight(51), CAMERA17, made, rule="whole")
    assert found["input_mpjpe_mm"] == pytest.approx(0, abs=1e-9)
    assert found["input_acceleration_mm"] == pytest.approx(0, abs=1e-9)


def test_predictions_are_measured_beside_rest_and_velocity(sets: dict[str, Dataset], tmp_path: Path) -> None:
    training = Training(task="predict", space="camera", skeleton="human36m17", past=6)

    def steady(one: Labelled) -> np.ndarray:
        joints = np.repeat(np.asarray(one.joints)[:1].astype(np.float64), len(one), axis=0)
        joints[:, 1:, 0] += np.arange(len(one))[:, None] * 0.01
        return joints

    made = constant("steady", sets["own"], tmp_path, joints=steady)
    found = sparse_poses.evaluate(straight(51), training, made)
    assert found["velocity_mpjpe_mm"] == pytest.approx(0, abs=1e-2)
    # 10 mm more with each of 5 frames, of 16 joints out of 17.
    assert found["last_pose_mpjpe_mm"] == pytest.approx(30 * 16 / 17, rel=1e-3)
    # What it is before it has learnt anything.
    assert found["mpjpe_mm"] == pytest.approx(found["last_pose_mpjpe_mm"], rel=1e-6)
    assert baselines.no_better_than(training, found) == ["last_pose_mpjpe_mm", "velocity_mpjpe_mm"]
    with pytest.raises(InputError, match="51 frames at 50 per second"):
        sparse_poses.evaluate(straight(51, segments=10), training, made)


def test_an_unknown_rule_is_answered_with_the_nearest(sets: dict[str, Dataset]) -> None:
    with pytest.raises(InputError, match=r'no rule "hole" .* Did you mean "whole"'):
        sparse_poses.evaluate(straight(42), ARRAYS, sets["pw3d"], rule="hole")


# ------------------------------------------------------------------------------------------------------------- training

SCHEDULE: dict[str, Any] = {
    "epochs": 4, "optimiser": "adam", "amsgrad": True, "learning_rate": 5e-3, "warmup": 0, "weight_decay": 0.0,
    "clip": 0.0, "decay": "exponential", "decay_by": 0.97, "decay_every": 1, "average": 0.0, "average_from": 0,
    "check_every": 2, "save_every": 1,
}  # fmt: skip


def config(name: str, coordinates: int, **changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "model": "mixsynthformer",
        "arguments": {**SMALL, "coordinates": coordinates},
        "training": {"fps": {"jhmdb": 30.0, "pw3d": 30.0, "aist": 60.0}.get(name, 50.0)},
        "data": {"name": name, "inputs": "", "truth": "", "train": {"split": "train"}, "test": {"split": "test"}},
        "windows": {"step": 1},
        "batch": 16,
        "seed": 0,
        "schedule": SCHEDULE,
        "test": {"rule": "published", "every": 1},
    }
    assert tuple(values) == build_sparse.KEYS
    return {**values, **changes}


def train(run: build_sparse.Run, folder: Path, **settings: Any) -> tuple[list[float], dict[str, float]]:
    losses: list[float] = []
    best = build_sparse.train(
        run,
        folder,
        device="cpu",
        on_step=lambda step, loss: losses.append(loss),
        on_check=lambda found: None,
        **settings,
    )
    return losses, best


@pytest.mark.parametrize(
    ("name", "coordinates", "kind"),
    [
        ("jhmdb", 30, "2d"),
        ("human36m_fcn", 51, "3d"),
        ("pw3d", 42, "3d"),
        ("aist", 144, "smpl"),
        ("own", 51, "predict"),
    ],
)
def test_training_learns_what_the_estimator_does_wrong(
    sets: dict[str, Dataset], name: str, coordinates: int, kind: str, tmp_path: Path
) -> None:
    changes: dict[str, Any] = {"windows": {"kind": kind, "step": 1}}
    if name == "own":
        changes |= {"training": {**dataclasses.asdict(CAMERA17), "task": "predict", "past": 6}}
        changes |= {"data": {"train": {"split": "train"}, "test": {"split": "test"}}}
    run = build_sparse.build(folder=sets[name].folder, **config(name, coordinates, **changes))
    before = build_sparse.check(run, run.network.eval())
    losses, best = train(run, tmp_path / "run")
    assert len(losses) == run.schedule.steps == 4 * run.windows.steps(16)
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:5])
    first = next(iter(best))
    assert best[first] < 0.95 * before[first]
    baseline = "last_pose" if kind == "predict" else "linear"
    assert best[f"{baseline}_{first}"] == pytest.approx(before[f"{baseline}_{first}"])
    with (tmp_path / "run" / "log.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 2
    assert min(float(row[first]) for row in rows) == pytest.approx(best[first], rel=2e-2)  # 16-bit weights
    kept = mixsynthformer.load(str(tmp_path / "run" / "best.pt"))
    assert kept.training == run.training
    assert sparse_poses.evaluate(kept.network, kept.training, run.heldout) == best
    assert {"last.pt", "curve.png", "state.pt", "run.json"} <= {file.name for file in (tmp_path / "run").iterdir()}


def test_a_run_that_was_stopped_repeats_its_losses(sets: dict[str, Dataset], tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    given = config("human36m_fcn", 51, schedule={**SCHEDULE, "epochs": 1})
    given["arguments"] = {**given["arguments"], "dropout": 0.2}

    def run() -> build_sparse.Run:
        built = build_sparse.build(folder=sets["human36m_fcn"].folder, **given)
        return dataclasses.replace(built, schedule=dataclasses.replace(built.schedule, save_every=2))

    whole, _ = train(run(), tmp_path / "whole")

    def stop(step: int, loss: float) -> None:
        if step == 5:
            raise Stop

    with pytest.raises(Stop):
        build_sparse.train(run(), tmp_path / "part", device="cpu", on_step=stop, on_check=lambda found: None)
    rest, _ = train(run(), tmp_path / "part")
    assert rest == whole[4:]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "pstmo"}, "mixsynthformer is trained, found pstmo"),
        ({"windows": {"stap": 1}}, 'windows .* no key "stap". Did you mean "step"'),
        ({"windows": {"step": 0}}, r"windows\.step is at least 1"),
        ({"test": {"rule": "hole"}}, 'test.rule cannot be "hole". Did you mean "whole"'),
        ({"test": {"every": 0}}, r"test\.every is at least 1"),
        ({"training": {"fps": 70.0}}, "cannot come at 70; set training.fps to 50"),
        ({"training": {"past": 4}}, "To fill was asked with 4 past frames"),
        ({"data": {"name": "pw3d"}}, 'for name "pw3d", .* holds "human36m_fcn"'),
        ({"arguments": {**SMALL, "coordinates": 42}}, "42 numbers per frame fit nothing"),
        ({"batch": 1000}, "make batch smaller"),
    ],
)
def test_what_cannot_be_trained_is_said(sets: dict[str, Dataset], changes: dict[str, Any], message: str) -> None:
    with pytest.raises((ConfigError, InputError), match=message):
        build_sparse.build(folder=sets["human36m_fcn"].folder, **config("human36m_fcn", 51, **changes))
