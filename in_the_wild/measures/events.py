"""Events: what people do at some moment and for a while, as they are measured: a jump, a repetition.

It knows nothing about how they are found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Jump:
    """One flight.

    Attributes:
        frame: Of the video, the first one in the air.
        takeoff: Seconds of take-off, between frames.
        landing: Seconds of landing.
        height_by_flight: Metres, from the flight time.
        height_by_rise: Metres, from the pelvis's path.
    """

    frame: int
    takeoff: float
    landing: float
    height_by_flight: float
    height_by_rise: float

    @property
    def flight_time(self) -> float:
        """Seconds in the air."""
        return self.landing - self.takeoff


@dataclass(frozen=True)
class Repetition:
    """One movement there and back.

    Attributes:
        frames: Of the video: in which it starts, turns and ends.
        start: Seconds, likewise.
        turn: At the bottom of a squat, at the top of a curl.
        end: Back at rest.
        range: Between rest and turn, in the curve's unit.
    """

    frames: tuple[int, int, int]
    start: float
    turn: float
    end: float
    range: float

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start


@dataclass(frozen=True)
class Repetitions:
    """What somebody repeats.

    Attributes:
        of: The curve: an angle, or a joint's height such as "pelvis_height"; "" where nothing repeats.
        unit: Of the ranges.
        each: By time.
    """

    of: str
    unit: str
    each: tuple[Repetition, ...]

    def __len__(self) -> int:
        return len(self.each)

    @property
    def tempo(self) -> float:
        """Repetitions a minute, from one turn to the next, the median; NaN of fewer than two."""
        if len(self.each) < 2:
            return float("nan")
        return 60 / float(np.median(np.diff([one.turn for one in self.each])))
