"""Varied bodies: they stay possible, and are varied as it says."""

from __future__ import annotations

import numpy as np

from pose3d_cli.datasets.mocap.packs import BODY22, Mocap
from pose3d_cli.datasets.synthetic import bodies


def test_bodies_keep_directions_and_symmetry_when_rescaled(clips: Mocap) -> None:
    rng = np.random.default_rng(0)
    scales = bodies.bone_scales(3, bodies.Bodies(), rng)
    np.testing.assert_array_equal(scales, scales[:, list(BODY22.flip)])
    body = np.stack([clips.sequence(0)[:4]] * 3)
    scaled = bodies.rescale_bones(body, scales)
    knee, ankle = BODY22.index("left_knee"), BODY22.index("left_ankle")
    before, after = (b[:, :, ankle] - b[:, :, knee] for b in (body, scaled))
    np.testing.assert_allclose(after, before * scales[:, None, ankle, None], rtol=1e-3, atol=1e-5)
    np.testing.assert_allclose(bodies.rescale_bones(body, np.ones((3, 22))), body, atol=1e-5)


def test_a_graft_keeps_the_legs_and_the_pose_of_the_upper_body(clips: Mocap) -> None:
    legs, upper = clips.sequence(0)[None, 20:29], clips.sequence(2)[None, 20:29]
    grafted = bodies.graft_upper_body(legs=legs, upper=upper)
    below = BODY22.indices("pelvis", "left_knee", "right_ankle")
    np.testing.assert_array_equal(grafted[:, :, below], legs[:, :, below])
    elbow, wrist = BODY22.index("left_elbow"), BODY22.index("left_wrist")
    np.testing.assert_allclose(
        np.linalg.norm(grafted[:, :, wrist] - grafted[:, :, elbow], axis=-1),
        np.linalg.norm(upper[:, :, wrist] - upper[:, :, elbow], axis=-1),
        rtol=1e-4,
    )

    # Turned with the hips, so the shoulders stand over them as they did.
    def over(body: np.ndarray, a: str, b: str) -> np.ndarray:
        across = body[:, :, BODY22.index(f"left_{a}")] - body[:, :, BODY22.index(f"right_{a}")]
        hips = body[:, :, BODY22.index(f"left_{b}")] - body[:, :, BODY22.index(f"right_{b}")]
        return np.arctan2(across[..., 1], across[..., 0]) - np.arctan2(hips[..., 1], hips[..., 0])

    difference = over(grafted, "shoulder", "hip") - over(upper, "shoulder", "hip")
    np.testing.assert_allclose(np.angle(np.exp(1j * difference)), 0, atol=1e-3)
