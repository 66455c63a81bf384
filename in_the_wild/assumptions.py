"""What the coordinates of lifted poses rest on besides the picture, in words, as every file of them says it."""

from __future__ import annotations

from in_the_wild.lens import Lens
from in_the_wild.poses import Poses
from in_the_wild.world import NOTE, to_world


def assumptions(poses: Poses, lens: Lens) -> dict[str, str]:
    """What was assumed of the lens, the people, the root's path and the scene.

    Args:
        poses: In camera space.
        lens: That they were lifted with.
    """
    focal = lens.focal_in(width=poses.video.width, height=poses.video.height)
    return {
        "focal": f"{focal:.0f} pixels ({lens.source}, right to about {100 * lens.uncertainty:.0f} %)",
        "scale": "of the people in the training data; a single camera cannot tell the size of a person",
        "root": "least squares on the reprojection; its depth is the least certain number",
        "world": scene(poses),
    }


def scene(poses: Poses) -> str:
    """What the scene of poses in camera space stands on."""
    return str(to_world(poses).meta.get(NOTE, "nobody to level the scene by"))
