"""Notes that count frames, counted from elsewhere."""

from __future__ import annotations

from typing import Any

from in_the_wild.frame_notes import renumbered, without

NOTES: dict[str, Any] = {
    "looks": [0, 10, 20, 30, 40],
    "cuts": [25],
    "cleaned": {"0": [[8, 12, "left_wrist", "outlier"], [28, 44, "legs", "swapped"]], "1": [[2, 4, "body", "swapped"]]},
    "whole_clip": {"0": {"bones": {"left_knee": 0.4}, "standing": {"left_ankle": [[3, 9], [18, 33]]}}, "1": {}},
    "focal": 800.0,
}


def test_a_part_has_the_notes_of_its_frames_alone() -> None:
    assert renumbered(NOTES, by=-20, frames=15) == {
        "looks": [0, 10],
        "cuts": [5],
        "cleaned": {"0": [[8, 14, "legs", "swapped"]]},
        "whole_clip": {"0": {"bones": {"left_knee": 0.4}, "standing": {"left_ankle": [[0, 13]]}}, "1": {}},
        "focal": 800.0,
    }


def test_back_in_the_whole_they_are_where_they_were() -> None:
    part = renumbered(NOTES, by=-5, frames=60)
    assert renumbered(part, by=5, frames=65)["cuts"] == [25]
    assert renumbered(part, by=5, frames=65)["cleaned"]["0"] == NOTES["cleaned"]["0"]


def test_notes_that_count_nothing_are_left_alone() -> None:
    assert renumbered({"focal": 800.0}, by=3, frames=9) == {"focal": 800.0}
    assert without(NOTES) == {"whole_clip": {"0": {"bones": {"left_knee": 0.4}}, "1": {}}, "focal": 800.0}
