"""The page of what goes on now: it shows the newest pose, lets people in as they come, and says how late it is."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

import moving_people
import numpy as np

from in_the_wild.live.broadcast import small_jpeg
from in_the_wild.live.serve import Stage, serve
from in_the_wild.page.live import frame, page
from in_the_wild.poses import Poses

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_GREY = np.full((48, 64, 3), 120, np.uint8)


def show(stage: Stage, poses: Poses, at: int, dropped: int) -> None:
    world = poses.rows(poses.frame == at)
    times = poses.video.timestamps[at : at + 1]
    world = world.replace(video=dataclasses.replace(poses.video, timestamps=times), frame=np.zeros(len(world)))
    stage.show(frame(world, small_jpeg(_GREY), there=time.time() - 0.5, rate=12.0, dropped=dropped))


def until(page: Page, condition: str) -> None:
    for _ in range(300):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never true: {condition}")


def test_the_newest_pose_is_shown(browser: Browser) -> None:
    one, two = moving_people.people(0).world(), moving_people.people(0, 1).world()
    said: list[str] = []
    with serve(page("camera0", one.skeleton, (64, 48))) as stage:
        context = browser.new_context(viewport={"width": 900, "height": 600})
        opened = context.new_page()
        opened.on("console", lambda line: said.append(line.text))
        opened.on("pageerror", lambda thrown: said.append(str(thrown)))
        opened.goto(stage.address)
        until(opened, "document.querySelector('canvas') !== null")
        canvas = opened.locator(".space canvas")
        empty = canvas.screenshot()
        show(stage, one, 0, dropped=0)
        until(opened, "document.querySelector('.live').dataset.time !== undefined")
        first = canvas.screenshot()
        assert first != empty
        text = opened.locator(".live").inner_text()
        assert text.endswith("12.0 figures a second")
        assert 0.5 <= float(opened.locator(".live").get_attribute("data-delay") or 0) < 30
        show(stage, two, 20, dropped=3)
        until(opened, f"document.querySelector('.live').dataset.time == {two.video.timestamps[20]}")
        assert canvas.screenshot() != first
        assert opened.get_by_text("Person 1").is_visible()
        assert opened.locator(".live").inner_text().endswith("3 pictures left out")
        assert opened.locator(".picture img").evaluate("image => image.naturalWidth") == 64
    until(opened, "document.querySelector('.live').textContent === 'That was all.'")
    context.close()
    assert said == []
