"""The page in a browser: results of one video that have frames of their own are compared at the same moments."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import moving_people
import pytest
from browser import opened
from page_reading import choose_joint, go_to, number, plotted, wait_until_ready

import in_the_wild as iw
from in_the_wild.gather import Shown

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_plots_and_angles_are_those_of_the_moment(browser: Browser, tmp_path: Path) -> None:
    poses = moving_people.people(0)
    even = poses.rows(poses.frame % 2 == 0)
    halved = even.replace(
        frame=even.frame // 2,
        video=replace(poses.video, fps=poses.video.fps / 2, timestamps=poses.video.timestamps[::2]),
    )
    page = iw.view([Shown("all", poses), Shown("half", halved)], tmp_path / "view.html", video="none")
    expected = poses.angles().person(0)["left_knee_flexion"]
    with opened(browser, page, size=(1100, 700)) as shown:
        wait_until_ready(shown.page)
        shown.page.get_by_role("combobox", name="Person").select_option("1 0")
        choose_joint(shown.page, "left_knee")
        for frame in (8, 41):
            go_to(shown.page, frame)
            earlier = expected[frame // 2 * 2]
            assert plotted(shown.page) == pytest.approx({"half": earlier, "all": expected[frame]}, abs=0.6)
            listed = shown.page.locator(".angles li", has_text="Left knee").locator("output").inner_text()
            assert number(listed) == pytest.approx(earlier, abs=0.6)
        ends = [bar.bounding_box() for bar in shown.page.locator(".timeline .bar").all()]
        assert [end["width"] for end in ends if end] == pytest.approx([ends[0]["width"]] * 2, rel=0.02)  # type: ignore[index]
