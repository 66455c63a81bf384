"""An action as angle curves by channel, each given by a few keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator

Array = NDArray[np.float64]

Keys = Sequence[tuple[float, float]]

_REST = {
    "left_arm_out": 9.0,
    "right_arm_out": 9.0,
    "left_elbow": 14.0,
    "right_elbow": 14.0,
    "left_leg_out": 3.0,
    "right_leg_out": 3.0,
}

CHANNELS = (
    "turn",  # degrees per second, to the left
    "air",  # metres that a jump adds to the height
    "lean",  # pelvis: forward
    "tilt",  # pelvis: to the left
    "swing",  # pelvis: turned to the left of the heading
    "bend",  # spine: forward
    "side",  # spine: to the left
    "twist",  # spine: to the left
    "nod",  # head: down
    "cock",  # head: to the left
    "look",  # head: to the left
    *(
        f"{side}_{angle}"
        for side in ("left", "right")
        for angle in (
            "arm",  # shoulder: forward
            "arm_out",  # shoulder: away from the body
            "arm_roll",  # upper arm about itself, inwards
            "elbow",  # flexed
            "leg",  # hip: forward
            "leg_out",  # hip: away from the body
            "leg_roll",  # thigh about itself, outwards
            "knee",  # flexed
        )
    ),
)

# A mirror image swaps sides and turns these round.
_SIDEWAYS = ("turn", "tilt", "swing", "side", "twist", "cock", "look")


@dataclass(frozen=True)
class Action:
    """Angle curves by channel, as (seconds, value) keys; a channel without keys rests. Ends are where the keys end."""

    name: str
    duration: float
    keys: Mapping[str, Keys]
    cycle: float = 0.0  # seconds of the one cycle that the keys describe, repeated smoothly; 0 plays them once

    def sample(self, time: Array) -> dict[str, Array]:
        """Every channel at the given seconds (T,); before the start and after the end the first and last pose hold."""
        curves = {channel: np.full(time.shape, _REST.get(channel, 0.0)) for channel in CHANNELS}
        for channel, keys in self.keys.items():
            if channel not in curves:
                raise ValueError(f'Action "{self.name}" has keys for an unknown channel "{channel}".')
            seconds, values = (np.array(column, dtype=np.float64) for column in zip(*keys, strict=True))
            if self.cycle:
                curves[channel] = CubicSpline(seconds, values, bc_type="periodic")(np.mod(time, self.cycle))
            elif len(keys) == 1:
                curves[channel] = np.full(time.shape, values[0])
            else:
                curves[channel] = PchipInterpolator(seconds, values)(np.clip(time, seconds[0], seconds[-1]))
        return curves

    def mirrored(self) -> Action:
        """The same action with left and right exchanged."""
        keys = {
            _other_side(channel): [(t, -v if channel in _SIDEWAYS else v) for t, v in values]
            for channel, values in self.keys.items()
        }
        return Action(name=self.name, duration=self.duration, keys=keys, cycle=self.cycle)


def _other_side(channel: str) -> str:
    if channel.startswith("left_"):
        return "right_" + channel.removeprefix("left_")
    if channel.startswith("right_"):
        return "left_" + channel.removeprefix("right_")
    return channel
