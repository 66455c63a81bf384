"""Joint angles of people in 3D: degrees over time, each with its definition beside it.

They follow the joint coordinate systems of the International Society of Biomechanics as far as joints without
orientations tell them:

    Wu et al., "ISB recommendation on definitions of joint coordinate system, part I: ankle, hip, and spine", Journal
    of Biomechanics 35, 2002; "part II: shoulder, elbow, wrist and hand", 38, 2005

Signs are those of clinics: flexion, abduction, forwards, and to the person's right are positive (ISB counts a thorax's
flexion, and a hip's abduction, as negative). Zero is somebody who stands straight, arms hanging.

The pelvis's axes are the line of the hips and, across it, that to the spine's joint; the thorax's are the line from the
spine's joint to the trunk's upper end and, across it, that of the shoulders. Of a bent spine the thorax turns farther
than that line: half of the bend is taken for the shoulders'. Bones have no rotation about themselves here, hence no
internal and external rotations; without toes there is no ankle. An angle in a plane is NaN where a limb points nearly
out of it, as flexion is of an arm that is stretched out to the side.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.measures._world import in_world
from in_the_wild.measures.curves import Curves
from in_the_wild.poses import Person, Poses

UNIT = "deg"
SIDES = ("left", "right")
# The spine's joint lies behind the hips: of people who stand straight the line to it leans back, by 4 to 12 degrees in
# motion capture of several makers.
_LUMBAR = np.radians(7.0)
# A limb nearer than so many degrees to the normal of a plane has no angle in it: what joints are wrong by would count
# more than twice.
_OUT_OF_PLANE = 30.0
_SHORTEST = 1e-6  # metres; a bone of no length has no direction


class _Frame(NamedTuple):
    """Directions (T, 3) of a part of the body, at right angles to each other."""

    right: np.ndarray
    forward: np.ndarray
    up: np.ndarray

    def outward(self, side: str) -> np.ndarray:
        """(T, 3) away from the middle of the body."""
        return self.right if side == "right" else -self.right


class _Body:
    """One person's directions (T, 3), in the world."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self.hips = self.bone("left_hip", "right_hip")
        self.trunk = self.bone("pelvis", self._top)
        # Hips belong to the pelvis, and their line is exact; shoulders rise with raised arms, so the thorax's is not.
        lumbar = _frame(up=_across(self.bone("pelvis", "spine"), self.hips), right=self.hips)
        up = np.cos(_LUMBAR) * lumbar.up + np.sin(_LUMBAR) * lumbar.forward
        self.pelvis = _frame(up=up, right=self.hips)
        up = self.bone("spine", self._top)
        self.thorax = _frame(up=up, right=_across(self.bone("left_shoulder", "right_shoulder"), up))
        vertical = np.broadcast_to([0.0, 0.0, 1.0], self.hips.shape)
        # The vertical, and the way that the pelvis faces.
        self.upright = _frame(up=vertical, right=_across(self.hips, vertical))

    @property
    def _top(self) -> str:
        """The end of the trunk, by the name that the skeleton gives it."""
        return "thorax" if "thorax" in self._person.joints else "neck"

    def bone(self, upper: str, lower: str) -> np.ndarray:
        """(T, 3) the direction from one joint to another."""
        return _direction(self._person[lower].astype(np.float64) - self._person[upper])


@dataclass(frozen=True)
class Angle:
    """One angle.

    Attributes:
        name: Of those of limbs without the side.
        definition: In a sentence.
    """

    name: str
    definition: str


@dataclass(frozen=True)
class Hinge(Angle):
    """One angle between two bones that meet at a joint, 0 where they are in line.

    Attributes:
        joints: From the upper one on, without the side: the joint itself is the middle one.
    """

    joints: tuple[str, str, str]

    def measure(self, body: _Body, side: str) -> np.ndarray:
        """(T,) degrees."""
        upper, middle, lower = (f"{side}_{joint}" for joint in self.joints)
        return _between(body.bone(upper, middle), body.bone(middle, lower))


@dataclass(frozen=True)
class _OfLimb(Angle):
    measure: Callable[[_Body, str], np.ndarray]


@dataclass(frozen=True)
class _OfTrunk(Angle):
    measure: Callable[[_Body], np.ndarray]


_LIMBS = (
    _OfLimb(
        "hip_flexion",
        "Thigh against the downward axis of the pelvis, in its sagittal plane; forwards is positive (ISB).",
        lambda body, side: _in_plane(body.bone(f"{side}_hip", f"{side}_knee"), body.pelvis.forward, -body.pelvis.up),
    ),
    _OfLimb(
        "hip_abduction",
        "Thigh out of the pelvis's sagittal plane; away from the other leg is positive (ISB's adduction, negated).",
        lambda body, side: _out_of_plane(body.bone(f"{side}_hip", f"{side}_knee"), body.pelvis.outward(side)),
    ),
    Hinge(
        "knee_flexion",
        "Between thigh and shank; straight is 0, and overstretched counts as flexed.",
        ("hip", "knee", "ankle"),
    ),
    _OfLimb(
        "shoulder_flexion",
        "Upper arm against the downward axis of the thorax, in its sagittal plane; forwards is positive.",
        lambda body, side: _in_plane(
            body.bone(f"{side}_shoulder", f"{side}_elbow"), body.thorax.forward, -body.thorax.up
        ),
    ),
    _OfLimb(
        "shoulder_abduction",
        "Upper arm against the downward axis of the thorax, in its frontal plane; away from the body is positive.",
        lambda body, side: _in_plane(
            body.bone(f"{side}_shoulder", f"{side}_elbow"), body.thorax.outward(side), -body.thorax.up
        ),
    ),
    _OfLimb(
        "shoulder_elevation",
        "Between upper arm and the downward axis of the thorax, in whatever plane: hanging 0, overhead 180 (ISB).",
        lambda body, side: _between(body.bone(f"{side}_shoulder", f"{side}_elbow"), -body.thorax.up),
    ),
    Hinge("elbow_flexion", "Between upper arm and forearm; straight is 0.", ("shoulder", "elbow", "wrist")),
)
_TRUNK = (
    _OfTrunk(
        "trunk_inclination",
        "Pelvis to thorax against the vertical, seen from the side; forwards is positive.",
        lambda body: _in_plane(body.trunk, body.upright.forward, body.upright.up),
    ),
    _OfTrunk(
        "trunk_lateral_tilt",
        "Pelvis to thorax against the vertical, seen from the front; to the person's right is positive (ISB).",
        lambda body: _in_plane(body.trunk, body.upright.right, body.upright.up),
    ),
    _OfTrunk(
        "pelvis_tilt",
        "The pelvis's upward axis against the vertical, seen from the side; forwards (anterior) is positive.",
        lambda body: _in_plane(body.pelvis.up, body.upright.forward, body.upright.up),
    ),
    _OfTrunk(
        "pelvis_obliquity",
        "The line of the hips against the horizontal; the right hip higher is positive.",
        lambda body: _out_of_plane(body.hips, body.upright.up),
    ),
)
# All that is measured, in the words of its definition.
DEFINITIONS: tuple[Angle, ...] = (*_LIMBS, *_TRUNK)
HINGES = tuple(angle for angle in _LIMBS if isinstance(angle, Hinge))
NAMES = (*(f"{side}_{angle.name}" for angle in _LIMBS for side in SIDES), *(angle.name for angle in _TRUNK))
_JOINTS = ("pelvis", "spine", *(f"{side}_{joint}" for side in SIDES
           for joint in ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")))  # fmt: skip


def angles(poses: Poses, *, filled: bool = False) -> Curves:
    """The joint angles of everybody who has an id.

    Args:
        poses: In 3D, of a skeleton with the joints of the trunk and the limbs, such as human36m17.
        filled: Whether joints that were not seen, and were filled in by lifting, count; otherwise angles that need
            them are NaN.

    Returns:
        Degrees, of the names `NAMES`.

    Raises:
        InputError: keypoints in the picture, or joints that are not enough.
    """
    world = in_world(poses)
    lacking = [joint for joint in _JOINTS if joint not in world.joints]
    if lacking or not {"thorax", "neck"} & set(world.joints):
        raise InputError(
            f"Angles need joints such as those of human36m17; {world.skeleton.name} has no "
            f"{lacking[0] if lacking else 'thorax'}."
        )
    values = {person: _of(_Body(world.person(person, filled=filled))) for person in world.persons}
    return Curves(world.video.timestamps, NAMES, UNIT, values)


def _of(body: _Body) -> np.ndarray:
    """(T, len(NAMES)) degrees."""
    limbs = [angle.measure(body, side) for angle in _LIMBS for side in SIDES]
    return np.stack([*limbs, *(angle.measure(body) for angle in _TRUNK)], axis=1)


# -------------------------------------------------------------------------------------------- directions


def _direction(vectors: np.ndarray) -> np.ndarray:
    """(T, 3) of length 1; NaN where there is no direction."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    directions: np.ndarray = vectors / np.where(length > _SHORTEST, length, np.nan)
    return directions


def _across(vectors: np.ndarray, along: np.ndarray) -> np.ndarray:
    """(T, 3) the directions of what is at right angles to other directions."""
    return _direction(vectors - _dot(vectors, along)[:, None] * along)


def _frame(*, up: np.ndarray, right: np.ndarray) -> _Frame:
    return _Frame(right, np.cross(up, right), up)


def _dot(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    products: np.ndarray = (one * other).sum(axis=1)
    return products


# ---------------------------------------------------------------------------------------------- degrees


def _between(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(T,) 0 to 180."""
    # The arctangent is exact near 0 and 180, where the cosine hardly changes.
    return np.degrees(np.arctan2(np.linalg.norm(np.cross(one, other), axis=1), _dot(one, other)))


def _in_plane(limb: np.ndarray, positive: np.ndarray, zero: np.ndarray) -> np.ndarray:
    """(T,) -180 to 180, of a direction as seen in the plane of two others."""
    sine, cosine = _dot(limb, positive), _dot(limb, zero)
    inside = np.hypot(sine, cosine) >= np.sin(np.radians(_OUT_OF_PLANE))
    return np.where(inside, np.degrees(np.arctan2(sine, cosine)), np.nan)


def _out_of_plane(limb: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """(T,) -90 to 90, of a direction against a plane, from its normal."""
    return np.degrees(np.arcsin(np.clip(_dot(limb, normal), -1, 1)))
