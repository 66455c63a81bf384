"""What a film says of how people's places were found."""

from __future__ import annotations

import moving_people
import pytest

from in_the_wild.calibration.base import Calibration
from in_the_wild.drawing import captions
from in_the_wild.lens import ASSUMED, Lens


@pytest.mark.parametrize(
    ("lens", "said"),
    [
        (ASSUMED, "Lens assumed: places and distances are rough"),
        (ASSUMED.stated(26), "Places from the focal length of the file's metadata, 26 mm equivalent"),
        (Lens(focal=900), "Places from the given focal length"),
        (Lens(fov=70), "Places from the given field of view"),
        (Lens(calibration=Calibration("cam1", None, (9.0, 9.0), (5.0, 5.0))), "Places from the calibration cam1"),
    ],
    ids=["assumed", "metadata", "focal", "fov", "calibration"],
)
def test_a_lens_is_told_by_how_it_is_known(lens: Lens, said: str) -> None:
    world = moving_people.people(0).replace(root_source=lens.source)
    assert captions.assumptions(world) == (said,)


def test_nothing_is_said_where_nothing_is_known() -> None:
    assert captions.assumptions(moving_people.people(0)) == ()
