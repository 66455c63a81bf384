"""MixSynthFormer measured on prepared sets: the authors' tables, and errors that are those which were made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import references
import sparse_sets
import torch
from scipy.spatial.transform import Rotation
from sparse_sets import ARRAYS, CAMERA17, SMALL, prepared

from in_the_wild import checkpoints
from in_the_wild.checkpoints import refiners
from in_the_wild.errors import InputError
from in_the_wild.refiners._mixsynthformer_network import MixSynthFormerNetwork
from in_the_wild.refiners.mixsynthformer import MixSynthFormer
from in_the_wild.skeletons import LSP14
from in_the_wild.sparse import Training
from pose3d_cli.datasets.prepared.sequences import Camera, Dataset, Description, Labelled
from pose3d_cli.evaluation import baselines
from pose3d_cli.evaluation import sparse as sparse_poses


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    return sparse_sets.write(tmp_path_factory.mktemp("sets"))


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
        network_of(arrays), CAMERA17, dataset, rule="released", truth_as_input=result == "as_released"
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
    refiners.save(tmp_path / "x.pt", model="mixsynthformer", network=built, arguments=arguments, training=ARRAYS)
    loaded = refiners.load(str(tmp_path / "x.pt"))
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
