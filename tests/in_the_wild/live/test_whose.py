"""Ids of people who come one look after the other: they last, ghosts have none, and who comes back is the same."""

from __future__ import annotations

import numpy as np
import walkers

from in_the_wild.appearance import COLOURS
from in_the_wild.detectors.base import Detection
from in_the_wild.live.whose import Look, Whose
from in_the_wild.skeletons import COCO17

_MEMORY = 2.2


def ids_shown(times: np.ndarray, people: list[dict[int, np.ndarray]], *, latency: float = 0.2) -> list[list[int]]:
    """The ids under which everybody is shown, frame by frame, in the order of `people`; -1 who is nobody."""
    whose = Whose(COCO17, (walkers.WIDTH, walkers.HEIGHT), memory=_MEMORY, name="walkers")
    shown, waiting = [], []
    for frame, time in enumerate(times):
        found = np.array([person[frame] for person in people if frame in person]).reshape(-1, 17, 2)
        colours = np.full((len(found), COLOURS), np.nan, np.float32)
        scores = np.full(found.shape[:2], 0.9, np.float32)
        whose.add(Look(time, Detection(found.astype(np.float32), scores, appearance=colours)))
        waiting.append(time)
        while waiting and (waiting[0] <= time - latency + 1e-6 or frame == len(times) - 1):
            poses = whose.poses()
            at = int(np.searchsorted(poses.video.timestamps, waiting.pop(0) - 1e-6))
            whose.keep(poses, at)
            shown.append(poses.person_id[poses.frame == at].tolist())
    return shown


def test_two_who_cross_keep_their_ids_for_longer_than_anything_is_remembered() -> None:
    times = walkers.seconds(6, fps=15)
    left = walkers.walker(times, lambda t: 200 + 140 * t)
    right = walkers.walker(times, lambda t: 1080 - 140 * t, y=260, height=320)
    assert ids_shown(times, [left, right]) == [[0, 1]] * len(times)


def test_who_comes_back_in_time_is_the_same_and_who_comes_new_is_not() -> None:
    times = walkers.seconds(5, fps=15)
    stays = walkers.walker(times, lambda t: 900)
    leaves = walkers.walker(times, lambda t: 300 + 20 * t, seen=lambda t: t < 1.5 or t > 2.3)
    late = walkers.walker(times, lambda t: 600, seen=lambda t: t > 3)
    shown = ids_shown(times, [stays, leaves, late])
    assert shown[0] == [0, 1]
    assert shown[-1] == [0, 1, 2]
    assert {tuple(ids) for ids in shown} == {(0, 1), (0,), (0, 1, 2)}


def test_what_is_there_for_a_moment_is_nobody() -> None:
    times = walkers.seconds(3, fps=15)
    stays = walkers.walker(times, lambda t: 900)
    ghost = walkers.walker(times, lambda t: 300, seen=lambda t: 1.0 < t < 1.1)
    shown = ids_shown(times, [stays, ghost])
    assert {tuple(ids) for ids in shown} == {(0,), (0, -1)}
