"""The camera of the 3D view is a pinhole without roll that swings as it was told."""

from __future__ import annotations

import numpy as np
import pytest

from in_the_wild.drawing.view import Pinhole, View3D
from in_the_wild.errors import InputError


def test_at_angle_zero_the_camera_is_a_pinhole_that_looks_along_y() -> None:
    camera = Pinhole(
        target=np.array([1.0, 2.0, 0.9]), angle=0.0, elevation=0.0, distance=5.0, focal=600.0, centre=(320.0, 200.0)
    )
    pixels, depth = camera.project(np.array([[1.4, 3.0, 1.9], [1.0, 2.0, 0.9]]))
    np.testing.assert_allclose(depth, [6.0, 5.0])
    np.testing.assert_allclose(pixels, np.array([[320 + 600 * 0.4 / 6, 200 - 600 * 1.0 / 6], [320.0, 200.0]]))


@pytest.mark.parametrize(("angle", "elevation"), [(0.0, 0.0), (40.0, 15.0), (-170.0, 60.0)])
def test_camera_axes_are_a_rotation_without_roll(angle: float, elevation: float) -> None:
    camera = Pinhole(np.zeros(3), np.radians(angle), np.radians(elevation), 4.0, 500.0, (0.0, 0.0))
    axes = camera.axes()
    np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(np.cross(axes[0], axes[1]), axes[2], atol=1e-12)  # right-handed: not mirrored
    assert axes[0, 2] == 0.0  # no roll
    assert axes[1, 2] < 0.0  # the picture's down is the world's down


def test_the_camera_starts_at_the_videos_own_view_and_swings_to_both_sides() -> None:
    view = View3D(angle=0.0, turn=30.0, period=8.0)
    assert view.angle_at(0.0) == 0.0
    assert view.angle_at(2.0) == pytest.approx(np.radians(30.0))
    assert view.angle_at(6.0) == pytest.approx(np.radians(-30.0))


@pytest.mark.parametrize(
    "wrong", [{"period": 0.0}, {"elevation": 91.0}, {"field_of_view": 0.0}], ids=lambda w: next(iter(w))
)
def test_a_view_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError, match="must"):
        View3D(**wrong)  # type: ignore[arg-type]
