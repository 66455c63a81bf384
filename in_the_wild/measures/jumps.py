"""Jumps: when people are in the air, for how long, and how high they jump.

In the air nothing holds a body, and its middle falls by gravity from take-off on: the pelvis, which stands for it, is
in flight where its acceleration points down, around a peak of its path. That begins when the feet bear less than the
body's weight, some hundredth of a second before they leave the floor; solved poses are smooth, and hide more than that.
Who does not fall freely meanwhile, or leaves an ankle behind, has no jump but a fast squat; what is shorter than a
running step's flight is none either. Two heights are told, of the same thing and from different evidence:

    height_by_flight   g t^2 / 8 of the flight time t, which the size of people does not enter
    height_by_rise     how far the pelvis rises from take-off, and falls until landing, on average

Both suppose that people land as they take off, and count from toes that still touch the floor: over somebody who stands
on flat feet the pelvis rises some 10 cm more. Where the two differ by much, legs were drawn up for the landing, or the
scale is wrong, which a single camera does not tell. Of four jumps of 33 to 44 cm that `pose3d run` saw in drawn video,
heights by flight were 2 to 6 cm too low, and by rise 1 to 4.

    Linthorne, "Analysis of standing vertical jumps using a force platform", American Journal of Physics 69, 2001
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.signal import find_peaks, savgol_filter

from in_the_wild.measures._world import along_paths
from in_the_wild.measures.angles import SIDES
from in_the_wild.measures.events import Jump
from in_the_wild.poses import Poses

GRAVITY = 9.81  # metres a second, per second
# Seconds over which accelerations are measured, by parabolas; and frames of these at least.
_MEASURED_OVER_S, _FEWEST = 0.17, 5
# Seconds below which a flight is that of a running step, and metres of rise that no walk has.
_SHORTEST_S, _LOWEST = 0.2, 0.05
_WITH_THE_PELVIS = 0.5  # share of the pelvis's rise by which ankles rise, too
_FREELY = 0.6  # share of gravity by which a pelvis in the air falls at least, whatever the scale


def jumps(poses: Poses) -> dict[int, list[Jump]]:
    """The jumps of everybody who has an id, by time.

    Args:
        poses: In 3D, with the root's path.

    Raises:
        InputError: keypoints in the picture, or joints relative to a root whose path nobody knows.
    """
    world = along_paths(poses)
    ankles = world.skeleton.indices(*(f"{side}_ankle" for side in SIDES))
    found = {}
    for person in world.persons:
        heights = world.person(person, filled=True).positions[..., 2].astype(np.float64)
        pelvis = heights[:, world.skeleton.centre].mean(axis=1)
        found[person] = [
            jump for run in _runs(pelvis) for jump in _jumps(pelvis, heights[:, ankles], run, world.video.timestamps)
        ]
    return found


def _runs(heights: np.ndarray) -> list[np.ndarray]:
    """The frames in which somebody is there, in runs without a gap."""
    there = np.flatnonzero(np.isfinite(heights))
    return np.split(there, np.flatnonzero(np.diff(there) > 1) + 1)


def _jumps(pelvis: np.ndarray, ankles: np.ndarray, run: np.ndarray, seconds: np.ndarray) -> Iterator[Jump]:
    """Those of one run of frames, of heights (T,) and (T, 2)."""
    if len(run) < _FEWEST:
        return
    step = float(np.median(np.diff(seconds[run])))
    window = max(_FEWEST, round(_MEASURED_OVER_S / step) // 2 * 2 + 1)
    if len(run) < window:
        return
    path, feet, time = pelvis[run], ankles[run], seconds[run]
    falling = -savgol_filter(path, window, 2, deriv=2, delta=step)  # above 0 in the air
    for peak in find_peaks(path, prominence=_LOWEST)[0]:
        flight = _around(falling, peak)
        if flight is None:
            continue
        # Between frames, where the acceleration changes its sign.
        takeoff, landing = (float(np.interp(at, np.arange(len(time)), time)) for at in flight)
        before, after = np.interp((takeoff, landing), time, path)
        rise = float(path[peak] - (before + after) / 2)
        by_flight = GRAVITY * (landing - takeoff) ** 2 / 8
        lifted = feet[peak] - [np.interp(takeoff, time, one) for one in feet.T]
        together = (lifted >= _WITH_THE_PELVIS * rise).all()
        if landing - takeoff >= _SHORTEST_S and rise >= _FREELY * by_flight and together:
            yield Jump(int(run[int(np.ceil(flight[0]))]), takeoff, landing, by_flight, rise)


def _around(values: np.ndarray, peak: int) -> tuple[float, float] | None:
    """Between which places, in frames, values around a peak are above 0; None where they are not, or for no end."""
    below = np.flatnonzero(values <= 0)
    at = int(np.searchsorted(below, peak))
    if values[peak] <= 0 or at in (0, len(below)):
        return None
    before, after = int(below[at - 1]), int(below[at])
    start = before + values[before] / (values[before] - values[before + 1])
    end = after - values[after] / (values[after] - values[after - 1])
    return float(start), float(end)
