"""Cameras: between camera and world, from 3D to pixels, and where the root must be for joints to land on their pixels.

Camera space is x right, y down, z away, in metres. A function and its inverse are neighbours. Pixels to network inputs
are in `normalise`, and how poses of a video stand on the floor in `world`.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

# Quaternion (w, x, y, z) that the authors' in-the-wild scripts turn every camera-space pose by, whatever the camera:
# that of one Human3.6M camera (P-STMO, StridedTransformer, STCFormer).
H36M_WILD_QUATERNION = (0.1407056450843811, -0.1500701755285263, -0.755240797996521, 0.6223280429840088)

# Nearest that a root may be, metres.
_NEAREST_ROOT = 0.3
# Standard deviation, seconds, of the smoothing of the root's depth: the least certain number of all.
_DEPTH_SMOOTHING = 0.12


def camera_to_world(points: np.ndarray, *, quaternion: np.ndarray, translation: np.ndarray) -> np.ndarray:
    """Turn camera-space points (..., 3) by a quaternion (w, x, y, z) and move them by the camera's place (3,)."""
    return points @ _matrix(quaternion).T + translation


def world_to_camera(points: np.ndarray, *, quaternion: np.ndarray, translation: np.ndarray) -> np.ndarray:
    """The inverse of `camera_to_world`: (..., 3) -> (..., 3)."""
    return (points - translation) @ _matrix(quaternion)


def _matrix(quaternion: np.ndarray) -> np.ndarray:
    w, x, y, z = quaternion
    return Rotation.from_quat([x, y, z, w]).as_matrix()


def project(points: np.ndarray, intrinsics: np.ndarray) -> np.ndarray:
    """Camera space (..., 3) to the image by Human3.6M's nine numbers, lens distortion included.

    x / z and y / z are clamped to [-1, 1] first, as VideoPose3D's `project_to_2d` does.

    Args:
        points: Metres in camera space.
        intrinsics: (9,) focal x, y; centre x, y; radial k1, k2, k3; tangential p1, p2, in the units of the result.
    """
    focal, centre, radial, tangential = np.split(np.asarray(intrinsics), [2, 4, 7])
    flat = np.clip(points[..., :2] / points[..., 2:], -1, 1)
    r2 = (flat**2).sum(axis=-1, keepdims=True)
    bend = 1 + (radial * np.concatenate([r2, r2**2, r2**3], axis=-1)).sum(axis=-1, keepdims=True)
    lean = (tangential * flat).sum(axis=-1, keepdims=True)
    return focal * (flat * (bend + lean) + tangential * r2) + centre


def root_from_reprojection(
    joints: np.ndarray, pixels: np.ndarray, weights: np.ndarray, *, focal: float, centre: tuple[float, float]
) -> np.ndarray:
    """Where the root is, so that root-relative joints project onto their pixels: least squares for each frame.

    Per joint, focal * (X + rx) = (u - cx) * (Z + rz), and likewise for y, is linear in the root (rx, ry, rz). It is
    solved twice, the second time with every row divided by its joint's depth, which makes the residuals pixels.

    Args:
        joints: (T, J, 3) root-relative metres in camera space.
        pixels: (T, J, 2) where they are seen.
        weights: (T, J), 0 for joints that do not count.
        focal: Pixels.
        centre: Principal point, pixels.

    Returns:
        (T, 3) metres in camera space; a frame without at least two weighted joints gets the nearest frame's root.
    """
    offset = (pixels - np.array(centre)) / focal  # (T, J, 2) x/z and y/z
    weights = np.where(np.isfinite(weights), weights, 0).astype(np.float64)
    depth = np.ones(weights.shape)
    root = np.zeros((len(joints), 3))
    solvable = (weights > 0).sum(axis=1) >= 2
    for _ in range(2):
        w = (weights / depth)[..., None]  # (T, J, 1)
        zero = np.zeros_like(depth)
        rows_x = np.stack([zero + 1, zero, -offset[..., 0]], axis=-1) * w
        rows_y = np.stack([zero, zero + 1, -offset[..., 1]], axis=-1) * w
        a = np.concatenate([rows_x, rows_y], axis=1)  # (T, 2J, 3)
        right = (offset * joints[..., 2:] - joints[..., :2]) * w
        b = np.concatenate([right[..., 0], right[..., 1]], axis=1)[..., None]  # (T, 2J, 1)
        normal = np.swapaxes(a, 1, 2) @ a + 1e-9 * np.eye(3)
        root = np.linalg.solve(normal, np.swapaxes(a, 1, 2) @ b)[..., 0]
        root[:, 2] = np.maximum(root[:, 2], _NEAREST_ROOT)
        depth = np.maximum(joints[..., 2] + root[:, None, 2], _NEAREST_ROOT)
    if not solvable.any():
        return np.tile([0.0, 0.0, _NEAREST_ROOT], (len(joints), 1))
    known = np.flatnonzero(solvable)
    nearest = known[np.abs(np.arange(len(root))[:, None] - known).argmin(axis=1)] if len(known) < len(root) else known
    return root[nearest]


def smooth_root_depth(root: np.ndarray, *, fps: float) -> np.ndarray:
    """Smooth a root path's (T, 3) depth over time, moving x and y along so that it stays on the same rays."""
    depth = np.exp(gaussian_filter1d(np.log(root[:, 2]), _DEPTH_SMOOTHING * fps, mode="nearest"))
    return root * (depth / root[:, 2])[:, None]
