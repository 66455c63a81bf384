"""From pictures to figures: each once, in order, the latency later, whoever is in them, as fast as the work allows."""

from __future__ import annotations

import threading
import time
from fractions import Fraction

import numpy as np
import pytest
from command_line import FakeDetector
from numbered_clips import indices, make_clip

from in_the_wild.checkpoints import Training
from in_the_wild.detectors.base import Detection
from in_the_wild.lifters.pstmo import PSTMO
from in_the_wild.live.causal import CausalLifter
from in_the_wild.live.loop import Figures, joined, watch
from in_the_wild.selection import Selection
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.video.footage import Video


class SlowDetector(FakeDetector):
    """One that takes its time."""

    seconds = 0.1

    def __call__(self, image: np.ndarray, time_: float) -> Detection:
        time.sleep(self.seconds)
        return super().__call__(image, time_)


def lifter(latency: float) -> CausalLifter:
    network = PSTMO(frames=9, channels=16, hidden=32, in_channels=2, strides=(3, 3)).eval()
    return CausalLifter(TrainedLifter(network, Training(fps=25.0, normalisation="image")), latency=latency)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Video:
    return Video(make_clip(tmp_path_factory.mktemp("live") / "clip.mp4", count=40, rate=Fraction(20)))


def shown(clip: Video, detector: FakeDetector, latency: float = 0.2) -> list[Figures]:
    return list(watch(clip, detector, lifter(latency)))


def test_every_picture_has_its_figures_in_order(clip: Video) -> None:
    all_of_them = shown(clip, FakeDetector(persons=1))
    times = [figures.time for figures in all_of_them]
    assert times == sorted(set(times))
    assert times[0] == 0
    assert times[-1] == pytest.approx(39 / 20)
    assert all_of_them[-1].dropped + len(times) == 40
    for figures in all_of_them:
        assert indices([figures.image]) == [round(figures.time * 20)]
        assert figures.keypoints.persons == figures.poses.persons == figures.world.persons == [0]
        assert figures.world.space == "world"
        assert figures.poses.video.frames == 1


@pytest.mark.parametrize("latency", [0.0, 0.3])
def test_figures_come_the_latency_later_and_no_sooner(clip: Video, latency: float) -> None:
    delays = [figures.delay for figures in shown(clip, FakeDetector(persons=1), latency)]
    # The last ones wait for nothing: there is nothing more to come.
    until_the_end = delays[: -round(latency * 20) - 1]
    assert min(until_the_end) >= latency - 1e-3
    assert np.median(until_the_end) < latency + 1


def test_a_slow_machine_shows_the_newest_and_counts_what_it_drops(clip: Video) -> None:
    all_of_them = shown(clip, SlowDetector(persons=1))
    assert all_of_them[-1].dropped >= 15
    assert all_of_them[-1].dropped + len(all_of_them) == 40
    # It does not fall behind: the last pictures are no later than the first.
    assert np.median([figures.delay for figures in all_of_them[-5:]]) < 1.0
    assert 0 < all_of_them[-1].rate < 12


def test_whom_nobody_asked_for_is_seen_and_not_lifted(clip: Video) -> None:
    figures = list(watch(clip, FakeDetector(persons=1), lifter(0.1), Selection("ids:7")))
    assert {len(one.keypoints) for one in figures} == {1}
    assert {len(one.poses) for one in figures} == {0}


def test_figures_of_many_pictures_are_poses_of_one_video(clip: Video) -> None:
    figures = shown(clip, FakeDetector(persons=1))
    one_by_one = [one.poses for one in figures]
    poses = joined([joined(one_by_one[:3]), *one_by_one[3:]])
    assert poses.video.timestamps.tolist() == [one.time for one in figures]
    assert poses.frame.tolist() == list(range(len(figures)))
    assert poses.root is not None


def test_who_stops_looking_leaves_nothing_running(clip: Video) -> None:
    watching = watch(clip, FakeDetector(persons=1), lifter(0.0))
    next(watching)
    watching.close()
    assert "newest" not in {thread.name for thread in threading.enumerate()}
