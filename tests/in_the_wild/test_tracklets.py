"""What tracking measures, against the definitions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import COCO17
from in_the_wild.tracklets import Detections

# COCO's own constants (cocoapi, PythonAPI/pycocotools/cocoeval.py), in its order of keypoints.
COCO_SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000
FPS = 20


def detections(keypoints: np.ndarray, scores: float = 0.9) -> Detections:
    """One detection (N, 17, 2) a frame."""
    count = len(keypoints)
    poses = Poses(
        keypoints=keypoints,
        scores=np.full((count, 17), scores),
        frame=np.arange(count),
        person_id=np.full(count, -1),
        skeleton=COCO17,
        space="image",
        video=Source(path="x", width=640, height=480, fps=FPS, timestamps=np.arange(count) / FPS),
    )
    return Detections.of(poses, np.arange(count))


def figure(width: float = 60.0, height: float = 80.0) -> np.ndarray:
    points = np.random.default_rng(0).uniform(0, 1, (17, 2))
    points = (points - points.min(axis=0)) / np.ptp(points, axis=0)
    return 100 + points * (width, height)


def test_oks_is_cocos() -> None:
    moved = figure() + np.random.default_rng(1).normal(scale=4, size=(17, 2))
    found = detections(np.stack([figure(), moved]))
    area = found.size.mean() ** 2
    squares = ((figure() - moved) ** 2).sum(axis=1)
    expected = np.exp(-squares / (2 * area * (2 * COCO_SIGMAS) ** 2)).mean()
    assert_allclose(found.sigmas, COCO_SIGMAS)
    assert_allclose(found.oks([0], [1]), [[expected]], rtol=1e-6)
    assert_allclose(found.oks([0, 1], [0, 1]).diagonal(), 1)


def test_oks_is_as_high_as_the_same_pose_once_it_is_moved_there() -> None:
    found = detections(np.stack([figure(), figure() + np.array([30, 10])]))
    assert found.oks([0], [1])[0, 0] < 0.1
    assert_allclose(found.oks([0], [1], moved=np.array([[30.0, 10.0]])), 1, rtol=1e-6)


@pytest.mark.parametrize(("shift", "iou"), [(0, 1), (30, 1 / 3), (60, 0), (500, 0)])
def test_iou_of_boxes(shift: float, iou: float) -> None:
    found = detections(np.stack([figure(), figure() + np.array([shift, 0])]))
    assert_allclose(found.iou([0], [1]), [[iou]], atol=1e-6)


def test_velocity_is_that_of_the_ends() -> None:
    steps = np.cumsum([0] + [2] * 10 + [5] * 10)
    found = detections(figure()[None] + np.stack([steps, 0 * steps], axis=-1)[:, None])
    rows = list(range(len(steps)))
    assert_allclose(found.first_velocity(rows), [2 * FPS, 0], atol=1e-3)
    assert_allclose(found.last_velocity(rows), [5 * FPS, 0], atol=1e-3)
    assert np.isnan(found.last_velocity(rows[:2])).all()


def test_who_goes_on_as_before_is_alike() -> None:
    steps = np.arange(12) * 20.0
    found = detections(figure()[None] + np.stack([steps, 0 * steps], axis=-1)[:, None])
    velocity = found.last_velocity(list(range(8)))[None]
    (on_the_way,) = found.affinity([7], [8], velocity=velocity)[0]
    (turned_back,) = found.affinity([7], [8], velocity=-velocity)[0]
    assert on_the_way > 0.9 > turned_back


def test_size_of_a_person_counts_the_joints_that_are_seen() -> None:
    found = detections(figure()[None])
    assert_allclose(found.size, np.hypot(60, 80) / 2, rtol=1e-6)
    assert_allclose(found.box, [[100, 100, 160, 180]], rtol=1e-6)
    assert_allclose(found.area, 60 * 80, rtol=1e-6)
    assert_allclose(found.duration([0]), 1 / FPS)
    assert_allclose(found.presence([0]), 60 * 80 / FPS, rtol=1e-6)
