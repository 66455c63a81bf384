"""A film as a file: its sizes, sound, times, and what it says that it lacks."""

from __future__ import annotations

import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from drawn_people import nobody_in, on_picture, orange, picture_poses, source, standing, world

from in_the_wild.drawing.film import Drawing
from in_the_wild.drawing.style import Style
from in_the_wild.errors import InputError, OutputError
from in_the_wild.layouts.base import Layout, Shown, Take
from in_the_wild.layouts.overlay import Overlay
from in_the_wild.layouts.quad import Quad
from in_the_wild.layouts.scene import Scene
from in_the_wild.layouts.side import Side
from in_the_wild.layouts.strip import Strip
from in_the_wild.poses import Source
from in_the_wild.steps import render as film
from in_the_wild.video.probe import probe
from in_the_wild.video.read import VideoReader

CASES = Path(__file__).resolve().parents[2] / "cases"
FIGURE = on_picture(standing(), width=640, height=480)


def take_of(video: Source) -> Take:
    return Take(world([standing()] * video.frames, video=video), picture_poses(FIGURE, video))


@pytest.mark.parametrize(
    ("width", "height", "asked", "expected"),
    [
        (1920, 1080, {}, (1280, 720)),
        (1080, 1920, {}, (404, 720)),
        (160, 120, {}, (480, 360)),
        (641, 481, {}, (640, 480)),
        (1920, 1080, {"height": 1080}, (1920, 1080)),
        (1920, 1080, {"size": (801, 601)}, (800, 600)),
    ],
)
def test_a_film_is_as_large_as_its_video_within_limits_or_as_asked(
    width: int, height: int, asked: dict[str, object], expected: tuple[int, int]
) -> None:
    video = source(1, width=width, height=height)
    shown = Shown((take_of(video),), has_video=True)
    assert film.size_of(Overlay, shown, Drawing(**asked)) == expected  # type: ignore[arg-type]


def test_without_a_video_there_is_one_panel_for_each_timestamp(tmp_path: Path) -> None:
    video = source(5, width=320, height=400)
    assert film.draw([Take(world([standing()] * 3, video=video))], tmp_path / "a.mp4", layout=Scene) == []
    pictures = [frame.image[:360] for frame in VideoReader(tmp_path / "a.mp4")]  # without the legend
    assert len(pictures) == 5
    assert orange(pictures[0]).any()
    assert not orange(pictures[4]).any()


def test_a_single_frame_is_a_picture_and_several_are_none(tmp_path: Path) -> None:
    for name in ("a.png", "a.jpg"):
        film.draw([take_of(source(1))], tmp_path / name, layout=Scene)
        assert orange(cv2.imread(str(tmp_path / name))[..., ::-1]).any()
    with pytest.raises(InputError, match="strip"):
        film.draw([take_of(source(2))], tmp_path / "b.png", layout=Scene)
    film.draw([take_of(source(2))], tmp_path / "b.png", layout=Strip)
    with pytest.raises(InputError, match=r"name a \.png"):
        film.draw([take_of(source(2))], tmp_path / "b.mp4", layout=Strip)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jpg", "a.png", "b.png"]


@pytest.mark.parametrize("layout", [Overlay, Scene, Side, Quad])
def test_without_a_background_nothing_but_people_is_there(layout: type[Layout], tmp_path: Path) -> None:
    clear = Drawing(style=Style(background="transparent"), height=200)
    film.draw([take_of(source(1))], tmp_path / "a.png", layout=layout, drawing=clear)
    image = cv2.imread(str(tmp_path / "a.png"), cv2.IMREAD_UNCHANGED)
    alpha = image[..., 3]
    assert (alpha == 0).mean() > 0.8
    assert (image[alpha == 0] == 0).all()
    assert (alpha == 255).mean() > 0.01
    colours = cv2.cvtColor(image[..., :3], cv2.COLOR_BGR2RGB)
    assert orange(colours)[alpha == 255].any()
    with pytest.raises(OutputError, match="transparen"):
        film.draw([take_of(source(1))], tmp_path / "a.jpg", layout=layout, drawing=clear)


def test_a_film_says_which_poses_it_does_not_show(tmp_path: Path) -> None:
    walk = [standing(x=0.1 * i) for i in range(6)]
    assert film.draw([Take(world(walk))], tmp_path / "calm.mp4", layout=Scene) == []
    walk[2] = standing() + 4e30
    (said,) = film.draw([Take(world(walk))], tmp_path / "wild.mp4", layout=Scene)
    assert said.startswith("1 pose(s) lie a kilometre or more")
    assert sum(1 for _ in VideoReader(tmp_path / "wild.mp4")) == 6


def test_a_film_keeps_the_sound_that_can_be_had(tmp_path: Path) -> None:
    video = VideoReader(CASES / "iphone_apac.mov")
    frames = [frame.time for frame in video]
    source = Source("clip.mov", video.info.width, video.info.height, video.info.fps, np.array(frames))
    done: list[int] = []
    (said,) = film.draw(
        [Take(nobody_in(source))], tmp_path / "out.mp4", layout=Side, drawing=Drawing(height=64), video=video,
        progress=done.append,
    )  # fmt: skip
    assert "track 2 of 2" in said
    assert done == list(range(1, len(frames) + 1))
    assert probe(tmp_path / "out.mp4").sound == ("aac",)
    assert [frame.time for frame in VideoReader(tmp_path / "out.mp4")] == pytest.approx(frames, abs=1e-3)


def test_a_video_that_is_longer_than_the_poses_is_refused(tmp_path: Path) -> None:
    video = VideoReader(CASES / "iphone_apac.mov")
    short = Source("clip.mov", video.info.width, video.info.height, video.info.fps, np.arange(3) / 30)
    with pytest.raises(InputError, match="3 frames"):
        film.draw([Take(nobody_in(short))], tmp_path / "out.mp4", layout=Side, video=video)
    assert not list(tmp_path.iterdir())


def test_a_film_never_takes_the_place_of_its_video(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mov"
    shutil.copy(CASES / "iphone_apac.mov", clip)
    (tmp_path / "link.mp4").symlink_to(clip)
    source = Source("clip.mov", 640, 360, 30.0, np.arange(36) / 30)
    with pytest.raises(OutputError, match="would be written over the input"):
        film.draw([Take(nobody_in(source))], tmp_path / "link.mp4", layout=Side, video=VideoReader(clip))
    assert clip.read_bytes() == (CASES / "iphone_apac.mov").read_bytes()
