"""A graphics card gives what the processor gives: lifters and refiners, windows in batches, a whole run.

Skipped where torch finds no card; the same paths run on the processor in every other test.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from command_line import FakeDetector

import in_the_wild as iw
from in_the_wild import checkpoints, devices
from in_the_wild.checkpoints import index, refiners
from in_the_wild.lifters.base import lift_with_flip
from in_the_wild.skeletons import get_skeleton
from in_the_wild.sparse import run as fill_windows

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no graphics card here")

_SAME = 1e-4  # metres
_WINDOWS = 70  # more than go through a network at once
_LIFTERS = [name for name, told in index.read().items() if told["family"] == "lifters"]
_REFINERS = [name for name, told in index.read().items() if told["family"] == "refiners"]


def test_auto_takes_it() -> None:
    assert devices.choose("auto") == "cuda"
    assert devices.choose("cpu") == "cpu"


@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("name", _LIFTERS)
def test_lifters_agree(name: str, flip: bool) -> None:
    torch.manual_seed(0)
    answers = []
    for device in ("cpu", "cuda"):
        weights = checkpoints.load(name, device=device)
        lifter, training = weights.lifter, weights.training
        reads, gives = get_skeleton(training.input_skeleton), get_skeleton(training.output_skeleton)
        torch.manual_seed(1)
        windows = 0.5 * torch.randn(_WINDOWS, lifter.frames, lifter.joints, lifter.in_channels)
        joints = lift_with_flip(lifter, windows.to(device), flip=flip, in_flip=reads.flip, out_flip=gives.flip)
        assert joints.device.type == device
        answers.append(joints.cpu() * training.metres)
    assert float((answers[0] - answers[1]).abs().max()) < _SAME


@pytest.mark.parametrize("name", _LIFTERS)
def test_windows_that_share_frames_agree(name: str) -> None:
    answers = []
    for device in ("cpu", "cuda"):
        lifter = checkpoints.load(name, device=device).lifter
        torch.manual_seed(1)
        frames = 0.5 * torch.randn(2 * lifter.frames, lifter.joints, lifter.in_channels)
        look = torch.arange(lifter.frames) + torch.arange(lifter.frames)[:, None]
        with torch.no_grad():
            answers.append(lifter.over(frames.to(device), look.to(device)).cpu())
    assert float((answers[0] - answers[1]).abs().max()) < _SAME


@pytest.mark.parametrize("name", _REFINERS)
def test_refiners_agree(name: str) -> None:
    answers = []
    for device in ("cpu", "cuda"):
        trained = refiners.load(name, device=device)
        torch.manual_seed(1)
        windows = 0.5 * torch.randn(_WINDOWS, trained.network.frames, trained.network.coordinates)
        with torch.no_grad():
            answers.append(fill_windows(trained, windows))
    assert float((answers[0] - answers[1]).abs().max()) < _SAME


def test_a_whole_run_agrees(fake: type[FakeDetector], flat: Path, tmp_path: Path) -> None:
    poses = [iw.run(flat, tmp_path / one, model=f"pstmo:device={one}") for one in ("cpu", "cuda")]
    np.testing.assert_allclose(poses[0].keypoints, poses[1].keypoints, atol=_SAME)
