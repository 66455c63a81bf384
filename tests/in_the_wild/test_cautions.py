"""Cautions: what of a result not to trust; nothing of a good one."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import fakes
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from in_the_wild.cautions import cautions, sentences
from in_the_wild.poses import Poses
from in_the_wild.skeletons import COCO17

FRAMES, FPS = 100, 25.0


def walk(person: int = 0, *, aside: float = 0.0) -> Poses:
    """Somebody who walks through the picture, all of whom is seen."""
    joints, root = fakes.walking(FRAMES)
    pixels = fakes.coco_pixels(joints, root + np.array([aside, 0, 0]))
    return fakes.poses2d(pixels).replace(person_id=np.full(FRAMES, person))


def scored(poses: Poses, joint: str, rows: slice, score: float) -> Poses:
    scores = poses.scores.copy()
    scores[rows, COCO17.index(joint)] = score
    return poses.replace(scores=scores)


def test_nothing_is_said_when_all_is_well() -> None:
    assert cautions(walk()) == []
    assert cautions(Poses.empty(skeleton=COCO17, space="image", video=fakes.video(10))) == []
    assert sentences([]) == []


def test_joints_that_are_hidden_together_are_told_once() -> None:
    poses = scored(scored(walk(), "left_wrist", slice(25, 76), 0.05), "left_elbow", slice(26, 70), 0.05)
    (found,) = cautions(poses)
    assert (found.why, found.person, set(found.joints)) == ("unseen", 0, {"left_elbow", "left_wrist"})
    assert (found.start, found.end) == (1.0, 3.0)
    assert json.loads(json.dumps(found.note))["what_to_do"] == found.advice
    (said,) = sentences([found])
    assert "left elbow, left wrist of person 0 at 1.0-3.0 s (unseen)" in said


def test_a_moment_is_not_worth_a_word() -> None:
    assert cautions(scored(walk(), "left_wrist", slice(40, 55), 0.05)) == []


def test_joints_beyond_the_edge_are_out_of_the_picture() -> None:
    poses = walk()
    knee = poses.keypoints[:, COCO17.index("left_knee"), 1].min()
    lower = poses.keypoints + np.array([0, fakes.HEIGHT - knee - 1])
    reasons = {one.why for one in cautions(poses.replace(keypoints=lower))}
    assert reasons == {"out of the picture"}


def test_people_who_cross_are_both_told() -> None:
    together = Poses.join([walk(0), walk(1, aside=0.1)])
    crossing = [one for one in cautions(together) if one.why == "people crossing"]
    assert [one.person for one in crossing] == [0, 1]
    assert not any(one.why == "people crossing" for one in cautions(Poses.join([walk(0), walk(1, aside=1.5)])))


def test_a_tiny_person_and_a_low_frame_rate_are_told_for_the_whole() -> None:
    poses = walk()
    middle = poses.keypoints.mean(axis=(0, 1))
    small = poses.replace(keypoints=middle + (poses.keypoints - middle) * 0.1)
    assert [one.why for one in cautions(small)] == ["tiny person"]
    slow = replace(poses.video, fps=8.0, timestamps=np.arange(FRAMES) / 8)
    assert [one.why for one in cautions(poses.replace(video=slow))] == ["low frame rate"]


def test_who_is_hidden_by_somebody_else_crosses_them() -> None:
    one, other = walk(0), walk(1)
    other = other.rows((other.frame < 40) | (other.frame >= 60))
    apart = other.replace(keypoints=other.keypoints + np.where(other.frame < 40, -100, 100)[:, None, None] * [1, 0])
    found = [caution for caution in cautions(Poses.join([one, apart])) if caution.why == "people crossing"]
    assert {caution.person for caution in found} == {0, 1}
    assert all(40 / FPS <= caution.start < caution.end <= 60 / FPS for caution in found)


def moved(poses: Poses, joints: Sequence[str], rows: slice, aside: float) -> Poses:
    """The same with some joints elsewhere, so many pixels to the right."""
    keypoints = poses.keypoints.copy()
    keypoints[rows, COCO17.indices(*joints)] += np.array([aside, 0])
    return poses.replace(keypoints=keypoints)


def test_who_is_somewhere_else_for_a_moment_moves_as_nobody_can() -> None:
    height = float(np.ptp(walk().keypoints[..., 1], axis=1).mean())
    (found,) = cautions(moved(walk(), COCO17.joints, slice(50, 51), 0.2 * height))
    assert (found.why, found.person, found.joints) == ("impossible motion", 0, ())
    assert (found.start, found.end) == pytest.approx((48 / FPS - 0.1, 52 / FPS + 0.1))
    assert "everything of person 0" in sentences([found])[0]
    assert cautions(moved(walk(), COCO17.joints, slice(50, 51), 0.02 * height)) == []


def test_limbs_that_are_thrown_about_are_told_as_one() -> None:
    height = float(np.ptp(walk().keypoints[..., 1], axis=1).mean())
    poses = moved(
        moved(walk(), ["left_wrist"], slice(50, 51), 0.4 * height), ["left_elbow"], slice(52, 53), 0.3 * height
    )
    (found,) = cautions(poses)
    assert (found.why, set(found.joints)) == ("impossible motion", {"left_elbow", "left_wrist"})
    both = cautions(moved(poses, COCO17.joints, slice(51, 52), -0.2 * height))
    assert len(sentences(both)) == 2


def test_looks_are_compared_where_some_frames_alone_were_looked_at() -> None:
    height = float(np.ptp(walk().keypoints[..., 1], axis=1).mean())
    poses = moved(walk(), COCO17.joints, slice(51, 52), 0.2 * height)
    assert cautions(poses)
    assert cautions(poses.with_meta(looks=list(range(0, FRAMES, 2)))) == []


def test_a_camera_that_jerks_throws_nobody_about() -> None:
    angle, longer, middle = 0.1, fakes.WIDTH, np.array([fakes.WIDTH, fakes.HEIGHT]) / 2
    poses = walk()
    rays = np.concatenate([(poses.keypoints - middle) / longer, np.ones((FRAMES, 17, 1))], axis=2)
    rays[50] = rays[50] @ Rotation.from_rotvec([0, angle, 0]).as_matrix().T
    jerked = poses.replace(keypoints=rays[..., :2] / rays[..., 2:] * longer + middle)
    assert {one.why for one in cautions(jerked)} == {"impossible motion"}
    steps = [[0.0, angle * ((k == 50) - (k == 51)), 0.0, 1.0] for k in range(FRAMES)]
    note = {"seconds": (np.arange(FRAMES) / FPS).tolist(), "steps": steps, "shots": [0.0]}
    assert cautions(jerked.with_meta(camera_motion=note)) == []
