"""Actions performed one after the other: a figure in motion that fades between them and stands on the floor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from in_the_wild.interpolation import interpolate
from in_the_wild.skeletons import get_skeleton
from pose3d_cli.datasets.synthetic.motion.curves import CHANNELS, Action, Array
from pose3d_cli.datasets.synthetic.motion.kinematics import Figure, forward_kinematics

_FINE_RATE = 120.0  # per second


@dataclass(frozen=True)
class Motion:
    """A figure in motion: joints (T, 17, 3) Human3.6M-17 and face (T, 5, 3), world metres; actions with seconds."""

    joints: Array
    face: Array
    time: Array  # (T,) seconds
    fps: float
    actions: tuple[tuple[str, float, float], ...]

    def __len__(self) -> int:
        return len(self.joints)

    def placed(self, *, at: tuple[float, float] = (0.0, 0.0), heading: float = 0.0) -> Motion:
        """The same motion, starting with the pelvis above `at` and turned by `heading` degrees to the left."""
        start = self.joints[0, get_skeleton("human36m17").root] * (1, 1, 0)
        turn = Rotation.from_euler("z", heading, degrees=True).as_matrix()

        def move(points: Array) -> Array:
            return (points - start) @ turn.T + (*at, 0.0)

        return replace(self, joints=move(self.joints), face=move(self.face))


def play(
    actions: Sequence[Action],
    *,
    fps: float = 30.0,
    time: ArrayLike | None = None,
    figure: Figure | None = None,
    blend: float = 0.3,
    seed: int = 0,
) -> Motion:
    """Perform `actions` one after the other; neighbours fade into each other over `blend` seconds.

    The figure starts with its pelvis above the origin, looking along +y. `time` (T,) asks for poses at these seconds
    instead of at a constant rate. A small unrest, drawn from `seed`, keeps the figure alive while it stands. Raises
    ValueError without actions.
    """
    if not actions:
        raise ValueError("play needs at least one action.")
    figure = Figure() if figure is None else figure
    # The path is integrated finely, so that it does not depend on the frame rate of the video.
    ends = np.cumsum([action.duration for action in actions])
    fine = np.arange(0, ends[-1] + 1.5 / _FINE_RATE, 1 / _FINE_RATE)
    angles = _blended(actions, ends, fine, blend=blend)
    rng = np.random.default_rng(seed)
    for channel in CHANNELS:
        if channel not in ("turn", "air"):
            angles[channel] += _unrest(fine, rng) * (0.5 if "leg" in channel or "knee" in channel else 1.3)
        angles[channel] = gaussian_filter1d(angles[channel], 0.035 * _FINE_RATE, mode="nearest")
    angles["air"] = np.maximum(angles["air"], 0.0)  # splines undershoot before and after a jump
    angles["heading"] = np.concatenate([[0.0], np.cumsum(angles["turn"][:-1] / _FINE_RATE)])
    joints, _ = forward_kinematics(angles, figure=figure)
    shift = _stand_on_floor(joints, air=angles["air"], ankle=figure.ankle)

    frames = np.arange(0, ends[-1] - 1e-9, 1 / fps) if time is None else np.asarray(time, dtype=np.float64)
    # Angles are interpolated, not positions, so that bones keep their lengths.
    joints, face = forward_kinematics({c: np.interp(frames, fine, a) for c, a in angles.items()}, figure=figure)
    moved = interpolate(frames, fine, shift)[:, None]
    return Motion(
        joints=joints + moved,
        face=face + moved,
        time=frames,
        fps=fps,
        actions=tuple((a.name, float(e - a.duration), float(e)) for a, e in zip(actions, ends, strict=True)),
    )


def _blended(actions: Sequence[Action], ends: Array, time: Array, *, blend: float) -> dict[str, Array]:
    angles = {channel: np.zeros_like(time) for channel in CHANNELS}
    total = np.zeros_like(time)
    for action, end in zip(actions, ends, strict=True):
        start = end - action.duration
        rise = np.ones_like(time) if start < 1e-9 else _smoothstep((time - start) / blend + 0.5)
        fall = np.ones_like(time) if end == ends[-1] else _smoothstep((end - time) / blend + 0.5)
        weight = np.minimum(rise, fall)
        total += weight
        local = time - start if action.cycle else np.clip(time - start, 0, action.duration)
        for channel, curve in action.sample(local).items():
            angles[channel] += weight * curve
    return {channel: curve / total for channel, curve in angles.items()}


def _stand_on_floor(joints: Array, *, air: Array, ankle: float) -> Array:
    """How to move the figure (T, 3) so that the lower foot is on the floor and stays put while it bears the weight."""
    feet = joints[:, get_skeleton("human36m17").indices("left_ankle", "right_ankle")]  # (T, 2, 3)
    height = feet[..., 2]
    bearing = np.exp(-(height - height.min(axis=1, keepdims=True)) / 0.012)
    bearing /= bearing.sum(axis=1, keepdims=True)
    step = -((feet[1:, :, :2] - feet[:-1, :, :2]) * (0.5 * (bearing[1:] + bearing[:-1]))[..., None]).sum(axis=1)
    smooth = gaussian_filter1d(step, 0.02 * _FINE_RATE, axis=0)
    path = np.concatenate([np.zeros((1, 2)), np.cumsum(smooth, axis=0)])
    support = gaussian_filter1d(height.min(axis=1), 0.010 * _FINE_RATE)
    return np.column_stack([path, ankle - support + air])


def _unrest(time: Array, rng: np.random.Generator) -> Array:
    """Slow random motion with a standard deviation of about 1."""
    frequency = rng.uniform(0.15, 0.8, size=4)
    phase = rng.uniform(0, 2 * np.pi, size=4)
    return np.sqrt(0.5) * np.sin(2 * np.pi * frequency * time[:, None] + phase).sum(axis=1)


def _smoothstep(x: Array) -> Array:
    x = np.clip(x, 0, 1)
    return x * x * (3 - 2 * x)
