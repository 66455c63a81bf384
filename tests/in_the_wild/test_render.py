"""What the drawn pictures show: sides, places, scale, sizes; judged by their pixels."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses, Source
from in_the_wild.render import (
    LEFT,
    MIDDLE,
    RIGHT,
    Pinhole,
    Scene3D,
    View3D,
    compose,
    draw_overlay,
    output_size,
    render_frames,
)
from in_the_wild.skeletons import BLAZEPOSE33, COCO17, HUMAN36M17, SKELETONS, Skeleton
from in_the_wild.video import Frame

FPS = 25.0

# A person standing at the origin, facing the video's camera (which looks along +y): their left is at +x.
STANDING = {
    "pelvis": (0.0, 0.0, 0.95),
    "spine": (0.0, 0.0, 1.18),
    "thorax": (0.0, 0.0, 1.43),
    "neck": (0.0, -0.05, 1.55),
    "head": (0.0, 0.0, 1.67),
    "left_hip": (0.13, 0.0, 0.95),
    "left_knee": (0.15, 0.0, 0.51),
    "left_ankle": (0.16, 0.0, 0.08),
    "left_shoulder": (0.16, 0.0, 1.41),
    "left_elbow": (0.35, 0.0, 1.2),
    "left_wrist": (0.5, 0.0, 1.0),
}


def standing(x: float = 0.0, y: float = 0.0, *, turned: bool = False) -> np.ndarray:
    """(17, 3) world metres; `turned` shows the camera their back."""
    mirrored = {name.replace("left", "right"): (-px, py, pz) for name, (px, py, pz) in STANDING.items()}
    both = mirrored | STANDING
    points = np.array([both[joint] for joint in HUMAN36M17.joints])
    if turned:
        points = points * (-1, -1, 1)
    return points + np.array([x, y, 0.0])


def source(frames: int, *, width: int = 640, height: int = 480) -> Source:
    return Source("clip.mp4", width, height, FPS, np.arange(frames) / FPS)


def world(*people: list[np.ndarray], scores: np.ndarray | None = None, video: Source | None = None) -> Poses:
    """One list of (17, 3) per person, one entry per frame."""
    points = np.concatenate([np.stack(person) for person in people])
    frame = np.concatenate([np.arange(len(person)) for person in people])
    person = np.repeat(np.arange(len(people)), [len(person) for person in people])
    scores = np.ones(points.shape[:2]) if scores is None else scores
    return Poses(points, scores, frame, person, HUMAN36M17, "world", video or source(int(frame.max()) + 1))


def nobody_in(video: Source) -> Poses:
    return Poses.empty(skeleton=HUMAN36M17, space="world", video=video)


def picture_poses(points: np.ndarray, video: Source, *, skeleton: Skeleton = HUMAN36M17, score: float = 1.0) -> Poses:
    """One person, the same (J, 2) pixels in every frame."""
    n = video.frames
    scores = np.full((n, len(skeleton)), score)
    return Poses(np.stack([points] * n), scores, np.arange(n), np.zeros(n), skeleton, "image", video)


def on_picture(points: np.ndarray, *, width: float, height: float) -> np.ndarray:
    """A simple picture of a standing person: (J, 2) pixels, feet near the bottom."""
    return np.stack([width / 2 + 0.4 * height * points[:, 0], 0.9 * height - 0.45 * height * points[:, 2]], axis=1)


def orange(image: np.ndarray) -> np.ndarray:
    r, _, b = np.moveaxis(image.astype(int), -1, 0)
    return r - b > 70


def blue(image: np.ndarray) -> np.ndarray:
    r, _, b = np.moveaxis(image.astype(int), -1, 0)
    return b - r > 70


def middle(mask: np.ndarray) -> tuple[float, float]:
    assert mask.any()
    rows, columns = np.nonzero(mask)
    return float(columns.mean()), float(rows.mean())


def pixel(image: np.ndarray, at: np.ndarray) -> np.ndarray:
    x, y = np.rint(at).astype(int)
    return image[y, x].astype(int)


def frames_of(video: Source, count: int | None = None) -> Iterator[Frame]:
    for i in range(video.frames if count is None else count):
        yield Frame(i, i / FPS, np.full((video.height, video.width, 3), 120, dtype=np.uint8))


FIXED = View3D(size=400, turn=0.0)


# The camera


def test_at_angle_zero_the_camera_is_a_pinhole_that_looks_along_y() -> None:
    camera = Pinhole(
        target=np.array([1.0, 2.0, 0.9]), angle=0.0, elevation=0.0, distance=5.0, focal=600.0, centre=(320.0, 200.0)
    )
    pixels, depth = camera.project(np.array([[1.4, 3.0, 1.9], [1.0, 2.0, 0.9]]))
    np.testing.assert_allclose(depth, [6.0, 5.0])
    np.testing.assert_allclose(pixels, np.array([[320 + 600 * 0.4 / 6, 200 - 600 * 1.0 / 6], [320.0, 200.0]]))


@pytest.mark.parametrize(("angle", "elevation"), [(0.0, 0.0), (40.0, 15.0), (-170.0, 60.0)])
def test_camera_axes_are_a_rotation_without_roll(angle: float, elevation: float) -> None:
    camera = Pinhole(np.zeros(3), np.radians(angle), np.radians(elevation), 4.0, 500.0, (0.0, 0.0))
    axes = camera.axes()
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(np.cross(axes[0], axes[1]), axes[2], atol=1e-12)  # right-handed: not mirrored
    assert axes[0, 2] == 0.0  # no roll
    assert axes[1, 2] < 0.0  # the picture's down is the world's down


def test_a_positive_angle_looks_from_further_left() -> None:
    scene = Scene3D(world([standing(y=-0.3)]), View3D(size=400, turn=0.0, angle=30.0))
    near, far = scene.camera(0).project(np.array([[0.0, -0.5, 1.0], [0.0, 0.5, 1.0]]))[0]
    assert near[0] > far[0]


def test_the_camera_starts_at_the_videos_own_view_and_swings_to_both_sides() -> None:
    view = View3D(turn=30.0, period=8.0)
    assert view.angle_at(0.0) == 0.0
    assert view.angle_at(2.0) == pytest.approx(np.radians(30.0))
    assert view.angle_at(6.0) == pytest.approx(np.radians(-30.0))


@pytest.mark.parametrize(
    "wrong", [{"size": 3}, {"period": 0.0}, {"elevation": 90.0}, {"field_of_view": 0.0}], ids=lambda w: next(iter(w))
)
def test_a_view_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="must"):
        View3D(**wrong)  # type: ignore[arg-type]


# The 3D view


def test_a_person_who_faces_the_camera_has_their_left_on_the_right() -> None:
    image = Scene3D(world([standing()]), FIXED, clock=False).draw(0)
    assert middle(orange(image))[0] > middle(blue(image))[0] + 20
    image = Scene3D(world([standing(turned=True)]), FIXED, clock=False).draw(0)
    assert middle(orange(image))[0] < middle(blue(image))[0] - 20


def test_limbs_carry_the_colour_of_their_side_at_the_place_they_project_to() -> None:
    scene = Scene3D(world([standing()]), FIXED)
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
    scene = Scene3D(poses, View3D(size=400, turn=0.0, follow=False), clock=False)
    left, right = (middle(orange(scene.draw(i)) | blue(scene.draw(i)))[0] for i in (0, 3))
    assert left < 200 < right
    head, feet = scene.camera(0).project(standing()[HUMAN36M17.indices("head", "left_ankle")])[0]
    assert head[1] < feet[1]
    (_, floor), _ = scene.camera(0).project(np.array([0.0, -0.3, 0.0]))
    assert feet[1] < floor < 400


def test_the_nearer_limb_hides_the_farther() -> None:
    view = View3D(size=500, turn=0.0, elevation=0.0)
    thigh = HUMAN36M17.indices("left_hip", "left_knee")
    for turned in (False, True):
        near, far = standing(y=-0.6, turned=turned), standing(y=0.6, turned=not turned)
        scene = Scene3D(world([near], [far]), view)
        image, camera = scene.draw(0), scene.camera(0)
        at = camera.project(near[thigh].mean(axis=0))[0]
        behind = camera.project(far[HUMAN36M17.indices("right_hip", "right_knee")].mean(axis=0))[0]
        assert np.abs(at - behind).max() < 15  # they do overlap
        assert orange(image)[tuple(np.rint(at[::-1]).astype(int))]


def test_the_scale_is_the_same_throughout_the_clip() -> None:
    walk = [standing(x=x, y=y) for x, y in zip(np.linspace(-2, 2, 50), np.sin(np.arange(50)), strict=True)]
    scene = Scene3D(world(walk), View3D(size=400))
    lengths = []
    for frame in (0, 20, 49):
        camera = scene.camera(frame)
        bar = camera.target + np.array([[-0.5], [0.5]]) * camera.axes()[0]  # one metre across, at the target's depth
        pixels = camera.project(bar)[0]
        lengths.append(float(np.hypot(*(pixels[1] - pixels[0]))))
    assert np.ptp(lengths) < 1e-6 * lengths[0]


def test_a_person_back_in_the_same_place_is_drawn_the_same() -> None:
    walk = [standing(), standing(x=1.5, y=2.0), standing(x=-1.0), standing()]
    scene = Scene3D(world(walk), FIXED, clock=False)
    first, away, last = scene.draw(0), scene.draw(1), scene.draw(3)
    assert np.array_equal(first, last)
    assert not np.array_equal(first, away)


def test_a_camera_that_follows_keeps_its_scale() -> None:
    walk = [standing(x=x) for x in np.linspace(-15, 15, 200)]
    scene = Scene3D(world(walk), View3D(size=400, turn=0.0))
    heights = []
    for frame in (0, 100, 199):
        image, camera = scene.draw(frame), scene.camera(frame)
        head, feet = camera.project(walk[frame][HUMAN36M17.indices("head", "left_ankle")])[0]
        heights.append(float(feet[1] - head[1]))
        assert orange(image).sum() > 100
    assert min(heights) > 100  # across 30 metres a fixed camera would show some 25 pixels
    assert np.ptp(heights) < 0.02 * heights[0]
    fixed = Scene3D(world(walk), View3D(size=400, turn=0.0, follow=False)).camera(0)
    assert fixed.distance > 3 * scene.camera(0).distance


@pytest.mark.parametrize("seed", range(4))
def test_everybody_stays_in_the_picture_while_the_camera_turns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    paths = np.cumsum(rng.normal(0, 0.05, (2, 80, 2)), axis=1) + rng.normal(0, 1, (2, 1, 2))
    people = [[standing(x=x, y=y) for x, y in path] for path in paths]
    scene = Scene3D(world(*people), View3D(size=400, period=2.0))
    for frame in range(80):
        for person in people:
            pixels, depth = scene.camera(frame).project(person[frame])
            assert depth.min() > 1.0
            assert pixels.min() >= 0
            assert pixels.max() <= 399


def test_one_wild_root_does_not_shrink_the_rest() -> None:
    walk = [standing(x=0.01 * i) for i in range(300)]
    calm = Scene3D(world(walk)).camera(0).distance
    walk[150] = standing(x=80.0, y=-500.0)
    scene = Scene3D(world(walk))
    assert scene.camera(0).distance < 1.2 * calm
    assert scene.draw(150).shape == (640, 640, 3)


def test_filled_gaps_are_faded() -> None:
    poses = world([standing()] * 2, scores=np.stack([np.ones(17), np.zeros(17)]))
    scene = Scene3D(poses, FIXED, clock=False)
    seen, filled = scene.draw(0), scene.draw(1)
    shin = scene.camera(0).project(standing()[HUMAN36M17.indices("left_knee", "left_ankle")].mean(axis=0))[0]
    assert np.ptp(pixel(filled, shin)) < 0.5 * np.ptp(pixel(seen, shin))
    assert np.ptp(pixel(filled, shin)) > 25  # still there


def test_people_without_a_path_stand_side_by_side_as_in_the_video() -> None:
    poses = world([standing()], [standing()])
    for order in ((0, 1), (1, 0)):
        scene = Scene3D(poses, FIXED, clock=False, left_to_right=order)
        mask = orange(scene.draw(0)) | blue(scene.draw(0))
        columns = np.flatnonzero(mask.any(axis=0))
        assert np.diff(columns).max() > 8  # a gap between two figures
        only = Scene3D(poses.replace(scores=(poses.person_id == 0)[:, None] * np.ones(17)), FIXED, left_to_right=order)
        x = middle(orange(only.draw(0)) | blue(only.draw(0)))[0]  # person 0 in full colour, person 1 faded
        assert (x < 200) == (order[0] == 0)


def test_people_with_a_path_stay_where_they_are() -> None:
    poses = world([standing(x=-1.0)], [standing(x=1.0, y=0.5)])
    scene = Scene3D(poses, FIXED, clock=False)
    knees = [scene.camera(0).project(p[HUMAN36M17.index("left_knee")])[0] for p in poses.keypoints]
    assert all(orange(scene.draw(0))[tuple(np.rint(knee[::-1]).astype(int))] for knee in knees)


def test_frames_without_people_show_the_empty_floor() -> None:
    poses = world([standing()] * 3, video=source(6))
    scene = Scene3D(poses, FIXED, clock=False)
    nobody = Scene3D(nobody_in(source(6)), FIXED, clock=False)
    assert not (orange(scene.draw(4)) | blue(scene.draw(4))).any()
    assert np.array_equal(scene.draw(4), scene.draw(5))
    assert len(np.unique(nobody.draw(0).reshape(-1, 3), axis=0)) > 5  # floor, grid, texts
    assert scene.draw(99).shape == (400, 400, 3)  # a frame after the last known timestamp
    following = Scene3D(nobody_in(source(6)), View3D(size=400, follow=True))
    assert following.draw(5).shape == (400, 400, 3)


def test_a_still_camera_and_a_turning_one_draw_the_same_first_picture() -> None:
    poses = world([standing()] * 2)
    view = {"size": 400, "angle": 20.0, "follow": False}
    still = Scene3D(poses, View3D(**view, turn=0.0))  # type: ignore[arg-type]
    moving = Scene3D(poses, View3D(**view, turn=1e-9))  # type: ignore[arg-type]
    assert np.abs(still.draw(0).astype(int) - moving.draw(0)).max() <= 1


def test_the_shadow_darkens_the_floor_below_the_person_only() -> None:
    scene = Scene3D(world([standing()] * 2, video=source(3)), FIXED, clock=False)
    with_person, without = scene.draw(1), scene.draw(2)
    below = scene.camera(1).project(np.array([0.1, -0.02, 0.0]))[0]
    beside = scene.camera(1).project(np.array([-0.7, 0.4, 0.0]))[0]
    assert pixel(with_person, below).sum() < pixel(without, below).sum() - 20
    assert np.array_equal(pixel(with_person, beside), pixel(without, beside))


def test_poses_of_another_space_are_refused() -> None:
    poses = world([standing()])
    image = picture_poses(np.zeros((17, 2)), source(1))
    with pytest.raises(InputError, match="world"):
        Scene3D(poses.replace(space="camera"))
    with pytest.raises(InputError, match="image"):
        next(render_frames(None, poses, poses))
    with pytest.raises(InputError, match="world"):
        next(render_frames(None, image, image))


# The overlay


def blank(width: int = 640, height: int = 480) -> np.ndarray:
    return np.full((height, width, 3), 120, dtype=np.uint8)


def drawn(points: np.ndarray, scores: np.ndarray, *, person: int = -1, skeleton: Skeleton = HUMAN36M17) -> np.ndarray:
    image = blank()
    draw_overlay(image, points[None], scores[None], np.array([person]), skeleton)
    return image


FIGURE = on_picture(standing(), width=640, height=480)


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
    panel = Scene3D(body, FIXED).draw(0)
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


# Side by side


@pytest.mark.parametrize(("a", "b"), [((90, 161), (90, 90)), ((91, 160), (90, 95)), ((64, 48), (128, 128))])
def test_compose_keeps_both_pictures_and_gives_even_sizes(a: tuple[int, int], b: tuple[int, int]) -> None:
    rng = np.random.default_rng(2)
    left = rng.integers(0, 255, (*a, 3), dtype=np.uint8)
    right = rng.integers(0, 255, (*b, 3), dtype=np.uint8)
    joined = compose(left, right)
    assert joined.shape[0] % 2 == 0
    assert joined.shape[1] % 2 == 0
    assert np.array_equal(joined[: a[0], : a[1]], left)
    assert np.array_equal(joined[: b[0], a[1] : a[1] + b[1]], right)


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [
        (1920, 1080, (1280 + 720, 720)),
        (1080, 1920, (404 + 720, 720)),
        (1280, 720, (1280 + 720, 720)),
        (160, 120, (480 + 360, 360)),
        (641, 481, (640 + 480, 480)),
    ],
)
def test_every_output_picture_has_the_announced_even_size(width: int, height: int, expected: tuple[int, int]) -> None:
    video = source(4, width=width, height=height)
    points = on_picture(standing(), width=width, height=height)
    poses2d = picture_poses(points, video).rows(np.array([1, 2]))  # nobody in the first and last frame
    poses3d = world([standing()] * 2, video=video)
    pictures = list(render_frames(frames_of(video), poses2d, poses3d, caption="assumed focal length"))
    assert len(pictures) == 4
    assert {picture.shape for picture in pictures} == {(expected[1], expected[0], 3)}
    assert output_size(video) == expected
    shown = pictures[0][:, : expected[0] - expected[1]]
    assert (shown == 120).all()
    assert orange(pictures[1][:, : expected[0] - expected[1]]).any()


def test_the_overlay_follows_the_scaled_picture() -> None:
    video = source(1, width=1920, height=1080)
    points = on_picture(standing(), width=1920, height=1080)
    picture = next(render_frames(frames_of(video), picture_poses(points, video), world([standing()], video=video)))
    forearm = points[HUMAN36M17.indices("left_elbow", "left_wrist")].mean(axis=0)
    assert np.abs(pixel(picture, forearm * 720 / 1080) - LEFT).max() <= 2


def test_the_videos_own_pictures_are_left_alone() -> None:
    video = source(1)
    frame = next(frames_of(video))
    before = frame.image.copy()
    list(render_frames([frame], picture_poses(FIGURE, video), world([standing()], video=video)))
    assert np.array_equal(frame.image, before)


def test_without_a_video_there_is_one_panel_for_each_timestamp() -> None:
    video = source(5, width=320, height=400)
    pictures = list(render_frames(None, None, world([standing()] * 3, video=video)))
    assert len(pictures) == 5
    assert {picture.shape for picture in pictures} == {(400, 400, 3)}
    assert output_size(video, with_video=False) == (400, 400)


def test_pictures_are_matched_to_poses_by_their_index() -> None:
    video = source(6)
    poses3d = world([standing()], video=video)  # somebody in frame 0 only
    somebody, nobody = render_frames([list(frames_of(video))[i] for i in (0, 3)], None, poses3d, clock=False)
    assert orange(somebody).any()
    assert not orange(nobody).any()


def test_a_video_longer_than_the_poses_is_drawn_to_its_end() -> None:
    video = source(2)
    poses2d, poses3d = picture_poses(FIGURE, video), world([standing()] * 2, video=video)
    assert len(list(render_frames(frames_of(video, 5), poses2d, poses3d))) == 5


def test_the_wrong_video_is_refused() -> None:
    poses3d = world([standing()], video=source(1, width=640, height=480))
    with pytest.raises(InputError, match=r"640x480.*480x640"):
        list(render_frames(frames_of(source(1, width=480, height=640)), None, poses3d))


def test_captions_and_clock_can_be_left_out() -> None:
    poses = world([standing()] * 60, video=source(60))
    bare, timed, captioned = (
        Scene3D(poses, FIXED, clock=clock, caption=caption)
        for clock, caption in ((False, ""), (True, ""), (True, "assumed focal length " * 20))
    )
    assert np.array_equal(bare.draw(0), bare.draw(59))
    assert not np.array_equal(timed.draw(0), timed.draw(59))
    caption = (captioned.draw(0) != timed.draw(0)).any(axis=(0, 2))
    assert caption.any()
    assert not caption[int(0.85 * 400) :].any()  # however long, it leaves the clock its place


def test_drawing_is_quick() -> None:
    """A loose bound for busy machines; `bench_render.py` states the real rates."""
    scene = Scene3D(world([standing(x=0.01 * i) for i in range(50)]))
    scene.draw(0)
    start = time.perf_counter()
    for frame in range(50):
        scene.draw(frame)
    assert 50 / (time.perf_counter() - start) > 100
