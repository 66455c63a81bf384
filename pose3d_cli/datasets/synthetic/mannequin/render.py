"""People and their shadows before a background."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pose3d_cli.datasets.synthetic.mannequin.body import body_parts
from pose3d_cli.datasets.synthetic.mannequin.camera import Camera
from pose3d_cli.datasets.synthetic.mannequin.furniture import Furnished
from pose3d_cli.datasets.synthetic.mannequin.look import Look
from pose3d_cli.datasets.synthetic.mannequin.raycast import Table, draw
from pose3d_cli.datasets.synthetic.mannequin.shadow import cast_shadow
from pose3d_cli.datasets.synthetic.mannequin.vectors import unit_vector

DEFAULT_LIGHT = (0.45, -0.55, 0.9)


def render(
    joints: ArrayLike,
    face: ArrayLike,
    *,
    camera: Camera,
    looks: Sequence[Look],
    background: NDArray[np.uint8] | Furnished | None = None,
    light: ArrayLike = DEFAULT_LIGHT,
    supersample: int = 2,
    shadow: bool = True,
) -> NDArray[np.uint8]:
    """Draw people and their shadows before a background.

    joints (P, 17, 3) world metres, Human3.6M-17 order; face (P, 5, 3) nose, left eye, right eye, left ear, right ear;
    looks one per person; background (H, W, 3) RGB of the camera's size, mid grey when None, or a furnished room, whose
    furniture hides who is behind it; light (3,) the world direction towards the lamp. Returns (H, W, 3) uint8 RGB.
    Raises ValueError when shapes do not fit each other.
    """
    joints = np.asarray(joints, dtype=np.float64)
    face = np.asarray(face, dtype=np.float64)
    people = len(looks)
    if joints.shape != (people, 17, 3) or face.shape != (people, 5, 3):
        raise ValueError(
            f"render needs joints ({people}, 17, 3) and face ({people}, 5, 3) for {people} looks; "
            f"got {joints.shape} and {face.shape}."
        )
    room = background if isinstance(background, Furnished) else None
    empty = background.picture if isinstance(background, Furnished) else background
    size = (camera.height, camera.width, 3)
    if empty is None:
        image = np.full(size, 128, dtype=np.uint8)
    elif empty.shape != size:
        raise ValueError(f"The background must have the camera's shape {size}; got {empty.shape}.")
    else:
        image = empty.copy()
    if people == 0:
        return image

    towards_light = unit_vector(np.asarray(light, dtype=np.float64))
    bodies = [body_parts(j, f, look) for j, f, look in zip(joints, face, looks, strict=True)]
    if shadow:
        for body in bodies:
            image = cast_shadow(image, body, camera=camera, light=towards_light)
    table, behind = Table.of(bodies, camera), None if room is None else room.depth
    return draw(image, table, camera=camera, light=towards_light, supersample=supersample, behind=behind)
