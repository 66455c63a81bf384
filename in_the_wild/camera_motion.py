"""Camera motion: how a camera turned and zoomed over a video, as notes tell it, at any moment.

A step leads from one look to the next: a rotation vector, radians about the camera's axes, and the ratio of focal
lengths. It is told as for a camera whose focal length is the longer side of its picture; the true one scales how far it
turned to the sides and up. The first picture of each shot is what all others of it are related to.

It knows nothing about pictures, nor how the steps were found.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation, Slerp

# The note of keypoints, and of what was made of them, that holds the steps; none of a camera that stands.
NOTE = "camera_motion"
Step = tuple[float, float, float, float]
_INSTANT = 1e-3  # seconds: what times are rounded to


def turns_at(notes: Mapping[str, Any], seconds: np.ndarray, *, focal: float) -> np.ndarray | None:
    """(T, 3, 3) from the axes of a shot's first picture to those of the camera at some times; None if it stands.

    Args:
        notes: Of poses.
        seconds: (T,) times.
        focal: Of the lens, in lengths of the picture's longer side.
    """
    if NOTE not in notes:
        return None
    turned = np.tile(np.eye(3), (len(seconds), 1, 1))
    for times, steps, wanted in _shots(notes[NOTE], seconds):
        aside = 1 / (focal * np.cumprod(steps[:, 3]))
        path = [Rotation.identity()]
        for vector in (steps[:, :3] * np.stack([aside, aside, np.ones(len(steps))], axis=1))[1:]:
            path.append(Rotation.from_rotvec(vector) * path[-1])
        if len(path) > 1:
            at = np.clip(seconds[wanted], times[0], times[-1])
            turned[wanted] = Slerp(times, Rotation.concatenate(path))(at).as_matrix()
    return turned


def zooms_at(notes: Mapping[str, Any], seconds: np.ndarray) -> np.ndarray | None:
    """(T,) focal lengths at some times over that of the shot's first picture; None if the camera stands."""
    if NOTE not in notes:
        return None
    zooms = np.ones(len(seconds))
    for times, steps, wanted in _shots(notes[NOTE], seconds):
        zooms[wanted] = np.exp(np.interp(seconds[wanted], times, np.cumsum(np.log(steps[:, 3]))))
    return zooms


def told(notes: Mapping[str, Any]) -> list[str]:
    """A sentence on a camera that moved; none on one that stood."""
    if NOTE not in notes:
        return []
    note = notes[NOTE]
    zoomed = f" and zoomed {note['zoomed']:g} times" if note["zoomed"] >= 1.05 else ""
    moved = f"The camera turned by {note['turned']:.0f} degrees{zoomed}"
    if note["carried"]:
        return [f"{moved}, and was carried along; people's paths are rough: film from a tripod to measure them."]
    return [f"{moved}; this is taken out of people's paths."]


def _shots(note: Mapping[str, Any], seconds: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """The looks of each shot: times (K,), steps (K, 4) of which the first is none, and which seconds are in it."""
    times, steps = np.array(note["seconds"]), np.array(note["steps"], dtype=np.float64).reshape(-1, 4)
    starts = [*note["shots"], np.inf]
    for k, (start, end) in enumerate(itertools.pairwise(starts)):
        inside = (times >= start - _INSTANT) & (times < end - _INSTANT)
        if inside.any():
            own = steps[inside]
            own[0] = 0, 0, 0, 1
            after = seconds >= start - _INSTANT if k else np.ones(len(seconds), bool)
            yield times[inside], own, after & (seconds < end - _INSTANT)
