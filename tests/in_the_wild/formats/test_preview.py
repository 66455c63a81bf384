"""What can be seen of a file at little cost is the same as its whole, as far as it goes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from in_the_wild import formats
from in_the_wild.errors import InputError
from in_the_wild.formats._preview import HEAD, Preview, beginning_of_json

RECORD = {"image_id": "a,]}\\.jpg", "keypoints": [1.5, -2e3, 0], "box": {"x": None, "ok": True}}


@pytest.mark.parametrize("cut", range(1, len(json.dumps([RECORD, RECORD]))))
def test_json_that_breaks_off_anywhere_gives_what_came_before(cut: int) -> None:
    found = beginning_of_json(json.dumps([RECORD, RECORD])[:cut])
    assert isinstance(found, list)
    for record in found[:1]:
        assert record.items() <= RECORD.items() or set(record) <= set(RECORD)
    if cut > len(json.dumps([RECORD])):
        assert found[0] == RECORD


@pytest.mark.parametrize("text", ["", "{", "x", "[1, 2", '{"a" 1, ', "[" * 100_000, '{"a":' * 50_000, "]}", '"'])
def test_whatever_else_stands_there_is_answered_at_once(text: str) -> None:
    assert beginning_of_json(text) in (None, {}, [1])


def test_a_large_file_is_known_by_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    path.write_text(json.dumps([RECORD] * (3 * HEAD // len(json.dumps(RECORD)))))
    preview = Preview(path)
    assert preview.record == RECORD
    assert 0 < len(preview.json) < HEAD // 50


def test_names_of_arrays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", keypoints=np.zeros(2), scores=np.zeros(2))
    assert Preview(tmp_path / "a.npz").arrays == {"keypoints", "scores"}
    (tmp_path / "a.npz").write_bytes((tmp_path / "a.npz").read_bytes()[:100])
    assert Preview(tmp_path / "a.npz").arrays == frozenset()


def test_a_folder_is_seen_by_the_first_of_its_files(tmp_path: Path) -> None:
    for number in (3, 1, 2):
        (tmp_path / f"{number}.json").write_text(json.dumps({"number": number}))
    (tmp_path / ".hidden.json").write_text("{}")
    preview = Preview(tmp_path)
    assert (preview.is_folder, preview.head, preview.json) == (True, b"", None)
    first = preview.first_json
    assert first is not None
    assert first.json == {"number": 1}
    for number in range(9):
        (tmp_path / f"{number}.png").write_bytes(b"")
    assert Preview(tmp_path).first_json is None


@pytest.mark.parametrize("content", [{}, []])
def test_nothing_in_a_folder_or_file_is_a_sentence(tmp_path: Path, content: Any) -> None:
    with pytest.raises(InputError, match="found a folder"):
        formats.read(tmp_path)
    (tmp_path / "a.txt").write_text(json.dumps(content))
    with pytest.raises(InputError, match=r"a\.txt is no file of poses that is known"):
        formats.read(tmp_path / "a.txt")
