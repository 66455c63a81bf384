"""What the 3D view shows: sides, places, scale; judged by its pixels."""

from __future__ import annotations

import numpy as np
import pytest
from drawn_people import blue, middle, nobody_in, orange, picture_poses, pixel, source, standing, world

from in_the_wild.drawing.overlay import Overlay
from in_the_wild.drawing.scene import Scene3D, Texts
from in_the_wild.drawing.view import View3D
from in_the_wild.errors import InputError
from in_the_wild.look import LEFT, MIDDLE, RIGHT
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17

FIXED = View3D(angle=0.0)
BARE = Texts(clock=False, legend=False)


def scene_of(
    poses: Poses, view: View3D = FIXED, *, texts: Texts = BARE, left_to_right: tuple[int, ...] = ()
) -> Scene3D:
    """Panels of 400 pixels."""
    return Scene3D(poses, view, size=(400, 400), texts=texts, left_to_right=left_to_right)


def test_a_positive_angle_looks_from_further_left() -> None:
    scene = scene_of(world([standing(y=-0.3)]), View3D(angle=30.0))
    near, far = scene.camera(0).project(np.array([[0.0, -0.5, 1.0], [0.0, 0.5, 1.0]]))[0]
    assert near[0] > far[0]


def test_a_person_who_faces_the_camera_has_their_left_on_the_right() -> None:
    image = scene_of(world([standing()]), FIXED).draw(0)
    assert middle(orange(image))[0] > middle(blue(image))[0] + 20
    image = scene_of(world([standing(turned=True)]), FIXED).draw(0)
    assert middle(orange(image))[0] < middle(blue(image))[0] - 20


def test_limbs_carry_the_colour_of_their_side_at_the_place_they_project_to() -> None:
    scene = scene_of(world([standing()]), FIXED)
    image, camera = scene.draw(0), scene.camera(0)
    for limb, colour in (
        (("left_elbow", "left_wrist"), LEFT),
        (("left_knee", "left_ankle"), LEFT),
        (("right_elbow", "right_wrist"), RIGHT),
        (("pelvis", "spine"), MIDDLE),
    ):
        centre = standing()[HUMAN36M17.indices(*limb)].mean(axis=0)
        found = pixel(image, camera.project(centre)[0])
        want = np.array(colour)
        # Shading changes brightness, not the order of red, green and blue.
        assert np.corrcoef(found, want)[0, 1] > 0.95 or (np.ptp(found) < 30 and np.ptp(want) < 30)
        assert found.max() > 150
    empty = camera.project(np.array([0.0, 0.0, 0.4]))[0]  # between the legs
    assert pixel(image, empty).max() < 110


def test_right_in_the_video_is_right_in_the_view_and_up_is_up() -> None:
    poses = world([standing(x=-1.0)] * 2 + [standing(x=1.0)] * 2)
    scene = scene_of(poses, View3D(angle=0.0, follow=False))
    left, right = (middle(orange(scene.draw(i)) | blue(scene.draw(i)))[0] for i in (0, 3))
    assert left < 200 < right
    head, feet = scene.camera(0).project(standing()[HUMAN36M17.indices("head", "left_ankle")])[0]
    assert head[1] < feet[1]
    (_, floor), _ = scene.camera(0).project(np.array([0.0, -0.3, 0.0]))
    assert feet[1] < floor < 400


def test_the_nearer_limb_hides_the_farther() -> None:
    view = View3D(angle=0.0, elevation=0.0)
    thigh = HUMAN36M17.indices("left_hip", "left_knee")
    for turned in (False, True):
        near, far = standing(y=-0.6, turned=turned), standing(y=0.6, turned=not turned)
        scene = scene_of(world([near], [far]), view)
        image, camera = scene.draw(0), scene.camera(0)
        at = camera.project(near[thigh].mean(axis=0))[0]
        behind = camera.project(far[HUMAN36M17.indices("right_hip", "right_knee")].mean(axis=0))[0]
        assert np.abs(at - behind).max() < 15  # they do overlap
        assert orange(image)[tuple(np.rint(at[::-1]).astype(int))]


def test_the_scale_is_the_same_throughout_the_clip() -> None:
    walk = [standing(x=x, y=y) for x, y in zip(np.linspace(-2, 2, 50), np.sin(np.arange(50)), strict=True)]
    scene = scene_of(world(walk), View3D(turn=35.0))
    lengths = []
    for frame in (0, 20, 49):
        camera = scene.camera(frame)
        bar = camera.target + np.array([[-0.5], [0.5]]) * camera.axes()[0]  # one metre across, at the target's depth
        pixels = camera.project(bar)[0]
        lengths.append(float(np.hypot(*(pixels[1] - pixels[0]))))
    assert np.ptp(lengths) < 1e-6 * lengths[0]


def test_a_person_back_in_the_same_place_is_drawn_the_same() -> None:
    walk = [standing(), standing(x=1.5, y=2.0), standing(x=-1.0), standing()]
    scene = scene_of(world(walk), FIXED)
    first, away, last = scene.draw(0), scene.draw(1), scene.draw(3)
    assert np.array_equal(first, last)
    assert not np.array_equal(first, away)


def test_a_camera_that_follows_keeps_its_scale() -> None:
    walk = [standing(x=x) for x in np.linspace(-15, 15, 200)]
    scene = scene_of(world(walk), FIXED)
    heights = []
    for frame in (0, 100, 199):
        image, camera = scene.draw(frame), scene.camera(frame)
        head, feet = camera.project(walk[frame][HUMAN36M17.indices("head", "left_ankle")])[0]
        heights.append(float(feet[1] - head[1]))
        assert orange(image).sum() > 100
    assert min(heights) > 100  # across 30 metres a fixed camera would show some 25 pixels
    assert np.ptp(heights) < 0.02 * heights[0]
    fixed = scene_of(world(walk), View3D(angle=0.0, follow=False)).camera(0)
    assert fixed.distance > 3 * scene.camera(0).distance


@pytest.mark.parametrize("seed", range(4))
def test_everybody_stays_in_the_picture_while_the_camera_turns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    paths = np.cumsum(rng.normal(0, 0.05, (2, 80, 2)), axis=1) + rng.normal(0, 1, (2, 1, 2))
    people = [[standing(x=x, y=y) for x, y in path] for path in paths]
    scene = scene_of(world(*people), View3D(turn=35.0, period=2.0))
    for frame in range(80):
        for person in people:
            pixels, depth = scene.camera(frame).project(person[frame])
            assert depth.min() > 1.0
            assert pixels.min() >= 0
            assert pixels.max() <= 399


def test_one_wild_root_does_not_shrink_the_rest() -> None:
    walk = [standing(x=0.01 * i) for i in range(300)]
    calm = scene_of(world(walk)).camera(0).distance
    walk[150] = standing(x=80.0, y=-500.0)
    scene = scene_of(world(walk))
    assert scene.camera(0).distance < 1.2 * calm
    assert scene.draw(150).shape == (400, 400, 3)


@pytest.mark.parametrize("wild", [2e3, 1e6, 4e30, 3e38])
@pytest.mark.parametrize("follow", [None, True])
def test_roots_gone_astray_are_left_out(wild: float, follow: bool | None) -> None:
    walk = [standing(x=0.05 * i) for i in range(30)]
    view = View3D(follow=follow)
    calm = scene_of(world(walk), view)
    for place in (3, 4, 17):  # one in ten: more than an outlier or two
        walk[place] = standing() + wild
    scene = scene_of(world(walk), view)
    assert scene.camera(0).distance == pytest.approx(calm.camera(0).distance, rel=0.1)
    assert orange(scene.draw(0)).any()
    assert not orange(scene.draw(3)).any()


def test_people_all_over_a_large_place_are_drawn_on_a_grid_of_few_lines() -> None:
    people = [[standing(x=x, y=y)] for x, y in ((-900, 0), (900, 0), (0, 900), (0, -900))]
    image = scene_of(world(*people), FIXED).draw(0)
    assert len(np.unique(image.reshape(-1, 3), axis=0)) > 5


def test_filled_gaps_are_faded() -> None:
    poses = world([standing()] * 2, scores=np.stack([np.ones(17), np.zeros(17)]))
    scene = scene_of(poses, FIXED)
    seen, filled = scene.draw(0), scene.draw(1)
    knee, ankle = scene.camera(0).project(standing()[HUMAN36M17.indices("left_knee", "left_ankle")])[0]
    shin = [knee + share * (ankle - knee) for share in np.linspace(0.1, 0.9, 40)]
    strong, weak = (np.array([np.ptp(pixel(image, at)) for at in shin]) for image in (seen, filled))
    assert weak.max() < 0.5 * np.median(strong)
    assert weak.max() > 25  # still there
    assert weak.min() < 15  # between its dashes


def test_limbs_are_drawn_by_how_far_their_joints_are_expected_to_be_off() -> None:
    """Whole within 150 mm whatever the score, dashed beyond, and in dots where nobody saw them."""
    ankle = HUMAN36M17.index("left_ankle")
    error, scores = np.full((4, 17), 60.0), np.ones((4, 17))
    error[1:3, ankle] = 150.0, 225.0
    scores[1, ankle], scores[3, ankle] = 0.2, 0.1
    poses = world([standing()] * 4, scores=scores).replace(error_mm=error)
    scene = scene_of(poses, FIXED)
    sure, doubted, far, unseen = (scene.draw(frame) for frame in range(4))
    assert np.array_equal(sure, doubted)
    shades = [orange(image).sum() for image in (sure, far, unseen)]
    assert shades[0] > shades[1] + 100 > shades[2] + 100
    assert (unseen != scene_of(nobody_in(source(4)), FIXED).draw(3)).any()


def test_people_without_a_path_stand_side_by_side_as_in_the_video() -> None:
    poses = world([standing()], [standing()])
    for order in ((0, 1), (1, 0)):
        scene = scene_of(poses, FIXED, left_to_right=order)
        mask = orange(scene.draw(0)) | blue(scene.draw(0))
        columns = np.flatnonzero(mask.any(axis=0))
        assert np.diff(columns).max() > 8  # a gap between two figures
        only = scene_of(poses.replace(scores=(poses.person_id == 0)[:, None] * np.ones(17)), FIXED, left_to_right=order)
        x = middle(orange(only.draw(0)) | blue(only.draw(0)))[0]  # person 0 in full colour, person 1 faded
        assert (x < 200) == (order[0] == 0)


def test_people_with_a_path_stay_where_they_are() -> None:
    poses = world([standing(x=-1.0)], [standing(x=1.0, y=0.5)])
    scene = scene_of(poses, FIXED)
    knees = [scene.camera(0).project(p[HUMAN36M17.index("left_knee")])[0] for p in poses.keypoints]
    assert all(orange(scene.draw(0))[tuple(np.rint(knee[::-1]).astype(int))] for knee in knees)


def test_frames_without_people_show_the_empty_floor() -> None:
    poses = world([standing()] * 3, video=source(6))
    scene = scene_of(poses, FIXED)
    nobody = scene_of(nobody_in(source(6)), FIXED)
    assert not (orange(scene.draw(4)) | blue(scene.draw(4))).any()
    assert np.array_equal(scene.draw(4), scene.draw(5))
    assert len(np.unique(nobody.draw(0).reshape(-1, 3), axis=0)) > 5  # floor, grid, texts
    assert scene.draw(99).shape == (400, 400, 3)  # a frame after the last known timestamp
    following = scene_of(nobody_in(source(6)), View3D(follow=True))
    assert following.draw(5).shape == (400, 400, 3)


def test_a_still_camera_and_a_turning_one_draw_the_same_first_picture() -> None:
    poses = world([standing()] * 2)
    view = {"angle": 20.0, "follow": False}
    still = scene_of(poses, View3D(**view, turn=0.0))  # type: ignore[arg-type]
    moving = scene_of(poses, View3D(**view, turn=1e-9))  # type: ignore[arg-type]
    assert np.abs(still.draw(0).astype(int) - moving.draw(0)).max() <= 1


def test_the_shadow_darkens_the_floor_below_the_person_only() -> None:
    scene = scene_of(world([standing()] * 2, video=source(3)), FIXED)
    with_person, without = scene.draw(1), scene.draw(2)
    below = scene.camera(1).project(np.array([0.1, -0.02, 0.0]))[0]
    beside = scene.camera(1).project(np.array([-0.7, 0.4, 0.0]))[0]
    assert pixel(with_person, below).sum() < pixel(without, below).sum() - 20
    assert np.array_equal(pixel(with_person, beside), pixel(without, beside))


def test_poses_of_another_space_are_refused() -> None:
    poses = world([standing()])
    image = picture_poses(np.zeros((17, 2)), source(1))
    with pytest.raises(InputError, match="world"):
        scene_of(poses.replace(space="camera"))
    with pytest.raises(InputError, match="world"):
        scene_of(image)
    with pytest.raises(InputError, match="image"):
        Overlay(poses, None, (64, 48))


def test_captions_and_clock_can_be_left_out() -> None:
    poses = world([standing()] * 60, video=source(60))
    bare, timed, captioned = (
        scene_of(poses, texts=Texts(title=title, clock=clock, legend=False))
        for clock, title in ((False, ""), (True, ""), (True, "assumed focal length " * 20))
    )
    assert np.array_equal(bare.draw(0), bare.draw(59))
    assert not np.array_equal(timed.draw(0), timed.draw(59))
    caption = (captioned.draw(0) != timed.draw(0)).any(axis=(0, 2))
    assert caption.any()
    assert not caption[int(0.85 * 400) :].any()  # however long, it leaves the clock its place
