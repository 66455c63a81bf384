"""Where measures are taken: in the world, where up is known.

It knows nothing about what is measured.
"""

from __future__ import annotations

from in_the_wild.errors import InputError
from in_the_wild.poses import Poses


def in_world(poses: Poses) -> Poses:
    """Poses in the world.

    Raises:
        InputError: keypoints in the picture.
    """
    if poses.space == "image":
        raise InputError(
            f"Measures need joints in 3D, found keypoints in the picture of {poses.video.path}; lift them first."
        )
    return poses.world()


def has_paths(poses: Poses) -> bool:
    """Whether it is known how people move through the world, and not only about their root."""
    return poses.space == "world" or poses.root is not None


def along_paths(poses: Poses) -> Poses:
    """Poses in the world, of people whose paths are known.

    Raises:
        InputError: keypoints in the picture, or joints relative to a root whose path nobody knows.
    """
    world = in_world(poses)
    if not has_paths(poses):
        raise InputError(
            f"Speeds and steps need the root's path, found joints of {poses.video.path} relative to the root alone; "
            "lift its keypoints with a focal length, --focal or --fov."
        )
    return world
