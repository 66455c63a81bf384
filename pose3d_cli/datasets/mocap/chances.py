"""How often each frame of motion capture is trained on: packs by how far they are trusted, rare poses more often.

It knows nothing about how frames are drawn.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pose3d_cli.datasets.mocap import clusters
from pose3d_cli.datasets.mocap.packs import Mocap

# Neighbouring frames are alike: one in so many is sorted into a group, for all around it.
_EVERY = 5


def of_frames(mocap: Mocap, *, trust: Mapping[str, float], groups: int, evenness: float) -> np.ndarray:
    """The chance of every frame to be the middle of a window.

    Args:
        mocap: Sequences whose names begin with those of their packs.
        trust: How often a second of a pack is seen, by the pack's name, of those that are not named 1; others may be
            named too, so that a configuration serves whatever packs there are.
        groups: Groups of like poses, see `clusters.group`.
        evenness: 0 draws every frame of a pack alike; 1 draws every group of poses alike; in between a frame's chance
            falls with that power of the size of its group.

    Returns:
        (F,) chances that sum to 1.
    """
    chance = np.empty(len(mocap.joints))
    packs = [name.partition("/")[0] for name in mocap.names]
    for pack, start, end in zip(packs, mocap.starts, mocap.ends, strict=True):
        chance[start:end] = trust.get(pack, 1.0)
    group = np.repeat(clusters.group(mocap.joints[::_EVERY], groups), _EVERY)[: len(chance)]
    size = np.bincount(group, weights=chance)
    chance *= size[group] ** -evenness
    return chance / chance.sum()
