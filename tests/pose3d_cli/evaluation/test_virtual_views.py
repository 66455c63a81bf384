"""Lifters measured on the views of virtual cameras."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch

from in_the_wild import checkpoints
from in_the_wild.lifters.base import Lifter
from pose3d_cli.datasets.mocap.packs import Mocap
from pose3d_cli.datasets.synthetic import heldout, virtual
from pose3d_cli.datasets.synthetic.noise import DetectorNoise
from pose3d_cli.evaluation import virtual_views


class Oracle(torch.nn.Module):
    """Lifts by knowing the answer: the view's joints, turned by what the check turns back."""

    frames, every_frame, output_frame = 9, False, 4

    def __init__(self, view: heldout.View) -> None:
        super().__init__()
        self.view, self.done = view, 0

    def over(self, sequence: torch.Tensor, look: torch.Tensor) -> torch.Tensor:
        return self(sequence[look])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        joints = self.view.joints[self.done : self.done + len(x)]
        self.done += len(x)
        return torch.tensor(joints[:, None], dtype=torch.float32)


def test_the_check_measures_what_it_says(clips: Mocap) -> None:
    (view,) = heldout.views(clips, count=1, stride=2, cameras=virtual.Cameras())
    training = checkpoints.Training(normalisation="image")
    (perfect,) = virtual_views.evaluate(cast(Lifter, Oracle(view)), training, [view], flip=False)
    assert max(perfect.mpjpe, perfect.p_mpjpe, perfect.mpjve, perfect.acceleration) < 1e-3

    class Off(Oracle):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            joints = super().forward(x)
            joints[:, :, 3, 2] += 0.17
            return joints

    (off,) = virtual_views.evaluate(cast(Lifter, Off(view)), training, [view], flip=False)
    assert off.mpjpe == pytest.approx(10.0, rel=1e-3)  # 170 mm on one of 17 joints
    assert off.mpjve == pytest.approx(0, abs=1e-3)
    assert off.frames == len(view.rays)


def test_errors_by_pose_and_by_pitch_are_means_over_their_frames(clips: Mocap) -> None:
    views = list(heldout.views(clips, count=6, stride=2, cameras=virtual.Cameras()))
    lifted = [view.joints + np.array([0.01 * number, 0, 0]) for number, view in enumerate(views)]
    errors = [virtual_views.measure(joints, view) for joints, view in zip(lifted, views, strict=True)]
    assert [error.mpjpe for error in errors] == pytest.approx([0, 10, 20, 30, 40, 50], abs=1e-3)
    of_pitch = virtual_views.by_pitch(errors, views)
    assert sum(error.frames for error in of_pitch.values()) == sum(len(view.rays) for view in views)
    for name, error in of_pitch.items():
        low, high = (float(edge) for edge in name.removeprefix("camera at ").removesuffix("°").split(" to "))
        among = [number for number, view in enumerate(views) if low <= view.pitch < high]
        frames = np.array([len(views[number].rays) for number in among])
        assert error.mpjpe == pytest.approx(np.average(10 * np.array(among), weights=frames), abs=1e-3)
    of_pose = virtual_views.by_pose(lifted, views)
    squats = [view for view in views if view.action == "squat"]
    assert 0 < of_pose["hips low"].frames < sum(len(view.rays) for view in squats)
    assert 10 < of_pose["hips low"].mpjpe < 40
    assert of_pose["hips low"].mpjve == 0


def test_noise_changes_keypoints_and_nothing_else(clips: Mocap) -> None:
    exact, noisy = (
        list(heldout.views(clips, count=4, stride=2, cameras=virtual.Cameras(), noise=noise))
        for noise in (None, DetectorNoise())
    )
    for a, b in zip(exact, noisy, strict=True):
        np.testing.assert_array_equal(a.joints, b.joints)
        assert a.pitch == b.pitch
        assert (a.scores == 1).all()
        assert (b.scores < 1).mean() > 0
        error = np.abs(b.rays - a.rays).mean() / np.ptp(a.rays, axis=1).max(axis=-1).mean()
        assert 0.002 < error < 0.05
