"""The parts of a clothed body, in world space, from its joints and the points of its face."""

from __future__ import annotations

from functools import cache

import numpy as np

from in_the_wild.skeletons import get_skeleton
from pose3d_cli.datasets.synthetic.mannequin.cones import (
    STRIPES_PER_METRE,
    RoundCone,
    cone,
    ellipsoid,
    flat,
    stretched,
    striped,
    two_tone,
)
from pose3d_cli.datasets.synthetic.mannequin.look import Colour, Look, colour_of
from pose3d_cli.datasets.synthetic.mannequin.vectors import Array, frame_of, reject, unit_vector

SIDES = {"left": 1.0, "right": -1.0}  # and their sign along the body's left


@cache
def _joint_index() -> dict[str, int]:
    skeleton = get_skeleton("human36m17")
    return {name: skeleton.index(name) for name in skeleton.joints}


def body_parts(joints: Array, face: Array, look: Look) -> list[RoundCone]:
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

    pelvis = frame_of(left=at["left_hip"] - at["right_hip"], up=spine - hip)
    chest = frame_of(left=at["left_shoulder"] - at["right_shoulder"], up=thorax - spine)
    parts = _torso(at, pelvis, chest, look=look, k=k)
    for side in SIDES:
        parts += _arm(at, side, chest, look=look, k=k)
        parts += _leg(at, side, pelvis, look=look, k=k, unit=unit)
    if look.skirt > 0:
        parts.append(_skirt(at, pelvis, look=look, k=k))
    parts += _head(face, thorax, chest, look=look, unit=unit, k=k)
    return parts


def _torso(at: dict[str, Array], pelvis: Array, chest: Array, *, look: Look, k: float) -> list[RoundCone]:
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
        flat(
            at["right_hip"] + 0.01 * k * up, at["left_hip"] + 0.01 * k * up, 0.080 * k, 0.080 * k,
            stretched(pelvis, (0.85, 1.2, 1.0)), look.trousers, cloth=0.5,
        ),
        # The shirt, hanging over the belt or tucked in: hem to waist, waist to ribs, ribs to shoulders.
        RoundCone(
            a=hip - 0.012 * k * up, b=spine, ra=hem, rb=0.148 * b, shape=stretched(pelvis, (1.0, 0.78, 0.12)),
            colour=look.trousers if look.tucked else look.shirt, colour2=look.shirt if look.tucked else look.stripe,
            plane=up / (0.085 * k) if look.tucked else np.zeros(3),
            stripes=0.0 if look.tucked or look.stripe is None else STRIPES_PER_METRE, cloth=1.0,
        ),
        striped(
            flat(spine, ribs, 0.148 * b, wide, stretched(chest, (1.0, 0.76, 0.75)), look.shirt, cloth=1.0),
            look.stripe, offset=0.22 * k,
        ),
        striped(
            flat(
                ribs + 0.008 * chest[1], ribs + 0.16 * trunk * chest_up, wide, 0.86 * wide,
                stretched(chest, (1.0, 0.75, 0.62)), look.shirt, cloth=1.0,
            ),
            look.stripe, offset=0.22 * k + 0.60 * trunk,
        ),
    ]  # fmt: skip
    for side, sign in SIDES.items():
        seat = at[f"{side}_hip"] - 0.040 * k * forward - 0.01 * k * up - sign * 0.01 * k * left
        parts.append(ellipsoid(seat, pelvis, (0.086 * k, 0.078 * k, 0.095 * k), look.trousers, cloth=0.5))
        shoulder = at[f"{side}_shoulder"]
        parts.append(cone(thorax - 0.05 * k * chest_up, shoulder, 0.078 * k, 0.064 * k, look.shirt, cloth=0.5))
        collar = thorax + 0.02 * k * chest_up - 0.012 * k * chest[1]
        parts.append(cone(collar, shoulder, 0.052 * k, 0.056 * k, look.shirt, cloth=0.5))
    return parts


def _arm(at: dict[str, Array], side: str, chest: Array, *, look: Look, k: float) -> list[RoundCone]:
    shoulder, elbow, wrist = (at[f"{side}_{name}"] for name in ("shoulder", "elbow", "wrist"))
    own = look.left_sleeve if side == "left" else look.right_sleeve
    sleeve = look.shirt if own is None else own
    loose = 1.08 * look.loose if look.sleeve > 0 else 1.0
    forearm = look.loose if look.sleeve > 1 else 1.0
    along = unit_vector(wrist - elbow)
    # Palms face the body when the arms hang: the hand is wide along the chest's forward, and the thumb is in front.
    thumbwards = unit_vector(reject(chest[1] + 0.35 * chest[2], along))
    hand = np.stack([np.cross(along, thumbwards), thumbwards, along])
    knuckles = wrist + 0.085 * k * along
    return [
        two_tone(
            shoulder, elbow, 0.060 * k * loose, 0.043 * k * forearm, sleeve, look.skin, reach=look.sleeve, cloth=0.8
        ),
        two_tone(
            elbow, wrist, 0.043 * k * forearm, 0.030 * k * forearm, sleeve, look.skin, reach=look.sleeve - 1, cloth=0.8
        ),
        flat(
            wrist + 0.02 * k * along, knuckles, 0.032 * k, 0.042 * k, stretched(hand, (0.5, 1.0, 1.0)), look.skin
        ),
        flat(
            knuckles, wrist + 0.155 * k * along, 0.040 * k, 0.022 * k, stretched(hand, (0.4, 1.0, 1.0)), look.skin
        ),
        cone(
            wrist + k * (0.03 * along + 0.022 * thumbwards), wrist + k * (0.088 * along + 0.058 * thumbwards),
            0.016 * k, 0.011 * k, look.skin,
        ),
    ]  # fmt: skip


def _leg(at: dict[str, Array], side: str, pelvis: Array, *, look: Look, k: float, unit: float) -> list[RoundCone]:
    hip, knee, foot = (at[f"{side}_{name}"] for name in ("hip", "knee", "ankle"))
    cloth = look.trousers
    loose = 1.10 * look.loose if look.leg > 1 else 1.0
    shin = unit_vector(foot - knee)
    # Which way the leg points: where the knee sticks out, and the pelvis's forward while it is straight.
    line = unit_vector(foot - hip)
    sticking_out = reject(knee - hip, line)
    forward = unit_vector(reject(0.06 * unit * pelvis[1] + sticking_out, line))
    behind = -unit_vector(reject(forward, shin))
    calf = knee + 0.36 * (foot - knee) + 0.016 * k * behind
    outwards = SIDES[side] * 0.004 * k * pelvis[0]
    return [
        two_tone(hip + outwards, knee, 0.087 * k, 0.056 * k * loose, cloth, look.skin, reach=look.leg, cloth=0.8),
        two_tone(knee, foot, 0.054 * k * loose, 0.040 * k * loose, cloth, look.skin, reach=look.leg - 1, cloth=0.8),
        ellipsoid(
            calf, np.stack([np.cross(behind, shin), behind, shin]),
            (0.050 * k * loose, 0.047 * k * loose, 0.16 * unit), cloth if look.leg > 1 else look.skin,
        ),
        *_foot(foot, shin, forward, look=look, unit=unit),
    ]  # fmt: skip


def _skirt(at: dict[str, Array], pelvis: Array, *, look: Look, k: float) -> RoundCone:
    """Cloth from the hips about both thighs: flat at its hem, as wide there as the legs are apart."""
    hip = at["pelvis"]
    knees = [at[f"{side}_knee"] for side in SIDES]
    middle = 0.5 * (knees[0] + knees[1])
    apart = float(np.linalg.norm(knees[0] - knees[1]))
    axes = frame_of(left=pelvis[0], up=hip - middle)
    hem = hip + look.skirt * (middle - hip)
    return flat(
        hip, hem, 0.165 * k, 0.14 * k * look.loose + 0.5 * look.skirt * apart, stretched(axes, (1.0, 0.85, 0.1)),
        look.trousers, cloth=1.0,
    )  # fmt: skip


def _foot(ankle: Array, shin: Array, forward: Array, *, look: Look, unit: float) -> list[RoundCone]:
    """A shoe: flat while the ankle is near the floor, at a right angle to the shin and a bit stretched when lifted."""
    level = unit_vector(reject(forward, np.array([0.0, 0.0, 1.0])))
    square = unit_vector(reject(forward, shin) + 0.35 * shin)
    lifted = float(np.clip((ankle[2] - 0.10 * unit) / (0.10 * unit), 0.0, 1.0))
    ahead = unit_vector((1 - lifted) * level + lifted * square)
    down = unit_vector(reject(shin - np.array([0.0, 0.0, 1.5 * (1 - lifted)]), ahead))
    heel = ankle + unit * (-0.035 * ahead + 0.042 * down)
    ball = ankle + unit * (0.115 * ahead + 0.046 * down)
    toe = ankle + unit * (0.165 * ahead + 0.052 * down)
    return [
        cone(heel, ball, 0.036 * unit, 0.034 * unit, look.shoes),
        cone(ball, toe, 0.040 * unit, 0.028 * unit, look.shoes),
        cone(ankle + 0.005 * unit * ahead, ball, 0.043 * unit, 0.034 * unit, look.shoes),
    ]


def _head(face: Array, thorax: Array, chest: Array, *, look: Look, unit: float, k: float) -> list[RoundCone]:
    nose, left_eye, right_eye, left_ear, right_ear = face
    ears = 0.5 * (left_ear + right_ear)
    # Face points come with the head's size in them; 0.15 m between the ears is the average head drawn below.
    s = float(np.linalg.norm(left_ear - right_ear)) / 0.15
    left = unit_vector(left_ear - right_ear)
    up = unit_vector(np.cross(nose - ears, left))
    forward = np.cross(left, up)
    frame = np.stack([left, forward, up])

    def point(sideways: float, ahead: float, above: float) -> Array:
        return ears + s * (sideways * left + ahead * forward + above * up)

    def feature(centre: Array, semi: tuple[float, float, float], colour: Colour) -> RoundCone:
        return ellipsoid(centre, frame, tuple(s * x for x in semi), colour)

    dark = colour_of(0.35 * np.asarray(look.hair))
    lips = colour_of(np.asarray(look.skin) * (0.85, 0.55, 0.55))
    shade = colour_of(np.asarray(look.skin) * 0.93)
    parts = [
        # The neck leans forward from its base to the skull.
        cone(thorax - 0.01 * unit * chest[2], point(0, -0.012, -0.01), 0.060 * k, 0.055 * k, look.skin),
        # Skull to chin.
        flat(
            point(0, -0.004, 0.042),
            point(0, 0.040, -0.052),
            s * 0.090,
            s * 0.046,
            stretched(frame, (0.85, 1.0, 1.0)),
            look.skin,
        ),
        cone(point(0, 0.090, 0.028), point(0, 0.101, -0.002), s * 0.009, s * 0.0135, shade),  # nose
        feature(point(0, 0.082, -0.044), (0.022, 0.008, 0.007), lips),
        # A cap of hair: high over the forehead, down to the nape behind.
        ellipsoid(point(0, -0.019, 0.055), frame, (0.086 * s, 0.098 * s, 0.090 * s), look.hair, cloth=1.5),
    ]
    for sign, eye, ear in ((1.0, left_eye, left_ear), (-1.0, right_eye, right_ear)):
        parts += [
            feature(eye, (0.0155, 0.009, 0.0085), (0.95, 0.94, 0.92)),
            feature(eye + 0.006 * s * forward, (0.0065, 0.005, 0.0070), (0.12, 0.09, 0.07)),
            cone(
                eye + s * (sign * 0.016 * left + 0.017 * up),
                eye + s * (-sign * 0.014 * left + 0.006 * forward + 0.020 * up),
                s * 0.0045, s * 0.0055, dark,
            ),
            feature(ear + s * (0.004 * sign * left - 0.004 * forward + 0.002 * up), (0.010, 0.018, 0.031), shade),
        ]  # fmt: skip
    if look.long_hair:
        parts.append(
            flat(
                point(0, -0.055, 0.03), point(0, -0.065, -0.14), 0.078 * s, 0.062 * s,
                stretched(frame, (1.0, 0.65, 1.0)), look.hair,
            )
        )  # fmt: skip
    return parts
