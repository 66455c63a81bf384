"""A clip of one person: where the lifter put the joints, and what the camera saw of them.

It knows nothing about files, the lifter, or how a clip is solved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from in_the_wild.skeletons import Skeleton


@dataclass(frozen=True)
class Sight:
    """What a camera saw of some of the joints.

    Attributes:
        joints: Which ones, K of the skeleton's.
        rays: (T, K, 2) x / z and y / z of the keypoints.
        weights: (T, K) from 0 to 1, how sure the detector was.
        turns: (T, 3, 3) from the space of the clip to that of a camera that turns; None where both are one.
    """

    joints: Sequence[int]
    rays: np.ndarray
    weights: np.ndarray
    turns: np.ndarray | None = None

    def seen(self, points: np.ndarray) -> np.ndarray:
        """Points (T, K, 3) of the clip in camera space."""
        return points if self.turns is None else np.einsum("tij,tkj->tki", self.turns, points)

    def part(self, frames: slice) -> Sight:
        """What was seen in some of the frames."""
        turns = None if self.turns is None else self.turns[frames]
        return replace(self, rays=self.rays[frames], weights=self.weights[frames], turns=turns)


@dataclass(frozen=True)
class Floor:
    """Where ankles of feet that stand are.

    Attributes:
        up: (3,) unit direction in camera space.
        level: Metres along it, below 0 under the camera.
    """

    up: np.ndarray
    level: float


@dataclass(frozen=True)
class Clip:
    """One person as the lifter sees him.

    Attributes:
        skeleton: Which joints these are.
        time: (T,) seconds, rising.
        joints: (T, J, 3) metres in camera space (of a camera that turns, in that of its first picture), relative to the
            root.
        root: (T, 3) metres, likewise.
        sight: The detector's keypoints, where they are known.
        floor: Where it is known.
    """

    skeleton: Skeleton
    time: np.ndarray
    joints: np.ndarray
    root: np.ndarray
    sight: Sight | None = None
    floor: Floor | None = None

    @property
    def step(self) -> float:
        """Seconds that a frame usually lasts."""
        return float(np.median(np.diff(self.time))) if len(self.time) > 1 else 1.0

    def part(self, frames: slice) -> Clip:
        """Some of the frames."""
        return replace(
            self,
            time=self.time[frames],
            joints=self.joints[frames],
            root=self.root[frames],
            sight=None if self.sight is None else self.sight.part(frames),
        )
