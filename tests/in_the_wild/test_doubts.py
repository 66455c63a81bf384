"""Looks that are doubted, and those that are not believed."""

from __future__ import annotations

import numpy as np

from in_the_wild.detectors.base import Detection
from in_the_wild.doubts import Look, believed, is_doubtful

BODY = np.random.default_rng(0).uniform(0, 200, (17, 2)).astype(np.float32)


def look(frame: int, *people: np.ndarray, score: float = 0.9) -> Look:
    keypoints = np.array(people, np.float32).reshape(-1, 17, 2)
    return Look(frame, frame / 10, Detection(keypoints, np.full(keypoints.shape[:2], score, np.float32)))


def test_straight_motion_is_not_doubted() -> None:
    walk = [look(i, BODY + 10 * i, BODY + 900 - 20 * i) for i in range(3)]
    assert not is_doubtful(*walk)


def test_a_limb_that_turns_is_doubted() -> None:
    walk = [look(i, BODY + 10 * i) for i in range(3)]
    walk[1].found.keypoints[0, [9, 10, 7, 8]] += 40
    assert is_doubtful(*walk)


def test_scores_that_fall_are_doubted() -> None:
    assert is_doubtful(look(0, BODY), look(1, BODY, score=0.4), look(2, BODY))


def test_nobody_looks_again_for_the_sake_of_the_background() -> None:
    def small(i: int) -> np.ndarray:
        return (BODY * 0.3 + 900 + [[0, 20 * (i == 1)]]).astype(np.float32)

    assert is_doubtful(*(look(i, small(i)) for i in range(3)))
    assert not is_doubtful(*(look(i, BODY, small(i)) for i in range(3)))


def test_somebody_new_is_not_doubted() -> None:
    assert not is_doubtful(look(0, BODY), look(1, BODY, BODY + 900), look(2, BODY))
    assert not is_doubtful(look(0), look(1, BODY), look(2))


def test_a_look_that_is_alone_is_not_believed() -> None:
    far = BODY + 900
    wrong = BODY + 20
    wrong[[7, 8, 9, 10]] += 80
    around = tuple(look(i, BODY + 10 * i, far) for i in (0, 1, 3, 4))
    left = believed(look(2, wrong, far), (around[0], around[1], around[2], around[3]))
    np.testing.assert_array_equal(left.found.keypoints, far[None])


def test_a_look_at_a_turning_point_is_believed() -> None:
    swing = [0, 30, 80, 30, 0]
    looks = [look(i, BODY + [[0, s]] * 17) for i, s in enumerate(swing)]
    left = believed(looks[2], (looks[0], looks[1], looks[3], looks[4]))
    assert len(left.found.keypoints) == 1
