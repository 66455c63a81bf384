"""Ground: which way is up, where the floor is and how large people are, from everybody over a whole clip.

Three kinds of evidence are weighed by least squares: people balance over their feet (`balance`), feet that stand do so
on one floor, and people are about as large as they look. The direction to a foot is seen well, its distance badly, so
that a floor is told best by people who walk towards the camera, or stand at several distances.

It knows nothing about files, pictures and how it was told which feet stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

# How sure each kind of evidence is: degrees of the plumb line of balance, across and along the line of sight; the
# distance of a foot, as a share; metres by which feet stand higher or lower, as on tiptoe; the logarithm of a size.
_ROLL, _TILT = 2.0, 3.5
_DEPTH, _FOOT, _SIZE, _KNOWN_SIZE = 0.1, 0.03, 0.07, 0.005
# Contacts of one person within so many metres are in part wrong in the same way, as the lifter sees him alike there:
# that is the correlation of their errors. Else whoever stays at one place for long would outweigh what balance says.
_PLACE, _ALIKE = 0.5, 0.3
# Contacts that are farther off than so many times the usual are hardly believed (Geman-McClure), after the first steps.
_ROBUST, _STEPS, _PLAIN_STEPS = 2.0, 10, 3
_LEAST, _TOGETHER = 1e-9, 1e6  # weights of what nothing holds, and of what is held fast
_ON_ITS_SIDE = 0.9
# Height of the ankle of a foot that stands, metres: the median of motion capture.
ANKLE = 0.075


@dataclass(frozen=True)
class Evidence:
    """What one person says of the ground.

    Attributes:
        plumb: (3,) up, as far as balance tells.
        contacts: (K, 3) where ankles of standing feet were, metres in camera space.
        of_known_size: Whether somebody said how tall the person is.
    """

    plumb: np.ndarray
    contacts: np.ndarray
    of_known_size: bool = False


@dataclass(frozen=True)
class Ground:
    """The floor before a camera.

    Attributes:
        up: (3,) unit direction in camera space.
        camera_height: Metres from the floor to the camera; None where nobody's feet stood.
        sizes: For each person by how many times larger they are than they looked.
        sure: Degrees by which `up` may be wrong, one standard deviation, across and along the line of sight.
    """

    up: np.ndarray
    camera_height: float | None
    sizes: tuple[float, ...]
    sure: tuple[float, float]

    @property
    def tilt(self) -> float:
        """Degrees by which the camera looks down."""
        return float(np.degrees(np.arcsin(np.clip(-self.up[2], -1, 1))))

    @property
    def roll(self) -> float:
        """Degrees by which the camera is turned about its line of sight; positive where its right side is low."""
        return float(np.degrees(np.arctan2(-self.up[0], -self.up[1])))


def estimate(people: Sequence[Evidence]) -> Ground:
    """The ground that fits best.

    Args:
        people: At least one, whose plumb lines do not cancel each other.
    """
    plumb = _unit(np.sum([one.plumb for one in people], axis=0))
    points = np.concatenate([np.zeros((0, 3)), *(one.contacts for one in people)])
    whose = np.repeat(np.arange(len(people)), [len(one.contacts) for one in people])
    # What is sought: how far up leans across and along the line of sight, the camera's height above ankles that stand,
    # and the logarithms of sizes. All but the height is known beforehand to be about 0.
    sizes = [_KNOWN_SIZE if one.of_known_size else _SIZE for one in people]
    prior = np.concatenate([np.radians([_ROLL, _TILT]), [np.inf], sizes]) ** -2.0
    sought = np.zeros(len(prior))
    sought[2] = -float(np.median(points @ plumb)) if len(points) else 0.0
    known = np.diag(prior + _LEAST)
    if not any(one.of_known_size for one in people):
        # All sizes at once cannot be told: smaller ones would always fit better.
        known[3:, 3:] += _TOGETHER
    normal, together = known, _at_one_place(points, whose)
    for step in range(_STEPS if len(points) else 0):
        residual, jacobian, scale = _contacts(sought, plumb, points, whose)
        weights = 1 / scale
        if step >= _PLAIN_STEPS:
            weights = weights / (1 + residual**2 / (_ROBUST**2 * scale)) ** 2
        weighted = jacobian * (weights / (1 + _ALIKE * (together - 1)))[:, None]
        normal = known + weighted.T @ jacobian
        gradient = weighted.T @ residual + known @ np.where(prior > 0, sought, 0)
        sought = sought - np.linalg.solve(normal, gradient)
    sure = np.degrees(np.sqrt(np.diag(np.linalg.inv(normal))[:2]))
    return Ground(
        up=_leaning(plumb, sought),
        camera_height=float(sought[2]) + ANKLE if len(points) else None,
        sizes=tuple(float(size) for size in np.exp(sought[3:])),
        sure=(float(sure[0]), float(sure[1])),
    )


def _contacts(
    sought: np.ndarray, plumb: np.ndarray, points: np.ndarray, whose: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """How far above the floor contacts (K, 3) are: (K,), its derivatives by what is sought, and the usual square."""
    up, (across, along), size = _leaning(plumb, sought), _ways(plumb), np.exp(sought[3:])[whose]
    heights = size * (points @ up)
    jacobian = np.zeros((len(points), len(sought)))
    jacobian[:, :3] = np.stack([size * (points @ across), size * (points @ along), np.ones(len(points))], axis=1)
    jacobian[np.arange(len(points)), 3 + whose] = heights
    return heights + sought[2], jacobian, (_DEPTH * heights) ** 2 + _FOOT**2


def _at_one_place(points: np.ndarray, whose: np.ndarray) -> np.ndarray:
    """(K,) how many contacts (K, 3) of the same person are at the place of each."""
    places = np.column_stack([np.floor(points / _PLACE).astype(np.int64), whose])
    _, which, counts = np.unique(places, axis=0, return_inverse=True, return_counts=True)
    found: np.ndarray = counts[which.ravel()]
    return found


def _leaning(plumb: np.ndarray, sought: np.ndarray) -> np.ndarray:
    across, along = _ways(plumb)
    return _unit(plumb + sought[0] * across + sought[1] * along)


def _ways(plumb: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The directions across and along the line of sight in which a plumb line may lean."""
    # A camera that lies on its side has its own x for a plumb line.
    sideways = [0.0, 1.0, 0.0] if abs(plumb[0]) > _ON_ITS_SIDE else [1.0, 0.0, 0.0]
    along = _unit(np.cross(plumb, sideways))
    return np.cross(along, plumb), along


def _unit(vector: np.ndarray) -> np.ndarray:
    unit: np.ndarray = vector / np.linalg.norm(vector)
    return unit
