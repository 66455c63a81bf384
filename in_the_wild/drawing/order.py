"""Who is drawn over whom: people from the farthest to the nearest, without flicker where they are equally far.

It knows nothing about pictures.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from in_the_wild.poses import Poses

_SMOOTHING = 0.25  # seconds, standard deviation of the smoothing of depths
_MARGIN = 0.05  # metres by which somebody must be nearer to come to the front


def depths_of(keypoints: Poses, world: Poses) -> np.ndarray:
    """How far from the video's camera the people of a picture are, (N,) metres, from their poses in the world.

    Who has none in a frame is as far as in the frame that is nearest in time; who has none at all lies behind.

    Args:
        keypoints: In image space.
        world: Of the same people, in world space.
    """
    depths = np.full(len(keypoints), np.inf)
    away = world.keypoints[:, :, 1].mean(axis=1)
    for person in keypoints.persons:
        own = world.person_id == person
        if own.any():
            order = np.argsort(world.frame[own], kind="stable")
            here = keypoints.person_id == person
            depths[here] = np.interp(keypoints.frame[here], world.frame[own][order], away[own][order])
    return depths


def painting_order(depths: np.ndarray, frame: np.ndarray, person: np.ndarray, *, fps: float) -> np.ndarray:
    """The place of each row in the order in which the people of its frame are painted, (N,): 0 is farthest.

    Two people change places only where one has come nearer by a margin.

    Args:
        depths: (N,) metres.
        frame, person: (N,) whose they are.
        fps: Frames a second.
    """
    smooth = depths.copy()
    for one in np.unique(person):
        own = np.flatnonzero(person == one)
        own = own[np.argsort(frame[own], kind="stable")]
        if np.isfinite(depths[own]).all():
            smooth[own] = gaussian_filter1d(depths[own], _SMOOTHING * fps, mode="nearest")
    places = np.zeros(len(depths), dtype=int)
    order = np.argsort(frame, kind="stable")
    starts = np.flatnonzero(np.diff(frame[order], prepend=-1))
    standing: list[int] = []  # everybody seen so far, the farthest first
    for rows in np.split(order, starts[1:]) if len(order) else ():
        of_person = dict(zip(person[rows].tolist(), rows.tolist(), strict=True))
        standing = _settled([*standing, *(one for one in of_person if one not in standing)], of_person, smooth)
        for place, one in enumerate(one for one in standing if one in of_person):
            places[of_person[one]] = place
    return places


def _settled(standing: list[int], rows: dict[int, int], depths: np.ndarray) -> list[int]:
    """The order of before, with those brought to the front who are nearer by the margin."""
    there = [one for one in standing if one in rows]
    for end in range(1, len(there)):
        at = end
        while at and depths[rows[there[at]]] > depths[rows[there[at - 1]]] + _MARGIN:
            there[at - 1 : at + 1] = there[at], there[at - 1]
            at -= 1
    settled = iter(there)
    return [next(settled) if one in rows else one for one in standing]
