"""Furniture: boxes on the floor of a room, and how far away they are, so that people can stand behind them.

Furniture and camera stand still, so it is drawn once, into the background.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pose3d_cli.datasets.synthetic.mannequin.camera import Camera
from pose3d_cli.datasets.synthetic.mannequin.look import Colour
from pose3d_cli.datasets.synthetic.mannequin.vectors import Array, unit_vector


@dataclass(frozen=True)
class Box:
    """A box, turned about the vertical.

    Attributes:
        centre: (3,) world metres.
        size: (3,) metres: width, depth, height.
        heading: Radians by which it is turned.
        colour: Of its sides.
    """

    centre: Array
    size: Array
    heading: float
    colour: Colour

    @property
    def axes(self) -> Array:
        """(3, 3) its directions of width, depth and height, as rows."""
        cos, sin = np.cos(self.heading), np.sin(self.heading)
        return np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])


def table(at: Array, size: Array, heading: float, colour: Colour) -> list[Box]:
    """A top on four legs: at (2,) on the floor, size (3,) width, depth, height."""
    thick = 0.05
    top = Box(np.array([*at, size[2] - thick / 2]), np.array([size[0], size[1], thick]), heading, colour)
    legs = []
    for right in (-0.5, 0.5):
        for ahead in (-0.5, 0.5):
            corner = np.array([right * (size[0] - thick), ahead * (size[1] - thick), 0.0]) @ top.axes
            foot = np.array([at[0] + corner[0], at[1] + corner[1], (size[2] - thick) / 2])
            legs.append(Box(foot, np.array([thick, thick, size[2] - thick]), heading, colour))
    return [top, *legs]


def block(at: Array, size: Array, heading: float, colour: Colour) -> list[Box]:
    """A box that stands on the floor: a counter, a crate, a pillar, a partition."""
    return [Box(np.array([*at, size[2] / 2]), size, heading, colour)]


@dataclass(frozen=True)
class Furnished:
    """A room with furniture in it.

    Attributes:
        picture: (H, W, 3) uint8 RGB.
        depth: (H, W) metres along the camera's axis to the furniture; infinite where there is none.
    """

    picture: NDArray[np.uint8]
    depth: NDArray[np.float32]


def furnish(background: NDArray[np.uint8], boxes: Sequence[Box], *, camera: Camera, light: Array) -> Furnished:
    """Put boxes into an empty room: background (H, W, 3); light (3,) the world direction towards the lamp."""
    x = (np.arange(camera.width) + 0.5 - camera.K[0, 2]) / camera.K[0, 0]
    y = (np.arange(camera.height) + 0.5 - camera.K[1, 2]) / camera.K[1, 1]
    # In the world; each advances by 1 in depth.
    rays = np.stack(np.broadcast_arrays(x[None, :], y[:, None], 1.0), axis=-1) @ camera.R
    picture, depth = background.copy(), np.full(background.shape[:2], np.inf, dtype=np.float32)
    lamp = unit_vector(np.asarray(light, dtype=np.float64))
    for box in boxes:
        entered, side = _enter(box, rays, camera.position)
        nearer = entered < depth
        lit = 0.5 + 0.5 * np.clip(side[nearer] @ (box.axes @ lamp), 0, 1)  # (N,)
        shade = np.asarray(box.colour) * lit[:, None] * 255
        picture[nearer] = np.clip(shade + 0.5, 0, 255).astype(np.uint8)
        depth[nearer] = entered[nearer]
    return Furnished(picture, depth)


def _enter(box: Box, rays: Array, eye: Array) -> tuple[Array, Array]:
    """Where rays (H, W, 3) enter a box: depth (H, W), infinite where they miss, and the normals there in its axes.

    The rays enter where they have passed the nearer of both planes of every direction, and leave at the first farther.
    """
    along = rays @ box.axes.T
    along = np.where(np.abs(along) < 1e-9, 1e-9, along)
    start = (eye - box.centre) @ box.axes.T
    near = (-np.sign(along) * box.size / 2 - start) / along
    far = (np.sign(along) * box.size / 2 - start) / along
    last = near.argmax(axis=-1)  # (H, W) the direction whose plane is met last
    entered = near.max(axis=-1)
    met = (entered < far.min(axis=-1)) & (entered > 0)
    normals = -np.sign(along) * (np.arange(3) == last[..., None])
    return np.where(met, entered, np.inf), normals
