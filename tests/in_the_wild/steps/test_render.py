"""The pictures of a film: the right ones, of the announced size, with what belongs to them."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from drawn_people import frames_of, nobody_in, on_picture, orange, picture_poses, pixel, source, standing, world

from in_the_wild.errors import InputError, OutputError
from in_the_wild.look import LEFT
from in_the_wild.poses import Source
from in_the_wild.skeletons import HUMAN36M17
from in_the_wild.steps import render as film
from in_the_wild.steps.render import compose, output_size, render_frames
from in_the_wild.video.probe import probe
from in_the_wild.video.read import VideoReader

CASES = Path(__file__).resolve().parents[3] / "cases"
FIGURE = on_picture(standing(), width=640, height=480)


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


def test_a_film_says_which_poses_it_does_not_show(tmp_path: Path) -> None:
    walk = [standing(x=0.1 * i) for i in range(6)]
    assert film.draw(world(walk), tmp_path / "calm.mp4") == []
    walk[2] = standing() + 4e30
    (said,) = film.draw(world(walk), tmp_path / "wild.mp4")
    assert said.startswith("1 pose(s) lie a kilometre or more")
    assert sum(1 for _ in VideoReader(tmp_path / "wild.mp4")) == 6


def test_a_film_keeps_the_sound_that_can_be_had(tmp_path: Path) -> None:
    video = VideoReader(CASES / "iphone_apac.mov")
    frames = [frame.time for frame in video]
    source = Source("clip.mov", video.info.width, video.info.height, video.info.fps, np.array(frames))
    done: list[int] = []
    (said,) = film.draw(nobody_in(source), tmp_path / "out.mp4", video=video, height=64, progress=done.append)
    assert "track 2 of 2" in said
    assert done == list(range(1, len(frames) + 1))
    assert probe(tmp_path / "out.mp4").sound == ("aac",)
    assert [frame.time for frame in VideoReader(tmp_path / "out.mp4")] == pytest.approx(frames, abs=1e-3)


def test_a_film_never_takes_the_place_of_its_video(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mov"
    shutil.copy(CASES / "iphone_apac.mov", clip)
    (tmp_path / "link.mp4").symlink_to(clip)
    source = Source("clip.mov", 640, 360, 30.0, np.arange(36) / 30)
    with pytest.raises(OutputError, match="would be written over the input"):
        film.draw(nobody_in(source), tmp_path / "link.mp4", video=VideoReader(clip))
    assert clip.read_bytes() == (CASES / "iphone_apac.mov").read_bytes()
