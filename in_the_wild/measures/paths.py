"""Speeds and heights of joints in the world, frame by frame.

Speeds are central differences over the video's own timestamps, and nothing is smoothed here: of poses that jitter the
greatest speed is that of the jitter.
"""

from __future__ import annotations

import numpy as np

from in_the_wild.measures._world import along_paths, in_world
from in_the_wild.measures.curves import Curves
from in_the_wild.poses import Poses

SPEED_UNIT, HEIGHT_UNIT = "m/s", "m"


def speeds(poses: Poses, *, filled: bool = False) -> Curves:
    """How fast every joint moves, in whatever direction: "left_wrist_speed", metres a second.

    Args:
        poses: In 3D, with the root's path.
        filled: See `Poses.person`; a frame next to a missing one has no speed.

    Raises:
        InputError: keypoints in the picture, or joints relative to a root whose path nobody knows.
    """
    world = along_paths(poses)
    seconds = world.video.timestamps
    values = {
        person: _speeds(world.person(person, filled=filled).positions.astype(np.float64), seconds)
        for person in world.persons
    }
    return Curves(seconds, tuple(f"{joint}_speed" for joint in world.joints), SPEED_UNIT, values)


def heights(poses: Poses, *, filled: bool = False) -> Curves:
    """How high every joint is above the floor: "left_wrist_height", metres.

    Args:
        poses: In 3D.
        filled: See `Poses.person`.

    Raises:
        InputError: keypoints in the picture.
    """
    world = in_world(poses)
    values = {
        person: world.person(person, filled=filled).positions[..., 2].astype(np.float64) for person in world.persons
    }
    names = tuple(f"{joint}_height" for joint in world.joints)
    return Curves(world.video.timestamps, names, HEIGHT_UNIT, values)


def _speeds(positions: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    """(T, J) of paths (T, J, 3)."""
    if len(seconds) < 2:
        return np.full(positions.shape[:2], np.nan)
    found: np.ndarray = np.linalg.norm(np.gradient(positions, seconds, axis=0), axis=-1)
    return found
