"""The pinhole camera that mannequins are drawn with, and where points land in its picture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pose3d_cli.datasets.synthetic.mannequin.vectors import Array, unit_vector


@dataclass(frozen=True)
class Camera:
    """A pinhole camera: `x_camera = R @ x_world + t`, `pixels ~ K @ x_camera`; camera axes x right, y down, z away.

    K (3, 3) pixels without skew, R (3, 3), t (3,) metres; width and height in pixels.
    """

    K: Array
    R: Array
    t: Array
    width: int
    height: int

    @classmethod
    def look_at(
        cls,
        *,
        position: ArrayLike,
        target: ArrayLike,
        width: int,
        height: int,
        fov: float = 50.0,
        roll: float = 0.0,
    ) -> Camera:
        """Camera at `position` looking at `target` (world metres); `fov` of the longer side and `roll` in degrees."""
        eye = np.asarray(position, dtype=np.float64)
        forward = unit_vector(np.asarray(target, dtype=np.float64) - eye)
        right = np.cross(forward, (0.0, 0.0, 1.0))
        # Straight up or down there is no horizon to be level with: any right vector will do.
        right = np.array([1.0, 0.0, 0.0]) if np.linalg.norm(right) < 1e-6 else unit_vector(right)
        down = np.cross(forward, right)
        angle = np.radians(roll)
        rotated_right = np.cos(angle) * right + np.sin(angle) * down
        rotated_down = np.cos(angle) * down - np.sin(angle) * right
        R = np.stack([rotated_right, rotated_down, forward])
        focal = 0.5 * max(width, height) / np.tan(np.radians(fov) / 2)
        K = np.array([[focal, 0.0, width / 2], [0.0, focal, height / 2], [0.0, 0.0, 1.0]])
        return cls(K=K, R=R, t=-R @ eye, width=width, height=height)

    @property
    def position(self) -> Array:
        """Where the camera stands, (3,) world metres."""
        return -self.R.T @ self.t


def project(points: ArrayLike, camera: Camera) -> Array:
    """World points (..., 3) in metres -> pixels (..., 2). Points behind the camera give NaN."""
    x = np.asarray(points, dtype=np.float64) @ camera.R.T + camera.t
    return project_camera(x, camera)


def project_camera(points: ArrayLike, camera: Camera) -> Array:
    """Camera-space points (..., 3) in metres -> pixels (..., 2). Points behind the camera give NaN."""
    x = np.asarray(points, dtype=np.float64)
    z = np.where(x[..., 2:] > 0, x[..., 2:], np.nan)
    homogeneous = (x / z) @ camera.K.T
    return homogeneous[..., :2]
