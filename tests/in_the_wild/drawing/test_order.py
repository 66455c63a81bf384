"""Who is drawn over whom: the nearer person, without flicker while two pass each other."""

from __future__ import annotations

import numpy as np
from drawn_people import on_picture, source, standing, world

from in_the_wild.drawing.order import painting_order
from in_the_wild.drawing.overlay import Overlay
from in_the_wild.look import LEFT, RIGHT
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17

FRAMES = 100


def test_two_people_change_places_once_however_their_depths_tremble() -> None:
    rng = np.random.default_rng(3)
    walk = np.linspace(-1.0, 1.0, FRAMES)
    depths = np.concatenate([5 + walk, 5 - walk]) + rng.normal(0, 0.15, 2 * FRAMES)
    frame, person = np.tile(np.arange(FRAMES), 2), np.repeat([7, 3], FRAMES)
    places = painting_order(depths, frame, person, fps=25.0).reshape(2, FRAMES)
    assert (places.sum(axis=0) == 1).all()
    assert (places[0, :30] == 1).all()  # nearer, so painted last
    assert (places[0, -30:] == 0).all()
    assert (np.diff(places[0]) != 0).sum() == 1


def test_people_who_come_and_go_keep_their_places() -> None:
    frame = np.array([0, 0, 0, 1, 2, 2, 2])
    person = np.array([0, 1, 2, 1, 2, 1, 0])
    depths = np.array([3.0, 5.0, 4.0, 5.0, 4.0, 5.0, 3.0])
    places = painting_order(depths, frame, person, fps=25.0)
    assert places.tolist() == [2, 0, 1, 0, 1, 0, 2]
    assert painting_order(depths[:0], frame[:0], person[:0], fps=25.0).tolist() == []


def crossing() -> tuple[Poses, Poses]:
    """Person 0 passes before person 1, from the left to the right; rows of the nearer come first as often as last."""
    rng = np.random.default_rng(5)
    x = np.linspace(-0.5, 0.5, FRAMES)
    near = [standing(x=a, y=-0.2 + b) for a, b in zip(x, rng.normal(0, 0.1, FRAMES), strict=True)]
    far = [standing(x=-a, y=0.2 + b) for a, b in zip(x, rng.normal(0, 0.1, FRAMES), strict=True)]
    both = world(near, far)
    pixels = np.stack([on_picture(points, width=640, height=480) for points in both.keypoints])
    scores = np.clip(rng.normal(0.5, 0.05, both.scores.shape), 0.01, 1)  # tremble about what is certain
    scores[:, :3] = 1.0
    shuffled = rng.permutation(len(both))
    image = Poses(pixels, scores, both.frame, both.person_id, HUMAN36M17, "image", both.video).rows(shuffled)
    return image, both


def test_the_overlay_of_two_who_cross_is_steady() -> None:
    keypoints, both = crossing()
    overlay = Overlay(keypoints, both, (640, 480))
    thigh = HUMAN36M17.indices("right_hip", "right_knee")
    before = [row for row in range(len(both)) if both.person_id[row] == 0]
    for row in before[20:80]:
        image = np.full((480, 640, 3), 120, dtype=np.uint8)
        overlay.draw(image, int(both.frame[row]))
        at = on_picture(both.keypoints[row], width=640, height=480)[thigh].mean(axis=0)
        x, y = np.rint(at).astype(int)
        assert np.abs(image[y, x].astype(int) - RIGHT).max() <= 2, "nobody is painted over the nearer person"


def test_lines_do_not_change_between_solid_and_dashed_from_frame_to_frame() -> None:
    rng = np.random.default_rng(9)
    video = source(FRAMES)
    points = np.stack([on_picture(standing(), width=640, height=480)] * FRAMES)
    scores = np.clip(0.62 + rng.choice([-0.2, 0.2], (FRAMES, 17)), 0, 1)
    keypoints = Poses(points, scores, np.arange(FRAMES), np.zeros(FRAMES), HUMAN36M17, "image", video)
    overlay = Overlay(keypoints, None, (640, 480))
    shin = points[0, HUMAN36M17.indices("left_knee", "left_ankle")]
    between = np.rint(shin[0] + np.linspace(0.2, 0.8, 60)[:, None] * (shin[1] - shin[0])).astype(int)
    solid = []
    for frame in range(FRAMES):
        image = np.full((480, 640, 3), 120, dtype=np.uint8)
        overlay.draw(image, frame)
        line = image[between[:, 1], between[:, 0]].astype(int)
        solid.append((np.abs(line - LEFT).max(axis=1) < 40).all())
    assert (np.diff(np.array(solid).astype(int)) != 0).sum() < 0.2 * FRAMES  # their scores cross the line half the time
