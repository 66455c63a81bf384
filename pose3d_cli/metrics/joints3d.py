"""Errors of 3D joints, named as the papers name them; every function keeps the unit of its input.

Shapes are (..., T, J, 3) or (N, J, 3) for predictions and targets alike; results are per frame unless said otherwise,
so that callers choose how to average. Definitions: Pavllo et al., "3D human pose estimation in video with temporal
convolutions and semi-supervised training" (CVPR 2019) for MPJPE, P-MPJPE, N-MPJPE and MPJVE; Kanazawa et al., "Learning
3D Human Dynamics from Video" (CVPR 2019) for the acceleration error.
"""

from __future__ import annotations

import numpy as np

from in_the_wild.errors import InputError


def mpjpe(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Mean per-joint position error, protocol 1: (..., J, 3) -> (...)."""
    _check(predicted, target)
    return np.linalg.norm(predicted - target, axis=-1).mean(axis=-1)


def p_mpjpe(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """MPJPE after the best similarity (rotation, scale, shift) of each frame, protocol 2: (..., J, 3) -> (...)."""
    return mpjpe(align_similarity(predicted, target), target)


def n_mpjpe(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """MPJPE after the best scale of each frame: (..., J, 3) -> (...)."""
    _check(predicted, target)
    scale = (predicted * target).sum(axis=(-2, -1)) / (predicted * predicted).sum(axis=(-2, -1))
    return mpjpe(predicted * scale[..., None, None], target)


def mpjve(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Mean per-joint velocity error per frame step: (..., T, J, 3) -> (..., T - 1)."""
    _check(predicted, target)
    return mpjpe(np.diff(predicted, axis=-3), np.diff(target, axis=-3))


def acceleration_error(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Mean error of the second difference, per frame squared: (..., T, J, 3) -> (..., T - 2)."""
    _check(predicted, target)
    return mpjpe(np.diff(predicted, n=2, axis=-3), np.diff(target, n=2, axis=-3))


def align_similarity(predicted: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Move, turn and scale each frame's joints (..., J, 3) onto the target's in the least-squares sense.

    Orthogonal Procrustes with a proper rotation (Umeyama, PAMI 1991): a mirror image stays one.
    """
    _check(predicted, target)
    predicted_mean, target_mean = (points.mean(axis=-2, keepdims=True) for points in (predicted, target))
    a, b = predicted - predicted_mean, target - target_mean
    u, singular, vt = np.linalg.svd(np.swapaxes(a, -1, -2) @ b)  # (..., 3, 3)
    sign = np.sign(np.linalg.det(u @ vt))
    singular[..., -1] *= sign
    u[..., :, -1] *= sign[..., None]
    scale = singular.sum(axis=-1) / np.maximum((a * a).sum(axis=(-2, -1)), 1e-12)
    return scale[..., None, None] * (a @ (u @ vt)) + target_mean


def _check(predicted: np.ndarray, target: np.ndarray) -> None:
    if predicted.shape != target.shape or predicted.shape[-1] != 3:
        raise InputError(f"Joints (..., J, 3) of one shape were expected, found {predicted.shape} and {target.shape}.")
