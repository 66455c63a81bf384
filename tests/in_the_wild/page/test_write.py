"""The page as a file: all in it, and names in it as text."""

from __future__ import annotations

import dataclasses
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import moving_people
import pytest

from in_the_wild.gather import Shown
from in_the_wild.page.footage import Footage
from in_the_wild.page.write import write

HOSTILE = "</script><img src=x onerror=alert(1)><!--<script>.mp4"


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text of scripts by id."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.data: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        tag, attributes = self.found[-1] if self.found else ("", {})
        if tag == "script" and attributes.get("id"):
            self.data.setdefault(str(attributes["id"]), data)


def elements(path: Path) -> Elements:
    parser = Elements()
    parser.feed(path.read_text(encoding="utf-8"))
    return parser


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A page of two results whose names, video and warnings are hostile."""
    poses = moving_people.people(0, 1).with_meta(warnings=[HOSTILE])
    poses = poses.replace(video=dataclasses.replace(poses.video, path=f"/home/somebody/secret/{HOSTILE}"))
    path = tmp_path / "view.html"
    write([Shown(HOSTILE, poses), Shown("other", poses)], path, footage=Footage("data:video/mp4;base64,AAAA"))
    return path


def test_a_page_asks_for_nothing(page: Path) -> None:
    for tag, attributes in elements(page).found:
        assert tag not in ("link", "iframe", "object", "embed", "img")
        assert not {"src", "href"} & attributes.keys()
    policy = str(next(found["content"] for _, found in elements(page).found if found.get("http-equiv")))
    assert policy.startswith("default-src 'none'")
    assert "http" not in policy


def test_names_are_text_and_never_markup(page: Path) -> None:
    found = elements(page)
    header = json.loads(found.data["header"])
    assert header["results"][0]["name"] == HOSTILE
    assert header["results"][0]["warnings"] == [HOSTILE]
    plain = [tag for tag, _ in found.found]
    assert "img" not in plain
    # The header, of each result the times and one chunk, the video, and the code.
    assert plain.count("script") == 1 + 2 * 2 + 1 + 1


def test_folders_of_the_machine_stay_out(page: Path) -> None:
    assert not re.search("/home/|secret|somebody", page.read_text(encoding="utf-8"))


def test_a_page_says_what_it_shows(page: Path) -> None:
    header = json.loads(elements(page).data["header"])
    first = header["results"][0]
    assert [person["id"] for person in first["people"]] == [0, 1]
    assert first["people"][0]["spans"] == [[0, 119]]
    assert first["skeleton"]["joints"][0] == "pelvis"
    assert (first["frames"], first["lens"]) == (120, None)
    assert header["look"]["themes"]["dark"]["sides"]["left"] == [255, 146, 36]
