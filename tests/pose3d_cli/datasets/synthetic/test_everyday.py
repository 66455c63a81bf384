"""Everyday clips are the same for a seed, and show people whole."""

from __future__ import annotations

import numpy as np
import pytest

from pose3d_cli.datasets.synthetic.everyday import FRAMES, everyday


@pytest.mark.parametrize("seed", range(6))
def test_people_are_in_the_picture(seed: int) -> None:
    scene = everyday(seed)
    truth = scene.truth()
    size = (scene.camera.width, scene.camera.height)
    inside = ((truth["keypoints17"] >= 0) & (truth["keypoints17"] < size)).all(axis=-1)
    assert inside.mean() > 0.95
    assert len(scene.time) == FRAMES
    assert 0.4 < scene.camera.position[2] < 2.4
    # Nobody is below the floor, nor before his own camera.
    joints, _ = scene.bodies()
    assert joints[..., 2].min() > 0
    assert truth["joints_camera"][..., 2].min() > 1


def test_a_seed_says_it_all() -> None:
    one, again, other = (everyday(seed).truth()["joints_camera"] for seed in (7, 7, 8))
    np.testing.assert_array_equal(one, again)
    assert one.shape != other.shape or not np.allclose(one, other)
