"""Joints beyond the picture's edge score next to nothing, wherever a detector puts them; the others as they did."""

from __future__ import annotations

from typing import Any

import fakes
import numpy as np
import pytest

from in_the_wild import unseen
from in_the_wild.lens import Lens
from in_the_wild.poses import Poses
from in_the_wild.reasons import Reason
from in_the_wild.skeletons import COCO17, HUMAN36M17
from in_the_wild.steps.explain import with_reasons, without_unseen

FRAMES = 50
KNEES = ("left_knee", "right_knee")
ANKLES = ("left_ankle", "right_ankle")
LENS = Lens(focal=fakes.FOCAL)
MADE = {
    "detector": {"name": "blazepose", "model": "heavy"},
    "refiners": [{"name": "whole_clip"}],
    **LENS.notes(width=fakes.WIDTH, height=fakes.HEIGHT),
}


def somebody(*, lower: float = 0.0, **meta: Any) -> tuple[Poses, Poses]:
    """Somebody so many metres below the middle of the picture, as solved and as keypoints; all claim to be seen.

    What is below the picture's edge is seen just above it.
    """
    joints, root = fakes.walking(FRAMES)
    root[:, 1] += lower
    pixels = fakes.coco_pixels(joints, root)
    pixels[..., 1] = np.minimum(pixels[..., 1], fakes.HEIGHT - 3)
    keypoints = fakes.poses2d(pixels)
    return with_reasons(fakes.poses3d(joints, root), keypoints).with_meta(**{**MADE, **meta}), keypoints


def test_what_is_measured_is_what_its_name_says() -> None:
    poses, keypoints = somebody(lower=0.9)
    measured = unseen.measure(poses, keypoints)
    assert measured.shape == (FRAMES, 17, len(unseen.FEATURES))
    ankle = dict(zip(unseen.FEATURES, measured[FRAMES // 2, HUMAN36M17.index("left_ankle")], strict=True))
    assert 0 <= ankle["edge"] < 0.03
    assert ankle["solved_edge"] == pytest.approx(-0.15, abs=0.15)
    assert np.exp(ankle["apart"]) > 0.02
    head = dict(zip(unseen.FEATURES, measured[FRAMES // 2, HUMAN36M17.index("head")], strict=True))
    assert (head["edge"], head["solved_edge"]) == pytest.approx((0.5, 0.5))
    assert head["score"] == pytest.approx(np.log(1.02 / 0.02))


def test_legs_below_the_picture_score_next_to_nothing_and_the_rest_stays() -> None:
    poses, keypoints = somebody(lower=1.5)
    found = without_unseen(poses, keypoints)
    legs = HUMAN36M17.indices(*KNEES, *ANKLES)
    assert (found.scores[:, legs] <= unseen.SCORE).all()
    assert (np.asarray(found.reasons)[:, legs] == Reason.GUESSED).all()
    above = HUMAN36M17.indices("head", "left_shoulder", "right_shoulder", "left_elbow", "right_elbow")
    assert np.array_equal(found.scores[:, above], poses.scores[:, above])
    assert np.array_equal(found.keypoints, poses.keypoints)


def test_who_is_whole_in_the_picture_keeps_all_scores() -> None:
    poses, keypoints = somebody()
    assert np.array_equal(without_unseen(poses, keypoints).scores, poses.scores)


@pytest.mark.parametrize("meta", [{"detector": {"name": "movenet"}}, {"refiners": []}, {"focal": None}])
def test_where_nobody_knows_how_to_tell_nothing_changes(meta: dict[str, Any]) -> None:
    poses, keypoints = somebody(lower=1.5, **meta)
    assert without_unseen(poses, keypoints) is poses


def test_frames_that_lifting_filled_are_like_those_before() -> None:
    poses, keypoints = somebody(lower=1.5)
    fewer = keypoints.rows(keypoints.frame % 2 == 0)
    assert (without_unseen(poses, fewer).scores[:, HUMAN36M17.indices(*ANKLES)] <= unseen.SCORE).all()


def test_keypoints_are_drawn_as_sure_as_their_joints_where_those_were_not_seen() -> None:
    poses, keypoints = somebody(lower=1.5)
    drawn = unseen.as_sure(keypoints, without_unseen(poses, keypoints))
    assert (drawn.scores[:, COCO17.indices(*ANKLES)] <= unseen.SCORE).all()
    kept = COCO17.indices("nose", "left_shoulder", "left_elbow")
    assert np.array_equal(drawn.scores[:, kept], keypoints.scores[:, kept])
    assert np.array_equal(unseen.as_sure(keypoints, poses.rows(np.zeros(len(poses), bool))).scores, keypoints.scores)
