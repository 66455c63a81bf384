"""A clothed mannequin, drawn from 3D joints, for video whose 3D truth is known exactly.

Every body part is a round cone (the hull of two spheres), flattened by a linear map where a body is flat, so that one
closed-form ray intersection draws chest, limbs, head and hands. Parts meet in a z-buffer; shading happens once per
visible pixel afterwards. Rays are (x, y, 1), so the ray parameter is the depth itself.

World space is z up with the floor at 0, in metres; the camera looks along +z with x right and y down. The module knows
how to draw a body, a shadow and a room; it knows nothing about motion, files or detectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from in_the_wild.skeletons import get_skeleton

Colour = tuple[float, float, float]
Array = NDArray[np.float64]

NEAR = 0.15  # metres; parts closer to the camera than this are left out
SIDES = {"left": 1.0, "right": -1.0}  # and their sign along the body's left
STRIPES_PER_METRE = 9.0
DEFAULT_LIGHT = (0.45, -0.55, 0.9)
SHADOW_METRES_PER_PIXEL = 0.02


@dataclass(frozen=True)
class Camera:
    """A pinhole camera: `x_camera = R @ x_world + t`, `pixels ~ K @ x_camera`; camera axes x right, y down, z away.

    K (3, 3) pixels without skew, R (3, 3), t (3,) metres; width and height in pixels.
    """

    K: Array
    R: Array
    t: Array
    width: int
    height: int

    @classmethod
    def look_at(
        cls,
        *,
        position: ArrayLike,
        target: ArrayLike,
        width: int,
        height: int,
        fov: float = 50.0,
        roll: float = 0.0,
    ) -> Camera:
        """Camera at `position` looking at `target` (world metres); `fov` of the longer side and `roll` in degrees."""
        eye = np.asarray(position, dtype=np.float64)
        forward = _unit(np.asarray(target, dtype=np.float64) - eye)
        right = np.cross(forward, (0.0, 0.0, 1.0))
        # Straight up or down there is no horizon to be level with: any right vector will do.
        right = np.array([1.0, 0.0, 0.0]) if np.linalg.norm(right) < 1e-6 else _unit(right)
        down = np.cross(forward, right)
        angle = np.radians(roll)
        rotated_right = np.cos(angle) * right + np.sin(angle) * down
        rotated_down = np.cos(angle) * down - np.sin(angle) * right
        R = np.stack([rotated_right, rotated_down, forward])
        focal = 0.5 * max(width, height) / np.tan(np.radians(fov) / 2)
        K = np.array([[focal, 0.0, width / 2], [0.0, focal, height / 2], [0.0, 0.0, 1.0]])
        return cls(K=K, R=R, t=-R @ eye, width=width, height=height)

    @property
    def position(self) -> Array:
        """Where the camera stands, (3,) world metres."""
        return -self.R.T @ self.t


@dataclass(frozen=True)
class Look:
    """How one person looks: RGB colours in 0..1 and a few proportions.

    `sleeve` and `leg` say how far cloth reaches: 0 none, 1 to the elbow or knee, 2 to the wrist or ankle. `build`
    scales every thickness, `belly` the trunk alone. `left_sleeve` and `right_sleeve` take the shirt's colour when None.
    """

    shirt: Colour = (0.75, 0.18, 0.16)
    trousers: Colour = (0.16, 0.22, 0.40)
    shoes: Colour = (0.13, 0.12, 0.12)
    skin: Colour = (0.85, 0.64, 0.52)
    hair: Colour = (0.20, 0.13, 0.08)
    left_sleeve: Colour | None = None
    right_sleeve: Colour | None = None
    stripe: Colour | None = None
    build: float = 1.0
    belly: float = 1.0
    sleeve: float = 0.6
    leg: float = 2.0
    tucked: bool = False
    long_hair: bool = False

    @classmethod
    def random(cls, rng: np.random.Generator) -> Look:
        """A person such as one meets: skin and hair from a natural range, clothes of any colour."""
        skins = np.array([(0.93, 0.76, 0.66), (0.85, 0.64, 0.52), (0.70, 0.49, 0.36), (0.48, 0.32, 0.23)])
        hairs = np.array([(0.10, 0.08, 0.07), (0.25, 0.16, 0.09), (0.55, 0.38, 0.18), (0.78, 0.66, 0.42), (0.5,) * 3])
        mix = rng.uniform()
        first, second = rng.choice(len(skins), size=2)
        return cls(
            shirt=_random_colour(rng),
            trousers=_random_colour(rng, brightest=0.65),
            shoes=_random_colour(rng),
            skin=_colour(mix * skins[first] + (1 - mix) * skins[second]),
            hair=_colour(hairs[rng.integers(len(hairs))] * rng.uniform(0.8, 1.1)),
            stripe=_random_colour(rng) if rng.uniform() < 0.3 else None,
            build=float(rng.uniform(0.88, 1.18)),
            belly=float(rng.uniform(0.9, 1.15)),
            sleeve=float(rng.choice([0.35, 0.6, 1.0, 1.97])),
            leg=float(rng.choice([0.7, 1.95], p=[0.25, 0.75])),
            tucked=bool(rng.uniform() < 0.4),
            long_hair=bool(rng.uniform() < 0.35),
        )


def project(points: ArrayLike, camera: Camera) -> Array:
    """World points (..., 3) in metres -> pixels (..., 2). Points behind the camera give NaN."""
    x = np.asarray(points, dtype=np.float64) @ camera.R.T + camera.t
    return project_camera(x, camera)


def project_camera(points: ArrayLike, camera: Camera) -> Array:
    """Camera-space points (..., 3) in metres -> pixels (..., 2). Points behind the camera give NaN."""
    x = np.asarray(points, dtype=np.float64)
    z = np.where(x[..., 2:] > 0, x[..., 2:], np.nan)
    homogeneous = (x / z) @ camera.K.T
    return homogeneous[..., :2]


def render(
    joints: ArrayLike,
    face: ArrayLike,
    *,
    camera: Camera,
    looks: Sequence[Look],
    background: NDArray[np.uint8] | None = None,
    light: ArrayLike = DEFAULT_LIGHT,
    supersample: int = 2,
    shadow: bool = True,
) -> NDArray[np.uint8]:
    """Draw people and their shadows before a background.

    joints (P, 17, 3) world metres, Human3.6M-17 order; face (P, 5, 3) nose, left eye, right eye, left ear, right ear;
    looks one per person; background (H, W, 3) RGB of the camera's size, mid grey when None; light (3,) the world
    direction towards the lamp. Returns (H, W, 3) uint8 RGB. Raises ValueError when shapes do not fit each other.
    """
    joints = np.asarray(joints, dtype=np.float64)
    face = np.asarray(face, dtype=np.float64)
    people = len(looks)
    if joints.shape != (people, 17, 3) or face.shape != (people, 5, 3):
        raise ValueError(
            f"render needs joints ({people}, 17, 3) and face ({people}, 5, 3) for {people} looks; "
            f"got {joints.shape} and {face.shape}."
        )
    size = (camera.height, camera.width, 3)
    if background is None:
        image = np.full(size, 128, dtype=np.uint8)
    elif background.shape != size:
        raise ValueError(f"The background must have the camera's shape {size}; got {background.shape}.")
    else:
        image = background.copy()
    if people == 0:
        return image

    towards_light = _unit(np.asarray(light, dtype=np.float64))
    bodies = [_body(j, f, look) for j, f, look in zip(joints, face, looks, strict=True)]
    if shadow:
        for body in bodies:
            image = _cast_shadow(image, body, camera=camera, light=towards_light)
    return _draw(image, _Table.of(bodies, camera), camera=camera, light=towards_light, supersample=supersample)


# ---------------------------------------------------------------------------------------------------------------- parts


@dataclass(frozen=True)
class _Part:
    """The hull of two spheres, seen through a linear map `shape` (rows: body axes divided by their scales).

    Colour is `colour2` where `plane . (x - a) > 1` in world space, or in stripes, else `colour`.
    """

    a: Array
    b: Array
    ra: float
    rb: float
    colour: Colour
    colour2: Colour | None = None
    plane: Array = field(default_factory=lambda: np.zeros(3))
    shape: Array = field(default_factory=lambda: np.eye(3))
    cloth: float = 0.0  # strength of the folds drawn into the shading
    stripes: float = 0.0  # stripes of colour2 per metre along the last body axis; 0 none
    offset: float = 0.0  # metres along that axis at which this part starts, for stripes that run through several parts


def _cone(a: Array, b: Array, ra: float, rb: float, colour: Colour, *, cloth: float = 0.0) -> _Part:
    return _Part(a=a, b=b, ra=ra, rb=rb, colour=colour, cloth=cloth)


def _two_tone(
    a: Array, b: Array, ra: float, rb: float, near: Colour, far: Colour, *, reach: float, cloth: float
) -> _Part:
    """A limb in the `near` colour up to the fraction `reach` of its length, beyond that in the `far` one."""
    axis = b - a
    if reach <= 0:
        return _cone(a, b, ra, rb, far)
    if reach >= 1:
        return _cone(a, b, ra, rb, near, cloth=cloth)
    return _Part(a=a, b=b, ra=ra, rb=rb, colour=near, colour2=far, plane=axis / (axis @ axis) / reach, cloth=cloth)


def _flat(
    a: Array,
    b: Array,
    ra: float,
    rb: float,
    frame: Array,
    scale: Sequence[float],
    colour: Colour,
    *,
    cloth: float = 0.0,
    stripe: Colour | None = None,
    offset: float = 0.0,
) -> _Part:
    """A round cone stretched by `scale` along the body axes in the rows of `frame`."""
    shape = frame / np.asarray(scale)[:, None]
    stripes = 0.0 if stripe is None else STRIPES_PER_METRE
    return _Part(
        a=a, b=b, ra=ra, rb=rb, colour=colour, colour2=stripe, shape=shape, cloth=cloth, stripes=stripes, offset=offset
    )


def _ellipsoid(centre: Array, frame: Array, semi: Sequence[float], colour: Colour, *, cloth: float = 0.0) -> _Part:
    return _flat(centre, centre, 1.0, 1.0, frame, semi, colour, cloth=cloth)


@cache
def _joint_index() -> dict[str, int]:
    skeleton = get_skeleton("human36m17")
    return {name: skeleton.index(name) for name in skeleton.joints}


def _body(joints: Array, face: Array, look: Look) -> list[_Part]:
    """Parts of one person, world space. Lengths in metres for a figure of 1.75 m, scaled to this one's legs."""
    at = {name: joints[i] for name, i in _joint_index().items()}
    hip, spine, thorax = at["pelvis"], at["spine"], at["thorax"]
    legs = np.mean(
        [
            np.linalg.norm(at[f"{s}_hip"] - at[f"{s}_knee"]) + np.linalg.norm(at[f"{s}_knee"] - at[f"{s}_ankle"])
            for s in SIDES
        ]
    )
    unit = float(np.clip(legs / 0.85, 0.5, 1.5))
    k = unit * look.build

    pelvis = _frame(left=at["left_hip"] - at["right_hip"], up=spine - hip)
    chest = _frame(left=at["left_shoulder"] - at["right_shoulder"], up=thorax - spine)
    parts = _torso(at, pelvis, chest, look=look, k=k)
    for side in SIDES:
        parts += _arm(at, side, chest, look=look, k=k)
        parts += _leg(at, side, pelvis, look=look, k=k, unit=unit)
    parts += _head(face, thorax, chest, look=look, unit=unit, k=k)
    return parts


def _torso(at: dict[str, Array], pelvis: Array, chest: Array, *, look: Look, k: float) -> list[_Part]:
    hip, spine, thorax = at["pelvis"], at["spine"], at["thorax"]
    b = k * look.belly
    left, forward, up = pelvis
    chest_up = chest[2]
    trunk = float(np.linalg.norm(thorax - spine))
    ribs = spine + 0.60 * (thorax - spine)
    half = 0.5 * float(np.linalg.norm(at["left_shoulder"] - at["right_shoulder"]))
    # Narrow and wide skeletons both get a chest that fills the room between their arms.
    wide = 0.5 * (0.155 * k + 0.82 * half)

    hem = max(0.5 * float(np.linalg.norm(at["left_hip"] - at["right_hip"])) + 0.094 * k, 0.185 * b)

    parts = [
        # Seat and hips.
        _flat(
            at["right_hip"] + 0.01 * k * up, at["left_hip"] + 0.01 * k * up, 0.080 * k, 0.080 * k, pelvis,
            (0.85, 1.2, 1.0), look.trousers, cloth=0.5,
        ),
        # The shirt, hanging over the belt or tucked in: hem to waist, waist to ribs, ribs to shoulders.
        _Part(
            a=hip - 0.012 * k * up, b=spine, ra=hem, rb=0.148 * b, shape=pelvis / np.array([1.0, 0.78, 0.12])[:, None],
            colour=look.trousers if look.tucked else look.shirt, colour2=look.shirt if look.tucked else look.stripe,
            plane=up / (0.085 * k) if look.tucked else np.zeros(3),
            stripes=0.0 if look.tucked or look.stripe is None else STRIPES_PER_METRE, cloth=1.0,
        ),
        _flat(
            spine, ribs, 0.148 * b, wide, chest, (1.0, 0.76, 0.75), look.shirt,
            cloth=1.0, stripe=look.stripe, offset=0.22 * k,
        ),
        _flat(
            ribs + 0.008 * chest[1], ribs + 0.16 * trunk * chest_up, wide, 0.86 * wide, chest, (1.0, 0.75, 0.62),
            look.shirt, cloth=1.0, stripe=look.stripe, offset=0.22 * k + 0.60 * trunk,
        ),
    ]  # fmt: skip
    for side, sign in SIDES.items():
        seat = at[f"{side}_hip"] - 0.040 * k * forward - 0.01 * k * up - sign * 0.01 * k * left
        parts.append(_ellipsoid(seat, pelvis, (0.086 * k, 0.078 * k, 0.095 * k), look.trousers, cloth=0.5))
        shoulder = at[f"{side}_shoulder"]
        parts.append(_cone(thorax - 0.05 * k * chest_up, shoulder, 0.078 * k, 0.064 * k, look.shirt, cloth=0.5))
        collar = thorax + 0.02 * k * chest_up - 0.012 * k * chest[1]
        parts.append(_cone(collar, shoulder, 0.052 * k, 0.056 * k, look.shirt, cloth=0.5))
    return parts


def _arm(at: dict[str, Array], side: str, chest: Array, *, look: Look, k: float) -> list[_Part]:
    shoulder, elbow, wrist = (at[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
    own = look.left_sleeve if side == "left" else look.right_sleeve
    sleeve = look.shirt if own is None else own
    loose = 1.08 if look.sleeve > 0 else 1.0
    along = _unit(wrist - elbow)
    # Palms face the body when the arms hang: the hand is wide along the chest's forward, and the thumb is in front.
    thumbwards = _unit(_reject(chest[1] + 0.35 * chest[2], along))
    hand = np.stack([np.cross(along, thumbwards), thumbwards, along])
    knuckles = wrist + 0.085 * k * along
    return [
        _two_tone(shoulder, elbow, 0.060 * k * loose, 0.043 * k, sleeve, look.skin, reach=look.sleeve, cloth=0.8),
        _two_tone(elbow, wrist, 0.043 * k, 0.030 * k, sleeve, look.skin, reach=look.sleeve - 1, cloth=0.8),
        _flat(
            wrist + 0.02 * k * along, knuckles, 0.032 * k, 0.042 * k, hand, (0.5, 1.0, 1.0), look.skin
        ),
        _flat(knuckles, wrist + 0.155 * k * along, 0.040 * k, 0.022 * k, hand, (0.4, 1.0, 1.0), look.skin),
        _cone(
            wrist + k * (0.03 * along + 0.022 * thumbwards), wrist + k * (0.088 * along + 0.058 * thumbwards),
            0.016 * k, 0.011 * k, look.skin,
        ),
    ]  # fmt: skip


def _leg(at: dict[str, Array], side: str, pelvis: Array, *, look: Look, k: float, unit: float) -> list[_Part]:
    hip, knee, foot = (at[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
    cloth = look.trousers
    loose = 1.10 if look.leg > 1 else 1.0
    shin = _unit(foot - knee)
    # Which way the leg points: where the knee sticks out, and the pelvis's forward while it is straight.
    line = _unit(foot - hip)
    sticking_out = _reject(knee - hip, line)
    forward = _unit(_reject(0.06 * unit * pelvis[1] + sticking_out, line))
    behind = -_unit(_reject(forward, shin))
    calf = knee + 0.36 * (foot - knee) + 0.016 * k * behind
    outwards = SIDES[side] * 0.004 * k * pelvis[0]
    return [
        _two_tone(hip + outwards, knee, 0.087 * k, 0.056 * k * loose, cloth, look.skin, reach=look.leg, cloth=0.8),
        _two_tone(knee, foot, 0.054 * k * loose, 0.040 * k * loose, cloth, look.skin, reach=look.leg - 1, cloth=0.8),
        _ellipsoid(
            calf, np.stack([np.cross(behind, shin), behind, shin]),
            (0.050 * k * loose, 0.047 * k * loose, 0.16 * unit), cloth if look.leg > 1 else look.skin,
        ),
        *_foot(foot, shin, forward, look=look, unit=unit),
    ]  # fmt: skip


def _foot(ankle: Array, shin: Array, forward: Array, *, look: Look, unit: float) -> list[_Part]:
    """A shoe: flat while the ankle is near the floor, at a right angle to the shin and a bit stretched when lifted."""
    level = _unit(_reject(forward, np.array([0.0, 0.0, 1.0])))
    square = _unit(_reject(forward, shin) + 0.35 * shin)
    lifted = float(np.clip((ankle[2] - 0.10 * unit) / (0.10 * unit), 0.0, 1.0))
    ahead = _unit((1 - lifted) * level + lifted * square)
    down = _unit(_reject(shin - np.array([0.0, 0.0, 1.5 * (1 - lifted)]), ahead))
    heel = ankle + unit * (-0.035 * ahead + 0.042 * down)
    ball = ankle + unit * (0.115 * ahead + 0.046 * down)
    toe = ankle + unit * (0.165 * ahead + 0.052 * down)
    return [
        _cone(heel, ball, 0.036 * unit, 0.034 * unit, look.shoes),
        _cone(ball, toe, 0.040 * unit, 0.028 * unit, look.shoes),
        _cone(ankle + 0.005 * unit * ahead, ball, 0.043 * unit, 0.034 * unit, look.shoes),
    ]


def _head(face: Array, thorax: Array, chest: Array, *, look: Look, unit: float, k: float) -> list[_Part]:
    nose, left_eye, right_eye, left_ear, right_ear = face
    ears = 0.5 * (left_ear + right_ear)
    # Face points come with the head's size in them; 0.15 m between the ears is the average head drawn below.
    s = float(np.linalg.norm(left_ear - right_ear)) / 0.15
    left = _unit(left_ear - right_ear)
    up = _unit(np.cross(nose - ears, left))
    forward = np.cross(left, up)
    frame = np.stack([left, forward, up])

    def point(sideways: float, ahead: float, above: float) -> Array:
        return ears + s * (sideways * left + ahead * forward + above * up)

    def ellipsoid(centre: Array, semi: tuple[float, float, float], colour: Colour) -> _Part:
        return _ellipsoid(centre, frame, tuple(s * x for x in semi), colour)

    dark = _colour(0.35 * np.asarray(look.hair))
    lips = _colour(np.asarray(look.skin) * (0.85, 0.55, 0.55))
    shade = _colour(np.asarray(look.skin) * 0.93)
    parts = [
        # The neck leans forward from its base to the skull.
        _cone(thorax - 0.01 * unit * chest[2], point(0, -0.012, -0.01), 0.060 * k, 0.055 * k, look.skin),
        # Skull to chin.
        _flat(
            point(0, -0.004, 0.042), point(0, 0.040, -0.052), s * 0.090, s * 0.046, frame, (0.85, 1.0, 1.0), look.skin
        ),
        _cone(point(0, 0.090, 0.028), point(0, 0.101, -0.002), s * 0.009, s * 0.0135, shade),  # nose
        ellipsoid(point(0, 0.082, -0.044), (0.022, 0.008, 0.007), lips),
        # A cap of hair: high over the forehead, down to the nape behind.
        _ellipsoid(point(0, -0.019, 0.055), frame, (0.086 * s, 0.098 * s, 0.090 * s), look.hair, cloth=1.5),
    ]
    for sign, eye, ear in ((1.0, left_eye, left_ear), (-1.0, right_eye, right_ear)):
        parts += [
            ellipsoid(eye, (0.0155, 0.009, 0.0085), (0.95, 0.94, 0.92)),
            ellipsoid(eye + 0.006 * s * forward, (0.0065, 0.005, 0.0070), (0.12, 0.09, 0.07)),
            _cone(
                eye + s * (sign * 0.016 * left + 0.017 * up),
                eye + s * (-sign * 0.014 * left + 0.006 * forward + 0.020 * up),
                s * 0.0045, s * 0.0055, dark,
            ),
            ellipsoid(ear + s * (0.004 * sign * left - 0.004 * forward + 0.002 * up), (0.010, 0.018, 0.031), shade),
        ]  # fmt: skip
    if look.long_hair:
        parts.append(
            _flat(
                point(0, -0.055, 0.03),
                point(0, -0.065, -0.14),
                0.078 * s,
                0.062 * s,
                frame,
                (1.0, 0.65, 1.0),
                look.hair,
            )
        )
    return parts


# ------------------------------------------------------------------------------------------------------------- drawing


@dataclass(frozen=True)
class _Table:
    """All parts (N) as arrays in camera space, mapped by their shapes: what the intersection and the shading read."""

    person: NDArray[np.intp]  # (N,)
    shape: Array  # (N, 3, 3)
    start: Array  # (N, 3) first centre, mapped
    axis: Array  # (N, 3) from the first centre to the second, mapped
    radii: Array  # (N, 2)
    box: Array  # (N, 4) bounds x0, y0, x1, y1 on the plane z = 1; NaN for parts too near the camera
    colour: NDArray[np.float32]  # (N, 2, 3)
    plane: NDArray[np.float32]  # (N, 3)
    cloth: NDArray[np.float32]  # (N,)
    stripes: NDArray[np.float32]  # (N, 2) how many per metre, and the offset
    scale: NDArray[np.float32]  # (N, 3) metres per unit of the mapped axes
    slender: NDArray[np.bool_]  # (N,) thin for its distance: the intersection needs double precision

    @classmethod
    def of(cls, bodies: Sequence[Sequence[_Part]], camera: Camera) -> _Table:
        parts = [part for body in bodies for part in body]
        shape = np.stack([part.shape for part in parts]) @ camera.R.T
        ends = np.stack([[part.a, part.b] for part in parts]) @ camera.R.T + camera.t  # (N, 2, 3)
        mapped = np.einsum("nij,nkj->nki", shape, ends)
        radii = np.array([[part.ra, part.rb] for part in parts])
        colour = np.array([[p.colour, p.colour if p.colour2 is None else p.colour2] for p in parts])
        # Planes are given in world axes; mapped coordinates want them through the inverse of the map.
        inverse = np.linalg.inv(np.stack([part.shape for part in parts]))
        plane = np.einsum("nji,nj->ni", inverse, np.stack([part.plane for part in parts]))
        return cls(
            person=np.repeat(np.arange(len(bodies)), [len(body) for body in bodies]),
            shape=shape,
            start=mapped[:, 0],
            axis=mapped[:, 1] - mapped[:, 0],
            radii=radii,
            box=_bounds(shape, ends, radii),
            colour=colour.astype(np.float32),
            plane=plane.astype(np.float32),
            cloth=np.array([part.cloth for part in parts], dtype=np.float32),
            stripes=np.array([[part.stripes, part.offset] for part in parts], dtype=np.float32),
            slender=radii.min(axis=1) < 0.008 * np.linalg.norm(mapped[:, 0], axis=-1),
            scale=(1 / np.linalg.norm(shape, axis=-1)).astype(np.float32),
        )


def _bounds(shape: Array, ends: Array, radii: Array) -> Array:
    """Exact projected box of every part (N, 4) on the plane z = 1, from the outlines of its two end ellipsoids."""
    inverse = np.linalg.inv(shape)
    spread = np.einsum("nij,nkj->nik", inverse, inverse)[:, None] * radii[:, :, None, None] ** 2  # (N, 2, 3, 3)
    outline = spread - ends[..., :, None] * ends[..., None, :]  # dual conic of the outline
    near = ends[..., 2] - np.sqrt(spread[..., 2, 2])
    low, high = np.empty((*near.shape, 2)), np.empty((*near.shape, 2))
    for i in range(2):
        root = np.sqrt(np.maximum(outline[..., i, 2] ** 2 - outline[..., i, i] * outline[..., 2, 2], 0.0))
        first, second = ((outline[..., i, 2] + sign * root) / outline[..., 2, 2] for sign in (1, -1))
        low[..., i], high[..., i] = np.minimum(first, second), np.maximum(first, second)
    box = np.concatenate([low.min(axis=1), high.max(axis=1)], axis=-1)
    box[near.min(axis=1) < NEAR] = np.nan
    return box


def _draw(
    image: NDArray[np.uint8], table: _Table, *, camera: Camera, light: Array, supersample: int
) -> NDArray[np.uint8]:
    focal = np.array([camera.K[0, 0], camera.K[1, 1]])
    centre = camera.K[:2, 2]
    boxes = table.box * np.tile(focal, 2) + np.tile(centre, 2)  # pixels
    limit = np.array([camera.width, camera.height])
    with np.errstate(invalid="ignore", divide="ignore"):  # rays that miss, or run along the side
        seen = (boxes[:, 2] > 0) & (boxes[:, 3] > 0) & (boxes[:, 0] < limit[0]) & (boxes[:, 1] < limit[1])
    if not seen.any():
        return image
    # Only the window of the picture that the people cover is drawn, at `supersample` times its size.
    x0, y0 = np.clip(np.floor(boxes[seen, :2].min(axis=0)) - 1, 0, limit).astype(int)
    x1, y1 = np.clip(np.ceil(boxes[seen, 2:].max(axis=0)) + 1, 0, limit).astype(int)
    width, height = (x1 - x0) * supersample, (y1 - y0) * supersample
    columns = ((np.arange(width) + 0.5) / supersample + x0 - centre[0]) / focal[0]
    rows = ((np.arange(height) + 0.5) / supersample + y0 - centre[1]) / focal[1]

    depth = np.full((height, width), np.inf, dtype=np.float32)
    owner = np.full((height, width), -1, dtype=np.int16)
    for n in np.flatnonzero(seen):
        left, top, right, bottom = boxes[n]
        u0, u1 = _span(left - x0, right - x0, supersample, width)
        v0, v1 = _span(top - y0, bottom - y0, supersample, height)
        if u0 >= u1 or v0 >= v1:
            continue
        # Small things far away lose their outline to rounding in single precision; they are few pixels.
        precision = np.float64 if table.slender[n] else np.float32
        hit = _intersect(table, n, columns[u0:u1].astype(precision), rows[v0:v1].astype(precision))
        window = depth[v0:v1, u0:u1]
        nearer = hit < window
        np.copyto(window, hit, where=nearer)
        owner[v0:v1, u0:u1][nearer] = n

    mask = owner >= 0
    layer = np.zeros((height, width, 3), dtype=np.float32)
    v, u = np.nonzero(mask)
    layer[v, u] = _shade(
        table,
        owner[v, u],
        depth[v, u],
        columns[u],
        rows[v],
        light=(camera.R @ light).astype(np.float32),
        up=camera.R[:, 2].astype(np.float32),
    )
    layer *= _contact_shadow(table, owner, depth, pixels_per_unit=float(focal[0]) * supersample)[..., None]

    size = (x1 - x0, y1 - y0)
    colour = cv2.resize(layer * mask[..., None], size, interpolation=cv2.INTER_AREA)
    cover = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)[..., None]
    under = image[y0:y1, x0:x1].astype(np.float32)
    image[y0:y1, x0:x1] = np.clip(colour * 255 + under * (1 - cover) + 0.5, 0, 255).astype(np.uint8)
    return image


def _contact_shadow(
    table: _Table, owner: NDArray[np.int16], depth: NDArray[np.float32], *, pixels_per_unit: float
) -> NDArray[np.float32]:
    """Factor (h, w) that darkens surfaces just behind a nearer edge of one person: it parts an arm from a chest."""
    relief = np.zeros_like(depth)
    nearest = np.inf
    person = np.where(owner >= 0, table.person[owner], -1)
    for p in np.unique(person[person >= 0]):
        own = person == p
        distance = float(np.median(depth[own]))
        nearest = min(nearest, distance)
        relief[own] = np.clip(depth[own] - distance, -0.5, 0.5)
    relief[person < 0] = 0.5
    if not np.isfinite(nearest):
        return np.ones_like(depth)
    reach = max(3, int(0.05 * pixels_per_unit / nearest) | 1)
    around = np.asarray(cv2.blur(relief, (reach, reach)), dtype=np.float32)
    return np.float32(1) - np.clip(np.float32(2.2) * (relief - around), 0, 0.35)


def _span(low: float, high: float, supersample: int, size: int) -> tuple[int, int]:
    return max(0, int(np.floor(low * supersample))), min(size, int(np.ceil(high * supersample)))


def _intersect(
    table: _Table, n: int, columns: NDArray[np.floating], rows: NDArray[np.floating]
) -> NDArray[np.floating]:
    """Depth (h, w) at which the rays (column, row, 1) enter part n; infinite where they miss."""
    m, start, axis = table.shape[n], table.start[n], table.axis[n]
    ra, rb = table.radii[n]
    x, y = columns[None, :], rows[:, None]

    def along(vector: Array) -> NDArray[np.floating]:
        wx, wy, w1 = (float(w) for w in vector @ m)
        return (wx * x + w1) + wy * y

    gram = [[float(g) for g in row] for row in m.T @ m]
    length2 = (gram[0][0] * x * x + 2 * gram[0][2] * x + gram[2][2]) + (
        gram[1][1] * y * y + 2 * gram[1][2] * y + (2 * gram[0][1]) * (x * y)
    )
    with np.errstate(invalid="ignore", divide="ignore"):  # rays that miss, or run along the side
        toward = along(start)  # minus m3 of the usual derivation: the eye is at the origin
        hit = (toward - np.sqrt(toward * toward - length2 * float(start @ start - ra * ra))) / length2
        slope = ra - rb
        d2 = float(axis @ axis - slope * slope)
        if d2 > 1e-9:
            end = start + axis
            toward_end = along(end)
            other = (toward_end - np.sqrt(toward_end * toward_end - length2 * float(end @ end - rb * rb))) / length2
            hit = np.fmin(hit, other)
            m1 = -float(axis @ start)
            m2 = along(axis)
            k2 = d2 * length2 - m2 * m2
            k1 = (float(slope * ra) - m1) * m2 - d2 * toward
            k0 = float(d2 * (start @ start) - m1 * m1 + 2 * m1 * slope * ra - (axis @ axis) * ra * ra)
            side = -(np.sqrt(k1 * k1 - k0 * k2) + k1) / k2
            where = m1 - float(ra * slope) + side * m2
            hit = np.fmin(hit, np.where((where > 0) & (where < d2), side, np.nan))
    return np.nan_to_num(hit, copy=False, nan=np.inf)


def _shade(
    table: _Table,
    owner: NDArray[np.int16],
    depth: NDArray[np.float32],
    x: Array,
    y: Array,
    *,
    light: NDArray[np.float32],
    up: NDArray[np.float32],
) -> NDArray[np.float32]:
    """RGB (N, 3) of visible points: Lambert, sky and fill light, cloth folds, two colours or stripes."""
    maps, starts, axes, radii = (a.astype(np.float32) for a in (table.shape, table.start, table.axis, table.radii))
    slopes = radii[:, 0] - radii[:, 1]
    spans = np.maximum((axes * axes).sum(-1) - slopes * slopes, 1e-9)
    rays = np.stack([x, y, np.ones_like(x)], axis=-1).astype(np.float32)
    shape, axis = maps[owner], axes[owner]
    local = np.einsum("nij,nj->ni", shape, rays * depth[:, None]) - starts[owner]
    along = (axis * local).sum(-1) - (radii[:, 0] * slopes)[owner]
    fraction = np.clip(along / spans[owner], 0, 1)
    normal = np.einsum("nij,ni->nj", shape, local - fraction[:, None] * axis)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9

    second = (table.plane.astype(np.float32)[owner] * local).sum(-1) > 1
    metric = local * table.scale[owner]
    count, offset = table.stripes[owner].T
    second |= np.sin(2 * np.pi * count * (metric[:, 2] + offset)) > 0.4
    colour = table.colour[owner, second.astype(int)]

    folds = np.sin(metric @ np.array([31.0, 17.0, 43.0], dtype=np.float32)) * np.sin(
        metric @ np.array([-23.0, 38.0, 19.0], dtype=np.float32)
    )
    lamp = np.clip(normal @ light, 0, 1)
    sky = 0.5 + 0.5 * (normal @ up)
    fill = np.clip(-normal[:, 2], 0, 1)
    shading = 0.52 * lamp + 0.28 * sky + 0.36 * fill
    shading *= 1 + 0.08 * table.cloth[owner] * folds
    return np.clip(colour * shading[:, None], 0, 1)


# ----------------------------------------------------------------------------------------------------- floor and room


def _cast_shadow(
    image: NDArray[np.uint8], parts: Sequence[_Part], *, camera: Camera, light: Array
) -> NDArray[np.uint8]:
    """Darken the floor where `parts` stand in the light: drawn from above, blurred, laid into the picture."""
    if light[2] <= 0.1:
        return image
    ends = np.array([[part.a, part.b] for part in parts])  # (N, 2, 3)
    radii = np.array([_thickness(part) for part in parts])
    on_floor = ends[..., :2] - light[:2] / light[2] * ends[..., 2:]
    margin = 0.4
    low, high = on_floor.min(axis=(0, 1)) - margin, on_floor.max(axis=(0, 1)) + margin
    width, height = np.ceil((high - low) / SHADOW_METRES_PER_PIXEL).astype(int)
    if max(width, height) > 4000:
        return image  # people so far apart, or joints so broken, that the map would not fit
    sheet = np.zeros((height, width), dtype=np.uint8)
    for (a, b), radius in zip((on_floor - low) / SHADOW_METRES_PER_PIXEL, radii / SHADOW_METRES_PER_PIXEL, strict=True):
        first, second = ([round(float(v) * 16) for v in p] for p in (a, b))
        cv2.line(sheet, first, second, (255,), max(1, round(2 * float(radius))), cv2.LINE_AA, 4)
    soft = cv2.GaussianBlur(sheet, (0, 0), 0.05 / SHADOW_METRES_PER_PIXEL)

    metres = np.array([[SHADOW_METRES_PER_PIXEL, 0, low[0]], [0, SHADOW_METRES_PER_PIXEL, low[1]], [0, 0, 1]])
    floor = camera.K @ np.column_stack([camera.R[:, 0], camera.R[:, 1], camera.t]) @ metres
    fall = cv2.warpPerspective(soft, floor, (camera.width, camera.height), flags=cv2.INTER_LINEAR)
    lit = 255 - (fall * 0.5).astype(np.uint8)
    return np.asarray(cv2.multiply(image, cv2.merge([lit] * 3), scale=1 / 255), dtype=np.uint8)


def _thickness(part: _Part) -> float:
    """A typical radius in metres of a part that may be flattened."""
    return 0.5 * (part.ra + part.rb) / float(np.cbrt(abs(np.linalg.det(part.shape))))


def textured_background(camera: Camera, rng: np.random.Generator, *, wall: float | None = None) -> NDArray[np.uint8]:
    """An empty place seen by `camera`: a floor at height 0, and a wall or an open horizon. (H, W, 3) uint8 RGB.

    `wall` is the distance in metres from the camera to the wall ahead; by default 7 to 12 m, or none at all.
    """
    scale = 2
    width, height = camera.width * scale, camera.height * scale
    x = ((np.arange(width) + 0.5) / scale - camera.K[0, 2]) / camera.K[0, 0]
    y = ((np.arange(height) + 0.5) / scale - camera.K[1, 2]) / camera.K[1, 1]
    rays = np.stack(np.broadcast_arrays(x[None, :], y[:, None], 1.0), axis=-1).astype(np.float32)
    rays = rays @ camera.R.astype(np.float32)  # world
    eye = camera.position.astype(np.float32)

    far = 60.0
    heading = np.arctan2(camera.R[2, 1], camera.R[2, 0]) + rng.uniform(-0.35, 0.35)
    indoors = wall is not None or rng.uniform() < 0.7
    distance = float(rng.uniform(7, 12)) if wall is None else wall
    outward = np.array([np.cos(heading), np.sin(heading)], dtype=np.float32)
    with np.errstate(divide="ignore", invalid="ignore"):
        to_floor = np.where(rays[..., 2] < -1e-4, -eye[2] / rays[..., 2], np.inf)
        facing = rays[..., :2] @ outward
        to_wall = np.where(facing > 1e-4, distance / facing, np.inf) if indoors else np.full_like(to_floor, np.inf)

    sky_top, sky_low = np.array([0.45, 0.62, 0.85]), np.array([0.82, 0.88, 0.93])
    elevation = np.clip(rays[..., 2] / np.linalg.norm(rays, axis=-1), 0, 1)[..., None]
    picture = (sky_low + (sky_top - sky_low) * np.sqrt(elevation)).astype(np.float32)
    picture *= 0.92 + 0.12 * _noise(rays[..., 0] / (0.2 + elevation[..., 0]), rays[..., 1], rng)[..., None]

    on_floor = to_floor < np.minimum(to_wall, far)
    point = eye + rays * np.where(on_floor, to_floor, 0)[..., None]
    picture = np.where(on_floor[..., None], _floor_texture(point[..., 0], point[..., 1], rng), picture)
    on_wall = to_wall < to_floor
    point = eye + rays * np.where(on_wall, to_wall, 0)[..., None]
    across = point[..., 1] * outward[0] - point[..., 0] * outward[1]
    picture = np.where(on_wall[..., None], _wall_texture(across, point[..., 2], rng), picture)

    reached = np.minimum(to_floor, to_wall)
    haze = np.clip(np.where(np.isfinite(reached), reached, far) / far, 0, 1)[..., None] * (0.0 if indoors else 0.9)
    haze = np.where((on_floor | on_wall)[..., None], haze, 0)
    picture = picture * (1 - haze) + sky_low * haze
    small = cv2.resize(picture.astype(np.float32), (camera.width, camera.height), interpolation=cv2.INTER_AREA)
    return np.clip(small * 255 + 0.5, 0, 255).astype(np.uint8)


def _floor_texture(x: NDArray[np.float32], y: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    base = np.asarray(_random_colour(rng, brightest=0.75), dtype=np.float32)
    base = 0.5 * base + 0.5 * base.mean()  # floors are rarely colourful
    grain = 0.86 + 0.28 * _noise(x * 1.7, y * 1.7, rng)
    kind = rng.choice(["tiles", "planks", "ground"])
    if kind == "tiles":
        size = rng.uniform(0.4, 0.9)
        cells = np.floor(x / size) + np.floor(y / size)
        grain = grain * np.where(cells % 2 == 0, 1.0, rng.uniform(0.8, 0.97))
        grain = grain * np.where((x % size < 0.015) | (y % size < 0.015), 0.75, 1.0)
    elif kind == "planks":
        row = np.floor(y / 0.16)
        grain = grain * (0.88 + 0.24 * np.mod(np.sin(row * 12.9898) * 43758.55, 1.0))
        grain = grain * (0.94 + 0.12 * _noise(x * 1.2 + row * 7.3, y * 22.0, rng))
        grain = grain * np.where(y % 0.16 < 0.008, 0.65, 1.0)
    else:
        grain = grain * (0.8 + 0.4 * _noise(x * 9.0, y * 9.0, rng))
    return base * grain[..., None]


def _wall_texture(
    across: NDArray[np.float32], up: NDArray[np.float32], rng: np.random.Generator
) -> NDArray[np.float32]:
    base = np.asarray(_random_colour(rng, brightest=0.9), dtype=np.float32)
    base = 0.45 * base + 0.55 * max(0.45, float(base.mean()))
    shade = 0.9 + 0.2 * _noise(across * 0.8, up * 0.8, rng)
    if rng.uniform() < 0.5:
        row = np.floor(up / 0.13)
        shift = across + 0.15 * (row % 2)
        mortar = (up % 0.13 < 0.014) | (shift % 0.30 < 0.014)
        brick = 0.9 + 0.2 * np.mod(np.sin(row * 3.1 + np.floor(shift / 0.30) * 78.2) * 43758.5, 1.0)
        shade = shade * np.where(mortar, 1.12, brick)
    wall = base * shade[..., None]
    wall = np.where((up < 0.12)[..., None], wall * 0.6, wall)  # skirting board
    for _ in range(rng.integers(1, 5)):
        # Pictures, doors, windows: rectangles with something in them.
        left, bottom = rng.uniform(-7, 6), rng.choice([0.0, rng.uniform(0.7, 1.6)])
        wide = rng.uniform(0.5, 1.8)
        tall = 2.1 if bottom == 0 else rng.uniform(0.5, 1.3)
        colour = np.asarray(_random_colour(rng), dtype=np.float32)
        inside = (across > left) & (across < left + wide) & (up > bottom) & (up < bottom + tall)
        frame = 0.05
        core = (
            (across > left + frame)
            & (across < left + wide - frame)
            & (up > bottom + frame)
            & (up < bottom + tall - frame)
        )
        content = colour * (0.7 + 0.5 * _noise(across * 2.5, up * 2.5, rng))[..., None]
        wall = np.where(core[..., None], content, np.where(inside[..., None], 0.35 * colour + 0.1, wall))
    return wall


def _noise(x: NDArray[np.float32], y: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Smooth noise in about 0..1 at the coordinates x, y, in five octaves; repeats after 64 units."""
    lattice = rng.uniform(size=(64, 64)).astype(np.float32)
    lattice = np.pad(lattice, ((0, 1), (0, 1)), mode="wrap")
    total = np.zeros(np.broadcast_shapes(x.shape, y.shape), dtype=np.float32)
    for octave in range(5):
        u = np.mod(x * 2**octave + 13.7 * octave, 64).astype(np.float32)
        v = np.mod(y * 2**octave + 5.1 * octave, 64).astype(np.float32)
        total += 0.5 ** (octave + 1) * cv2.remap(lattice, u, v, cv2.INTER_LINEAR)
    return total / 0.97


# ------------------------------------------------------------------------------------------------------------- helpers


def _unit(vector: Array) -> Array:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def _reject(vector: Array, direction: Array) -> Array:
    """The part of `vector` at right angles to the unit vector `direction`."""
    return vector - (vector @ direction) * direction


def _frame(*, left: Array, up: Array) -> Array:
    """Body axes as rows: left, forward, up. Left is exact; up is made perpendicular to it."""
    left = _unit(left)
    up = _unit(_reject(up, left))
    return np.stack([left, np.cross(left, up), up])


def _colour(values: ArrayLike) -> Colour:
    red, green, blue = np.clip(np.asarray(values, dtype=np.float64), 0, 1)
    return float(red), float(green), float(blue)


def _random_colour(rng: np.random.Generator, *, brightest: float = 0.95) -> Colour:
    hue, saturation = rng.uniform(0, 180), rng.beta(1.3, 1.6) * 255
    value = rng.uniform(0.12, brightest) * 255
    pixel = cv2.cvtColor(np.array([[[hue, saturation, value]]], dtype=np.uint8), cv2.COLOR_HSV2RGB)
    return _colour(pixel[0, 0] / 255)
