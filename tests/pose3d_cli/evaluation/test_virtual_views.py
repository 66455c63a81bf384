"""Lifters measured on the views of virtual cameras."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import packs as packs_of_our_own
import pytest
import torch

from in_the_wild import checkpoints
from in_the_wild.lifters.base import Lifter
from pose3d_cli.datasets.mocap import packs as mocap
from pose3d_cli.datasets.mocap.packs import Mocap
from pose3d_cli.datasets.synthetic import heldout, virtual
from pose3d_cli.evaluation import virtual_views


@pytest.fixture(scope="session")
def packs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A pack of our own motion, in the layout of the motion capture packs: y up, 50 frames/s, two subjects."""
    folder = tmp_path_factory.mktemp("packs")
    packs_of_our_own.write(folder / "own.npz", {"walk": "1", "squat": "1", "wave": "9"})
    return [folder / "own.npz"]


@pytest.fixture(scope="session")
def clips(packs: list[Path]) -> Mocap:
    return mocap.load(packs)


def windows_of(clips: Mocap, **changes: Any) -> virtual.VirtualWindows:
    return virtual.VirtualWindows(clips, frames=9, stride=2, **changes)


class Oracle(torch.nn.Module):
    """Lifts by knowing the answer: the view's joints, turned by what the check turns back."""

    frames, every_frame, answers_at = 9, False, 4

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
