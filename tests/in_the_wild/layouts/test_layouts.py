"""Every layout: pictures of the announced size, the right frame's content, sides and people where they belong."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from drawn_people import (
    blue,
    frames_of,
    middle,
    nobody_in,
    on_picture,
    orange,
    picture_poses,
    pixel,
    source,
    standing,
    world,
)

from in_the_wild import plugins
from in_the_wild.drawing.film import LAYOUTS
from in_the_wild.drawing.style import Style
from in_the_wild.drawing.view import View3D
from in_the_wild.errors import InputError
from in_the_wild.layouts.base import Layout, Moment, Shown, Take
from in_the_wild.look import LEFT
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.steps.render import size_of

NAMES = plugins.names(LAYOUTS)
FIGURE = on_picture(standing(), width=640, height=480)


def load(name: str) -> type[Layout]:
    layout: type[Layout] = plugins.load(LAYOUTS, name)
    return layout


def moments(video: Source, count: int | None = None) -> list[Moment]:
    return [Moment(frame.index, frame.image) for frame in frames_of(video, count)]


def shown(video: Source, *, has_video: bool = True, style: Style = Style()) -> Shown:  # noqa: B008
    poses3d = world([standing()] * video.frames, video=video)
    return Shown((Take(poses3d, picture_poses(FIGURE, video)),), has_video=has_video, style=style)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("has_video", [True, False], ids=["video", "alone"])
@pytest.mark.parametrize(("width", "height"), [(640, 480), (1080, 1920), (161, 121)])
def test_pictures_have_the_announced_even_size(name: str, has_video: bool, width: int, height: int) -> None:
    video = source(3, width=width, height=height)
    layout, all_of_it = load(name), shown(video, has_video=has_video)
    size = size_of(layout, all_of_it)
    assert not any(side % 2 for side in size)
    given = moments(video) if has_video else [Moment(frame) for frame in range(3)]
    pictures = list(layout(all_of_it, size).pictures(given))
    assert len(pictures) == (1 if layout.still else 3)
    assert {picture.shape for picture in pictures} == {(size[1], size[0], 3)}
    assert all(picture.dtype == np.uint8 for picture in pictures)
    odd = layout(all_of_it, (500, 300))
    assert next(odd.pictures(given)).shape == (300, 500, 3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("background", ["dark", "light", "transparent"])
def test_nobody_is_no_trouble(name: str, background: str) -> None:
    video = source(2)
    style = Style(background=background)  # type: ignore[arg-type]
    empty = Shown((Take(nobody_in(video), picture_poses(FIGURE, video).rows(np.zeros(2, bool))),), style=style)
    (picture, *_) = load(name)(empty, (400, 300)).pictures([Moment(0), Moment(1)])
    assert picture.shape[2] == (4 if background == "transparent" else 3)
    assert not (orange(picture[..., :3]) & (picture[..., -1] > 0)).sum() > 400  # no more than the legend


@pytest.mark.parametrize("name", NAMES)
def test_one_more_file_is_one_more_layout(name: str) -> None:
    assert 0.2 < load(name).aspect(shown(source(2))) < 20
    assert plugins.title(LAYOUTS, name)


def test_the_overlay_follows_the_scaled_picture() -> None:
    video = source(1, width=1920, height=1080)
    points = on_picture(standing(), width=1920, height=1080)
    take = Take(world([standing()], video=video), picture_poses(points, video))
    (picture,) = load("overlay")(Shown((take,), has_video=True), (1280, 720)).pictures(moments(video))
    forearm = points[HUMAN36M17.indices("left_elbow", "left_wrist")].mean(axis=0)
    assert np.abs(pixel(picture, forearm * 720 / 1080) - LEFT).max() <= 2


def test_the_videos_own_pictures_are_left_alone() -> None:
    video = source(1)
    (moment,) = moments(video)
    assert moment.picture is not None
    before = moment.picture.copy()
    for name in NAMES:
        list(load(name)(shown(video), (640, 480)).pictures([moment]))
    assert np.array_equal(moment.picture, before)


def test_pictures_are_matched_to_poses_by_their_index() -> None:
    video = source(6)
    take = Take(world([standing()], video=video))  # somebody in frame 0 only
    layout = load("side")(Shown((take,), has_video=True), (1200, 480))
    somebody, nobody = layout.pictures([moments(video)[i] for i in (0, 3)])
    assert orange(somebody).sum() > orange(nobody).sum() + 1000


def test_the_wrong_video_is_refused() -> None:
    layout = load("side")(shown(source(1, width=640, height=480)), (1200, 480))
    with pytest.raises(InputError, match=r"640x480.*480x640"):
        list(layout.pictures(moments(source(1, width=480, height=640))))


def test_an_overlay_needs_something_to_draw_on() -> None:
    alone = Shown((Take(world([standing()])),))
    with pytest.raises(InputError, match="scene"):
        load("overlay")(alone, (640, 480))


def test_the_front_shows_the_left_at_the_right_and_the_side_what_is_in_front_at_the_right() -> None:
    person = standing()
    person[HUMAN36M17.index("left_wrist")] = (0.2, -0.6, 1.2)  # reaches forward
    take = Take(world([person]))
    (picture,) = load("quad")(Shown((take,)), (1000, 800)).pictures([Moment(0)])
    front, side, top = picture[:380, 510:], picture[430:780, :500], picture[430:760, 510:]
    assert middle(orange(front))[0] > middle(blue(front))[0] + 10
    # From the left the camera, towards which the person looks, is at the right.
    assert np.flatnonzero(orange(side).any(axis=0)).max() > np.flatnonzero(blue(side).any(axis=0)).max() + 20
    # Above, what is nearer to the camera is lower.
    assert np.flatnonzero(orange(top).any(axis=1)).max() > np.flatnonzero(blue(top).any(axis=1)).max() + 20


def test_the_strip_shows_moments_of_the_whole_clip_in_their_order() -> None:
    video = source(80)
    walk = [standing(x=0.02 * i) for i in range(80)]
    take = Take(world(walk, video=video), picture_poses(FIGURE, video))
    layout = load("strip")
    size = size_of(layout, Shown((take,), has_video=True))
    bright = [Moment(i, np.full((480, 640, 3), 3 * i, np.uint8)) for i in range(80)]
    (sheet,) = layout(Shown((take,), has_video=True), size).pictures(bright)
    columns, rows = 4, 2
    cells = [
        sheet[20 + row * int(size[1] * 0.94) // rows, 20 + column * size[0] // columns, 0]
        for row in range(rows)
        for column in range(columns)
    ]
    assert (np.diff(np.array(cells, int)) > 20).all()


def noisy(poses: Poses, metres: float) -> Poses:
    """With the left elbow and wrist off by so much."""
    points = poses.keypoints.copy()
    points[:, HUMAN36M17.indices("left_elbow", "left_wrist"), 1] -= metres
    return poses.replace(keypoints=points)


def test_results_are_compared_at_one_scale_with_their_errors() -> None:
    truth = world([standing()] * 3)
    takes = (Take(truth, name="perfect"), Take(noisy(truth, 0.17), name="off"))
    both = Shown(takes, truth=truth, view=View3D(angle=0.0))
    layout = load("compare")(both, (1000, 500))
    picture = layout.draw(Moment(0))
    left, right = picture[:, :500], picture[:, 500:]
    for side in ("left_knee", "right_shoulder"):  # they stand at the same places of their panels
        at = layout._columns[0]._scene.camera(0).project(standing()[HUMAN36M17.index(side)])[0]  # type: ignore[attr-defined]
        assert np.abs(pixel(left, at) - pixel(right, at)).max() < 40
    errors = [column._errors[0] for column in layout._columns]  # type: ignore[attr-defined]
    assert errors == pytest.approx([0.0, 2 * 170 / 17], abs=1e-2)  # two joints of 17 are off by 170 mm


def test_several_results_need_a_layout_for_them() -> None:
    take = Take(world([standing()]))
    with pytest.raises(InputError, match="compare"):
        load("side")(Shown((take, take)), (640, 480))


def test_results_keep_their_own_frames_in_a_comparison() -> None:
    video = source(4)
    early, late = world([standing()], video=video), world([standing()] * 4, video=video)
    late = late.rows(late.frame > 1)
    layout = load("compare")(Shown((Take(early), Take(late))), (1000, 500))
    people = [
        [orange(picture[:460, half : half + 500]).any() for half in (0, 500)]
        for picture in layout.pictures([Moment(i) for i in range(4)])
    ]
    assert people == [[True, False], [False, False], [False, True], [False, True]]


def test_a_style_reaches_every_layout() -> None:
    video = source(2)
    for name in NAMES:
        pictures = [
            next(
                load(name)(dataclasses.replace(shown(video), style=style), (640, 480)).pictures([Moment(0), Moment(1)])
            )
            for style in (Style(), Style(background="light"))
        ]
        assert pictures[1].mean() > pictures[0].mean() + 40
