"""Swaps: looks at one person in which a detector took the left for the right.

What a swap changes of a pair of joints is the vector from the right one to the left one: it turns round, and turns
round again where the swap ends. Between looks these vectors change steadily, also where legs cross; so the looks at
which they are turned are those that make the least of their second differences, by dynamic programming (Viterbi).

It knows nothing about detectors or skeletons.
"""

from __future__ import annotations

import itertools

import numpy as np

Run = tuple[int, int]  # the first and the last of some looks

# In sizes of the person, averaged over the pairs:
_SWITCH = 0.08  # what beginning or ending a swap costs
_SWAPPED = 0.01  # what a swapped look costs
_FARTHEST = 0.6  # a pair's second difference counts at most this much
_CLEAR = 0.1  # by so much each look must tell whether it is swapped as the one before it is
_FARTHEST_AHEAD = 1.5  # steps before that what moves is expected to go on for
_LONGEST_S = 1.5  # seconds: who goes on for longer may have turned
# The states of a look and of the one before it.
_STATES = tuple(itertools.product((0, 1), repeat=2))


def swapped_runs(across: np.ndarray, weights: np.ndarray, seconds: np.ndarray) -> list[Run]:
    """Find the looks in which left and right are swapped.

    A swap is found where it begins and ends, within at most 1.5 seconds: of one that lasts from the first look on, or
    to the last, nobody can say which half is swapped.

    Args:
        across: (K, P, 2) from the right joint of each pair to the left one, in sizes of the person.
        weights: (K, P) how far each is to be believed, from 0 to 1.
        seconds: (K,) of the looks, rising.

    Returns:
        Runs of swapped looks, in order.
    """
    if len(across) < 4 or not weights.any():
        return []
    bends = _bends(across, weights, seconds)
    states = _cheapest(bends)
    clear = _clearness(bends, states) >= _CLEAR
    edges = np.flatnonzero(np.diff(states, prepend=0, append=0))
    runs = [(int(first), int(after) - 1) for first, after in zip(edges[::2], edges[1::2], strict=True)]
    inner = [(first, last) for first, last in runs if first > 0 and last < len(states) - 1]
    return [
        (first, last)
        for first, last in inner
        if seconds[last] - seconds[first] <= _LONGEST_S and clear[first : last + 2].all()
    ]


def _bends(across: np.ndarray, weights: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """How far each look but two is from what the two before it say, with every choice of which are swapped.

    Two things are expected: that nothing moves, and that all goes on as it did. One of them is enough to tell that
    nothing changed; a swap must begin, or end, against both.

    Returns:
        (K - 2, 2, 2, 2) by the states of the look, the one before, and the one before that; in sizes.
    """
    steps = np.diff(seconds)
    ahead = (steps[1:] / steps[:-1]).clip(max=_FARTHEST_AHEAD)[:, None, None]
    weight = np.minimum(np.minimum(weights[2:], weights[1:-1]), weights[:-2])
    share = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
    bends = np.empty((len(steps) - 1, 2, 2, 2))
    for last, middle, first in itertools.product((0, 1), repeat=3):
        here, before, earlier = ((1 - 2 * state) * part for state, part in (
            (last, across[2:]), (middle, across[1:-1]), (first, across[:-2])
        ))  # fmt: skip
        moving = before + (before - earlier) * ahead
        off = [(np.linalg.norm(here - way, axis=2).clip(max=_FARTHEST) * share).sum(axis=1) for way in (before, moving)]
        if last != middle:
            bends[:, last, middle, first] = np.maximum(*off)
        else:
            # What two looks do when a swap begins between them is no motion that could go on.
            bends[:, last, middle, first] = np.minimum(*off) if middle == first else off[0]
    return bends


def _cheapest(bends: np.ndarray) -> np.ndarray:
    """(K,) states, 1 for swapped, that cost the least; `bends` as `_bends` gives them."""
    costs = {(now, before): (now != before) * _SWITCH + (now + before) * _SWAPPED for now, before in _STATES}
    ways: list[dict[tuple[int, int], int]] = []
    for bend in bends:
        way = {
            (now, before): min((0, 1), key=lambda first, now=now, before=before: (  # type: ignore[misc]
                costs[before, first] + bend[now, before, first]
            ))
            for now, before in _STATES
        }  # fmt: skip
        costs = {
            (now, before): costs[before, first] + bend[now, before, first] + (now != before) * _SWITCH + now * _SWAPPED
            for (now, before), first in way.items()
        }
        ways.append(way)
    now, before = min(costs, key=lambda state: costs[state])
    states = [now, before]
    for way in reversed(ways):
        states.append(way[states[-2], states[-1]])
    return np.array(states[::-1])


def _clearness(bends: np.ndarray, states: np.ndarray) -> np.ndarray:
    """(K,) by how much each look would cost more in its other state, the two before it staying; 0 of the first two."""
    at = np.arange(len(bends))
    more = bends[at, 1 - states[2:], states[1:-1], states[:-2]] - bends[at, states[2:], states[1:-1], states[:-2]]
    return np.concatenate([np.zeros(2), more])
