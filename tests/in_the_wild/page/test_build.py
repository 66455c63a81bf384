"""The page that is shipped is the one that its sources make."""

from __future__ import annotations

import hashlib
import re

import pytest
from shipped import ROOT

PAGE = ROOT / "in_the_wild" / "page"
SOURCES = [*PAGE.glob("src/*"), PAGE / "build.js", PAGE / "package-lock.json"]


def test_the_shipped_page_is_built_from_the_sources_beside_it() -> None:
    """`build.js` writes the same hash into the page's second line."""
    if not (PAGE / "src").is_dir():
        pytest.skip("sources are not shipped")
    digest = hashlib.sha256()
    for name, path in sorted((path.relative_to(PAGE).as_posix(), path) for path in SOURCES):
        digest.update(f"{name}\n{path.read_text(encoding='utf-8')}\n".encode())
    with (PAGE / "viewer.html").open(encoding="utf-8") as file:
        written = re.search("sources ([0-9a-f]{64})", file.readline() + file.readline())
    assert written, "the page says nothing of its sources"
    assert written[1] == digest.hexdigest(), "the page is out of date: npm run build, in in_the_wild/page"
