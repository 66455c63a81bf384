"""The page in a browser: by keys alone, by touch on a phone, without motion, and whatever files are called."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import moving_people
import numpy as np
import pytest
from browser import DESKTOP, PHONE, opened
from page_reading import frame_of, plotted, wait_until_ready

import in_the_wild as iw
from in_the_wild.poses import Poses

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = "</script><img src=x onerror=document.title='taken'><b>.mp4"


def test_keys_alone_do_all(browser: Browser, walking: Path) -> None:
    with opened(browser, walking, size=(1000, 640)) as shown:
        page, press = shown.page, shown.page.keyboard.press
        wait_until_ready(page)
        for keys, frame in {"ArrowRight": 1, "Shift+ArrowRight": 31, "ArrowLeft": 30, "PageUp": 0, "End": 119}.items():
            press(keys)
            assert frame_of(page) == frame
        press("Home")
        press("Space")
        shown.until("Number(document.querySelector('.track').ariaValueNow) > 0")
        press("Space")
        page.get_by_role("button", name="Play", exact=True).wait_for()
        for key, view in {"2": "Front", "3": "Side", "4": "Top", "1": "Free"}.items():
            press(key)
            assert page.get_by_role("button", name=view, exact=True).get_attribute("aria-pressed") == "true"
        press("-")
        assert page.get_by_label("Speed").input_value() == "0.5"
        press("t")
        assert page.get_by_role("button", name="Trail").get_attribute("aria-pressed") == "true"
        press("d")
        assert page.locator("html").get_attribute("data-theme") == "light"
        press("?")
        assert page.get_by_role("dialog", name="Keys").is_visible()
        press("Escape")
        assert not page.get_by_role("dialog", name="Keys").is_visible()
        assert page.locator(".plot-title").inner_text().startswith("Left knee")
        assert shown.errors == []


def test_every_control_is_reached_by_tab_has_a_name_and_shows_its_focus(browser: Browser, walking: Path) -> None:
    with opened(browser, walking, size=(1000, 640)) as shown:
        wait_until_ready(shown.page)
        controls = "button:enabled, select, summary, [role=slider]"
        expected = shown.page.evaluate(
            f"[...document.querySelectorAll('{controls}')].filter(e => e.checkVisibility()).length"
        )
        reached = set()
        for _ in range(expected):
            shown.page.keyboard.press("Tab")
            name, outline = shown.page.evaluate(
                "(e => [e.ariaLabel || e.textContent, getComputedStyle(e).outlineStyle])(document.activeElement)"
            )
            assert name.strip()
            assert outline == "solid", name
            reached.add(name)
        assert {"Moment", "Play", "Speed", "Loop from here", "Measure", "Front", "Joint", "Keys (?)"} <= reached


def test_a_phone_has_it_all_within_reach_of_a_finger(browser: Browser, walking: Path) -> None:
    with opened(browser, walking, size=PHONE, touch=True) as shown:
        page = shown.page
        wait_until_ready(page)
        small = page.evaluate(
            "[...document.querySelectorAll('button, select')].filter(e => e.checkVisibility())"
            ".map(e => [e.ariaLabel || e.textContent, e.getBoundingClientRect()])"
            ".filter(([, box]) => box.width < 44 || box.height < 44).map(([name]) => name)"
        )
        assert small == []
        page.get_by_role("button", name="Play", exact=True).tap()
        page.get_by_role("button", name="Pause").tap()
        bent = page.locator(".angles li", has_text="Left knee").get_by_role("button", name="most bent")
        bent.tap()
        assert frame_of(page) > 0
        for seen in (page.get_by_role("button", name="Play", exact=True), page.locator("canvas").first):
            box = seen.bounding_box()
            assert box is not None
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= PHONE[0]


def test_nothing_moves_by_itself_where_motion_is_reduced(browser: Browser, walking: Path) -> None:
    with opened(browser, walking, size=(1000, 640), still=True) as shown:
        wait_until_ready(shown.page)
        moving = (
            "[...document.querySelectorAll('*')].filter(e => parseFloat(getComputedStyle(e).transitionDuration) > 0"
        )
        assert shown.page.evaluate(f"{moving} || getComputedStyle(e).animationName !== 'none').length") == 0
        shown.page.wait_for_timeout(300)
        assert frame_of(shown.page) == 0


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page of two results, of hostile names, of which the second is 0.1 m higher."""
    poses = moving_people.people(0).with_meta(warnings=[HOSTILE])
    poses = poses.replace(video=dataclasses.replace(poses.video, path=f"/somewhere/{HOSTILE}"))
    other = poses.replace(keypoints=poses.keypoints + np.array([0, 0, 0.1]))
    page = tmp_path_factory.mktemp("compared") / "compare.html"
    return iw.view([poses, other], page, names=[HOSTILE, "other"])


def test_names_are_shown_as_they_are(browser: Browser, compared: Path) -> None:
    with opened(browser, compared, size=(1000, 640)) as shown:
        wait_until_ready(shown.page)
        assert shown.page.locator("h1").inner_text() == HOSTILE.rpartition("/")[2]
        assert shown.page.get_by_role("button", name=HOSTILE).is_visible()
        shown.page.locator("summary").click()
        assert shown.page.locator(".warning").inner_text() == HOSTILE
        assert shown.page.locator("img, b:not(.time b)").count() == 0
        assert shown.page.title() != "taken"
        assert shown.errors == []


def test_two_results_are_compared_by_name(browser: Browser, compared: Path) -> None:
    with opened(browser, compared, size=(1000, 640)) as shown:
        page = shown.page
        wait_until_ready(page)
        page.get_by_role("combobox", name="Joint").select_option(label="Head")
        page.get_by_role("button", name="Position").click()
        values = plotted(page)
        assert values["other, height"] - values[f"{HOSTILE}, height"] == pytest.approx(0.1, abs=0.011)
        both = shown.pixels(".space canvas")
        page.get_by_role("button", name="other", exact=True).click()
        shown.drawn()
        assert (shown.pixels(".space canvas") != both).any(axis=2).sum() > 200
        assert page.get_by_role("button", name="other", exact=True).get_attribute("aria-pressed") == "false"


def test_a_crowd_leaves_the_scene_its_room_and_why_there_is_no_video_is_read(browser: Browser, tmp_path: Path) -> None:
    """Sixty people are more points than a call takes arguments, and more buttons than a header has room for."""
    one = moving_people.people(0)
    crowd = [
        one.replace(
            person_id=np.full(len(one), person), keypoints=one.keypoints + np.array([person % 8, person // 8, 0])
        )
        for person in range(60)
    ]
    page = iw.view(Poses.join(crowd), tmp_path / "view.html")
    with opened(browser, page) as shown:
        wait_until_ready(shown.page)
        assert shown.errors == []
        space, said = (shown.page.locator(part).bounding_box() for part in (".space", ".missing"))
        assert space is not None
        assert said is not None
        assert space["height"] > 200
        assert said["height"] > 15
        assert said["y"] == pytest.approx(space["y"] + space["height"], abs=10)
        assert shown.page.evaluate("document.documentElement.scrollHeight") <= DESKTOP[1]
        assert not shown.page.locator(".notes").is_visible()
