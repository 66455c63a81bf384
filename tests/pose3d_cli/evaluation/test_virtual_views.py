"""Lifters measured on the views of virtual cameras."""

from __future__ import annotations

from typing import cast

import pytest
import torch

from in_the_wild import checkpoints
from in_the_wild.lifters.base import Lifter
from pose3d_cli.datasets.mocap.packs import Mocap
from pose3d_cli.datasets.synthetic import heldout, virtual
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
