"""Motion capture before virtual cameras: pairs that belong together, bodies that stay possible, noise as it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from in_the_wild.skeletons import COCO17, HUMAN36M17
from pose3d_cli.datasets.mocap.packs import BODY22, Mocap
from pose3d_cli.datasets.synthetic import heldout, virtual
from pose3d_cli.datasets.synthetic.noise import DetectorNoise, NoiseBank


def windows_of(clips: Mocap, **changes: Any) -> virtual.VirtualWindows:
    return virtual.VirtualWindows(clips, frames=9, stride=2, **changes)


def test_a_batch_depends_on_seed_and_step_alone(clips: Mocap) -> None:
    made = windows_of(clips, noise=DetectorNoise())
    first, again, other = (made.batch(8, seed=3, step=step) for step in (5, 5, 6))
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])


def test_targets_projected_by_the_virtual_camera_give_the_inputs(clips: Mocap) -> None:
    """The pair belongs together: keypoints shared by both skeletons differ from the projected target by one shift,
    scale and depth per window, which least squares finds."""
    from in_the_wild.camera import root_from_reprojection

    made = windows_of(clips, cameras=virtual.Cameras(focal_error=0.0))
    inputs, target = made.batch(16, seed=0, step=0)
    assert inputs.shape == (16, 9, 17, 4)
    assert target.shape == (16, 9, 17, 3)
    twins = [(COCO17.index(name), HUMAN36M17.index(name)) for name in COCO17.joints if name in HUMAN36M17.joints]
    theirs, ours = (list(side) for side in zip(*twins, strict=True))
    size = np.exp(inputs[..., :1, 3:] - 1.0)
    rays = inputs[..., :2] * size / 2
    for window in range(16):
        joints, seen = target[window][:, ours].astype(float), rays[window][:, theirs].astype(float)
        root = root_from_reprojection(joints, seen, np.ones(seen.shape[:2]), focal=1.0, centre=(0.0, 0.0))
        placed = joints + root[:, None]
        np.testing.assert_allclose(placed[..., :2] / placed[..., 2:], seen, atol=2e-4)


def test_cameras_look_the_way_their_angles_say() -> None:
    (level,) = virtual.camera_rotations(azimuth=np.zeros(1), pitch=np.zeros(1), roll=np.zeros(1))
    np.testing.assert_allclose(level @ [0, 1, 0], [0, 0, 1], atol=1e-12)  # world y is away
    np.testing.assert_allclose(level @ [0, 0, 1], [0, -1, 0], atol=1e-12)  # up is up in the picture
    np.testing.assert_allclose(level @ [1, 0, 0], [1, 0, 0], atol=1e-12)
    (down,) = virtual.camera_rotations(azimuth=np.zeros(1), pitch=np.radians([30]), roll=np.zeros(1))
    assert (down @ [0, 1, 0])[1] < 0  # looking down, what is ahead on our height is high in the picture
    (any_,) = virtual.camera_rotations(azimuth=np.ones(1), pitch=np.ones(1), roll=np.ones(1))
    assert np.linalg.det(any_) == pytest.approx(1)


def test_facing_says_towards_the_camera_and_to_which_side(clips: Mocap) -> None:
    body = clips.sequence(2)[:1, None]  # waves, and faces some way in the world
    hips = body[0, 0, BODY22.index("left_hip")] - body[0, 0, BODY22.index("right_hip")]
    for turn, expected in ((0, 0.0), (90, np.pi / 2), (-90, -np.pi / 2)):
        # A camera that sees him from the front has his left hip to the picture's right.
        azimuth = np.array([np.arctan2(hips[1], hips[0])]) + np.radians(-turn)
        rotation = virtual.camera_rotations(azimuth=azimuth, pitch=np.zeros(1), roll=np.zeros(1))
        found = virtual.facing(np.einsum("bij,btkj->btki", rotation, body))
        assert abs(np.angle(np.exp(1j * (found[0] - expected)))) < 0.3


def test_noise_is_as_large_as_it_says_and_clean_windows_stay_exact(clips: Mocap) -> None:
    clean = windows_of(clips)
    noisy = windows_of(clips, noise=DetectorNoise(), clean=0.5)
    exact, disturbed = (made.batch(64, seed=0, step=0)[0] for made in (clean, noisy))
    certain = (disturbed[..., 2] == 1).all(axis=(1, 2))
    assert 16 < certain.sum() < 48
    np.testing.assert_array_equal(clean.batch(64, seed=0, step=0)[0][..., 2], 1)
    assert exact.shape == disturbed.shape
    rays = np.random.default_rng(0).normal(0, 0.1, (200, 9, 17, 2))
    quiet = DetectorNoise(offset=0.01, drift=0, jitter=0, guessed=0, unseen=0)
    moved, _ = quiet.apply(rays, np.zeros(200), np.random.default_rng(1))
    box = np.ptp(rays, axis=2).max(axis=-1).mean(axis=1)[:, None, None, None]
    assert ((moved - rays) / box).std() == pytest.approx(0.01, rel=0.05)
    np.testing.assert_allclose((moved - rays)[:, 0], (moved - rays)[:, -1], atol=1e-12)  # an offset stays


def test_measured_noise_matches_the_facing_direction() -> None:
    frames = 60
    bank = NoiseBank(
        residuals=np.concatenate([np.full((frames, 17, 2), value, np.float32) for value in (0.1, 0.2)]),
        scores=np.concatenate([np.full((frames, 17), value, np.float32) for value in (0.3, 0.9)]),
        facing=np.repeat(np.array([0.1, 3.0], np.float32), frames),
        starts=np.array([0, frames]),
        ends=np.array([frames, 2 * frames]),
    )
    residuals, scores = bank.draw(np.array([0.2, 2.9, 0.1]), 9, np.random.default_rng(0))
    np.testing.assert_allclose(residuals[:, 4, 0, 0], [0.1, 0.2, 0.1])
    np.testing.assert_allclose(scores[:, 0, 0], [0.3, 0.9, 0.3])


def test_views_are_the_same_every_time_and_in_front_of_the_camera(clips: Mocap) -> None:
    first, again = (list(heldout.views(clips, count=6, stride=2, cameras=virtual.Cameras())) for _ in range(2))
    assert [view.name for view in first] == [clips.names[i % 3] for i in range(6)]
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a.rays, b.rays)
        assert np.abs(a.rays).max() < 3
        assert a.fps == 25.0
    assert len({view.rays[0, 0, 0] for view in first}) == 6


def test_swung_limbs_keep_their_bones_and_bends(clips: Mocap) -> None:
    body = np.stack([clips.sequence(0)[10:19]] * 40).astype(float)
    swung = virtual.swing_limbs(body, (45.0, 25.0, 15.0), np.random.default_rng(0))
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
