"""Choose: of tracked people those whom a selection asks for, under the ids that they have.

People of different shots are never compared: a shot that has only one person keeps that one.

It knows nothing about detectors or how people were tracked, and works with any skeleton.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses
from in_the_wild.selection import Order, Roi, Selection
from in_the_wild.tracklets import Detections, Tracklet, looks_of

_STRIDE_S = 0.4  # seconds between two poses that motion is measured by: over less, jitter looks like motion


def choose(poses: Poses, selection: Selection) -> Poses:
    """Keep the people whom a selection asks for.

    Args:
        poses: Tracked poses in image space; rows without an id are nobody's.
        selection: Whom to keep.

    Raises:
        InputError: an id that nobody has.
    """
    if selection.is_everybody:
        return poses
    kept: Iterable[int] = poses.persons if selection.ids is None else selection.ids
    missing = sorted(set(kept) - set(poses.persons))
    if missing:
        there = ", ".join(map(str, poses.persons)) or "none"
        raise InputError(f"There is no person {missing[0]} in {poses.video.path}; the ids are {there}.")

    detections = Detections.of(poses, looks_of(poses))
    rows = {person: np.flatnonzero(poses.person_id == person).tolist() for person in kept}
    if selection.roi is not None:
        rows = {person: own for person, own in rows.items() if _share_inside(detections, own, selection.roi) > 0.5}
    chosen: list[int] = []
    for shot in _by_shot(poses, rows):
        ranked = sorted(shot, key=lambda person: -_measure(detections, rows[person], selection.order))
        chosen += ranked[: selection.most]
    return poses.rows(np.isin(poses.person_id, chosen))


def _by_shot(poses: Poses, people: Iterable[int]) -> list[list[int]]:
    """The people of each shot; nobody is in two, as tracks end at cuts."""
    cuts = poses.meta.get("cuts", ())
    shots: dict[int, list[int]] = {}
    for person in people:
        first = poses.frame[poses.person_id == person].min()
        shots.setdefault(int(np.searchsorted(cuts, first, side="right")), []).append(person)
    return [shots[shot] for shot in sorted(shots)]


def _share_inside(detections: Detections, rows: Tracklet, roi: Roi) -> float:
    """In [0, 1]: of the time that somebody is seen, how much their trunk is inside a region."""
    low = np.array(roi[:2])
    centre = detections.centre[rows]
    inside = ((centre >= low) & (centre <= low + roi[2:])).all(axis=1)
    return float(np.average(inside, weights=detections.seconds[rows]))


def _measure(detections: Detections, rows: Tracklet, order: Order) -> float:
    """By how much somebody comes first: the largest value does."""
    if order == "centre":
        return _nearness(detections, rows)
    if order == "longest":
        return detections.duration(rows)
    return _way(detections, rows) if order == "moving" else detections.presence(rows)


def _nearness(detections: Detections, rows: Tracklet) -> float:
    """Seconds, each by how near somebody's trunk is to the middle of the picture: 1 there, 0 in its corners."""
    middle = np.array([detections.width, detections.height]) / 2
    distance = np.linalg.norm(detections.centre[rows] - middle, axis=1) / np.linalg.norm(middle)
    return float(((1 - distance).clip(0) * detections.seconds[rows]).sum())


def _way(detections: Detections, rows: Tracklet) -> float:
    """How far somebody's joints go on average, in sizes of the person, so that the nearest do not go farthest."""
    rows = sorted(rows, key=lambda row: detections.frame[row])
    way, before = 0.0, rows[0]
    for row in rows:
        if detections.time[row] - detections.time[before] < _STRIDE_S:
            continue
        distance = np.linalg.norm(detections.keypoints[row] - detections.keypoints[before], axis=1)
        weights = detections.scores[row] * detections.scores[before] + 1e-3
        size = (detections.size[row] + detections.size[before]) / 2
        way += float(np.average(distance, weights=weights) / size)
        before = row
    return way
