"""The whole clip solved: a mannequin's exact motion, spoilt as a lifter spoils it, comes back better."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses, Source
from in_the_wild.refiners import _solving
from in_the_wild.refiners.whole_clip import WholeClip
from in_the_wild.skeletons import COCO17, HUMAN36M17
from pose3d_cli.datasets.synthetic import clips

FEET = ("left_ankle", "right_ankle")


@cache
def truth() -> dict[str, np.ndarray]:
    return clips.scene("walker").truth()


@cache
def true_joints() -> np.ndarray:
    """(T, 17, 3) metres in camera space."""
    joints: np.ndarray = truth()["joints_camera"][:, 0].astype(np.float64)
    return joints


def source() -> Source:
    found = truth()
    return Source("walker.mp4", int(found["width"]), int(found["height"]), float(found["fps"]), found["time"])


def lifted(**changes: Any) -> Poses:
    """Joints with jitter, and with errors that last, as a lifter's do; a root that is off along the ray."""
    random = np.random.default_rng(0)
    joints = true_joints()
    time = truth()["time"]
    slow = 0.03 * np.sin(2 * np.pi * 0.4 * time[:, None, None] + random.uniform(0, 6, (17, 3)))
    relative = joints - joints[:, :1] + slow + random.normal(0, 0.015, joints.shape)
    relative -= relative[:, :1]
    root = joints[:, 0] * (1 + 0.02 * np.sin(1.7 * time))[:, None]
    count = len(time)
    poses = Poses(
        keypoints=relative, scores=np.full((count, 17), 0.9), frame=np.arange(count), person_id=np.zeros(count, int),
        skeleton=HUMAN36M17, space="camera", video=source(), root=root, meta={"focal": float(truth()["K"][0, 0])},
    )  # fmt: skip
    return poses.replace(**changes)


def keypoints() -> Poses:
    """What a detector would see: the projected truth, two pixels of noise."""
    pixels = truth()["coco"][:, 0] + np.random.default_rng(1).normal(0, 2, truth()["coco"][:, 0].shape)
    count = len(pixels)
    return Poses(
        keypoints=pixels, scores=np.full((count, 17), 0.9), frame=np.arange(count), person_id=np.zeros(count, int),
        skeleton=COCO17, space="image", video=source(),
    )  # fmt: skip


def error(poses: Poses) -> float:
    """MPJPE, metres."""
    joints = true_joints()[poses.frame]
    return float(np.linalg.norm(poses.keypoints - (joints - joints[:, :1]), axis=-1).mean())


def acceleration_error(poses: Poses) -> float:
    joints = true_joints()[poses.frame]
    return float(np.linalg.norm(np.diff(poses.keypoints - (joints - joints[:, :1]), n=2, axis=0), axis=-1).mean())


def bones(poses: Poses) -> np.ndarray:
    """(T, bones) metres."""
    upper, lower = zip(*((p, j) for j, p in enumerate(HUMAN36M17.parent_indices) if p >= 0), strict=True)
    lengths: np.ndarray = np.linalg.norm(poses.keypoints[:, lower] - poses.keypoints[:, upper], axis=-1)
    return lengths


def slip(poses: Poses) -> float:
    """Mean metres a frame by which feet move that truly stand."""
    assert poses.root is not None
    columns = HUMAN36M17.indices(*FEET)
    moved = np.linalg.norm(np.diff((poses.keypoints + poses.root[:, None])[:, columns], axis=0), axis=-1)
    still = np.linalg.norm(np.diff(true_joints()[:, columns], axis=0), axis=-1) < 0.002
    return float(moved[still].mean())


def test_a_clip_solved_is_nearer_to_the_truth_and_holds_still() -> None:
    before = lifted()
    after = WholeClip().seeing(keypoints())(before)
    assert error(after) < 0.85 * error(before)
    assert acceleration_error(after) < 0.4 * acceleration_error(before)
    assert bones(before).std(axis=0).max() > 0.02
    assert bones(after).std(axis=0).max() < 0.003
    assert slip(after) < 0.3 * slip(before)
    assert slip(after) < 0.003
    # How large somebody is no camera tells; but he is as large all the time.
    wobble = [np.std(one.root[:, 2] / true_joints()[:, 0, 2]) for one in (before, after) if one.root is not None]
    assert wobble[1] < 0.8 * wobble[0]


def test_rows_scores_and_times_stay() -> None:
    before = lifted()
    after = WholeClip().seeing(keypoints())(before)
    assert np.array_equal(after.frame, before.frame)
    assert np.array_equal(after.scores, before.scores)
    assert np.array_equal(after.person_id, before.person_id)
    assert after.keypoints[:, HUMAN36M17.root].tolist() == before.keypoints[:, HUMAN36M17.root].tolist()


def test_what_was_found_is_noted() -> None:
    after = WholeClip(acceleration=20.0).seeing(keypoints())(lifted())
    assert after.meta["refiners"] == [{"name": "whole_clip", "keypoints": 0.03, "acceleration": 20.0}]
    found = after.meta["whole_clip"]["0"]
    left, right = (found["bones"][f"{side}_knee"] for side in ("left", "right"))
    assert left == right == pytest.approx(float(np.median(bones(after)[:, 1])), abs=0.003)
    for foot in FEET:
        stands = np.zeros(len(after), bool)
        for first, last in found["standing"][foot]:
            stands[first : last + 1] = True
        truly = np.linalg.norm(np.gradient(true_joints()[:, HUMAN36M17.index(foot)], truth()["time"], axis=0), axis=1)
        assert stands[truly < 0.05].mean() > 0.8
        assert stands[truly > 0.6].mean() < 0.05


def test_without_keypoints_bones_and_paths_are_mended_alone() -> None:
    before = lifted()
    for given in (before, before.replace(root=None), before.replace(meta={})):
        after = WholeClip()(given)
        assert error(after) < error(before)
        assert bones(after).std(axis=0).max() < 0.003
        assert (after.root is None) == (given.root is None)


def test_keypoints_that_were_not_seen_do_not_count() -> None:
    seen = keypoints()
    wild, scores = seen.keypoints.copy(), seen.scores.copy()
    wrist = COCO17.index("left_wrist")
    wild[:, wrist], scores[:, wrist] = 0, 0
    after = WholeClip().seeing(seen.replace(keypoints=wild, scores=scores))(lifted())
    assert error(after) < error(lifted())


def test_a_keypoint_that_jumps_takes_nobody_along() -> None:
    seen = keypoints()
    wild = seen.keypoints.copy()
    wild[40:44, COCO17.index("right_wrist")] += 150
    usual, jumped = (WholeClip().seeing(one)(lifted()) for one in (seen, seen.replace(keypoints=wild)))
    assert np.linalg.norm(jumped.keypoints - usual.keypoints, axis=-1).max() < 0.06


def four_times(poses: Poses) -> Poses:
    """The clip again and again, half a minute in all."""
    count, video = len(poses), poses.video
    time = np.concatenate([video.timestamps + i * count / video.fps for i in range(4)])
    root = None if poses.root is None else np.tile(poses.root, (4, 1))
    return poses.replace(
        keypoints=np.tile(poses.keypoints, (4, 1, 1)), scores=np.tile(poses.scores, (4, 1)), root=root,
        frame=np.arange(4 * count), person_id=np.zeros(4 * count, int),
        video=Source(video.path, video.width, video.height, video.fps, time),
    )  # fmt: skip


@pytest.mark.slow
def test_pieces_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = WholeClip().seeing(four_times(keypoints()))(four_times(lifted()))
    monkeypatch.setattr(_solving, "_PIECE", 250)
    pieces = WholeClip().seeing(four_times(keypoints()))(four_times(lifted()))
    assert 0 < np.abs(pieces.keypoints - whole.keypoints).max() < 1e-4
    assert whole.root is not None
    assert pieces.root is not None
    assert np.abs(pieces.root - whole.root).max() < 1e-4


@pytest.mark.parametrize("frames", [[3], [3, 4], [3, 4, 5], [3, 90, 91, 92, 170]])
def test_short_and_torn_tracks_are_put_up_with(frames: list[int]) -> None:
    some = lifted().rows(np.array(frames))
    after = WholeClip().seeing(keypoints())(some)
    assert after.frame.tolist() == frames
    assert np.isfinite(after.keypoints).all()
    assert error(after) < 1.5 * error(some)


@pytest.mark.parametrize("wrong", [{"keypoints": 0.0}, {"acceleration": -1.0}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="above 0"):
        WholeClip(**wrong)


def test_the_normal_equations_are_those_of_dense_least_squares() -> None:
    from in_the_wild.refiners._least_squares import NormalEquations

    random = np.random.default_rng(2)
    frames, joints = 6, 3
    equations = NormalEquations(frames, joints)
    rows, residuals = [], []

    def dense(parts: dict[tuple[int, int], np.ndarray], residual: np.ndarray) -> None:
        """A residual (R,) by its Jacobians (R, 3) of joints in frames."""
        row = np.zeros((len(residual), frames, joints, 3))
        for (t, j), jacobian in parts.items():
            row[:, t, j] += jacobian
        rows.append(row.reshape(len(residual), -1))
        residuals.append(residual)

    jacobians, found = random.normal(size=(frames, joints, 3, 3)), random.normal(size=(frames, joints, 3))
    equations.add_joints(
        range(joints), np.einsum("tkca,tkcb->tkab", jacobians, jacobians), np.einsum("tkca,tkc->tka", jacobians, found)
    )
    for t in range(frames):
        for j in range(joints):
            dense({(t, j): jacobians[t, j]}, found[t, j])
    jacobians, found = random.normal(size=(frames, 1, 2, 3)), random.normal(size=(frames, 1, 2))
    equations.add_pairs(
        [(0, 2)], np.einsum("tkca,tkcb->tkab", jacobians, jacobians), np.einsum("tkca,tkc->tka", jacobians, found)
    )
    for t in range(frames):
        dense({(t, 2): jacobians[t, 0], (t, 0): -jacobians[t, 0]}, found[t, 0])
    positions = random.normal(size=(frames, joints, 3))
    for length in (2, 3):
        coefficients = random.normal(size=(frames - length + 1, length))
        weights = random.uniform(0.5, 2, (len(coefficients), joints))
        equations.add_over_time(positions, coefficients, weights)
        for t, j in np.ndindex(weights.shape):
            root = np.sqrt(weights[t, j])
            parts = {(t + k, j): root * coefficients[t, k] * np.eye(3) for k in range(length)}
            dense(parts, root * (coefficients[t] @ positions[t : t + length, j]))
    jacobian, residual = np.concatenate(rows), np.concatenate(residuals)
    expected = np.linalg.lstsq(jacobian, -residual, rcond=None)[0].reshape(frames, joints, 3)
    assert np.allclose(equations.solve(), expected, atol=1e-4)
