"""The page in a browser: how far joints are to be trusted, in numbers, in words, and as marks above the timeline."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import moving_people
import numpy as np
import pytest
from browser import Opened, opened
from page_reading import choose_joint, frame_of, go_to, plotted, wait_until_ready

import in_the_wild as iw
from in_the_wild import cautions
from in_the_wild.cautions import Caution
from in_the_wild.page.encode import SCORE_STEP
from in_the_wild.poses import Poses
from in_the_wild.reasons import SENTENCES, Reason

if TYPE_CHECKING:
    from playwright.sync_api import Browser

CAUTIONS = (
    Caution(0.5, 2.0, 1, ("left_wrist", "left_elbow"), "out of the picture"),
    Caution(1.5, 3.0, None, (), "low frame rate"),
)


@pytest.fixture(scope="module")
def poses() -> Poses:
    """Two people of whom all is known; one wrist is in doubt from second 2 on, and not seen in the last frames."""
    people = moving_people.people(0, 1)
    random = np.random.default_rng(3)
    wrist = people.skeleton.index("left_wrist")
    errors = random.uniform(20, 120, people.scores.shape)
    errors[people.seconds >= 2, wrist] = 240
    scores = random.uniform(0.5, 1, people.scores.shape)
    scores[people.seconds >= 3.5, wrist] = 0.02
    known = people.replace(error_mm=errors, scores=scores, reasons=random.integers(0, len(Reason), errors.shape))
    return known.with_meta(**{cautions.NOTE: [one.note for one in CAUTIONS]})


@pytest.fixture(scope="module")
def opened_page(browser: Browser, poses: Poses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    path = iw.view(poses, tmp_path_factory.mktemp("trust") / "view.html", video="none")
    with opened(browser, path, size=(1100, 700)) as found:
        wait_until_ready(found.page)
        yield found


@pytest.fixture
def shown(opened_page: Opened) -> Opened:
    opened_page.page.keyboard.press("Backspace")
    opened_page.page.get_by_role("combobox", name="Person").select_option("0 0")
    choose_joint(opened_page.page, "left_wrist")
    return opened_page


@pytest.mark.parametrize("frame", [3, 64])
def test_a_joint_says_how_far_it_is_to_be_trusted_and_why(shown: Opened, poses: Poses, frame: int) -> None:
    go_to(shown.page, frame)
    person, wrist = poses.person(0), poses.skeleton.index("left_wrist")
    assert person.error_mm is not None
    assert person.reasons is not None
    numbers, why = shown.page.locator(".trust").inner_text().split(" ", 4)[:4], SENTENCES[person.reasons[frame, wrist]]
    assert numbers[:3] == [f"±{person.error_mm[frame, wrist]:.0f}", "mm,", "score"]
    assert float(numbers[3]) == pytest.approx(person.scores[frame, wrist], abs=SCORE_STEP)
    assert shown.page.locator(".trust").inner_text().endswith(why)


def test_a_joint_that_is_pointed_at_says_the_same(shown: Opened) -> None:
    ring = shown.settled(".ring")
    shown.page.mouse.move(ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
    lines = shown.page.locator(".mark-label.name div")
    lines.nth(2).wait_for(state="attached")
    name, numbers, why = lines.all_inner_texts()
    assert (name, f"{numbers} {why}") == ("Left wrist", shown.page.locator(".trust").inner_text())


def test_expected_errors_are_plotted(shown: Opened, poses: Poses) -> None:
    shown.page.get_by_role("button", name="Error", exact=True).click()
    go_to(shown.page, 5)
    error = poses.person(0).error_mm
    assert error is not None
    assert plotted(shown.page) == {
        "Left wrist": round(error[5, poses.skeleton.index("left_wrist")]),
        "Right wrist": round(error[5, poses.skeleton.index("right_wrist")]),
    }


def test_moments_of_doubt_are_shaded(shown: Opened) -> None:
    """The ground of the plot is redder where the wrist is in doubt, the last two of four seconds."""
    shown.page.get_by_role("button", name="Speed", exact=True).click()
    shown.page.get_by_text("uncertain").wait_for()
    shown.drawn()
    ground = np.median(shown.pixels(".u-over").astype(int), axis=0)  # (W, 3)
    red, half = ground[:, 0] - ground[:, 2], len(ground) // 2
    assert np.median(red[half + 20 :]) > np.median(red[: half - 20]) + 10
    choose_joint(shown.page, "right_hip")
    assert shown.page.get_by_text("uncertain").count() == 0


def test_cautions_are_told_and_lead_to_their_moments(shown: Opened) -> None:
    marks = shown.page.get_by_role("list", name="Cautions").get_by_role("button")
    assert [mark.get_attribute("aria-label") for mark in marks.all()] == cautions.sentences(CAUTIONS)
    marks.nth(1).focus()
    shown.page.keyboard.press("Enter")
    assert frame_of(shown.page) == round(CAUTIONS[1].start * moving_people.FPS)
    marks.nth(0).click()
    assert frame_of(shown.page) == round(CAUTIONS[0].start * moving_people.FPS)
    assert shown.page.locator(".plot-title").inner_text().startswith("Left wrist of person 1")


def test_a_table_has_errors_and_reasons_too(shown: Opened, poses: Poses, tmp_path: Path) -> None:
    with shown.page.expect_download() as download:
        shown.page.keyboard.press("c")
    download.value.save_as(tmp_path / "all.csv")
    read = iw.load(tmp_path / "all.csv", f"csv:size={poses.video.width}x{poses.video.height}")
    order = np.lexsort((poses.person_id, poses.frame))
    assert read.error_mm is not None
    assert poses.error_mm is not None
    assert read.reasons is not None
    assert poses.reasons is not None
    np.testing.assert_allclose(read.error_mm, poses.error_mm[order], atol=0.51)
    np.testing.assert_array_equal(read.reasons, poses.reasons[order])
