"""Causal lifting: nothing later than the latency is seen, and with all of it the answer is the offline one."""

from __future__ import annotations

from collections.abc import Callable

import fakes
import numpy as np
import pytest
import torch

from in_the_wild.checkpoints import Training
from in_the_wild.errors import InputError
from in_the_wild.lens import Lens
from in_the_wild.lifters.base import Lifter
from in_the_wild.lifters.mixste import MixSTE
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.live.causal import CausalLifter, as_it_came
from in_the_wild.poses import Poses
from in_the_wild.steps.lift import TrainedLifter

_LENS = Lens(focal=fakes.FOCAL)


def one_frame() -> Lifter:
    torch.manual_seed(0)
    return PSTMO(frames=9, channels=16, hidden=32, in_channels=2, strides=(3, 3)).eval()


def every_frame() -> Lifter:
    torch.manual_seed(0)
    return MixSTE(frames=9, channels=16, depth=2).eval()


def trained(network: Lifter) -> TrainedLifter:
    return TrainedLifter(network, Training(fps=25.0, normalisation="image"), flip=True)


def walk(frames: int = 60) -> Poses:
    return fakes.poses2d(fakes.coco_pixels(*fakes.walking(frames)))


@pytest.mark.parametrize("network", [one_frame, every_frame])
def test_with_all_the_time_that_it_wants_it_answers_as_offline(network: Callable[[], Lifter]) -> None:
    lifter = trained(network())
    live = as_it_came(walk(), CausalLifter(lifter, _LENS, latency=1.0))
    offline = lifter.lift(walk(), _LENS, frames=range(60))
    assert live.frame.tolist() == offline.frame.tolist()
    np.testing.assert_allclose(live.keypoints, offline.keypoints, atol=1e-4)  # metres
    np.testing.assert_allclose(live.scores, offline.scores, atol=1e-6)


def test_one_window_for_each_frame_is_what_a_whole_clip_gives() -> None:
    lifter = trained(one_frame())
    every = lifter.lift(walk(), _LENS)
    some = lifter.lift(walk(), _LENS, frames=[3, 30])
    assert some.frame.tolist() == [3, 30]
    np.testing.assert_allclose(some.keypoints, every.keypoints[[3, 30]], atol=1e-6)


@pytest.mark.parametrize("latency", [0.0, 0.2])
@pytest.mark.parametrize("network", [one_frame, every_frame])
def test_what_comes_later_changes_nothing(network: Callable[[], Lifter], latency: float) -> None:
    lifter = trained(network())
    seen = as_it_came(walk(), CausalLifter(lifter, _LENS, latency=latency))
    changed = walk().keypoints.copy()
    changed[40:] += 50
    other = as_it_came(walk().replace(keypoints=changed), CausalLifter(lifter, _LENS, latency=latency))
    same = 40 - round(latency * 25)
    np.testing.assert_array_equal(seen.keypoints[:same], other.keypoints[:same])
    assert np.abs(seen.keypoints[same] - other.keypoints[same]).max() > 1e-5


def test_roots_stay_on_their_rays_and_settle() -> None:
    still = fakes.poses2d(np.repeat(walk().keypoints[:1], 40, axis=0))
    live = as_it_came(still, CausalLifter(trained(one_frame()), _LENS, latency=0.0))
    assert live.root is not None
    np.testing.assert_allclose(live.root, np.repeat(live.root[-1:], 40, axis=0), atol=1e-4)


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(InputError, match="A latency of 0 to 5 seconds was expected, found -1"):
        CausalLifter(trained(one_frame()), latency=-1)
    in_frames = TrainedLifter(one_frame(), Training(fps=25.0, normalisation="image"), tds=2)
    with pytest.raises(InputError, match="in time, not in frames"):
        CausalLifter(in_frames)
