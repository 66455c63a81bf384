"""Explain: every joint's reason, from what tracking and cleaning noted."""

from __future__ import annotations

import numpy as np
import pytest

from in_the_wild.poses import Poses, Source
from in_the_wild.reasons import NAMES, Reason, counted
from in_the_wild.skeletons import COCO17, HUMAN36M17
from in_the_wild.steps.explain import explained, gaps, told, with_reasons

WRIST, ELBOW, HIP = COCO17.indices("left_wrist", "left_elbow", "right_hip")


def keypoints() -> Poses:
    """Person 4 in frames 2 to 7 of ten, looked at in the even ones, with whatever can be wrong."""
    points, scores = np.full((6, 17, 2), 50.0), np.full((6, 17), 0.9)
    scores[0, WRIST] = 0.05
    points[2, ELBOW] = (120, 50)
    scores[2, ELBOW] = 0.02
    return Poses(
        keypoints=points, scores=scores, frame=np.arange(2, 8), person_id=np.full(6, 4), skeleton=COCO17,
        space="image", video=Source("clip.mp4", 100, 100, 10.0, np.arange(10) / 10),
        meta={
            "looks": [0, 2, 4, 6, 8],
            "cleaned": {"4": [[6, 6, "arms", "swapped"], [6, 6, "left_wrist", "outlier"], [4, 4, "body", "swapped"]]},
        },
    )  # fmt: skip


def test_each_keypoint_has_the_last_reason_that_holds() -> None:
    reasons = explained(keypoints())
    assert (reasons[[1, 3, 5]] == Reason.FILLED).all()
    assert reasons[0, WRIST] == Reason.GUESSED
    assert np.delete(reasons[0], WRIST).tolist() == [Reason.SEEN] * 16
    assert reasons[2, ELBOW] == Reason.OUTSIDE
    assert reasons[2, HIP] == Reason.SWAPPED
    assert reasons[2, COCO17.index("nose")] == Reason.SEEN
    assert reasons[4, WRIST] == Reason.OUTLIER
    assert reasons[4, ELBOW] == Reason.SWAPPED
    assert reasons[4, HIP] == Reason.SEEN


def test_what_was_mended_of_joints_that_are_no_longer_there_is_passed_over() -> None:
    found = keypoints().with_meta(cleaned={"4": [[2, 2, "left_heel", "outlier"]]})
    assert np.array_equal(explained(found), explained(found.with_meta(cleaned={})))


def test_joints_are_as_well_known_as_their_keypoints_and_the_middle_as_the_trunk() -> None:
    found = keypoints()
    lifted = Poses(
        keypoints=np.zeros((7, 17, 3)), scores=np.ones((7, 17)), frame=np.arange(2, 9), person_id=np.full(7, 4),
        skeleton=HUMAN36M17, space="camera", video=found.video,
    )  # fmt: skip
    poses = with_reasons(lifted, found)
    assert poses.reasons is not None
    assert poses.meta["reasons"] == list(NAMES)
    assert poses.reasons[0, HUMAN36M17.index("left_wrist")] == Reason.GUESSED
    assert poses.reasons[2, HUMAN36M17.index("spine")] == Reason.SWAPPED
    assert (poses.reasons[6] == Reason.FILLED).all()
    assert counted(poses)["filled"] == 4 * 17
    assert sum(counted(poses).values()) == poses.reasons.size
    assert counted(lifted) == {}


def test_reasons_follow_rows_and_go_with_other_joints() -> None:
    found = keypoints().replace(reasons=explained(keypoints()))
    assert np.array_equal(np.asarray(found.rows(np.array([4])).reasons), explained(keypoints())[[4]])
    assert np.array_equal(np.asarray(Poses.join([found.rows(np.arange(3)), found.rows(np.arange(3, 6))]).reasons),
                          np.asarray(found.reasons))  # fmt: skip
    person = found.person(4).reasons
    assert person is not None
    assert (person[[0, 1, 8, 9]] == -1).all()
    assert person[6, WRIST] == Reason.OUTLIER
    assert found.replace(frame=found.frame + 1).reasons is None


def test_gaps_that_are_left_are_told_once() -> None:
    found = keypoints()
    assert gaps(found) == []
    assert told(found) == []
    apart = found.rows(np.array([0, 1, 4, 5]))
    assert gaps(apart) == [(4, pytest.approx(0.3), pytest.approx(0.6))]
    (said,) = told(apart)
    assert "person 4 at 0.3-0.6 s;" in said
    several = [apart.replace(person_id=np.full(4, person)) for person in range(5)]
    (said,) = told(Poses.join(several))
    assert said.count("person") == 3
    assert "and 2 times more" in said
