"""Frames between looks: along the motion, and nowhere else."""

from __future__ import annotations

import numpy as np

from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17
from in_the_wild.steps.fill import fill

FPS = 50.0
VIDEO = Source(path="clip.mp4", width=640, height=480, fps=FPS, timestamps=np.arange(100) / FPS)


def seen(frames: np.ndarray, *, person: int = 0, scores: np.ndarray | None = None) -> Poses:
    """Somebody who swings along a sine, at these frames."""
    time = VIDEO.timestamps[frames]
    keypoints = np.zeros((len(frames), 17, 2), np.float32)
    keypoints[..., 0] = 300 + 100 * np.sin(3 * time)[:, None] + np.arange(17)
    keypoints[..., 1] = 200 + 10 * np.arange(17)
    return Poses(
        keypoints=keypoints,
        scores=np.full((len(frames), 17), 0.8, np.float32) if scores is None else scores,
        frame=frames,
        person_id=np.full(len(frames), person),
        skeleton=COCO17,
        space="image",
        video=VIDEO,
        meta={"looks": [1, 2]},
    )


def test_between_looks_people_go_on_smoothly() -> None:
    filled = fill(seen(np.arange(0, 100, 4)), max_gap=0.1)
    assert filled.frame.tolist() == list(range(97))
    exact = 300 + 100 * np.sin(3 * filled.seconds)
    assert np.abs(filled.keypoints[:, 0, 0] - exact)[:90].max() < 0.05  # of 100; a natural spline ends straight
    np.testing.assert_allclose(filled.scores, 0.8, rtol=1e-6)
    assert filled.meta["looks"] == [1, 2]


def test_long_gaps_stay_and_bend_nothing() -> None:
    frames = np.array([0, 4, 8, 60, 64])
    filled = fill(seen(frames), max_gap=0.2)
    assert filled.frame.tolist() == [*range(9), *range(60, 65)]
    alone = fill(seen(frames[:3]), max_gap=0.2)
    np.testing.assert_array_equal(filled.keypoints[:9], alone.keypoints)


def test_people_are_filled_apart_and_ordered_by_frame() -> None:
    both = Poses.join([seen(np.array([0, 4])), seen(np.array([2, 4]), person=1)])
    filled = fill(both, max_gap=0.2)
    assert filled.frame.tolist() == [0, 1, 2, 2, 3, 3, 4, 4]
    assert filled.person_id.tolist() == [0, 0, 0, 1, 0, 1, 0, 1]


def test_scores_are_steadied_and_what_was_never_seen_stays_unseen() -> None:
    scores = np.random.default_rng(0).uniform(0.3, 1, (25, 17)).astype(np.float32)
    scores[:, 3] = 0
    filled = fill(seen(np.arange(0, 100, 4), scores=scores), max_gap=0.1)
    assert (filled.scores[:, 3] == 0).all()
    assert np.abs(np.diff(filled.scores[:, 5], 2)).max() < np.abs(np.diff(scores[:, 5])).max() / 10


def test_one_look_and_none() -> None:
    assert len(fill(seen(np.array([7])), max_gap=0.2)) == 1
    assert len(fill(seen(np.array([], int)), max_gap=0.2)) == 0
