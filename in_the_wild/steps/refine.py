"""Refine: poses in, the same poses smoothed or filled out.

It knows nothing about which refiner it runs, nor about files.
"""

from __future__ import annotations

import numpy as np

from in_the_wild.poses import Poses
from in_the_wild.progress import More, nobody
from in_the_wild.refiners.base import Refiner
from in_the_wild.steps.remap import remap

# Over a longer gap nobody knows what somebody did, seconds.
MAX_GAP = 0.5
# Time is measured to this, seconds.
_INSTANT = 1e-6


def refine(poses: Poses, refiner: Refiner, *, max_gap: float = MAX_GAP, progress: More = nobody) -> Poses:
    """Refine every person of a video.

    Args:
        poses: Tracked poses in a space that the refiner accepts. Where it needs certain joints, they are brought to
            those.
        refiner: What is done with them.
        max_gap: Seconds. A refiner may fill the frames between two in which a person was seen when they are no further
            apart; rows that it adds in longer gaps are left out, and those that were there stay as they were.
        progress: Told how many more rows are done.

    Returns:
        Poses of the same space, with the same rows or more, ordered by frame, then person. The note "refiners" lists
        the settings of all refiners that were run, "smoothed" is there once one of them smooths.

    Raises:
        InputError: a space that the refiner does not accept, or people without ids.
        SkeletonError: poses that cannot be brought to the joints that it needs.
    """
    joints = refiner.skeleton_for(poses.space)
    given = poses if joints is None else remap(poses, joints)
    refined = refiner(given, progress=progress)
    if refiner.fills:
        refined = _without_long_gaps(given, refined, max_gap)
    # What was expected of the poses that came in is not of those that go out.
    refined = refined.replace(error_mm=None)
    return refined.with_meta(smoothed=True) if refiner.smooths else refined


def _without_long_gaps(given: Poses, refined: Poses, max_gap: float) -> Poses:
    """The refined poses, with gaps longer than so many seconds as they were given."""
    times = given.video.timestamps
    tables = [refined.rows(refined.person_id < 0)]
    for person in refined.persons:
        before, after = given.of_person(person), refined.of_person(person)
        seen = before.frame[(before.scores > 0).any(axis=1)]
        if len(seen):
            # The seen frames on both sides of each row; a row that was seen is its own neighbour.
            lower = np.searchsorted(seen, after.frame, side="right") - 1
            upper = np.searchsorted(seen, after.frame)
            gap = times[seen[np.minimum(upper, len(seen) - 1)]] - times[seen[np.maximum(lower, 0)]]
            after = after.rows((lower >= 0) & (upper < len(seen)) & (gap <= max_gap + _INSTANT))
            before = before.rows(~np.isin(before.frame, after.frame))
            tables.append(after)
        tables.append(before)
    return Poses.join(tables).replace(meta=refined.meta)
