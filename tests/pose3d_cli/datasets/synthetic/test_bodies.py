"""Varied bodies: they stay possible, and are varied as it says."""

from __future__ import annotations

import numpy as np
import pytest

from pose3d_cli.datasets.mocap.packs import BODY22, Mocap, rescale_bones
from pose3d_cli.datasets.synthetic import bodies


def test_bodies_keep_directions_and_symmetry_when_rescaled(clips: Mocap) -> None:
    rng = np.random.default_rng(0)
    scales = bodies.bone_scales(3, bodies.Bodies(), rng)
    np.testing.assert_array_equal(scales, scales[:, list(BODY22.flip)])
    body = np.stack([clips.sequence(0)[:4]] * 3)
    scaled = rescale_bones(body, scales)
    knee, ankle = BODY22.index("left_knee"), BODY22.index("left_ankle")
    before, after = (b[:, :, ankle] - b[:, :, knee] for b in (body, scaled))
    np.testing.assert_allclose(after, before * scales[:, None, ankle, None], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(rescale_bones(body, np.ones((3, 22))), body, atol=1e-5)


def test_a_graft_keeps_the_legs_and_the_pose_of_the_upper_body(clips: Mocap) -> None:
    legs, upper = clips.sequence(0)[None, 20:29], clips.sequence(2)[None, 20:29]
    grafted = bodies.graft_upper_body(legs=legs, upper=upper)
    below = BODY22.indices("pelvis", "left_knee", "right_ankle")
    np.testing.assert_array_equal(grafted[:, :, below], legs[:, :, below])
    elbow, wrist = BODY22.index("left_elbow"), BODY22.index("left_wrist")
    np.testing.assert_allclose(
        np.linalg.norm(grafted[:, :, wrist] - grafted[:, :, elbow], axis=-1),
        np.linalg.norm(upper[:, :, wrist] - upper[:, :, elbow], axis=-1),
        rtol=1e-4,
    )

    # Turned with the hips, so the shoulders stand over them as they did.
    def over(body: np.ndarray, a: str, b: str) -> np.ndarray:
        across = body[:, :, BODY22.index(f"left_{a}")] - body[:, :, BODY22.index(f"right_{a}")]
        hips = body[:, :, BODY22.index(f"left_{b}")] - body[:, :, BODY22.index(f"right_{b}")]
        return np.arctan2(across[..., 1], across[..., 0]) - np.arctan2(hips[..., 1], hips[..., 0])

    difference = over(grafted, "shoulder", "hip") - over(upper, "shoulder", "hip")
    np.testing.assert_allclose(np.angle(np.exp(1j * difference)), 0, atol=1e-3)


def test_swung_limbs_keep_their_bones_and_bends(clips: Mocap) -> None:
    body = np.stack([clips.sequence(0)[10:19]] * 40).astype(float)
    swung = bodies.swing_limbs(body, (45.0, 25.0, 15.0), np.random.default_rng(0))
    for joint, parent in enumerate(BODY22.parent_indices):
        if parent >= 0:
            before, after = (np.linalg.norm(b[:, :, joint] - b[:, :, parent], axis=-1) for b in (body, swung))
            np.testing.assert_allclose(after, before, atol=1e-9, err_msg=BODY22.joints[joint])
    hip, knee, ankle = (BODY22.index(f"left_{name}") for name in ("hip", "knee", "ankle"))
    for b in (body, swung):
        assert np.isfinite(b).all()
    reach = [np.linalg.norm(b[:, :, hip] - b[:, :, ankle], axis=-1) for b in (body, swung)]
    np.testing.assert_allclose(reach[0], reach[1], atol=1e-9)  # the knee bends as it did
    moved = np.linalg.norm(swung[:, :, knee] - body[:, :, knee], axis=-1).max(axis=1)
    assert 8 < (moved < 1e-9).sum() < 32  # about half of the legs stay
    wrists = swung[:, :, BODY22.index("left_wrist")]
    assert np.linalg.norm(wrists - body[:, :, BODY22.index("left_wrist")], axis=-1).max() > 0.3
    steps = np.linalg.norm(np.diff(wrists, axis=1) - np.diff(body[:, :, BODY22.index("left_wrist")], axis=1), axis=-1)
    assert steps.max() < 0.25  # the swing itself is slow


def flexion(body: np.ndarray, root: str, joint: str, end: str) -> np.ndarray:
    """Degrees that a limb is bent by, 0 where it is straight."""
    a, b, c = (body[:, :, BODY22.index(name)] for name in (root, joint, end))
    upper, lower = b - a, c - b
    cosine = (upper * lower).sum(axis=-1) / np.linalg.norm(upper, axis=-1) / np.linalg.norm(lower, axis=-1)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def test_bent_limbs_keep_their_bones_and_bend_about_their_own_axis(clips: Mocap) -> None:
    deep = int(np.argmin(clips.sequence(1)[:, 0, 2]))
    body = np.stack([clips.sequence(1)[deep - 2 : deep + 3]] * 60).astype(float)  # knees bent throughout
    bent = bodies.bend_limbs(body, (40.0, 25.0), np.random.default_rng(0))
    for joint, parent in enumerate(BODY22.parent_indices):
        if parent >= 0:
            before, after = (np.linalg.norm(b[:, :, joint] - b[:, :, parent], axis=-1) for b in (body, bent))
            np.testing.assert_allclose(after, before, atol=1e-9, err_msg=BODY22.joints[joint])
    knees = [flexion(b, "left_hip", "left_knee", "left_ankle") for b in (body, bent)]
    change = knees[1] - knees[0]
    assert 15 < (np.abs(change).max(axis=1) < 1e-6).sum() < 45  # about half stay
    assert np.abs(change).max() > 20
    assert knees[1].max() < 150 + 1e-6
    hip, knee, ankle = BODY22.indices("left_hip", "left_knee", "left_ankle")
    axis = np.cross(body[:, :, knee] - body[:, :, hip], body[:, :, ankle] - body[:, :, knee])
    np.testing.assert_allclose((axis * (bent[:, :, ankle] - bent[:, :, knee])).sum(axis=-1), 0, atol=1e-9)


def test_straight_limbs_are_not_bent(clips: Mocap) -> None:
    body = clips.sequence(0)[None, 10:19].astype(float)
    knee, ankle = BODY22.indices("left_knee", "left_ankle")
    body[:, :, ankle] = 2 * body[:, :, knee] - body[:, :, BODY22.index("left_hip")]
    bent = bodies.bend_limbs(np.repeat(body, 20, axis=0), (40.0, 25.0), np.random.default_rng(0))
    np.testing.assert_array_equal(bent[:, :, ankle], np.repeat(body, 20, axis=0)[:, :, ankle])


def test_those_who_are_seated_sit(clips: Mocap) -> None:
    body = np.stack([clips.sequence(2)[10:19]] * 200).astype(float)
    seated = bodies.seat(body, np.random.default_rng(0))
    for joint, parent in enumerate(BODY22.parent_indices):
        if parent >= 0:
            before, after = (np.linalg.norm(b[:, :, joint] - b[:, :, parent], axis=-1) for b in (body, seated))
            np.testing.assert_allclose(after, before, atol=1e-6, err_msg=BODY22.joints[joint])
    legs = BODY22.indices("left_knee", "left_ankle", "right_knee", "right_ankle")
    rest = [joint for joint in range(len(BODY22)) if joint not in legs]
    np.testing.assert_array_equal(seated[:, :, rest], body[:, :, rest])
    hip, knee, nose = BODY22.indices("left_hip", "left_knee", "nose")
    thigh = seated[:, :, knee] - seated[:, :, hip]
    ahead = body[:, :, nose] - body[:, :, BODY22.index("head")]
    level = np.abs(thigh[..., 2]) < 0.5 * np.linalg.norm(thigh, axis=-1)
    assert 0.6 < level.mean() < 0.95  # the others kneel
    assert ((thigh * ahead)[..., :2].sum(axis=-1)[level] > 0).mean() > 0.95


def test_a_body_that_lies_is_not_seated(clips: Mocap) -> None:
    lying = clips.sequence(0)[None, 10:19].astype(float)[..., [0, 2, 1]]
    np.testing.assert_array_equal(bodies.seat(lying, np.random.default_rng(0)), lying)


def test_shoulders_are_as_wide_as_they_are_said_to_be() -> None:
    one, other = (
        bodies.bone_scales(400, bodies.Bodies(shoulders=wider), np.random.default_rng(0))
        for wider in ((1.0, 0.0), (0.9, 0.05))
    )
    left, right = BODY22.indices("left_shoulder", "right_shoulder")
    np.testing.assert_array_equal(other[:, left], other[:, right])
    assert np.median(other[:, left]) / np.median(one[:, left]) == pytest.approx(0.9, rel=0.02)
