"""The page in a browser: what it plots, measures and saves of joints are the numbers that Python knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import moving_people
import numpy as np
import pytest
from browser import Opened, opened
from numbered_clips import indices
from page_reading import choose_joint, frame_of, go_to, number, plotted, wait_until_ready

import in_the_wild as iw
from in_the_wild.measures.paths import speeds
from in_the_wild.page.encode import SCORE_STEP, STEP
from in_the_wild.poses import Poses

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FRAMES = (0, 7, 31)
# A page has places in whole steps: what a number may be off by when its joints are, and by how it is written.
DEGREES, METRES, METRES_A_SECOND = 0.5 + 0.1, 0.005 + 2 * STEP, 0.005 + 2 * STEP * moving_people.FPS


@pytest.fixture(scope="module")
def poses() -> Poses:
    return moving_people.people(0, 1)


@pytest.fixture(scope="module")
def opened_page(browser: Browser, walking: Path) -> Iterator[Opened]:
    with opened(browser, walking, size=(1000, 640)) as found:
        wait_until_ready(found.page)
        yield found


@pytest.fixture
def shown(opened_page: Opened) -> Opened:
    """The page as it was opened: at its beginning, with nothing looped, measured or hidden."""
    page = opened_page.page
    for key in ("Escape", "Backspace", "Home"):
        page.keyboard.press(key)
    page.get_by_role("combobox", name="Person").select_option("0 0")
    choose_joint(page, "left_knee")
    return opened_page


def test_angles_are_those_of_python(shown: Opened, poses: Poses) -> None:
    expected = poses.angles().person(0)
    for frame in FRAMES:
        go_to(shown.page, frame)
        values = plotted(shown.page)
        for side in ("left", "right"):
            assert values[f"{side.capitalize()} knee"] == pytest.approx(
                expected[f"{side}_knee_flexion"][frame], abs=DEGREES
            )
        listed = shown.page.locator(".angles li", has_text="Left elbow").locator("output").inner_text()
        assert number(listed) == pytest.approx(expected["left_elbow_flexion"][frame], abs=DEGREES)


def test_the_most_bent_moment_is_told_and_gone_to(shown: Opened, poses: Poses) -> None:
    bent = poses.angles().person(0)["left_knee_flexion"]
    button = shown.page.locator(".angles li", has_text="Left knee").get_by_role("button", name="most bent")
    value, seconds = button.inner_text().removeprefix("most bent ").split(" at ")
    assert number(value) == pytest.approx(np.max(bent), abs=DEGREES)
    button.click()
    # Where two frames are nearly alike, steps of a page may make the other the greater.
    assert bent[frame_of(shown.page)] == pytest.approx(np.max(bent), abs=0.2)
    assert number(seconds) == pytest.approx(frame_of(shown.page) / moving_people.FPS, abs=0.006)


def test_speeds_are_those_of_python(shown: Opened, poses: Poses) -> None:
    expected = speeds(poses).person(0)["left_wrist_speed"]
    choose_joint(shown.page, "left_wrist")
    for frame in FRAMES:
        go_to(shown.page, frame)
        assert plotted(shown.page)["Left wrist"] == pytest.approx(expected[frame], abs=METRES_A_SECOND)


def test_positions_are_those_of_python(shown: Opened, poses: Poses) -> None:
    expected = poses.person(1)["head"]
    shown.page.get_by_role("combobox", name="Person").select_option("0 1")
    choose_joint(shown.page, "head")
    shown.page.get_by_role("button", name="Position").click()
    for frame in FRAMES:
        go_to(shown.page, frame)
        values = plotted(shown.page)
        assert [values[f"Head of person 1, {name}"] for name in ("x", "y", "height")] == pytest.approx(
            expected[frame], abs=METRES
        )


def test_two_joints_measure_their_distance_and_three_an_angle(shown: Opened, poses: Poses) -> None:
    page, person = shown.page, poses.person(0)
    hip, knee, ankle = (person[f"left_{joint}"][7].astype(float) for joint in ("hip", "knee", "ankle"))
    go_to(page, 7)
    choose_joint(page, "left_hip")
    page.get_by_role("button", name="Measure").click()
    choose_joint(page, "left_knee")
    assert plotted(page)["Left hip – left knee of person 0"] == pytest.approx(np.linalg.norm(knee - hip), abs=METRES)
    choose_joint(page, "left_ankle")
    thigh, shank = hip - knee, ankle - knee
    cosine = thigh @ shank / np.linalg.norm(thigh) / np.linalg.norm(shank)
    assert plotted(page)["Left hip – left knee – left ankle of person 0"] == pytest.approx(
        np.degrees(np.arccos(cosine)), abs=DEGREES
    )
    label = page.locator(".mark-label").first
    label.wait_for()
    shown.drawn()
    assert number(label.inner_text()) == pytest.approx(np.degrees(np.arccos(cosine)), abs=DEGREES)


def test_a_joint_is_chosen_by_a_click_on_it(shown: Opened) -> None:
    page = shown.page
    ring = shown.settled(".ring")
    choose_joint(page, "head")
    assert not page.locator(".plot-title").inner_text().startswith("Left knee")
    page.mouse.click(ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
    assert page.locator(".plot-title").inner_text().startswith("Left knee")


def test_a_press_in_the_plot_goes_there(shown: Opened) -> None:
    plot = shown.page.locator(".u-over").bounding_box()
    assert plot is not None
    shown.page.mouse.click(plot["x"] + 0.5 * plot["width"], plot["y"] + 0.5 * plot["height"])
    assert frame_of(shown.page) == pytest.approx((moving_people.FRAMES - 1) / 2, abs=1)


def test_a_table_of_the_looped_stretch_is_what_the_poses_are(shown: Opened, poses: Poses, tmp_path: Path) -> None:
    go_to(shown.page, 5)
    shown.page.keyboard.press("[")
    go_to(shown.page, 9)
    shown.page.keyboard.press("]")
    with shown.page.expect_download() as download:
        shown.page.keyboard.press("c")
    assert download.value.suggested_filename == "fake_0.17-0.30s.csv"
    download.value.save_as(tmp_path / "stretch.csv")
    read = iw.load(tmp_path / "stretch.csv", f"csv:size={poses.video.width}x{poses.video.height}")
    expected = poses.rows((poses.frame >= 5) & (poses.frame <= 9))
    order = np.lexsort((expected.person_id, expected.frame))
    assert (read.space, read.joints) == ("world", poses.joints)
    np.testing.assert_array_equal(read.frame, expected.frame[order])
    np.testing.assert_array_equal(read.person_id, expected.person_id[order])
    np.testing.assert_allclose(read.keypoints, expected.keypoints[order], atol=0.51 * STEP)
    np.testing.assert_allclose(read.scores, expected.scores[order], atol=SCORE_STEP)
    np.testing.assert_allclose(read.seconds, expected.seconds[order], atol=1e-5)


def test_a_picture_is_what_is_seen(shown: Opened, tmp_path: Path) -> None:
    go_to(shown.page, 11)
    shown.until("!document.querySelector('video').seeking")
    shown.drawn()
    seen = shown.pixels(".stage")
    with shown.page.expect_download() as download:
        shown.page.get_by_role("button", name="Save what is seen").click()
    assert download.value.suggested_filename == "fake_0.37s.png"
    download.value.save_as(tmp_path / "seen.png")
    saved = cv2.cvtColor(cv2.imread(str(tmp_path / "seen.png")), cv2.COLOR_BGR2RGB)
    assert saved.shape == seen.shape
    box = shown.page.locator("video").bounding_box()
    assert box is not None
    video = saved[:, : int(box["width"])]
    assert indices([video[int(0.3 * len(video)) : int(0.7 * len(video))]]) == [11]
    # But for the buttons and marks over the scene they are the same.
    assert (np.abs(saved.astype(int) - seen).max(axis=2) > 40).mean() < 0.06
