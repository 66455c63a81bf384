"""Angles to joints: a figure's bones, and where its joints and the points of its face are when it bends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.skeletons import get_skeleton
from pose3d_cli.datasets.synthetic.motion.curves import Array

# Body coordinates are (right, forward, up). Face points as in the training data: nose, eyes and ears from the joint
# between spine and skull, for an average adult head.
_EARS = np.array([0.0, 0.012, 0.054])

_FACE = {
    "nose": np.array([0.0, 0.111, 0.0]) + _EARS,
    "left_eye": np.array([-0.032, 0.080, 0.030]) + _EARS,
    "right_eye": np.array([0.032, 0.080, 0.030]) + _EARS,
    "left_ear": np.array([-0.075, 0.0, 0.0]) + _EARS,
    "right_ear": np.array([0.075, 0.0, 0.0]) + _EARS,
}

_NECK = np.array([0.0, 0.034, -0.019]) + _EARS

_HEAD = np.array([0.0, -0.027, 0.091]) + _EARS


@dataclass(frozen=True)
class Figure:
    """Lengths of a person in metres; the defaults make one of about 1.75 m with Human3.6M-like proportions."""

    hip: float = 0.105  # from the pelvis to either side
    thigh: float = 0.437
    shin: float = 0.432
    ankle: float = 0.085  # above the floor when the foot is flat
    lower_spine: float = 0.227
    upper_spine: float = 0.285
    neck: float = 0.105
    shoulder: float = 0.172  # from the neck base to either side
    upper_arm: float = 0.284
    forearm: float = 0.256

    def scaled(self, factor: float) -> Figure:
        """The same proportions at another size (the head stays: adults differ little in it)."""
        return Figure(**{name: value * factor for name, value in vars(self).items()})


def forward_kinematics(angles: Mapping[str, Array], *, figure: Figure) -> tuple[Array, Array]:
    """Channel curves and the heading (T,) -> joints (T, 17, 3) and face (T, 5, 3) in metres, pelvis at the origin."""

    def about(axis: str, degrees: Array) -> Rotation:
        return Rotation.from_euler(axis, degrees[:, None], degrees=True)

    def vector(*xyz: float) -> Array:
        return np.asarray(xyz, dtype=np.float64)

    pelvis = about("z", angles["heading"] + angles["swing"]) * about("y", -angles["tilt"]) * about("x", -angles["lean"])
    half = about("z", angles["twist"] / 2) * about("y", -angles["side"] / 2) * about("x", -angles["bend"] / 2)
    middle = pelvis * half
    chest = middle * half
    skull = chest * about("z", angles["look"]) * about("y", -angles["cock"]) * about("x", -angles["nod"])

    at: dict[str, Array] = {"pelvis": np.zeros((len(angles["heading"]), 3))}
    at["spine"] = pelvis.apply(figure.lower_spine * _direction(0, -0.13, 1))
    at["thorax"] = at["spine"] + middle.apply(figure.upper_spine * _direction(0, -0.02, 1))
    top = at["thorax"] + chest.apply(figure.neck * _direction(0, 0.12, 1))
    at["neck"] = top + skull.apply(_NECK)
    at["head"] = top + skull.apply(_HEAD)
    for side, sign in (("left", -1.0), ("right", 1.0)):
        arm, out = angles[f"{side}_arm"], angles[f"{side}_arm_out"]
        # The shoulder blade follows a raised arm.
        raised = np.degrees(np.arccos(np.clip(np.cos(np.radians(arm)) * np.cos(np.radians(out)), -1, 1)))
        collar = chest * about("y", -sign * 0.22 * np.maximum(raised - 35, 0))
        at[f"{side}_shoulder"] = at["thorax"] + collar.apply(figure.shoulder * _direction(sign, 0, -0.16))
        upper = chest * about("x", arm) * about("y", -sign * out) * about("z", sign * angles[f"{side}_arm_roll"])
        at[f"{side}_elbow"] = at[f"{side}_shoulder"] + upper.apply(vector(0, 0, -figure.upper_arm))
        lower = upper * about("x", angles[f"{side}_elbow"])
        at[f"{side}_wrist"] = at[f"{side}_elbow"] + lower.apply(vector(0, 0, -figure.forearm))

        at[f"{side}_hip"] = pelvis.apply(vector(sign * figure.hip, 0, 0))
        thigh = (
            pelvis
            * about("x", angles[f"{side}_leg"])
            * about("y", -sign * angles[f"{side}_leg_out"])
            * about("z", -sign * angles[f"{side}_leg_roll"])
        )
        at[f"{side}_knee"] = at[f"{side}_hip"] + thigh.apply(vector(0, 0, -figure.thigh))
        shin = thigh * about("x", -angles[f"{side}_knee"])
        at[f"{side}_ankle"] = at[f"{side}_knee"] + shin.apply(vector(0, 0, -figure.shin))

    joints = np.stack([at[name] for name in get_skeleton("human36m17").joints], axis=1)
    face = np.stack([top + skull.apply(point) for point in _FACE.values()], axis=1)
    return joints, face


def _direction(right: float, forward: float, up: float) -> Array:
    vector = np.array([right, forward, up], dtype=np.float64)
    return vector / np.linalg.norm(vector)
