"""Repetitions: the same movement again and again, of an angle or of a joint's height: squats, curls, raises, strides.

A repetition leaves a rest, turns, and comes back: of squats the knee's flexion leaves its least value, turns at the
bottom and comes back. Which end of the range is the rest is told by where the curve begins. What counts turns by half
of the curve's whole range at least (the prominence of its peaks), so that a tremor and a half-hearted movement are
none; a pause at either end belongs to no movement.

Where nobody says of what, it is the angle of the largest range among those that repeat: three times or more, with an
autocorrelation that comes back to half of its height. It knows nothing about exercises.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import correlate, find_peaks

from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.measures.angles import UNIT as DEGREES
from in_the_wild.measures.angles import angles
from in_the_wild.measures.curves import Curves
from in_the_wild.measures.events import Repetition, Repetitions
from in_the_wild.measures.paths import heights
from in_the_wild.poses import Poses

# The least by which a movement turns, by unit, and as a share of the curve's range.
_LEAST: Mapping[str, float] = {DEGREES: 20.0, "m": 0.1}
_PROMINENT = 0.5
_MOVING = 0.1  # share of a repetition's range from its rest within which it has not begun yet, or is over
_STEADY_S = 0.05  # seconds, standard deviation of the Gaussian that curves are smoothed by
_SEEN = 0.8  # share of somebody's frames in which a curve is known, without which it is not taken by itself
_REPEATS, _FEWEST = 0.5, 3  # autocorrelation after a period, and repetitions, of a curve that is taken by itself
_OUTER = (2, 98)  # percentiles between which a curve's range lies


def repetitions(poses: Poses, of: str = "") -> dict[int, Repetitions]:
    """What everybody who has an id repeats.

    Args:
        poses: In 3D; see `angles.angles`.
        of: An angle, or a joint's height such as "pelvis_height"; "" takes the angle of the largest range that repeats.

    Raises:
        InputError: keypoints in the picture, joints that are not enough, or no such curve.
    """
    measured = [angles(poses, filled=True), heights(poses, filled=True)]
    names = [name for curves in measured for name in curves.names]
    if of and of not in names:
        raise InputError(f'There is no angle or height "{of}". {did_you_mean(of, names)}')
    if not of:
        return {person: _of_any_angle(measured[0], person) for person in measured[0].persons}
    (curves,) = (one for one in measured if of in one.names)
    return {
        person: Repetitions(
            of, curves.unit, _Curve.of(curves.person(person)[of], curves.seconds, curves.unit).repetitions()
        )
        for person in curves.persons
    }


def _of_any_angle(curves: Curves, person: int) -> Repetitions:
    """Those of the angle that has the largest range of all that repeat."""
    there = np.isfinite(curves.values[person]).any(axis=1).sum()
    chosen, most = Repetitions("", curves.unit, ()), 0.0
    for name, values in curves.person(person).items():
        if np.isfinite(values).sum() <= _SEEN * there:
            continue
        curve = _Curve.of(values, curves.seconds, curves.unit)
        if curve.range > most and curve.repeats and len(found := curve.repetitions()) >= _FEWEST:
            chosen, most = Repetitions(name, curves.unit, found), curve.range
    return chosen


@dataclass(frozen=True)
class _Curve:
    """A measure without gaps, from its first known frame to its last.

    Attributes:
        values: (T,), smoothed.
        seconds: (T,).
        first: The frame of the first one.
        unit: Of the values.
    """

    values: np.ndarray
    seconds: np.ndarray
    first: int
    unit: str

    @classmethod
    def of(cls, values: np.ndarray, seconds: np.ndarray, unit: str) -> _Curve:
        known = np.flatnonzero(np.isfinite(values))
        if len(known) < 2:
            return cls(np.zeros(0), np.zeros(0), 0, unit)
        time = seconds[known[0] : known[-1] + 1]
        whole = np.unwrap(values[known], period=360) if unit == DEGREES else values[known]
        sigma = _STEADY_S / float(np.median(np.diff(time)))
        return cls(gaussian_filter1d(np.interp(time, seconds[known], whole), sigma), time, int(known[0]), unit)

    @property
    def range(self) -> float:
        return float(np.subtract(*np.percentile(self.values, _OUTER[::-1]))) if len(self.values) else 0.0

    @property
    def repeats(self) -> bool:
        """Whether the curve is like itself again after a while."""
        off = self.values - self.values.mean()
        alike = correlate(off, off)[len(off) - 1 :] / np.arange(len(off), 0, -1)  # by delay
        away = np.flatnonzero(alike < 0)
        # Of longer delays than half of the curve too little is left to compare.
        return bool(len(away)) and float(alike[away[0] : len(off) // 2 + 1].max(initial=0)) >= _REPEATS * alike[0]

    def repetitions(self) -> tuple[Repetition, ...]:
        least = max(_PROMINENT * self.range, _LEAST[self.unit])
        away = self.values * self._sign()
        turns = find_peaks(away, prominence=least)[0]
        parts = np.split(np.arange(len(away)), turns)
        rests = [int(part[away[part].argmin()]) for part in parts]
        return tuple(self._one(away, *three) for three in zip(rests, turns.tolist(), rests[1:], strict=False))

    def _sign(self) -> float:
        """1 where the rest is the lower end of the range, -1 where it is the upper one: that which comes first."""
        low, high = np.percentile(self.values, _OUTER)
        near = _MOVING * (high - low)
        return 1.0 if np.argmax(self.values <= low + near) <= np.argmax(self.values >= high - near) else -1.0

    def _one(self, away: np.ndarray, before: int, turn: int, after: int) -> Repetition:
        there, back = away[before : turn + 1], away[turn : after + 1]
        start = before + int(np.flatnonzero(there <= there[0] + _MOVING * (there[-1] - there[0]))[-1])
        end = turn + int(np.argmax(back <= back[-1] + _MOVING * (back[0] - back[-1])))
        frames = (self.first + start, self.first + turn, self.first + end)
        begins, turns, ends = (float(self.seconds[k]) for k in (start, turn, end))
        return Repetition(frames, begins, turns, ends, range=float(away[turn] - max(there[0], back[-1])))
