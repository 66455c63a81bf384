"""Lifting: time, gaps, ends, and the way back from the virtual camera, with networks whose answer is known."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import fakes
import numpy as np
import pytest
import torch
from torch import Tensor

from in_the_wild.checkpoints import Training
from in_the_wild.errors import InputError, SkeletonError
from in_the_wild.lens import Lens
from in_the_wild.lifters.base import Lifter
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17, MPII16
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.tracks import fill_track, smooth_track


class Echo(Lifter):
    """Answers with the x, y of one keypoint of the frames it is asked about, as every joint's x, y."""

    every_frame: ClassVar[bool] = False
    joints = out_joints = 17

    def __init__(self, frames: int, *, keypoint: str = "left_wrist") -> None:
        super().__init__()
        self.frames = frames
        self.keypoint = COCO17.index(keypoint)
        self.seen: list[Tensor] = []

    def answer(self, x: Tensor) -> Tensor:
        point = x[:, :, self.keypoint, None, :2].expand(-1, -1, 17, -1)
        return torch.cat([point, torch.zeros_like(point[..., :1])], dim=-1)

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x)
        middle = x.shape[1] // 2
        return self.answer(x[:, middle : middle + 1])

    @classmethod
    def convert(cls, state_dict: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], dict[str, Any]]:
        raise AssertionError("not loaded from files")


class EchoEvery(Echo):
    every_frame: ClassVar[bool] = True

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append(x)
        return self.answer(x)


def run(poses: Poses, lifter: Lifter, **changes: Any) -> Poses:
    described = {field.name for field in dataclasses.fields(Training)} & changes.keys()
    told: dict[str, Any] = {"fps": 25.0, "normalisation": "image", **{key: changes.pop(key) for key in described}}
    training = Training(**told)
    focal = changes.pop("focal", fakes.FOCAL)
    how: dict[str, Any] = {"flip": False, "smoothing": 0.0, "batch": 8, **changes}
    return TrainedLifter(lifter, training, **how).lift(poses, Lens(focal=focal))


def wrist_path(frames: int, *, fps: float, timestamps: np.ndarray | None = None) -> Poses:
    """Keypoints all at (100 + 100 t, 200 + 40 t) pixels, t in seconds."""
    video = fakes.video(frames, fps=fps, timestamps=timestamps)
    keypoints = np.stack([100 + 100 * video.timestamps, 200 + 40 * video.timestamps], axis=-1)
    return fakes.poses2d(np.repeat(keypoints[:, None], 17, axis=1), fps=fps).replace(video=video)


def expected_x(poses: Poses, seconds: np.ndarray) -> np.ndarray:
    return (100 + 100 * seconds) / (poses.video.width / 2) - 1


@pytest.mark.parametrize("lifter", [Echo, EchoEvery])
@pytest.mark.parametrize("fps", [10.0, 25.0, 29.97, 60.0])
@pytest.mark.parametrize("frames", [1, 2, 5, 40])
def test_answers_come_back_at_the_videos_own_times(lifter: type[Echo], fps: float, frames: int) -> None:
    poses = wrist_path(frames, fps=fps)
    found = run(poses, lifter(9))
    assert len(found) == frames
    np.testing.assert_array_equal(found.frame, np.arange(frames))
    np.testing.assert_allclose(found.keypoints[:, 3, 0], expected_x(poses, poses.seconds), atol=1e-5)


@pytest.mark.parametrize("lifter", [Echo, EchoEvery])
def test_variable_frame_rates_are_followed(lifter: type[Echo]) -> None:
    times = np.cumsum(np.random.default_rng(0).uniform(0.01, 0.1, 50))
    poses = wrist_path(50, fps=20.0, timestamps=times - times[0])
    found = run(poses, lifter(9))
    np.testing.assert_allclose(found.keypoints[:, 3, 0], expected_x(poses, poses.seconds), atol=1e-5)


def test_windows_are_spaced_in_time_not_in_frames() -> None:
    poses = wrist_path(200, fps=100.0)
    lifter = Echo(5)
    run(poses, lifter, fps=25.0, batch=200)
    steps = np.diff(lifter.seen[0][100, :, 0, 0].numpy())
    np.testing.assert_allclose(steps, 100 * 0.04 / (fakes.WIDTH / 2), rtol=1e-3)  # 40 ms, not 10


@pytest.mark.parametrize("lifter", [Echo, EchoEvery])
@pytest.mark.parametrize("tds", [1, 2, 3])
def test_tds_takes_every_nth_frame(lifter: type[Echo], tds: int) -> None:
    poses = wrist_path(31, fps=30.0)
    echo = lifter(5)
    found = run(poses, echo, tds=tds, batch=100)
    np.testing.assert_allclose(found.keypoints[:, 3, 0], expected_x(poses, poses.seconds), atol=1e-5)
    inner = echo.seen[0][len(echo.seen[0]) // 2, :, 0, 0].numpy()
    np.testing.assert_allclose(np.diff(inner), tds / 30 * 100 / (fakes.WIDTH / 2), rtol=1e-3)


def test_gaps_are_filled_for_the_network_and_marked_after() -> None:
    poses = wrist_path(30, fps=25.0)
    with_gap = poses.rows(np.r_[0:10, 15:30])
    found = run(with_gap, Echo(9))
    np.testing.assert_array_equal(found.frame, np.arange(30))
    assert (found.scores[10:15] == 0).all()
    assert (found.scores[np.r_[0:10, 15:30]] > 0).all()
    np.testing.assert_allclose(found.keypoints[:, 3, 0], expected_x(poses, poses.seconds), atol=1e-5)


def test_gaps_that_are_too_long_stay_gaps() -> None:
    torn = wrist_path(30, fps=25.0).rows(np.r_[0:10, 12:15, 20:30])
    windows: list[int] = []
    lifter = TrainedLifter(Echo(9), Training(fps=25.0, normalisation="image"), flip=False, max_gap=0.15)
    found = lifter.lift(torn, progress=windows.append)
    assert found.frame.tolist() == [*range(15), *range(20, 30)]
    assert (found.scores[10:12] == 0).all()
    assert sum(windows) == lifter.windows_for(torn) == len(found)
    with pytest.raises(InputError, match="above 0 seconds was expected, found -1"):
        run(torn, Echo(9), max_gap=-1.0)


def test_a_keypoint_lost_for_some_frames_is_interpolated_and_one_never_seen_stays_finite() -> None:
    poses = wrist_path(20, fps=25.0)
    scores = poses.scores.copy()
    scores[5:9, 3] = 0
    scores[:, 4] = 0
    keypoints = poses.keypoints.copy()
    keypoints[5:9, 3] = 0
    track = fill_track(poses.replace(keypoints=keypoints, scores=scores))
    np.testing.assert_allclose(track.pixels[:, 3], poses.keypoints[:, 3], atol=1e-4)
    assert (track.scores[5:9, 3] == 0.5).all()
    assert (track.scores[:, 4] == 0).all()
    assert np.isfinite(track.pixels).all()
    others = np.where(scores[..., None] > 0, keypoints, np.nan)
    np.testing.assert_allclose(track.pixels[:, 4], np.nanmean(others, axis=1), atol=1e-3)


def test_smoothing_takes_jitter_out_without_lag_and_heeds_scores() -> None:
    rng = np.random.default_rng(0)
    poses = wrist_path(100, fps=30.0)
    noisy = poses.replace(keypoints=poses.keypoints + rng.normal(0, 2, poses.keypoints.shape))
    track = fill_track(noisy)
    smooth = smooth_track(track, sigma=1.0)
    np.testing.assert_array_equal(smooth_track(track, sigma=0.0).pixels, track.pixels)
    jitter = [np.diff(t.pixels, n=2, axis=0).std() for t in (track, smooth)]
    assert jitter[1] < 0.4 * jitter[0]
    inner = slice(5, -5)
    error = (smooth.pixels - poses.keypoints)[inner]
    assert abs(error.mean()) < 0.1  # moving at 100 px/s, a lag of a frame would be 3 px
    # One wild keypoint of low score hardly moves its neighbours.
    keypoints, scores = poses.keypoints.copy(), poses.scores.copy()
    keypoints[50, 3] += 300
    scores[50, 3] = 0.03
    steady = smooth_track(fill_track(poses.replace(keypoints=keypoints, scores=scores)), sigma=1.0)
    assert np.abs(steady.pixels - poses.keypoints)[inner].max() < 15


def test_people_are_lifted_apart() -> None:
    first = wrist_path(20, fps=25.0)
    second = first.replace(person_id=np.full(20, 7), keypoints=first.keypoints[::-1])
    both = run(Poses.join([first, second]), Echo(9))
    assert both.persons == [0, 7]
    alone = run(second, Echo(9))
    np.testing.assert_array_equal(both.of_person(7).keypoints, alone.keypoints)


class Truth(Echo):
    """Answers with the true joints as the virtual camera sees them: what a perfect network would say."""

    def __init__(self, frames: int, joints: np.ndarray, root: np.ndarray) -> None:
        super().__init__(frames)
        self.truth = joints
        self.at = root
        self.done = 0

    def forward(self, x: Tensor) -> Tensor:
        rows = slice(self.done, self.done + len(x))
        self.done += len(x)
        pixels = fakes.coco_pixels(self.truth, self.at)
        look = np.clip(np.arange(len(pixels))[:, None] + np.arange(self.frames) - self.frames // 2, 0, len(pixels) - 1)
        from in_the_wild.normalise import look_at_box

        rays = (pixels[look[rows]] - np.array([fakes.WIDTH, fakes.HEIGHT]) / 2) / fakes.FOCAL
        rotation = look_at_box(rays, np.ones(rays.shape[:-1])).rotation
        joints = np.einsum("bij,bkj->bki", rotation, self.truth[rows])
        return torch.tensor(joints[:, None], dtype=torch.float32)


def test_the_turn_into_the_virtual_camera_is_undone_and_the_root_is_found() -> None:
    joints, root = fakes.walking(40)
    poses = fakes.poses2d(fakes.coco_pixels(joints, root))
    found = run(poses, Truth(9, joints, root), normalisation="box")
    np.testing.assert_allclose(found.keypoints, joints, atol=1e-4)
    np.testing.assert_allclose(np.asarray(found.root), root, atol=0.02)  # the depth is smoothed
    assert found.root_source == "given focal length"
    assert found.space == "camera"


def test_nobody_gives_an_empty_table() -> None:
    empty = Poses.empty(skeleton=COCO17, space="image", video=fakes.video(10))
    assert len(run(empty, Echo(9))) == 0


def test_untracked_or_foreign_poses_are_refused() -> None:
    poses = wrist_path(5, fps=25.0)
    with pytest.raises(InputError, match="track them first"):
        run(poses.replace(person_id=np.full(5, -1)), Echo(9))
    with pytest.raises(InputError, match="in camera space"):
        run(run(poses, Echo(9)), Echo(9))
    with pytest.raises(SkeletonError, match="no remap from mpii16"):
        run(poses.replace(skeleton=MPII16, keypoints=poses.keypoints[:, :16], scores=poses.scores[:, :16]), Echo(9))


class WrongAtTheEdges(EchoEvery):
    """Wrong by one for every frame away from the middle of the window."""

    def answer(self, x: Tensor) -> Tensor:
        away = (torch.arange(x.shape[1]) - x.shape[1] // 2).abs()
        return super().answer(x) + away[None, :, None, None]


@pytest.mark.parametrize("tds", [None, 1, 3])
def test_overlapping_windows_are_blended(tds: int | None) -> None:
    poses = wrist_path(200, fps=25.0)
    truth = run(poses, EchoEvery(9), tds=tds).keypoints[:, 3, 0]

    def error(overlap: float) -> float:
        lifted = run(poses, WrongAtTheEdges(9), tds=tds, overlap=overlap).keypoints[:, 3, 0]
        return float(np.abs(lifted - truth)[30:-30].mean())  # beyond, windows cover less often

    # Side by side the mean of |position - 4| is 20 / 9; blended by triangles it falls towards 40 / 25.
    assert error(0.0) == pytest.approx(20 / 9, abs=0.05)
    assert error(0.5) == pytest.approx(1.7, abs=0.1)
    assert error(0.9) == pytest.approx(40 / 25, abs=0.05)
    assert run(poses, EchoEvery(9), tds=tds, overlap=0.9).keypoints[:, 3, 0] == pytest.approx(truth, abs=1e-6)


@pytest.mark.parametrize(("fps", "tds"), [(25.0, None), (50.0, None), (29.97, None), (25.0, 1), (25.0, 2)])
def test_frames_shared_by_windows_are_treated_once_with_the_same_result(
    fps: float, tds: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    lifter = PSTMO(frames=9, channels=16, hidden=32, layers=1).eval()
    poses = wrist_path(40, fps=fps)
    poses = poses.replace(keypoints=poses.keypoints + np.random.default_rng(0).normal(0, 20, poses.keypoints.shape))
    frames = []
    lifter.encoder.register_forward_hook(lambda module, inputs, output: frames.append(output.shape[:2].numel()))
    shared = run(poses, lifter, flip=True, tds=tds).keypoints
    once = sum(frames)
    frames.clear()
    monkeypatch.setattr("in_the_wild.steps.lift.PER_FRAME", ())
    apart = run(poses, lifter, flip=True, tds=tds).keypoints
    np.testing.assert_allclose(shared, apart, atol=1e-5)
    assert once < sum(frames) / 2 or fps == 29.97


class Causal(Echo):
    """Answers for the last frame of its window, with what that frame shows."""

    @property
    def output_frame(self) -> int:
        return self.frames - 1

    def forward(self, x: Tensor) -> Tensor:
        return self.answer(x[:, -1:])


@pytest.mark.parametrize("tds", [None, 1, 2])
def test_a_causal_lifter_answers_for_the_present(tds: int | None) -> None:
    poses = wrist_path(40, fps=25.0)
    x = run(poses, Causal(9), tds=tds).keypoints[:, 3, 0]
    np.testing.assert_allclose(x, expected_x(poses, poses.video.timestamps), atol=1e-6)


def test_a_network_that_speaks_of_millimetres_is_brought_to_metres() -> None:
    poses = wrist_path(20, fps=25.0)
    metres, millimetres = run(poses, Echo(9)), run(poses, Echo(9), metres=1e-3)
    np.testing.assert_allclose(millimetres.keypoints, metres.keypoints * 1e-3, atol=1e-9)


@pytest.mark.parametrize(("lifter", "keep", "tds"), [(Echo(9), 4, 1), (EchoEvery(9), 9, 1), (EchoEvery(9), 4, None)])
def test_an_answer_that_is_not_there_cannot_be_kept(lifter: Lifter, keep: int, tds: int | None) -> None:
    with pytest.raises(InputError, match=f"found keep {keep}, tds {tds}"):
        run(wrist_path(20, fps=25.0), lifter, keep=keep, tds=tds)
