"""Motion capture before virtual cameras: pairs that belong together, bodies that stay possible, noise as it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from in_the_wild.skeletons import COCO17, HUMAN36M17
from pose3d_cli.datasets.mocap.packs import BODY22, Mocap
from pose3d_cli.datasets.synthetic import bodies, heldout, virtual
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


def test_frames_are_drawn_by_their_chances(clips: Mocap) -> None:
    chances = np.zeros(len(clips.joints))
    chosen = int(clips.starts[1]) + 7
    chances[chosen] = 0.75
    chances[0] = 0.25
    still = bodies.Bodies(size=0, bone=0, mixed=0, speed=(1.0, 1.0))
    middles = windows_of(clips, chances=chances, bodies=still).motion(400, np.random.default_rng(0))[:, 4]
    # Half are mirror images, x negated.
    pelvis = np.abs(middles[:, BODY22.root])
    wanted, other = np.abs(clips.joints[[chosen, 0], BODY22.root])
    found = np.linalg.norm(pelvis - wanted, axis=-1) < 1e-5
    assert 0.68 < found.mean() < 0.82
    np.testing.assert_allclose(pelvis[~found], np.repeat(other[None], (~found).sum(), axis=0), atol=1e-5)


def test_what_lasts_of_measured_errors_is_taken_away_as_far_as_said() -> None:
    frames, rng = 80, np.random.default_rng(0)
    changing = rng.normal(0, 0.01, (frames, 17, 2))
    bank = NoiseBank(
        residuals=(changing - changing.mean(axis=0) + 0.05).astype(np.float32),
        scores=np.ones((frames, 17), np.float32),
        facing=np.zeros(frames, np.float32),
        starts=np.array([0]),
        ends=np.array([frames]),
    )
    np.testing.assert_allclose(bank.lasting(np.zeros(2)), 0.05, atol=1e-6)
    rays = rng.normal(0, 0.1, (300, 9, 17, 2))
    box = np.ptp(rays, axis=2).max(axis=-1).mean(axis=1)[:, None, None, None]
    for lasting, mean in (((1.0, 1.0), 0.05), ((0.0, 0.0), 0.0), ((0.0, 1.0), 0.025)):
        quiet = DetectorNoise(
            offset=0, drift=0, jitter=0, guessed=0, unseen=0, bank=bank, measured=1.0, lasting=lasting
        )
        moved, _ = quiet.apply(rays, np.zeros(300), np.random.default_rng(1))
        assert ((moved - rays) / box).mean() == pytest.approx(mean, abs=0.004)
