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
from in_the_wild.measures.gait import Gait, Step, gait, has_feet
from in_the_wild.measures.paths import heights, speeds
from in_the_wild.poses import Poses

# What is told of each step: name, unit and value.
_OfStep = tuple[str, str, Callable[[Step], float]]
_OF_BOTH_FEET: tuple[_OfStep, ...] = (("cadence", "steps/min", lambda step: 60 / step.duration),)
_OF_A_FOOT: tuple[_OfStep, ...] = (
    ("step_time", "s", lambda step: step.duration),
    ("step_length", "m", lambda step: step.length),
    ("step_width", "m", lambda step: step.width),
    ("stance_share", "%", lambda step: 100 * step.stance),
)


@dataclass(frozen=True)
class Measure:
    """One measure of one person, where it is known.

    Attributes:
        person: The id.
        name: Such as "left_knee_flexion".
        unit: Of the values.
        frames: (K,) indices into the video, rising; of steps those in which a foot lands.
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


def measured(poses: Poses, persons: Sequence[int] = ()) -> list[Measure]:
    """Joint angles, heights and, where people's paths are known, speeds and steps; person by person.

    Steps are there where feet that stand were noted. What is never known of somebody is left out.

    Args:
        poses: In 3D; see `angles.angles`.
        persons: The ids of those who are told of; none means everybody. The floor and the vertical are everybody's.

    Raises:
        InputError: keypoints in the picture, joints that are not enough, or nobody of such an id.
    """
    world = in_world(poses)
    if not world.persons:
        raise InputError(f"People with ids were expected in {poses.video.path}, found none.")
    curves = [angles(world), heights(world)]
    walks: dict[int, Gait] = {}
    if has_paths(poses):
        curves.append(speeds(world))
        walks = gait(world) if has_feet(world) else {}
    found = [
        measure
        for person in persons or world.persons
        for measure in (*_of_curves(curves, person), *_of_steps(walks.get(person), person))
    ]
    return [measure for measure in found if len(measure.values)]


def _of_curves(curves: Sequence[Curves], person: int) -> Iterator[Measure]:
    for one in curves:
        for name, values in one.person(person).items():
            frames = np.flatnonzero(np.isfinite(values))
            yield Measure(person, name, one.unit, frames, one.seconds[frames], values[frames])


def _of_steps(walk: Gait | None, person: int) -> Iterator[Measure]:
    if walk is None:
        return
    for name, unit, value in _OF_BOTH_FEET:
        yield _over_steps(person, name, unit, [(step, value(step)) for step in walk.steps])
    for foot in SIDES:
        for name, unit, value in _OF_A_FOOT:
            told = [(step, value(step)) for step in walk.steps if step.foot == foot]
            yield _over_steps(person, f"{foot}_{name}", unit, told)


def _over_steps(person: int, name: str, unit: str, told: Sequence[tuple[Step, float]]) -> Measure:
    known = [(step.frame, step.seconds, value) for step, value in told if np.isfinite(value)]
    frames, seconds, values = np.array(known).reshape(-1, 3).T
    return Measure(person, name, unit, frames.astype(np.int64), seconds, values)
