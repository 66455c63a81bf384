"""Cameras and normalisation: the authors' numbers, inverses, and geometry that can be worked out."""

from __future__ import annotations

from typing import Any

import fakes
import numpy as np
import pytest
import references
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from in_the_wild import camera
from in_the_wild.errors import InputError
from in_the_wild.lens import Lens
from in_the_wild.normalise import look_at_box, normalise, screen, unscreen


def test_camera_functions_equal_the_authors() -> None:
    arrays = references.load("camera_shared.npz")
    rotation = {"quaternion": arrays["in/R"].astype(float), "translation": arrays["in/t"].astype(float)}
    references.assert_equal(camera.world_to_camera(arrays["in/X"], **rotation), arrays["out/world_to_camera"])
    references.assert_equal(camera.camera_to_world(arrays["in/X"], **rotation), arrays["out/camera_to_world"])
    for i in range(4):
        width, height = arrays[f"in/wh_{i}"]
        references.assert_equal(screen(arrays[f"in/px_{i}"], width=width, height=height), arrays[f"out/norm_{i}"])
        references.assert_equal(unscreen(arrays[f"out/norm_{i}"], width=width, height=height), arrays[f"out/px_{i}"])
        references.assert_equal(
            camera.project(arrays["in/camera_space"][i], arrays["in/intrinsic"][i]), arrays["out/project_to_2d"][i]
        )


def test_camera_to_world_and_back() -> None:
    points = np.random.default_rng(0).normal(size=(5, 17, 3))
    rotation = {"quaternion": np.array([0.5, 0.5, -0.5, 0.5]), "translation": np.array([1.0, 2, 3])}
    there = camera.camera_to_world(points, **rotation)
    np.testing.assert_allclose(camera.world_to_camera(there, **rotation), points, atol=1e-12)


def test_the_root_is_found_exactly_from_exact_projections() -> None:
    joints, root = fakes.walking(30)
    pixels = fakes.project(joints + root[:, None])
    found = camera.root_from_reprojection(
        joints, pixels, np.ones((30, 17)), focal=fakes.FOCAL, centre=(fakes.WIDTH / 2, fakes.HEIGHT / 2)
    )
    np.testing.assert_allclose(found, root, atol=1e-6)


def test_the_root_withstands_joints_without_weight_and_frames_without_joints() -> None:
    joints, root = fakes.walking(10)
    pixels = fakes.project(joints + root[:, None])
    weights = np.ones((10, 17))
    pixels[:, 3] += 500
    weights[:, 3] = 0
    weights[4] = 0
    found = camera.root_from_reprojection(
        joints, pixels, weights, focal=fakes.FOCAL, centre=(fakes.WIDTH / 2, fakes.HEIGHT / 2)
    )
    np.testing.assert_allclose(np.delete(found, 4, 0), np.delete(root, 4, 0), atol=1e-6)
    assert np.linalg.norm(found[4] - root[4]) < 0.1


def test_smoothing_keeps_the_root_on_its_rays() -> None:
    root = np.stack([np.linspace(-1, 1, 50), np.full(50, 0.3), 4 + 0.3 * np.random.default_rng(0).normal(size=50)], -1)
    smooth = camera.smooth_root_depth(root, fps=25.0)
    np.testing.assert_allclose(smooth[:, :2] / smooth[:, 2:], root[:, :2] / root[:, 2:])
    assert np.diff(smooth[:, 2]).std() < 0.3 * np.diff(root[:, 2]).std()


def test_the_focal_length_says_how_it_came() -> None:
    assert (Lens().focal_in(width=1280, height=720), Lens().source) == (1280.0, "assumed focal length")
    assert (Lens(focal=900).focal_in(width=1280, height=720), Lens(focal=900).source) == (900.0, "given focal length")
    assert Lens(fov=90).focal_in(width=1280, height=720) == pytest.approx(640)
    assert Lens(fov=90).source == "given field of view"
    assert Lens(fov=90).pinhole(width=1280, height=720).centre == (640, 360)


@pytest.mark.parametrize(
    "wrong", [{"focal": 900, "fov": 50}, {"focal": -1}, {"focal": float("nan")}, {"fov": 0.0}, {"fov": float("nan")}]
)
def test_no_lens_has_other_values(wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        Lens(**wrong)


@given(x=st.floats(-0.5, 0.5), y=st.floats(-0.3, 0.3), seed=st.integers(0, 100))
def test_where_a_person_stands_in_the_picture_does_not_change_the_box_view(x: float, y: float, seed: int) -> None:
    """A camera turned about its centre sees the same after look_at_box, up to the roll of the turn."""
    rng = np.random.default_rng(seed)
    points = rng.normal(0, 0.4, (1, 5, 17, 3)) + np.array([0, 0, 5])
    scores = np.ones(points.shape[:-1])
    straight = look_at_box(points[..., :2] / points[..., 2:], scores)
    turned = points @ Rotation.from_euler("yx", [np.arctan(x), np.arctan(y)]).as_matrix().T
    aside = look_at_box(turned[..., :2] / turned[..., 2:], scores)
    straight_points = np.einsum("bij,btkj->btki", straight.rotation, points)
    aside_points = np.einsum("bij,btkj->btki", aside.rotation, turned)
    np.testing.assert_allclose(straight_points[..., 2], aside_points[..., 2], atol=0.08)
    middle = aside.inputs[..., :2].min(axis=2) + aside.inputs[..., :2].max(axis=2)
    np.testing.assert_allclose(middle.mean(axis=1), 0, atol=0.25)


def test_unseen_keypoints_neither_shape_the_box_nor_reach_the_network() -> None:
    rng = np.random.default_rng(0)
    rays, scores = rng.normal(0, 0.1, (1, 5, 17, 2)), np.ones((1, 5, 17))
    scores[..., 7] = 0
    far = rays.copy()
    far[..., 7, :] = 9.0
    np.testing.assert_array_equal(look_at_box(rays, scores).inputs, look_at_box(far, scores).inputs)


def test_nothing_seen_at_all_is_still_finite() -> None:
    assert np.isfinite(look_at_box(np.zeros((2, 3, 17, 2)), np.zeros((2, 3, 17))).inputs).all()


def test_h36m_normalisation_ignores_the_videos_size() -> None:
    pixels, scores = np.random.default_rng(0).uniform(0, 1000, (1, 3, 17, 2)), np.ones((1, 3, 17))
    small = normalise(pixels, scores, kind="h36m", width=640, height=480, focal=1.0).inputs
    large = normalise(pixels, scores, kind="h36m", width=1920, height=1080, focal=1.0).inputs
    np.testing.assert_array_equal(small, large)
    own = normalise(pixels, scores, kind="image", width=1920, height=1080, focal=1.0).inputs
    np.testing.assert_allclose(unscreen(own, width=1920, height=1080), pixels, rtol=1e-5)
