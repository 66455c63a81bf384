"""Hinges: how a limb of two bones is turned about itself, told by the way that it bends, without jumps.

The axis of an elbow or a knee is at right angles to both of its bones. It is known well where they make an angle, and
not at all where the limb is straight. So the axis is taken as an angle about the first bone, from where it would be if
the limb were not turned about itself. Its path is the one that agrees best with all that was measured, each frame by
how well it is known, and with how fast and how suddenly limbs turn: a smoothing spline, Whittaker's, on the circle,
found for all frames at once. Where nothing is known for long the limb is not turned about itself.

It knows nothing about which limb it is.
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import solveh_banded

# How well a direction between two joints is known, radians; how fast a limb turns about itself, radians per second, and
# how suddenly, per second squared.
_UNSURE, _TURN_SPEED, _TURN_ACCELERATION = 0.03, 8.0, 150.0
# How much a limb is drawn towards no turn at all: this decides after seconds without a bend.
_DRAWN = 1e-3
# The sine of the most by which elbows and knees overstretch, and what it costs, in overstretched frames at so many a
# second, that an axis jumps to its other side.
_OVERSTRETCHED, _JUMP, _RATE = 0.26, 10.0, 50.0


def axes(
    first: np.ndarray, second: np.ndarray | None, unturned: np.ndarray, *, fps: float, one_way: bool = False
) -> np.ndarray:
    """The axis of a hinge over time; turned about it, the first bone comes to lie as the second one.

    Args:
        first: (T, 3) directions of the first bone, in the frame of what the limb hangs on.
        second: (T, 3) directions of the second bone there; None where nobody knows.
        unturned: (T, 3) where the axis would be, at right angles to the first bone.
        fps: Frames per second.
        one_way: Whether it stays within half a turn of there: knees do not bend forwards, whatever is measured.

    Returns:
        (T, 3) directions at right angles to `first`.
    """
    quarter = np.cross(first, unturned)
    bend = np.zeros_like(first) if second is None else np.cross(first, second)
    measured = (bend * unturned).sum(axis=1) + 1j * (bend * quarter).sum(axis=1)
    sine = np.abs(measured)  # of the bend
    phase = measured / np.maximum(sine, 1e-12)
    phase *= _senses(phase, sine, fps, one_way=one_way)
    weights = (sine / _UNSURE) ** 2
    if one_way:
        weights *= np.clip(1 + 2 * phase.real, 0, 1)  # nothing from a third of a turn on
    turn = _smooth(phase, weights, fps, drawn_to=1)
    # Where the path passes near the middle of the circle its angle turns all at once; the second time it takes a while.
    angle = np.angle(turn) if one_way else np.unwrap(np.angle(turn))
    angle = _smooth(angle, weights * np.abs(turn) ** 2, fps).real[:, None]
    found: np.ndarray = np.cos(angle) * unturned + np.sin(angle) * quarter
    return found


def _senses(phase: np.ndarray, sine: np.ndarray, fps: float, *, one_way: bool) -> np.ndarray:
    """(T,) 1 where a limb bends as it should, -1 where it is overstretched, by the least cost (Viterbi's algorithm).

    A small bend the wrong way looks like an axis that has jumped to its other side. It costs to be overstretched, more
    and more with the angle; and it costs that the axis jumps, less where the limb is straight.
    """
    costs = np.stack([np.zeros_like(sine), (sine / _OVERSTRETCHED) ** 4], axis=1)
    if one_way:
        costs += np.maximum(np.stack([-phase.real, phase.real], axis=1), 0) ** 2
    agree = (phase[1:] * phase[:-1].conj()).real
    jump = _JUMP * (0.3 + np.minimum(sine[1:], sine[:-1]) / _OVERSTRETCHED)
    steps = zip(
        (costs[1:] * _RATE / fps).tolist(), (jump * (1 - agree)).tolist(), (jump * (1 + agree)).tolist(), strict=True
    )
    right, wrong = (costs[0] * _RATE / fps).tolist()
    from_wrong: list[tuple[bool, bool]] = []  # whether the best way to each of the two came from there
    for (own_right, own_wrong), stay, change in steps:
        choice = (wrong + change < right + stay, wrong + stay < right + change)
        right, wrong = (
            own_right + (wrong + change if choice[0] else right + stay),
            own_wrong + (wrong + stay if choice[1] else right + change),
        )
        from_wrong.append(choice)
    is_wrong = [wrong < right]
    for choice in reversed(from_wrong):
        is_wrong.append(choice[is_wrong[-1]])
    return np.where(is_wrong[::-1], -1.0, 1.0)


def _smooth(values: np.ndarray, weights: np.ndarray, fps: float, *, drawn_to: float | None = None) -> np.ndarray:
    """The path c of T numbers with the least sum of weights |c - values|^2 and of squared speeds and accelerations.

    Args:
        values: (T,) complex or real.
        weights: (T,).
        fps: Frames per second.
        drawn_to: Where c goes when nothing else tells; None leaves it at the values.
    """
    count = len(values)
    bands = np.zeros((3, count))  # of the sum's matrix: second and first above the diagonal, and the diagonal
    bands[2] = weights + _DRAWN
    for kernel, strength in (((-1, 1), fps / _TURN_SPEED), ((1, -2, 1), fps**2 / _TURN_ACCELERATION)):
        starts = np.arange(max(count - len(kernel) + 1, 0))
        for i, one in enumerate(kernel):
            for j in range(i, len(kernel)):
                bands[2 - (j - i), starts + j] += strength**2 * one * kernel[j]
    right = weights * values + _DRAWN * (values if drawn_to is None else drawn_to)
    real, imaginary = solveh_banded(bands, np.stack([right.real, right.imag], axis=1)).T
    path: np.ndarray = real + 1j * imaginary
    return path
