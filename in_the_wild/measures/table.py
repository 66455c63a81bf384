"""All that is measured of people as one tidy list: each measure of each person, with its values over time.

It knows nothing about how they are measured, shown or written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.measures._world import has_paths, in_world
from in_the_wild.measures.angles import SIDES, angles
from in_the_wild.measures.angles import UNIT as DEGREES
from in_the_wild.measures.curves import Curves
from in_the_wild.measures.events import Jump, Repetition, Repetitions
from in_the_wild.measures.gait import Gait, Step, gait, has_feet
from in_the_wild.measures.jumps import jumps
from in_the_wild.measures.paths import heights, speeds
from in_the_wild.measures.repetitions import repetitions
from in_the_wild.poses import Poses

# What is told of each of several events: name, unit and value.
_OfStep = tuple[str, str, Callable[[Step], float]]
_OfJump = tuple[str, str, Callable[[Jump], float]]
_OfRepetition = tuple[str, str, Callable[[Repetition], float]]
_OF_BOTH_FEET: tuple[_OfStep, ...] = (("cadence", "steps/min", lambda step: 60 / step.duration),)
_OF_A_FOOT: tuple[_OfStep, ...] = (
    ("step_time", "s", lambda step: step.duration),
    ("step_length", "m", lambda step: step.length),
    ("step_width", "m", lambda step: step.width),
    ("stance_share", "%", lambda step: 100 * step.stance),
)
_OF_A_JUMP: tuple[_OfJump, ...] = (
    ("jump_flight_time", "s", lambda jump: jump.flight_time),
    ("jump_height_by_flight", "m", lambda jump: jump.height_by_flight),
    ("jump_height_by_rise", "m", lambda jump: jump.height_by_rise),
)
_OF_A_REPETITION: tuple[_OfRepetition, ...] = (
    ("start", "s", lambda repetition: repetition.start),
    ("end", "s", lambda repetition: repetition.end),
    ("time", "s", lambda repetition: repetition.duration),
)


@dataclass(frozen=True)
class Measure:
    """One measure of one person, where it is known.

    Attributes:
        person: The id.
        name: Such as "left_knee_flexion".
        unit: Of the values.
        frames: (K,) indices into the video, rising; of steps those in which a foot lands, of jumps the first ones in
            the air, of repetitions those in which they turn.
        seconds: (K,).
        values: (K,) finite.
    """

    person: int
    name: str
    unit: str
    frames: np.ndarray = field(repr=False)
    seconds: np.ndarray = field(repr=False)
    values: np.ndarray = field(repr=False)

    @property
    def fastest(self) -> float:
        """Of angles the most by which they change, degrees a second, over two frames; NaN of other measures."""
        if self.unit != DEGREES or len(self.values) < 3:
            return float("nan")
        change = (self.values[2:] - self.values[:-2] + 180) % 360 - 180
        rates = np.abs(change) / (self.seconds[2:] - self.seconds[:-2])
        whole = self.frames[2:] - self.frames[:-2] == 2
        return float(rates[whole].max()) if whole.any() else float("nan")


def measured(poses: Poses, persons: Sequence[int] = (), *, repeated: str = "") -> list[Measure]:
    """Joint angles, heights, repetitions and, where people's paths are known, speeds, jumps and steps; one by one.

    Steps are there where feet that stand were noted. What is never known of somebody is left out.

    Args:
        poses: In 3D; see `angles.angles`.
        persons: The ids of those who are told of; none means everybody. The floor and the vertical are everybody's.
        repeated: The angle or height whose repetitions are told; "" finds one, see `repetitions.repetitions`.

    Raises:
        InputError: keypoints in the picture, joints that are not enough, or nobody and no curve of such a name.
    """
    world = in_world(poses)
    if not world.persons:
        raise InputError(f"People with ids were expected in {poses.video.path}, found none.")
    curves = [angles(world), heights(world)]
    repeats = repetitions(world, repeated)
    walks: dict[int, Gait] = {}
    leaps: dict[int, list[Jump]] = {}
    if has_paths(poses):
        curves.append(speeds(world))
        leaps = jumps(world)
        walks = gait(world) if has_feet(world) else {}
    found = [
        measure
        for person in persons or world.persons
        for measure in (
            *_of_curves(curves, person),
            *_of_repetitions(repeats.get(person), person),
            *_of_jumps(leaps.get(person, ()), person),
            *_of_steps(walks.get(person), person),
        )
    ]
    return [measure for measure in found if len(measure.values)]


def _of_curves(curves: Sequence[Curves], person: int) -> Iterator[Measure]:
    for one in curves:
        for name, values in one.person(person).items():
            frames = np.flatnonzero(np.isfinite(values))
            yield Measure(person, name, one.unit, frames, one.seconds[frames], values[frames])


def _of_repetitions(repeated: Repetitions | None, person: int) -> Iterator[Measure]:
    if repeated is None:
        return
    ranges: _OfRepetition = ("range", repeated.unit, lambda repetition: repetition.range)
    for name, unit, value in (*_OF_A_REPETITION, ranges):
        told = [(one.frames[1], one.turn, value(one)) for one in repeated.each]
        yield _at_events(person, f"{repeated.of}_repetition_{name}", unit, told)


def _of_jumps(leaps: Sequence[Jump], person: int) -> Iterator[Measure]:
    for name, unit, value in _OF_A_JUMP:
        yield _at_events(person, name, unit, [(jump.frame, jump.takeoff, value(jump)) for jump in leaps])


def _of_steps(walk: Gait | None, person: int) -> Iterator[Measure]:
    if walk is None:
        return
    for name, unit, value in _OF_BOTH_FEET:
        yield _at_events(person, name, unit, [(step.frame, step.seconds, value(step)) for step in walk.steps])
    for foot in SIDES:
        for name, unit, value in _OF_A_FOOT:
            told = [(step.frame, step.seconds, value(step)) for step in walk.steps if step.foot == foot]
            yield _at_events(person, f"{foot}_{name}", unit, told)


def _at_events(person: int, name: str, unit: str, told: Sequence[tuple[int, float, float]]) -> Measure:
    """What is known of events: frame, seconds and value."""
    known = [one for one in told if np.isfinite(one[2])]
    frames, seconds, values = np.array(known).reshape(-1, 3).T
    return Measure(person, name, unit, frames.astype(np.int64), seconds, values)
