"""Hands, feet and faces: where the pictures and the bodies say, or not at all."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_people import source, standing

from in_the_wild.drawing.hands_and_feet import with_hands_and_feet
from in_the_wild.drawing.head import heads_of
from in_the_wild.poses import Poses
from in_the_wild.skeletons import BLAZEPOSE33, COCO17, HUMAN36M17, Skeleton

FOCAL, FRAMES = 640.0, 30
# Camera space: x right, y down, z away.
CAMERA = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
ROOT = np.array([0.3, 0.1, 4.0])


def body(*, turned: bool = False) -> np.ndarray:
    """(17, 3) metres in camera space, relative to the pelvis; facing the camera, or with the back to it."""
    points = standing(turned=turned) @ CAMERA.T
    return points - points[0]


def ends(joints: np.ndarray, skeleton: Skeleton, *, turned: bool) -> dict[str, np.ndarray]:
    """Where toes, heels and knuckles are: before the ankles, behind and below them, and on from the forearms."""
    ahead = np.array([0.0, 0.0, 1.0 if turned else -1.0])
    found = {}
    for side in ("left", "right"):
        ankle, elbow, wrist = (joints[skeleton.index(f"{side}_{joint}")] for joint in ("ankle", "elbow", "wrist"))
        down = np.array([0.0, 0.06, 0.0])
        found[f"{side}_foot_index"] = ankle + 0.15 * ahead + 0.9 * down
        found[f"{side}_heel"] = ankle - 0.03 * ahead + 0.8 * down
        hand = wrist + 0.09 * (wrist - elbow) / np.linalg.norm(wrist - elbow)
        found[f"{side}_index"] = found[f"{side}_pinky"] = hand
    return found


def seen(
    *, turned: bool, skeleton: Skeleton = BLAZEPOSE33, score: float = 0.9
) -> tuple[Poses, Poses, dict[str, np.ndarray]]:
    joints = body(turned=turned)
    true = ends(joints, HUMAN36M17, turned=turned)
    places = {name: joints[j] for j, name in enumerate(HUMAN36M17.joints)} | true
    pixels = np.zeros((len(skeleton), 2))
    scores = np.full(len(skeleton), score)
    for j, name in enumerate(skeleton.joints):
        x, y, z = places.get(name, np.zeros(3)) + ROOT
        pixels[j] = FOCAL * x / z + 320, FOCAL * y / z + 240
    video = source(FRAMES)
    frame, person = np.arange(FRAMES), np.full(FRAMES, 2)
    poses = Poses(
        np.stack([joints] * FRAMES), np.ones((FRAMES, 17)), frame, person, HUMAN36M17, "camera", video,
        root=np.stack([ROOT] * FRAMES), root_source="given focal length", meta={"focal": FOCAL},
    )  # fmt: skip
    keypoints = Poses(np.stack([pixels] * FRAMES), np.stack([scores] * FRAMES), frame, person, skeleton, "image", video)
    return poses, keypoints.rows(np.random.default_rng(0).permutation(FRAMES)), true


@pytest.mark.parametrize("turned", [False, True], ids=["facing", "from behind"])
def test_hands_and_feet_are_where_the_picture_and_the_body_say(turned: bool) -> None:
    poses, keypoints, true = seen(turned=turned)
    longer = with_hands_and_feet(poses, keypoints)
    assert longer.skeleton.joints[:17] == HUMAN36M17.joints
    for name, of in {"big_toe": "foot_index", "heel": "heel", "hand": "index"}.items():
        for side in ("left", "right"):
            found = longer.keypoints[:, longer.skeleton.index(f"{side}_{name}")]
            assert np.linalg.norm(found - true[f"{side}_{of}"], axis=1).max() < 0.05, (side, name)
    assert (longer.world().keypoints[..., 2].min(axis=1) > -0.05).all()


def test_they_are_as_far_off_as_the_joints_that_they_hang_on() -> None:
    poses, keypoints, _ = seen(turned=False)
    assert with_hands_and_feet(poses, keypoints).error_mm is None
    error = np.random.default_rng(1).uniform(20, 90, poses.scores.shape)
    longer = with_hands_and_feet(poses.replace(error_mm=error), keypoints)
    assert longer.error_mm is not None
    index = longer.skeleton.index
    for end, on in (("left_hand", "left_wrist"), ("right_heel", "right_ankle"), ("left_big_toe", "left_ankle")):
        np.testing.assert_array_equal(longer.error_mm[:, index(end)], longer.error_mm[:, index(on)])


def test_what_nobody_saw_is_left_out() -> None:
    poses, keypoints, _ = seen(turned=False, score=0.1)
    longer = with_hands_and_feet(poses, keypoints)
    assert (longer.scores[:, 17:] == 0).all()
    assert with_hands_and_feet(poses, None) is poses
    coco = seen(turned=False, skeleton=COCO17)[1]
    assert with_hands_and_feet(poses, coco) is poses
    nobody = keypoints.rows(np.zeros(FRAMES, bool))
    assert with_hands_and_feet(poses, nobody) is poses
    some = with_hands_and_feet(poses, keypoints.rows(keypoints.frame > 20))
    assert (some.scores[:, 17:] == 0).all()
    assert with_hands_and_feet(poses.replace(root=None, root_source=""), keypoints).skeleton is HUMAN36M17


@pytest.mark.parametrize("turned", [False, True], ids=["facing", "from behind"])
def test_a_face_looks_where_the_body_does(turned: bool) -> None:
    heads = heads_of(standing(turned=turned)[None], HUMAN36M17)
    assert heads is not None
    np.testing.assert_allclose(heads.face[0], [0, 1 if turned else -1, 0], atol=0.1)
    np.testing.assert_allclose((heads.up * heads.face).sum(axis=1), 0, atol=1e-9)
    assert 1.5 < heads.centre[0, 2] < 1.7


def test_a_face_of_ears_and_nose_looks_along_the_nose() -> None:
    points = np.zeros((1, len(COCO17), 3))
    places = {"left_ear": (0.07, 0.05, 1.6), "right_ear": (-0.07, -0.05, 1.6), "nose": (0.06, -0.1, 1.6)}
    places |= {"left_shoulder": (0.2, 0, 1.4), "right_shoulder": (-0.2, 0, 1.4)}
    for joint, place in places.items():
        points[0, COCO17.index(joint)] = place
    heads = heads_of(points, COCO17)
    assert heads is not None
    np.testing.assert_allclose(heads.face[0, :2] / np.linalg.norm(heads.face[0, :2]), [0.51, -0.86], atol=0.02)
