"""Poses of motion capture in groups of alike ones, so that rare poses can be told from common ones.

Poses are compared from the pelvis, turned to face the same way, in units of the legs. It knows nothing about what the
groups are used for.
"""

from __future__ import annotations

import numpy as np
from scipy.cluster.vq import kmeans2, vq

from pose3d_cli.datasets.mocap.packs import BODY22, H36M_IN_BODY22

# Poses that groups are made of, at most.
_LEARNT_FROM = 20_000
_ROUNDS = 12


def features(joints: np.ndarray) -> np.ndarray:
    """What poses are compared by: (F, 22, 3) metres, z up -> (F, 51)."""
    centred = joints[:, H36M_IN_BODY22] - joints[:, BODY22.root, None]
    across = joints[:, BODY22.index("left_hip")] - joints[:, BODY22.index("right_hip")]
    heading = np.arctan2(across[:, 1], across[:, 0])
    cos, sin = np.cos(heading)[:, None], np.sin(heading)[:, None]
    x, y, z = np.moveaxis(centred, -1, 0)
    turned = np.stack([x * cos + y * sin, y * cos - x * sin, z], axis=-1)
    bones = (("left_hip", "left_knee"), ("left_knee", "left_ankle"))
    leg = sum(np.linalg.norm(joints[:, BODY22.index(a)] - joints[:, BODY22.index(b)], axis=-1) for a, b in bones)
    return (turned / np.asarray(leg)[:, None, None]).reshape(len(joints), -1).astype(np.float32)


def group(joints: np.ndarray, count: int, *, seed: int = 0) -> np.ndarray:
    """Sort poses into groups by k-means.

    Args:
        joints: (F, 22, 3) metres, z up.
        count: Groups.
        seed: Of the poses that the groups begin with.

    Returns:
        (F,) group of each pose.
    """
    found = features(joints)
    learnt = found[np.random.default_rng(seed).permutation(len(found))[:_LEARNT_FROM]]
    centres, _ = kmeans2(learnt, min(count, len(learnt)), iter=_ROUNDS, minit="++", seed=seed)
    nearest, _ = vq(found, centres)
    return np.asarray(nearest)
