"""Causal lifting: 3D joints of a frame by what comes up to so many seconds after it, and not later.

The later frames a lifter may see, the smaller its error, and the longer somebody waits for the figure. `CausalLifter`
lifts what a camera shows as it comes; `as_it_came` does the same to a clip that was recorded, which tells the error by
the delay. README has the figures.

It knows nothing about cameras, detectors and files.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from in_the_wild.camera import smooth_root_depth
from in_the_wild.errors import InputError
from in_the_wild.lens import ASSUMED, Lens
from in_the_wild.poses import Poses
from in_the_wild.steps.lift import TrainedLifter

LATENCY = 0.2  # seconds, where nobody says more
_LONGEST = 5.0  # seconds that anybody waits for a figure
# Seconds of roots that the depth of the newest is smoothed over; those before count for less than a hundredth.
_ROOTS_S = 0.5


@dataclass(frozen=True)
class CausalLifter:
    """Lifts frames one after the other, in order.

    Attributes:
        lifter: With its weights.
        lens: Of the camera.
        latency: Seconds of later frames that it may see.

    Raises:
        InputError: a latency that cannot be, or a lifter that counts frames, which come as they come.
    """

    lifter: TrainedLifter
    lens: Lens = ASSUMED
    latency: float = LATENCY
    _roots: dict[int, deque[tuple[float, np.ndarray]]] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 <= self.latency <= _LONGEST:
            raise InputError(f"A latency of 0 to {_LONGEST:g} seconds was expected, found {self.latency:g}.")
        if self.lifter.tds is not None:
            raise InputError("Live lifting works in time, not in frames; leave the tds out.")

    @property
    def memory(self) -> float:
        """Seconds before the newest frame from which on keypoints count."""
        return self.lifter.network.frames / self.lifter.training.fps + self.latency

    def lift(self, keypoints: Poses, frames: Sequence[int]) -> Poses:
        """The people in some frames, lifted by all the keypoints that there are.

        Args:
            keypoints: Tracked, image space; nothing after the newest frame that may be seen.
            frames: Which frames of their video, none of them twice over all calls.

        Returns:
            Poses in camera space, with roots whose depth is smoothed over what came before.
        """
        lifted = self.lifter.lift(keypoints, self.lens, frames=frames)
        if lifted.root is None:
            return lifted
        rows = zip(lifted.person_id, lifted.seconds, lifted.root, strict=True)
        return lifted.replace(root=np.array([self._smoothed(int(person), time, root) for person, time, root in rows]))

    def _smoothed(self, person: int, time: float, root: np.ndarray) -> np.ndarray:
        """(3,) somebody's root, by those shortly before."""
        before = self._roots.setdefault(person, deque())
        before.append((time, root))
        while time - before[0][0] > _ROOTS_S:
            before.popleft()
        if len(before) == 1:
            return root
        fps = (len(before) - 1) / (time - before[0][0])
        smoothed: np.ndarray = smooth_root_depth(np.array([one for _, one in before], np.float64), fps=fps)[-1]
        return smoothed


def as_it_came(keypoints: Poses, lifter: CausalLifter) -> Poses:
    """Lift all frames of a recorded clip as if they came from a camera.

    Args:
        keypoints: Tracked, image space, of all frames.
        lifter: A new one.

    Returns:
        Poses in camera space, of everybody in every frame.
    """
    times = keypoints.video.timestamps
    lifted = []
    for frame, time in enumerate(times):
        newest = time + lifter.latency
        recent = (keypoints.seconds <= newest + 1e-6) & (keypoints.seconds >= newest - lifter.memory)
        if recent.any():
            lifted.append(lifter.lift(keypoints.rows(recent), [frame]))
    some = [one for one in lifted if len(one)]
    return Poses.join(some) if some else lifted[0]
