"""`pose3d view`: results in, a page out, in the browser where there is one."""

from __future__ import annotations

import sys
import webbrowser
from pathlib import Path

import moving_people
import pytest
from command_line import Invoke


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two folders as `pose3d run` leaves them, and the working directory beside them."""
    for name in ("one", "two"):
        moving_people.people(0).save(tmp_path / name / "poses3d.npz")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that a browser was asked to open, on a machine that has a screen."""
    found: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")

    def opened(address: str) -> bool:
        found.append(address)
        return True

    monkeypatch.setattr(webbrowser, "open", opened)
    return found


def test_a_page_lies_beside_its_poses_and_is_opened(cli: Invoke, results: Path, shown: list[str]) -> None:
    done = cli("view", results / "one")
    assert done.exit_code == 0, done.stderr
    page = results / "one" / "view.html"
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert done.stdout == f"{page}\n"
    assert shown == [page.as_uri()]


def test_several_results_are_compared_in_a_page_here(cli: Invoke, results: Path, shown: list[str]) -> None:
    done = cli("view", results / "one", results / "two", "--name", "before", "--name", "after", "--no-open")
    assert done.exit_code == 0, done.stderr
    page = (results / "here" / "compare.html").read_text(encoding="utf-8")
    assert '"name":"before"' in page
    assert '"name":"after"' in page
    assert shown == []


@pytest.mark.parametrize("screen", ["", ":0"], ids=["without a screen", "without a browser"])
def test_where_no_browser_opens_the_page_is_made_and_named(
    cli: Invoke, results: Path, monkeypatch: pytest.MonkeyPatch, screen: str
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", screen)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr(webbrowser, "open", lambda _: False)
    done = cli("view", results / "one", "-o", results / "page.html")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == f"{results / 'page.html'}\nNo browser can be opened from here; open the file in one.\n"
    assert (results / "page.html").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["one", "-o", "page.htm"], 2, "ending in .html"),
        (["one", "--video", "embed"], 1, "name it: --video FILE"),
        (["one", "--video", "nothing.mp4"], 1, "nothing.mp4"),
        (["one", "two", "--name", "a"], 1, "A name for each of 2 results"),
        (["here"], 1, "found no poses3d.npz"),
        (["."], 1, "found 2"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_mistakes_are_answered_in_a_sentence_and_leave_no_page(
    cli: Invoke, results: Path, shown: list[str], arguments: list[str], code: int, says: str
) -> None:
    done = cli("view", *[results / one if (results / one).exists() else one for one in arguments])
    assert done.exit_code == code
    assert says in done.stderr
    assert shown == []
    assert not list(results.rglob("*.htm*"))
