"""Windows that MixSynthFormer learns from on motion capture: pairs that belong together, the same every time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import fakes
import numpy as np
import pytest

from in_the_wild import checkpoints
from in_the_wild.checkpoints import Weights
from in_the_wild.errors import InputError
from in_the_wild.lens import Pinhole
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.tracks import fill_track
from pose3d_cli.datasets.mocap.packs import H36M_IN_BODY22, Mocap
from pose3d_cli.datasets.synthetic import sparse, virtual
from pose3d_cli.datasets.synthetic.noise import DetectorNoise, NoiseBank


@pytest.fixture(scope="module")
def lifter() -> Weights:
    return checkpoints.load("pstmo_coco")


def windows_of(clips: Mocap, frames: int, **changes: Any) -> virtual.VirtualWindows:
    return virtual.VirtualWindows(clips, frames=frames, stride=2, **changes)


def lifted(count: int = 5) -> sparse.Lifted:
    rng = np.random.default_rng(0)
    truth = rng.normal(size=(count, 21, 17, 3)).astype(np.float32)
    return sparse.Lifted(truth[:, ::5], truth, interval=5)


@pytest.mark.parametrize("kind", ["keypoints", "lifted", "continuations"])
def test_a_batch_depends_on_seed_and_step_alone(clips: Mocap, kind: str) -> None:
    noisy = windows_of(clips, 11, noise=DetectorNoise())
    made: dict[str, sparse.Examples] = {
        "keypoints": sparse.Keypoints(noisy, 5),
        "lifted": lifted(),
        "continuations": sparse.Continuations(noisy, 6),
    }
    first, again, next_, other = (made[kind].batch(8, seed=s, step=t) for s, t in ((3, 5), (3, 5), (3, 6), (4, 5)))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, two)
        assert one.dtype == np.float32
    assert not np.array_equal(first[0], next_[0])
    assert not np.array_equal(first[0], other[0])


def test_keypoints_to_learn_are_exact_and_those_read_are_off(clips: Mocap) -> None:
    clean = sparse.Keypoints(windows_of(clips, 11), 5).batch(6, seed=0, step=0)
    np.testing.assert_array_equal(clean[0], clean[1][:, ::5])
    noisy = sparse.Keypoints(windows_of(clips, 11, noise=DetectorNoise(), clean=0.0), 5).batch(6, seed=0, step=0)
    assert [part.shape for part in noisy] == [(6, 3, 34), (6, 11, 34)]
    np.testing.assert_array_equal(noisy[1], clean[1])
    assert 1e-4 < np.abs(noisy[0] - clean[0]).mean() < 0.1


def test_a_keypoint_never_seen_stands_fill_unseen() -> None:
    rays, scores = np.random.default_rng(0).normal(size=(2, 3, 17, 2)), np.ones((2, 3, 17))
    scores[0, :, 4] = 0
    scores[1, 1, 4] = 0  # seen in other frames
    put = sparse.fill_unseen(rays, scores)
    np.testing.assert_allclose(put[0, :, 4], np.delete(rays[0], 4, axis=1).mean(axis=1))
    put[0, :, 4] = rays[0, :, 4]
    np.testing.assert_array_equal(put, rays)


def test_continuations_are_one_motion_and_only_the_past_is_shaken(clips: Mocap) -> None:
    windows = windows_of(clips, 11)
    read, truth = sparse.Continuations(windows, 6, offset=0.0, jitter=0.0).batch(4, seed=0, step=2)
    exact = windows.views(4, np.random.default_rng((0, 2))).camera[:, :, H36M_IN_BODY22]
    expected = sparse.root_relative(exact).reshape(4, 11, 51)
    np.testing.assert_allclose(np.concatenate([read, truth], axis=1), expected, atol=1e-6)
    shaken, same = sparse.Continuations(windows, 6, offset=0.0, jitter=0.01).batch(4, seed=0, step=2)
    np.testing.assert_array_equal(same, truth)
    assert 1e-3 < np.abs(shaken - read).mean() < 1e-2


def test_lifted_windows_are_cut_where_frames_were_lifted() -> None:
    made = lifted()
    read, truth = made.batch(40, seed=0, step=0)
    assert (read.shape, truth.shape) == ((40, 3, 51), (40, 11, 51))
    np.testing.assert_array_equal(read, truth[:, ::5])  # mirrored and turned about together
    starts = {tuple(made.truth[k, start].ravel()[:3]) for k in range(5) for start in (0, 5, 10)}
    assert any(tuple(window[0][:3]) in starts for window in truth)
    assert any(tuple(window[-1][:3]) in starts for window in truth)


def test_sparse_keypoints_are_lifted_as_the_library_lifts_them(clips: Mocap, lifter: Weights) -> None:
    views = windows_of(clips, 47, noise=DetectorNoise(), clean=0.0).views(2, np.random.default_rng(0))
    found = sparse.lift_sparse(views.rays, views.scores, lifter, interval=5)
    assert found.shape == (2, 5, 17, 3)
    for window in range(2):
        pixels = views.rays[window] * fakes.FOCAL + np.array([fakes.WIDTH, fakes.HEIGHT]) / 2
        rows = fakes.poses2d(pixels).replace(scores=views.scores[window].astype(float)).rows(np.arange(3, 47, 5))
        track = fill_track(rows)
        camera = Pinhole(width=fakes.WIDTH, height=fakes.HEIGHT, focal=fakes.FOCAL)
        joints = TrainedLifter.of(lifter, flip=False).lift_track(track, camera, every=5)
        joints -= joints[:, HUMAN36M17.root, None]
        np.testing.assert_allclose(found[window], joints[2:-2], atol=2e-4)  # of frames 13 to 33, not 3 to 43


def test_a_pool_is_made_once_and_again_for_another_seed(clips: Mocap, lifter: Weights, tmp_path: Path) -> None:
    windows = windows_of(clips, sparse.stretch_frames(lifter, interval=5, segments=1), noise=DetectorNoise())
    first = sparse.pool(windows, lifter, interval=5, count=2, seed=0, folder=tmp_path)
    written = (tmp_path / "pool.npz").stat().st_mtime_ns
    again = sparse.pool(windows, lifter, interval=5, count=2, seed=0, folder=tmp_path)
    assert (tmp_path / "pool.npz").stat().st_mtime_ns == written
    np.testing.assert_array_equal(first.read, again.read)
    assert (first.read.shape, first.truth.shape) == ((2, 3, 17, 3), (2, 11, 17, 3))
    assert np.linalg.norm(first.read - first.truth[:, ::5], axis=-1).mean() < 0.25  # metres: the same poses
    other = sparse.pool(windows, lifter, interval=5, count=2, seed=1, folder=tmp_path)
    assert not np.array_equal(first.truth, other.truth)
    (tmp_path / "pool.npz").write_bytes(b"PK damaged")
    anew = sparse.pool(windows, lifter, interval=5, count=2, seed=1, folder=tmp_path)
    np.testing.assert_array_equal(anew.read, other.read)
    with pytest.raises(InputError, match="centre frame"):
        sparse.margin(Weights("x", {}, checkpoints.Training(), "x.pt", "", lifter.lifter))


def test_long_noise_goes_back_and_forth_within_a_stretch() -> None:
    residuals = np.arange(10, dtype=np.float32)[:, None, None] * np.ones((1, 17, 2), np.float32)
    bank = NoiseBank(residuals, residuals[..., 0], np.zeros(10, np.float32), np.array([0, 4]), np.array([4, 10]))
    drawn, _ = bank.draw(np.zeros(20), 25, np.random.default_rng(0))
    values = drawn[:, :, 0, 0]
    assert (np.abs(np.diff(values, axis=1)) == 1).all()
    # Short stretches are drawn from too, but never two at once.
    assert {frozenset(np.unique(row)) for row in values} == {frozenset(range(4)), frozenset(range(4, 10))}
