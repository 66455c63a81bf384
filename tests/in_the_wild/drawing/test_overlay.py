"""What the overlay shows: joints and limbs where the keypoints are, judged by their pixels."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_people import blue, middle, on_picture, orange, pixel, source, standing

from in_the_wild.drawing.overlay import draw_overlay
from in_the_wild.drawing.scene import Scene3D
from in_the_wild.look import LEFT, MIDDLE, RIGHT
from in_the_wild.poses import Poses
from in_the_wild.skeletons import BLAZEPOSE33, COCO17, HUMAN36M17, SKELETONS, Skeleton

FIGURE = on_picture(standing(), width=640, height=480)


def blank(width: int = 640, height: int = 480) -> np.ndarray:
    return np.full((height, width, 3), 120, dtype=np.uint8)


def drawn(points: np.ndarray, scores: np.ndarray, *, person: int = -1, skeleton: Skeleton = HUMAN36M17) -> np.ndarray:
    image = blank()
    draw_overlay(image, points[None], scores[None], np.array([person]), skeleton)
    return image


def test_overlay_limbs_lie_where_the_keypoints_are_in_the_colour_of_their_side() -> None:
    image = drawn(FIGURE, np.ones(17))
    assert 0.01 < (image != 120).any(axis=-1).mean() < 0.1
    for limb, colour in (
        (("left_elbow", "left_wrist"), LEFT),
        (("right_hip", "right_knee"), RIGHT),
        (("pelvis", "spine"), MIDDLE),
    ):
        centre = FIGURE[HUMAN36M17.indices(*limb)].mean(axis=0)
        assert np.abs(pixel(image, centre) - colour).max() <= 2


def test_a_score_of_zero_draws_nothing() -> None:
    assert (drawn(FIGURE, np.zeros(17), person=3) == 120).all()
    scores = np.ones(17)
    scores[HUMAN36M17.index("left_wrist")] = 0.0
    image = drawn(FIGURE, scores)
    forearm = FIGURE[HUMAN36M17.indices("left_elbow", "left_wrist")]
    assert (pixel(image, forearm.mean(axis=0)) == 120).all()
    assert (pixel(image, forearm[1]) == 120).all()
    assert (pixel(image, forearm[0]) != 120).any()  # the elbow itself is seen


def test_uncertain_joints_are_hollow_and_their_limbs_thin() -> None:
    wrist = HUMAN36M17.index("left_wrist")
    lone = np.zeros(17)
    lone[wrist] = 0.3
    image = drawn(FIGURE, lone)
    assert (pixel(image, FIGURE[wrist]) == 120).all()
    assert orange(image).sum() > 10  # the ring around it

    certain, unsure = np.ones(17), np.full(17, 0.3)
    assert orange(drawn(FIGURE, unsure)).sum() < 0.7 * orange(drawn(FIGURE, certain)).sum()


def test_joints_that_nobody_saw_have_dots_alone() -> None:
    wrist, elbow = HUMAN36M17.indices("left_wrist", "left_elbow")
    scores = np.ones(17)
    scores[wrist] = 0.1
    image, large = blank(1920, 1440), 3 * FIGURE
    draw_overlay(image, large[None], scores[None], np.array([-1]), HUMAN36M17)
    forearm = [large[elbow] + share * (large[wrist] - large[elbow]) for share in np.linspace(0.3, 0.9, 200)]
    shown = np.array([(pixel(image, at) != 120).any() for at in forearm])
    assert np.count_nonzero(np.diff(shown)) >= 4
    assert 0.1 < shown.mean() < 0.9


def test_lines_grow_with_the_picture() -> None:
    areas = []
    for scale in (1, 3):
        image = blank(640 * scale, 480 * scale)
        draw_overlay(image, FIGURE[None] * scale, np.ones((1, 17)), np.array([-1]), HUMAN36M17)
        areas.append((image != 120).any(axis=-1).mean())
    assert areas[0] == pytest.approx(areas[1], rel=0.25)


def test_ids_are_shown_above_the_head_and_kept_inside_the_picture() -> None:
    plain, labelled = drawn(FIGURE, np.ones(17)), drawn(FIGURE, np.ones(17), person=12)
    x, y = middle((plain != labelled).any(axis=-1))
    head = FIGURE[HUMAN36M17.index("head")]
    assert abs(x - head[0]) < 3
    assert head[1] - 80 < y < head[1] - 5
    assert not np.array_equal(labelled, drawn(FIGURE, np.ones(17), person=13))

    corner = FIGURE - FIGURE.min(axis=0) - 20  # its head is above the picture's upper edge
    plain, labelled = drawn(corner, np.ones(17)), drawn(corner, np.ones(17), person=12)
    assert (plain != labelled).any(axis=-1).sum() > 100


@pytest.mark.parametrize("name", sorted(SKELETONS))
def test_every_skeleton_can_be_drawn_wherever_its_joints_are(name: str) -> None:
    skeleton = SKELETONS[name]
    rng = np.random.default_rng(1)
    points = rng.uniform(-200, 900, (3, len(skeleton), 2))
    points[1] *= 1e6  # a detector gone wild
    points[2] = 100.0  # all in one place
    image = blank()
    draw_overlay(image, points, rng.uniform(0, 1, points.shape[:2]), np.arange(3), skeleton)
    assert (image != 120).any()
    body = Poses(
        rng.uniform(-1, 2, (2, len(skeleton), 3)),
        rng.uniform(0, 1, (2, len(skeleton))),
        np.array([0, 0]),
        np.array([0, 1]),
        skeleton,
        "world",
        source(1),
    )
    panel = Scene3D(body, size=(400, 400)).draw(0)
    assert orange(panel).any()
    assert blue(panel).any()


def test_shoulders_and_hips_of_coco_are_middle_limbs() -> None:
    for skeleton in (COCO17, BLAZEPOSE33):
        points = np.zeros((len(skeleton), 2))
        points[skeleton.indices("left_shoulder", "right_shoulder")] = [[400, 100], [200, 100]]
        scores = np.zeros(len(skeleton))
        scores[skeleton.indices("left_shoulder", "right_shoulder")] = 1.0
        image = drawn(points, scores, skeleton=skeleton)
        assert np.abs(pixel(image, np.array([300, 100])) - MIDDLE).max() <= 2
        assert np.abs(pixel(image, np.array([400, 100])) - LEFT).max() <= 2
        assert np.abs(pixel(image, np.array([200, 100])) - RIGHT).max() <= 2
