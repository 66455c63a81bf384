"""Reasons: why a joint is where it is, one whole number for each joint of each row.

    0 seen      the detector looked, and found it there
    1 filled    nobody looked, or the person was not found: it goes on from what was seen before and after
    2 swapped   it was found as that of the other side, and put right
    3 outlier   it was found elsewhere for a moment, and put where the looks around say
    4 outside   it is out of the picture, where no detector sees
    5 guessed   it was hardly seen, if at all: its score is no more than `UNSEEN`

Where several hold, the last of them is told. `in_the_wild.steps.explain` finds them.
"""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from in_the_wild.poses import Poses


class Reason(IntEnum):
    """Why a joint is where it is."""

    SEEN = 0
    FILLED = 1
    SWAPPED = 2
    OUTLIER = 3
    OUTSIDE = 4
    GUESSED = 5


NAMES = tuple(reason.name.lower() for reason in Reason)
# In sentences, in the same order.
SENTENCES = (
    "Seen: the detector looked, and found it there.",
    "Filled: nobody looked in this frame; it goes on from what was seen before and after.",
    "Swapped: it was found as that of the other side, and put right.",
    "Outlier: it was found elsewhere for a moment, and put where the looks around say.",
    "Outside: it is out of the picture, where no detector sees.",
    "Guessed: it was hardly seen, if at all.",
)
# The score up to which a joint counts as never seen: it is where it is likely, and nobody knows more.
UNSEEN = 0.1


def counted(poses: Poses) -> dict[str, int]:
    """How many joints, over all rows, have each reason; none where reasons are not known."""
    if poses.reasons is None:
        return {}
    counts = np.bincount(poses.reasons.ravel(), minlength=len(NAMES))
    return {name: int(count) for name, count in zip(NAMES, counts, strict=False) if count}
