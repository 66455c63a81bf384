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
