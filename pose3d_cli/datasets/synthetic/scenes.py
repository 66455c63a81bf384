"""Scenes drawn at random: somebody of known pose, whole, cut off by the picture's edge, or hidden in part.

Motion capture moves mannequins of varied bodies and clothes among furniture, under varied lamps and cameras. It knows
nothing about detectors.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pose3d_cli.datasets.mocap.packs import BODY22, COCO_IN_BODY22, FACE, H36M_IN_BODY22, rescale_bones
from pose3d_cli.datasets.synthetic.mannequin.camera import Camera, project
from pose3d_cli.datasets.synthetic.mannequin.furniture import Box, Furnished, block, furnish, table
from pose3d_cli.datasets.synthetic.mannequin.look import Look, random_colour
from pose3d_cli.datasets.synthetic.mannequin.render import render
from pose3d_cli.datasets.synthetic.mannequin.room import textured_background
from pose3d_cli.datasets.synthetic.mannequin.sensor import Sensor
from pose3d_cli.datasets.synthetic.virtual import VirtualWindows, camera_rotations

Array = NDArray[np.float64]

# What becomes of the person, and how often.
KINDS = ("whole", "cut off", "behind furniture", "behind people")
SHARES = (0.6, 0.16, 0.12, 0.12)

_SIDE = 480  # of the picture, pixels
_FARTHEST = 3.0  # times the distance at which a person just fits into the picture
_CHILD = 0.2  # share of people who are children
# Nearest that anything stands to the camera, metres.
_NEAREST = 0.7
# Share of somebody's extent across an edge that the picture keeps when it cuts them.
KEPT = (0.5, 0.9)
_THICK = 0.15  # metres of body between its surface and its joints


@dataclass(frozen=True)
class RandomScene:
    """People before a camera; the first is the one whose pose is asked for.

    Attributes:
        kind: One of KINDS.
        people: (T, P, 22, 3) BODY22 joints, world metres, z up, the floor at 0.
        looks: Of the P people.
        camera: What sees them.
        room: What they stand in.
        light: (3,) world direction towards the lamp.
        sensor: What the camera makes of light.
        grain: Seed of the sensor's noise.
    """

    kind: str
    people: Array
    looks: tuple[Look, ...]
    camera: Camera
    room: Furnished
    light: Array
    sensor: Sensor
    grain: int

    def picture(self, t: int) -> NDArray[np.uint8]:
        """Frame t: (H, W, 3) uint8 RGB."""
        joints = self.people[t]
        clean = render(
            joints[:, : len(H36M_IN_BODY22)],
            joints[:, len(H36M_IN_BODY22) :],
            camera=self.camera,
            looks=self.looks,
            background=self.room,
            light=self.light,
            supersample=1,
        )
        return self.sensor.expose(clean, np.random.default_rng((self.grain, t)))

    @cached_property
    def joints(self) -> Array:
        """(T, 22, 3) the first person in camera space, metres."""
        return self.people[:, 0] @ self.camera.R.T + self.camera.t

    @cached_property
    def keypoints(self) -> Array:
        """(T, 17, 2) COCO keypoints of the first person, pixels, hidden or not."""
        return project(self.people[:, 0][:, COCO_IN_BODY22], self.camera)

    @cached_property
    def inside(self) -> NDArray[np.bool_]:
        """(T, 17) which of them lie in the picture."""
        inside: NDArray[np.bool_] = ((self.keypoints >= 0) & (self.keypoints < _SIDE)).all(axis=-1)
        return inside

    @cached_property
    def shown(self) -> NDArray[np.bool_]:
        """(T, 22) which joints of the first person are in the picture, and not behind furniture."""
        pixels = np.floor(project(self.people[:, 0], self.camera)).astype(int)
        inside: NDArray[np.bool_] = ((pixels >= 0) & (pixels < _SIDE)).all(axis=-1)
        x, y = np.moveaxis(np.clip(pixels, 0, _SIDE - 1), -1, 0)
        return inside & (self.room.depth[y, x] >= self.joints[..., 2] - _THICK)


def random_scene(
    motion: VirtualWindows,
    rng: np.random.Generator,
    *,
    kind: str | None = None,
    kept: tuple[float, float] = KEPT,
) -> RandomScene:
    """A scene, of a kind that is drawn by SHARES unless one is named.

    Args:
        motion: Where motion comes from; its cameras give tilt and roll.
        rng: Where chance comes from.
        kind: One of KINDS.
        kept: Least and greatest share of somebody that is in the picture where an edge cuts them.
    """
    kind = str(rng.choice(KINDS, p=SHARES)) if kind is None else kind
    person = random_person(motion, rng)
    camera = _whole(person, motion, rng)
    if kind == "cut off":
        camera = _cut(camera, person, rng, kept)
    people, furniture = [person], _around(person, camera, rng)
    if kind == "behind furniture":
        furniture += _before(person, camera, rng)
    if kind == "behind people":
        people += [_placed(random_person(motion, rng), person, camera, rng) for _ in range(rng.integers(1, 3))]
    light, background = _lamp(rng), textured_background(camera, rng, supersample=1)
    return RandomScene(
        kind=kind,
        people=np.stack(people, axis=1),
        looks=tuple(Look.anybody(rng) for _ in people),
        camera=camera,
        room=furnish(background, furniture, camera=camera, light=light),
        light=light,
        sensor=Sensor.random(rng),
        grain=int(rng.integers(2**31)),
    )


# --------------------------------------------------------------------------------------------------------------- people


def random_person(motion: VirtualWindows, rng: np.random.Generator) -> Array:
    """One window of motion by a grown-up or a child: (T, 22, 3) world metres, the lowest point on the floor."""
    body = motion.motion(1, rng)[0].astype(np.float64)
    if rng.uniform() < _CHILD:
        body = _as_child(body, size=rng.uniform(0.55, 0.85))
    body[..., 2] -= body[..., 2].min()
    return body


# Bones that stay nearer to a grown-up's in children.
_HEAD = BODY22.indices("neck", "head", *FACE)


def _as_child(body: Array, *, size: float) -> Array:
    """A child that moves alike (T, 22, 3): smaller in all but the head."""
    scales = np.ones((1, len(BODY22)))
    scales[:, _HEAD] = size**-0.6
    child: Array = rescale_bones(body[None] * size, scales)[0]
    return child


def _placed(other: Array, person: Array, camera: Camera, rng: np.random.Generator) -> Array:
    """Somebody else, moved to where they hide the person in part for a while, at times behind or beside."""
    start = other[:, BODY22.root, :2].mean(axis=0)
    ahead = rng.uniform(0.4, 1.1) if rng.uniform() < 0.75 else -rng.uniform(0.5, 1.5)
    at = _towards(person, camera, ahead=ahead, aside=rng.normal(0, 0.35))
    return other + np.array([*(at - start), 0.0])


# -------------------------------------------------------------------------------------------------------------- cameras


def _whole(person: Array, motion: VirtualWindows, rng: np.random.Generator) -> Camera:
    """A camera that has all of somebody (T, 22, 3) in its picture, as near as can be or farther away."""
    rotation = camera_rotations(
        azimuth=rng.uniform(0, 2 * np.pi, 1),
        pitch=np.radians(np.clip(rng.normal(*motion.cameras.pitch, 1), -15, 55)),
        roll=np.radians(rng.normal(0, motion.cameras.roll / 2, 1)),
    )[0]
    middle = (person.min(axis=(0, 1)) + person.max(axis=(0, 1))) / 2
    turned = (person - middle) @ rotation.T
    focal = np.exp(rng.uniform(np.log(0.65), np.log(1.8))) * _SIDE
    reach = np.abs(turned[..., :2]).max(axis=-1) * 2.2 * focal / _SIDE - turned[..., 2]
    distance = max(reach.max(), _NEAREST - turned[..., 2].min()) * np.exp(rng.uniform(0, np.log(_FARTHEST)))
    return Camera(
        K=np.array([[focal, 0, _SIDE / 2], [0, focal, _SIDE / 2], [0, 0, 1]]),
        R=rotation,
        t=np.array([0, 0, distance]) - rotation @ middle,
        width=_SIDE,
        height=_SIDE,
    )


def _cut(camera: Camera, person: Array, rng: np.random.Generator, shares: tuple[float, float]) -> Camera:
    """The same camera, nearer by its lens and aimed so that an edge of the picture cuts the person (T, 22, 3)."""
    points = project(person, camera)
    low, high = points.min(axis=(0, 1)), points.max(axis=(0, 1))
    edge = str(rng.choice(["bottom", "side", "top"], p=[0.6, 0.25, 0.15]))
    axis = 0 if edge == "side" else 1
    kept = rng.uniform(*shares)  # of the person's extent across that edge
    extent = high - low
    # The part that is kept fills about half to nearly all of the picture, and the rest of the person fits beside it.
    zoom = rng.uniform(0.55, 0.95) * _SIDE / max(kept * extent[axis], extent[1 - axis])
    K = camera.K.copy()
    K[:2, :2] *= zoom
    middle = (low + high) / 2
    aim = middle.copy()  # the point of the old picture that comes into the new one's middle
    far_end = edge != "top" and (axis == 1 or rng.uniform() < 0.5)
    cut_at = low[axis] + kept * extent[axis] if far_end else high[axis] - kept * extent[axis]
    aim[axis] = cut_at + (-1 if far_end else 1) * _SIDE / 2 / zoom
    K[:2, 2] = _SIDE / 2 + (camera.K[:2, 2] - aim) * zoom
    return replace(camera, K=K)


def _lamp(rng: np.random.Generator) -> Array:
    """A direction towards the lamp, 25 to 85 degrees high."""
    azimuth, height = rng.uniform(0, 2 * np.pi), np.radians(rng.uniform(25, 85))
    return np.array([np.cos(azimuth) * np.cos(height), np.sin(azimuth) * np.cos(height), np.sin(height)])


# ------------------------------------------------------------------------------------------------------------ furniture


def _towards(person: Array, camera: Camera, *, ahead: float, aside: float) -> Array:
    """A place on the floor (2,), metres `ahead` of the person towards the camera and `aside` of that line."""
    at = person[:, BODY22.root, :2].mean(axis=0)
    line = camera.position[:2] - at
    reach = max(float(np.linalg.norm(line)), 1e-6)
    line = line / reach
    place: Array = at + min(ahead, reach - _NEAREST) * line + aside * np.array([-line[1], line[0]])
    return place


def _facing_camera(at: Array, camera: Camera, rng: np.random.Generator) -> float:
    """A heading with a side more or less towards the camera."""
    line = camera.position[:2] - at
    return float(np.arctan2(line[1], line[0]) - np.pi / 2 + rng.normal(0, 0.35))


def _before(person: Array, camera: Camera, rng: np.random.Generator) -> list[Box]:
    """A table, a counter or a pillar in front of somebody."""
    height = float(np.ptp(person[..., 2], axis=1).max())  # the person's
    reach = float(np.linalg.norm(np.ptp(person[..., :2], axis=(0, 1)))) / 2
    kind = str(rng.choice(["table", "counter", "pillar"], p=[0.3, 0.45, 0.25]))
    at = _towards(person, camera, ahead=min(reach, 1.0) + rng.uniform(0.05, 0.5), aside=rng.normal(0, 0.2))
    heading, colour = _facing_camera(at, camera, rng), random_colour(rng)
    tall = height * rng.uniform(0.25, 0.65)
    if kind == "table":
        return table(at, np.array([rng.uniform(0.9, 2.0), rng.uniform(0.5, 0.9), tall]), heading, colour)
    if kind == "counter":
        return block(at, np.array([rng.uniform(0.5, 2.2), rng.uniform(0.2, 0.7), tall]), heading, colour)
    wide = rng.uniform(0.1, 0.35)
    return block(at, np.array([wide, wide, 2.5]), heading, colour)


def _around(person: Array, camera: Camera, rng: np.random.Generator) -> list[Box]:
    """Up to three pieces of furniture behind or beside somebody."""
    boxes: list[Box] = []
    for _ in range(rng.integers(0, 4)):
        at = _towards(person, camera, ahead=-rng.uniform(1.0, 3.0), aside=rng.normal(0, 1.5))
        size = np.array([rng.uniform(0.3, 1.8), rng.uniform(0.3, 0.8), rng.uniform(0.4, 2.0)])
        piece = table if rng.uniform() < 0.3 else block
        boxes += piece(at, size, _facing_camera(at, camera, rng), random_colour(rng))
    return boxes
