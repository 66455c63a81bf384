"""What a page says its poses rest on: each source of a lens by its own sentence, and nothing that nobody noted."""

from __future__ import annotations

import moving_people
import pytest

from in_the_wild.calibration.base import Calibration
from in_the_wild.lens import ASSUMED, Lens
from in_the_wild.page import words

CALIBRATED = Lens(calibration=Calibration("cam1", (1280, 720), (900.0, 900.0), (640.0, 360.0)))


@pytest.mark.parametrize(
    ("lens", "begins", "ends"),
    [
        (ASSUMED, "Nobody said which lens", "longer side."),
        (ASSUMED.stated(26), "What the video's file says", "metadata, 26 mm equivalent)."),
        (Lens(focal=900), "The lens is known", "900 pixels (given focal length)."),
        (Lens(fov=70), "The lens is known", "900 pixels (given field of view)."),
        (CALIBRATED, "The lens is known", "900 pixels (calibration cam1)."),
    ],
    ids=["assumed", "metadata", "focal", "fov", "calibration"],
)
def test_a_lens_is_told_by_how_it_is_known(lens: Lens, begins: str, ends: str) -> None:
    poses = moving_people.people(0).with_meta(assumptions={"focal": f"900 pixels ({lens.source})"})
    (sentence,) = words.assumptions(poses)
    assert sentence.startswith(begins)
    assert sentence.endswith(ends)


def test_nothing_is_said_of_poses_of_which_nothing_is_noted() -> None:
    assert words.assumptions(moving_people.people(0)) == []
    assert words.warnings(moving_people.people(0)) == []


def test_guessed_joints_are_counted() -> None:
    poses = moving_people.people(0)
    scores = poses.scores.copy()
    scores[: len(poses) // 4] = 0.1
    (sentence,) = words.assumptions(poses.replace(scores=scores))
    assert sentence.startswith("25% of the joints were not seen")


def test_a_warning_is_told_once() -> None:
    assert words.warnings(moving_people.people(0).with_meta(warnings=["dark", "shaken", "dark"])) == ["dark", "shaken"]
