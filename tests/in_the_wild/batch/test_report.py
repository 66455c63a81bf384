"""The report and the page of a batch, of outcomes that are made up."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from browser import PHONE, chromium, opened

from in_the_wild.batch import index, report
from in_the_wild.batch.outcome import Outcome

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOSTILE = ['<img src=x onerror="document.title=1">', "100%25 & 'two' #3?x", 'a"b`c', "javascript:alert(1)", "naïve 走"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as one:
        yield one


def _outcomes(folder: Path) -> list[Outcome]:
    """One of each name, with its files, and two that failed."""
    made = []
    for number, name in enumerate(HOSTILE):
        own = folder / name
        own.mkdir(parents=True)
        (own / "view.html").write_text("a page")
        cv2.imwrite(str(own / "picture.jpg"), np.full((90, 160, 3), 40 * number, np.uint8))
        (own / "picture.jpg").rename(own / "poster.jpg")
        warnings = ("It is <b>dark</b>.", "It shakes.") if number == 0 else ()
        seconds = {"detect": 1.5, "lift": 0.25} if number else {"detect": 2.0, "render": 4.0}
        made.append(
            Outcome(
                f"in/{name}.mp4", f"{name}.mp4", own, "done", frames=1000 + number, people=(0, 4)[: number or 1],
                seconds=seconds, files=("poses3d.npz", "view.html"), warnings=warnings, has_picture=True,
            )
        )  # fmt: skip
    lost = Outcome("in/lost.mp4", "lost.mp4", folder / "lost", "failed", error="It is <i>damaged</i>, get it again.")
    odd = Outcome(
        os.fsdecode(b"in/caf\xe9\n.mp4"), os.fsdecode(b"caf\xe9\n.mp4"), folder / "odd", "failed", error="No."
    )
    return [*made, lost, odd]


def test_the_report_has_a_row_for_each_clip(tmp_path: Path) -> None:
    outcomes = _outcomes(tmp_path)
    report.write(outcomes, tmp_path)
    with (tmp_path / "report.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows[:-1]] == [outcome.source for outcome in outcomes[:-1]]
    assert rows[-1]["file"] == r"in/caf\udce9" + "\n.mp4"
    assert rows[0] == {
        "file": outcomes[0].source, "status": "done", "frames": "1000", "people": "1", "detect_seconds": "2.000",
        "render_seconds": "4.000", "lift_seconds": "", "warnings": "It is <b>dark</b>. It shakes.", "error": "",
        "folder": HOSTILE[0],
    }  # fmt: skip
    assert (rows[-2]["status"], rows[-2]["frames"], rows[-2]["error"]) == ("failed", "", outcomes[-2].error)


def test_the_page_shows_all_clips_and_asks_for_nothing_outside(browser: Browser, tmp_path: Path) -> None:
    outcomes = _outcomes(tmp_path)
    path = index.write(outcomes, tmp_path)
    with opened(browser, path) as shown:
        shown.until("[...document.images].every(image => image.complete && image.naturalWidth === 160)")
        assert shown.page.title() == f"{tmp_path.name} · pose3d"
        names = shown.page.locator(".said b").all_inner_texts()
        assert names[:-1] == [outcome.name for outcome in outcomes[:-1]]
        assert names[-1] == r"caf\xe9\n.mp4"
        assert "It is <i>damaged</i>, get it again." in shown.page.locator("li.failed").first.inner_text()
        assert shown.page.locator("p").inner_text() == "5 clips, 5,010 frames, 2 without a result."
        assert shown.errors == []
        assert {Path(url).name for url in shown.requests} == {"poster.jpg"}
        assert all(url.startswith(f"{tmp_path.as_uri()}/") for url in shown.requests)
        for number in range(len(HOSTILE)):
            shown.page.locator("a.picture").nth(number).click()
            assert shown.page.locator("body").inner_text() == "a page"
            shown.page.go_back()


@pytest.mark.parametrize("dark", [True, False])
def test_the_page_fits_a_phone_in_both_themes(browser: Browser, tmp_path: Path, dark: bool) -> None:
    path = index.write(_outcomes(tmp_path), tmp_path)
    with opened(browser, path, size=PHONE, dark=dark) as shown:
        assert shown.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        ground, text = (
            shown.page.evaluate(f"getComputedStyle(document.body).{what}") for what in ("backgroundColor", "color")
        )
        brightness = [
            sum(map(int, colour.removeprefix("rgb(").removesuffix(")").split(","))) for colour in (ground, text)
        ]
        assert (brightness[0] < brightness[1]) == dark
