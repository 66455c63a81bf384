"""The page in a browser: video and scene show the same moment, which plays, is scrubbed, stepped and looped."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import fakes
import numpy as np
import pytest
from browser import Opened, opened
from numbered_clips import make_clip
from page_reading import frame_of, go_to, picture_index, place_of_left, wait_until_ready

import in_the_wild as iw
from in_the_wild.poses import Poses
from in_the_wild.skeletons import HUMAN36M17

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FRAMES = 40
# Metres to the right, in an order in which neighbours are far apart: a moment that is one frame off is seen.
PLACES = 0.06 * (np.arange(FRAMES) * 17 % FRAMES)


@pytest.fixture(scope="module")
def shown(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    """Somebody who stands somewhere else in every frame, seen from the front, beside a numbered clip."""
    folder = tmp_path_factory.mktemp("moment")
    clip = make_clip(folder / "clip.mp4", count=FRAMES, rate=Fraction(25), size=(320, 240))
    across, down, away = fakes.walking(1)[0][0].T
    standing = np.stack([across, away, down.max() - down], axis=1)
    poses = Poses(
        keypoints=standing + np.stack([PLACES, 0 * PLACES, 0 * PLACES], axis=1)[:, None],
        scores=np.ones((FRAMES, len(HUMAN36M17))),
        frame=np.arange(FRAMES),
        person_id=np.zeros(FRAMES, int),
        skeleton=HUMAN36M17,
        space="world",
        video=fakes.video(FRAMES, fps=25.0),
    )
    page = iw.view(poses, folder / "view.html", video=clip)
    with opened(browser, page, size=(900, 600)) as found:
        wait_until_ready(found.page)
        found.page.get_by_role("button", name="Front").click()
        yield found


def _seen(shown: Opened) -> tuple[int, float]:
    """The picture that is seen, when the video has come to rest, and where the figure is."""
    shown.until("!document.querySelector('video').seeking")
    picture = -1
    for _ in range(20):  # a picture is shown a little later than the video says
        before, picture = picture, picture_index(shown)
        if picture == before == frame_of(shown.page):
            break
        shown.page.wait_for_timeout(100)
    return picture, place_of_left(shown)[0]


def test_video_and_scene_show_the_same_moment(shown: Opened) -> None:
    frames = [3, 17, 24, 39]
    seen = []
    for frame in frames:
        go_to(shown.page, frame)
        seen.append(_seen(shown))
    assert [picture for picture, _ in seen] == frames
    # From the front, by a very long lens, places on the screen are places on the floor: two tell all others.
    across = np.array([place for _, place in seen])
    pixels_a_metre = (across[3] - across[0]) / (PLACES[39] - PLACES[3])
    assert pixels_a_metre > 50
    expected = across[0] + pixels_a_metre * (PLACES[frames] - PLACES[3])
    np.testing.assert_allclose(across, expected, atol=0.03 * pixels_a_metre)


def test_a_page_plays_to_its_end_and_stops(shown: Opened) -> None:
    go_to(shown.page, 20)
    shown.page.get_by_role("button", name="Play", exact=True).click()
    shown.page.get_by_role("button", name="Pause").wait_for()
    shown.page.get_by_role("button", name="Play", exact=True).wait_for()
    assert frame_of(shown.page) == FRAMES - 1
    assert _seen(shown)[0] == FRAMES - 1


def test_where_playing_is_stopped_video_and_scene_agree(shown: Opened) -> None:
    shown.page.keyboard.press("Home")
    shown.page.get_by_label("Speed").select_option("0.25")
    shown.page.keyboard.press("Space")
    shown.until("Number(document.querySelector('.track').ariaValueNow) > 5")
    shown.page.keyboard.press("Space")
    shown.page.get_by_label("Speed").select_option("1")
    assert _seen(shown)[0] == frame_of(shown.page)


def test_the_timeline_is_scrubbed(shown: Opened) -> None:
    box = shown.page.get_by_role("slider", name="Moment").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    shown.page.mouse.move(box["x"] + 0.2 * box["width"], middle)
    shown.page.mouse.down()
    assert frame_of(shown.page) == int(0.2 * (FRAMES - 1))
    shown.page.mouse.move(box["x"] + 0.75 * box["width"], middle, steps=3)
    shown.page.mouse.up()
    assert frame_of(shown.page) == int(0.75 * (FRAMES - 1))
    assert _seen(shown)[0] == frame_of(shown.page)


def test_a_stretch_is_looped(shown: Opened) -> None:
    go_to(shown.page, 12)
    shown.page.keyboard.press("[")
    go_to(shown.page, 15)
    shown.page.keyboard.press("]")
    assert shown.page.get_by_text("looping 0.48 s to 0.60 s").is_visible()
    shown.page.keyboard.press("Home")
    shown.page.keyboard.press("Space")
    shown.page.wait_for_timeout(1000)
    shown.page.keyboard.press("Space")
    assert 12 <= frame_of(shown.page) <= 15
    shown.page.keyboard.press("Backspace")
    assert shown.page.locator(".loop-words").inner_text() == ""
