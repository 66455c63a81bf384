"""Least squares over a clip: every joint in every frame is unknown, and neighbouring frames hang together.

Three kinds of terms are enough: of a joint in a frame, of two joints in a frame, and of a joint in up to three frames
that follow one another. Their normal equations are banded, so that a clip is solved in time and memory that grow as it
does (Gauss-Newton by `scipy.linalg.solveh_banded`).

It knows nothing about people.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.linalg import solveh_banded

# Added to what nothing holds, in units of the weights.
_LEAST = 1e-6


class NormalEquations:
    """What a step of Gauss-Newton solves: add terms, then `solve`.

    Args:
        frames: T.
        joints: J.
    """

    def __init__(self, frames: int, joints: int) -> None:
        self._within = np.zeros((frames, joints, 3, joints, 3))
        self._gradient = np.zeros((frames, joints, 3))
        # (distance in frames, T, J): the same for x, y and z.
        self._across = np.zeros((3, frames, joints))

    def add_joints(self, joints: Sequence[int], curvature: np.ndarray, gradient: np.ndarray) -> None:
        """Terms of one joint each.

        Args:
            joints: K of them, all different.
            curvature: (T, K, 3, 3) transposed Jacobian times Jacobian, weighted.
            gradient: (T, K, 3) transposed Jacobian times residual, weighted.
        """
        for k, j in enumerate(joints):
            self._within[:, j, :, j] += curvature[:, k]
            self._gradient[:, j] += gradient[:, k]

    def add_pairs(self, pairs: Sequence[tuple[int, int]], curvature: np.ndarray, gradient: np.ndarray) -> None:
        """Terms of the way from one joint to another.

        Args:
            pairs: K of them, (from, to).
            curvature: (T, K, 3, 3), see `add_joints`, by where "to" is.
            gradient: (T, K, 3), the same.
        """
        for k, (a, b) in enumerate(pairs):
            for one, other, sign in ((a, a, 1), (b, b, 1), (a, b, -1), (b, a, -1)):
                self._within[:, one, :, other] += sign * curvature[:, k]
            self._gradient[:, b] += gradient[:, k]
            self._gradient[:, a] -= gradient[:, k]

    def add_over_time(self, positions: np.ndarray, coefficients: np.ndarray, weights: np.ndarray) -> None:
        """Terms of a joint in N frames that follow one another: a weighted sum of where it is, which shall be 0.

        Args:
            positions: (T, J, 3) where the joints are.
            coefficients: (T - N + 1, N) of the frames from each one on; N is 2 or 3.
            weights: (T - N + 1, J) of the squares.
        """
        starts, length = coefficients.shape
        here = [slice(k, k + starts) for k in range(length)]
        residual = sum(coefficients[:, k, None, None] * positions[here[k]] for k in range(length))
        for k in range(length):
            self._gradient[here[k]] += coefficients[:, k, None, None] * weights[..., None] * residual
            for n in range(k, length):
                self._across[n - k, here[n]] += (coefficients[:, k] * coefficients[:, n])[:, None] * weights

    def solve(self) -> np.ndarray:
        """(T, J, 3) the step to where the linearised terms are least."""
        frames, joints = self._gradient.shape[:2]
        n = 3 * joints
        bands = np.zeros((2 * n + 1, frames, n))  # the upper form of solveh_banded, the diagonal last
        row, column = np.triu_indices(n)
        bands[2 * n + row - column, :, column] = self._within.reshape(frames, n, n)[:, row, column].T
        for distance in range(3):
            bands[(2 - distance) * n] += np.repeat(self._across[distance], 3, axis=1)
        bands[2 * n] += _LEAST
        step = solveh_banded(bands.reshape(2 * n + 1, -1), -self._gradient.ravel(), overwrite_ab=True, overwrite_b=True)
        return step.reshape(frames, joints, 3)
