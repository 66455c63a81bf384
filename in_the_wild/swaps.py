"""Swaps: looks at one person in which a detector took the left for the right.

What a swap changes of a pair of joints is the vector from the right one to the left one: it turns round, and turns
round again where the swap ends. Between looks these vectors change steadily, also where legs cross; so the looks at
which they are turned are those that make the least of their second differences, by dynamic programming (Viterbi). A
look on the way from one to the other, in which a detector gives something between, may be passed over.

It knows nothing about detectors or skeletons.
"""

from __future__ import annotations

import itertools

import numpy as np

Run = tuple[int, int]  # the first and the last of some looks

# In sizes of the person, averaged over the pairs:
_SWITCH = 0.08  # what beginning or ending a swap costs
_SWAPPED = 0.01  # what a swapped look costs
_PASSED = 0.3  # what passing over a look costs
_FARTHEST = 0.6  # a pair's second difference counts at most this much
_CLEAR = 0.1  # by so much it must tell that a swap begins or ends
_ENOUGH_S = 1.2  # seconds of what is right from which it tells of what is before and after it
_LONGEST_S = 3.0  # seconds: who goes on for longer may have turned
_FARTHEST_AHEAD = 1.5  # steps before that what moves is expected to go on for
_MOST_PASSED = 2  # looks that are passed over at a time
_PASSED_S = 0.14  # seconds between two looks up to which those between them may be passed over
_STEPS = tuple(range(1, _MOST_PASSED + 2))
_BEGIN = -1  # in the place of a way that came from somewhere


def swapped_runs(across: np.ndarray, weights: np.ndarray, seconds: np.ndarray, *, facing: bool) -> list[Run]:
    """Find the looks in which left and right are swapped.

    Where it is clear that a swap begins or ends, what is on one side of that is right and what is on the other is not;
    of all that hangs together so, what is seen for less of the time is swapped. Nothing is that goes on for more than
    three seconds, as somebody may have turned unseen, nor what reaches to where nobody knows how it goes on.

    Args:
        across: (K, P, 2) from the right joint of each pair to the left one, in sizes of the person.
        weights: (K, P) how far each is to be believed, from 0 to 1.
        seconds: (K,) of the looks, rising.
        facing: Whether these are pairs of the whole body, which does not turn round within a moment. Then what is seen
            before the first swap, or after the last, is judged by the rest, where that goes on for long enough.

    Returns:
        Runs of swapped looks, in order.
    """
    if len(across) < 4 or not weights.any():
        return []
    bends = _bends(across, weights, seconds)
    kept, turned = _cheapest(bends, seconds)
    switches = np.flatnonzero(np.diff(turned)) + 1
    unsure = [kept[at] for at in switches if _evidence(bends, kept, turned, int(at)) < _CLEAR]
    # A look that is passed over goes with the one before it.
    states = turned[np.searchsorted(kept, np.arange(len(seconds)), side="right").clip(1) - 1]
    lasts = np.gradient(seconds)
    swapped = np.zeros(len(states), bool)
    for part in np.split(np.arange(len(states)), unsure):
        time = np.bincount(states[part], lasts[part], 2)
        rarer = states[part] == time.argmin()
        right, decided = part[~rarer], facing and time.max() >= _ENOUGH_S
        if not (decided and part[0] == 0):
            rarer &= part > right[0]
        if not (decided and part[-1] == len(states) - 1):
            rarer &= part < right[-1]
        swapped[part] = rarer
    edges = np.flatnonzero(np.diff(swapped, prepend=False, append=False))
    runs = [(int(first), int(after) - 1) for first, after in zip(edges[::2], edges[1::2], strict=True)]
    return [(first, last) for first, last in runs if seconds[last] - seconds[first] <= _LONGEST_S]


def _bends(across: np.ndarray, weights: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """How far each look is from what two before it say, with every choice of which are swapped.

    Two things are expected: that nothing moves, and that all goes on as it did. One of them is enough to tell that
    nothing changed; a swap must begin, or end, against both.

    Returns:
        (K, S, S, 2, 2, 2) by how many looks the one before is back, how many more the one before that, and the states
        of the look and of these; in sizes, infinite where there is none.
    """
    looks, steps = len(seconds), len(_STEPS)
    bends = np.full((looks, steps, steps, 2, 2, 2), np.inf)
    for (a, step), (b, further) in itertools.product(enumerate(_STEPS), repeat=2):
        at = np.arange(step + further, looks)
        middle, first = at - step, at - step - further
        ahead = ((seconds[at] - seconds[middle]) / (seconds[middle] - seconds[first])).clip(max=_FARTHEST_AHEAD)
        weight = np.minimum(np.minimum(weights[at], weights[middle]), weights[first])
        share = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-9)
        for now, before, earlier in itertools.product((0, 1), repeat=3):
            here, last, start = ((1 - 2 * state) * across[of] for state, of in (
                (now, at), (before, middle), (earlier, first)
            ))  # fmt: skip
            moving = last + (last - start) * ahead[:, None, None]
            off = [
                (np.linalg.norm(here - way, axis=2).clip(max=_FARTHEST) * share).sum(axis=1) for way in (last, moving)
            ]
            # What two looks do when a swap begins between them is no motion that could go on.
            unchanged = np.minimum(*off) if before == earlier else off[0]
            bends[at, a, b, now, before, earlier] = unchanged if now == before else np.maximum(*off)
    return bends


def _cheapest(bends: np.ndarray, seconds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The looks (L,) that are not passed over and their states (L,), 1 for swapped, that cost the least."""
    looks, back, state = len(bends), np.array(_STEPS), np.arange(2)
    # (S, 2, 2) by the one before and the states of both: to pass over what is between, to be swapped, to switch.
    each = (_PASSED * (back - 1))[:, None, None] + (state * _SWAPPED)[:, None] + (state[:, None] != state) * _SWITCH
    costs = np.full((looks, *each.shape), np.inf)  # of the best way to a look from that one before
    ways = np.full(costs.shape, _BEGIN)  # by which step and state it came there
    for look in range(1, looks):
        before = costs[(look - back).clip(0)]  # (S, S, 2, 2) by the step, the one before it, and the states there
        coming = np.moveaxis(before[:, :, None] + bends[look], 1, 3).reshape(*each.shape, -1)  # (S, 2, 2, S * 2)
        # Or all begins with the look before, and what was ahead of it is passed over.
        begun = (_PASSED * (look - back))[:, None, None] + state * _SWAPPED
        cost, way = coming.min(axis=3), coming.argmin(axis=3)
        near = (back == 1) | (seconds[look] - seconds[(look - back).clip(0)] <= _PASSED_S)
        there = (near & (back <= look))[:, None, None]
        costs[look] = np.where(there, np.minimum(cost, begun) + each, np.inf)
        ways[look] = np.where(cost < begun, way, _BEGIN)
    passed_last = _PASSED * np.arange(looks - 1, -1, -1)[-len(back) :, None, None, None]
    ends = costs[-len(back) :] + passed_last
    at, step, now, before_it = (int(i) for i in np.unravel_index(ends.argmin(), ends.shape))
    look = looks - len(ends) + at
    kept, states = [look, look - int(back[step])], [now, before_it]
    while (way := int(ways[look, step, states[-2], states[-1]])) != _BEGIN:
        look = kept[-1]
        step, earlier = divmod(way, 2)
        kept.append(look - int(back[step]))
        states.append(earlier)
    return np.array(kept[::-1]), np.array(states[::-1])


def _evidence(bends: np.ndarray, kept: np.ndarray, states: np.ndarray, switch: int) -> float:
    """By how much it would cost more if nothing changed with that one of the looks that are kept."""
    more = 0.0
    for at in range(max(switch, 2), min(switch + 2, len(kept))):
        looks, given = kept[at - 2 : at + 1], states[at - 2 : at + 1]
        # Everything from the switch on the other way round.
        other = np.where(np.arange(at - 2, at + 1) < switch, given, 1 - given)
        step, further = looks[2] - looks[1] - 1, looks[1] - looks[0] - 1
        bend = bends[looks[2], step, further]
        more += bend[tuple(other[::-1])] - bend[tuple(given[::-1])]
    return float(more)
