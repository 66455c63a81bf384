"""Rigging: the figure of a person, and the turns of its bones that bring it into the poses of a clip.

Joints that were estimated frame by frame have bones that breathe; animation wants a skeleton with lengths of its own,
and rotations. The lengths are the person's own, the same on both sides: medians over the clip. Every bone points where
it was seen to point. What a direction does not tell, the turn about it, follows from others: hips turn with the line
between them, the chest with that of the shoulders, the spine half with each; elbows and knees are hinges; the head
turns with the ears, or else with the plane through thorax, neck and head. Hands turn with their forearms and feet with
their shins, unless fingers and toes were seen.

Plain arrays: metres, z up, T frames at a constant rate. It knows nothing about files, videos and tables of poses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from in_the_wild import hinges
from in_the_wild.directions import across, frames, shortest, unit
from in_the_wild.errors import InputError, listed
from in_the_wild.interpolation import interpolate
from in_the_wild.rig import BONES, DOWN, FORWARD, HALF_HIPS, LEFT, NAMES, PARENTS, REST, Rig, RiggedMotion
from in_the_wild.rotations import continuous_quaternions
from in_the_wild.skeletons import Skeleton, mirror_name

_SIDES = ("left", "right")
_ARM, _LEG = ("upper_arm", "forearm", "hand"), ("thigh", "shin", "foot")
# What a figure cannot be without, each on both sides.
_NEEDED = ("shoulder", "elbow", "wrist", "hip", "knee", "ankle")
# Joints that are closer than this, metres, tell no direction.
_TOO_CLOSE = 1e-4


class _Hinge(NamedTuple):
    """The hinge of a limb that is not turned about itself: where the first bone points, and the axis.

    A limb is brought from there the shortest way. As there is none to the opposite, it starts where it never is that.
    """

    start: np.ndarray
    axis: np.ndarray
    one_way: bool = False


# Palms look down in a T-pose, so that elbows bend forwards. Thighs never point up and backwards.
_ELBOWS = {"left": _Hinge(LEFT, DOWN), "right": _Hinge(-LEFT, -DOWN)}
_KNEE = _Hinge(unit(DOWN + FORWARD), LEFT, one_way=True)

Points = Mapping[str, np.ndarray]
Ways = Mapping[str, "np.ndarray | None"]


def fit(joints: np.ndarray, seen: np.ndarray, *, skeleton: Skeleton, fps: float) -> RiggedMotion:
    """The figure of a person, and its motion through a clip.

    Args:
        joints: (T, J, 3) metres, z up; anything where they are missing.
        seen: (T, J) which of them count. A joint that is missing is filled from before and after; frames without the
            hips lie between those that have them, and at the ends keep the nearest pose.
        skeleton: Which joints these are.
        fps: Frames per second.

    Raises:
        InputError: a skeleton without arms or legs, or a clip without a single frame that has both hips.
    """
    points = _points(joints, seen, skeleton)
    known = np.flatnonzero(np.isfinite(points["pelvis"]).all(axis=1))
    if not len(known):
        raise InputError("A figure needs both hips, and no frame has them; give poses of people with legs.")
    turned = _turned(points, fps)
    local = (turned[b] if p < 0 else turned[p].swapaxes(1, 2) @ turned[b] for b, p in enumerate(PARENTS))
    return RiggedMotion(
        rig=_rig(points),
        root=interpolate(np.arange(len(joints)), known, points["pelvis"][known]),
        rotations=np.stack([continuous_quaternions(matrices, known) for matrices in local], axis=1),
    )


def _points(joints: np.ndarray, seen: np.ndarray, skeleton: Skeleton) -> Points:
    """Every start and end of a bone, and what else tells turns: (T, 3) by name, NaN where they are missing.

    Skeletons differ in what they have of spine, neck and head; what one does not have lies between what it has.
    """
    lacking = [f"{side}_{joint}" for joint in _NEEDED for side in _SIDES if f"{side}_{joint}" not in skeleton.joints]
    if lacking:
        raise InputError(f"A figure needs {listed(lacking)}, which {skeleton.name} does not have.")
    places = np.where(seen[..., None] & np.isfinite(joints), joints, np.nan)
    found = dict(zip(skeleton.joints, np.moveaxis(places, 1, 0), strict=True))
    nowhere = np.full((len(joints), 3), np.nan)

    def first(*names: str, otherwise: np.ndarray = nowhere) -> np.ndarray:
        return next((found[name] for name in names if name in found), otherwise)

    def between(start: np.ndarray, end: np.ndarray, share: float = 0.5) -> np.ndarray:
        place: np.ndarray = start + share * (end - start)
        return place

    # The middle of the hips is what a pelvis is; one that was estimated by itself would break the hips apart.
    pelvis = between(found["left_hip"], found["right_hip"])
    thorax = first("thorax", "neck", otherwise=between(found["left_shoulder"], found["right_shoulder"]))
    ears, top = between(first("left_ear"), first("right_ear")), first("head_top", "head")
    has_neck = {"thorax", "neck"} <= found.keys() or {"head_top", "head"} <= found.keys()
    between_them = ears if np.isfinite(ears).any() else between(thorax, top)
    return {
        **{name: nowhere for bone in BONES for name in (bone.start, bone.end)},
        **found,
        "pelvis": pelvis,
        "spine": first("spine", "belly", otherwise=between(pelvis, thorax, 0.4)),
        "thorax": thorax,
        "neck": first("neck" if "thorax" in found else "head") if has_neck else between_them,
        "head": top,
        "ears": ears,
        "nose": first("nose"),
        "left_ear": first("left_ear"),
        "right_ear": first("right_ear"),
        **{f"{side}_toes": first(f"{side}_big_toe", f"{side}_foot_index") for side in _SIDES},
        **{f"{side}_fingertips": first(f"{side}_index") for side in _SIDES},
    }


def _rig(points: Points) -> Rig:
    """Medians over the clip and both sides; what was never seen is of an adult's proportions, to the same scale."""
    medians = {}
    for bone in BONES[1:]:
        pair = [one for one in BONES if one.name in (bone.name, mirror_name(bone.name))]
        medians[bone.name] = _median_length(*(points[one.end] - points[one.start] for one in pair))
    hips = _median_length(points["left_hip"] - points["right_hip"]) / 2
    scale = float(np.nanmedian([medians[bone.name] / bone.length for bone in BONES[1:]] + [hips / HALF_HIPS]))
    usual = {bone.name: scale * bone.length for bone in BONES[1:]}
    return Rig.of_lengths({name: one if one > 0 else usual[name] for name, one in medians.items()}, hips)


def _median_length(*vectors: np.ndarray) -> float:
    lengths = np.linalg.norm(np.concatenate(vectors), axis=1)
    known = lengths[np.isfinite(lengths)]
    return float(np.median(known)) if len(known) else np.nan


def _way(vectors: np.ndarray) -> np.ndarray | None:
    """Directions (T, 3) of vectors, those that are missing between the others; None where there is none at all."""
    known = np.flatnonzero(np.linalg.norm(vectors, axis=1) > _TOO_CLOSE)
    return unit(interpolate(np.arange(len(vectors)), known, unit(vectors[known]))) if len(known) else None


def _turned(points: Points, fps: float) -> list[np.ndarray]:
    """(T, 3, 3) for each bone, from the figure at rest to the world."""
    ways = {bone.name: _way(points[bone.end] - points[bone.start]) for bone in BONES}
    turned = _trunk(points, ways)
    turned |= _head(points, ways, turned["chest"], fps)
    for side in _SIDES:
        turned[f"{side}_shoulder"] = _swung(f"{side}_shoulder", ways, turned["chest"])
        for bones, held, hinge in ((_ARM, "chest", _ELBOWS[side]), (_LEG, "hips", _KNEE)):
            turned |= _limb([f"{side}_{bone}" for bone in bones], ways, turned[held], hinge, fps)
    return [turned[name] for name in NAMES]


def _trunk(points: Points, ways: Ways) -> dict[str, np.ndarray]:
    everywhere = np.ones((len(points["pelvis"]), 1))
    hips_left = _or(_way(points["left_hip"] - points["right_hip"]), LEFT * everywhere)
    chest_left = _or(_way(points["left_shoulder"] - points["right_shoulder"]), hips_left)
    hips = frames(hips_left, _or(ways["spine"], -DOWN * everywhere)) @ frames(LEFT, REST["spine"]).T
    spine = _pointing("spine", ways, hips_left + chest_left, LEFT, otherwise=hips)
    return {"hips": hips, "spine": spine, "chest": _pointing("chest", ways, chest_left, LEFT, otherwise=spine)}


def _head(points: Points, ways: Ways, chest: np.ndarray, fps: float) -> dict[str, np.ndarray]:
    """The head, and the neck, which does not turn about itself."""
    left, neck, up = _way(points["left_ear"] - points["right_ear"]), ways["neck"], ways["head"]
    if left is None and neck is not None and up is not None:
        # The neck leans forwards and the head stands up on it, a hinge that opens to the back.
        left = -hinges.axes(neck, up, across(-chest[..., 0], neck), fps=fps, one_way=True)
    left = _or(left, chest[..., 0])
    forward = _way(points["nose"] - points["ears"])
    if up is None and forward is not None:
        ways = {**ways, "head": across(np.cross(forward, left), forward)}
    bent = _pointing("neck", ways, chest[..., 0], LEFT, otherwise=chest)
    return {"neck": bent, "head": _pointing("head", ways, left, LEFT, otherwise=bent)}


def _limb(bones: Sequence[str], ways: Ways, held: np.ndarray, hinge: _Hinge, fps: float) -> dict[str, np.ndarray]:
    """The turns of an arm or a leg: two bones with a hinge between them, and a third, by name.

    Args:
        bones: The names of the three.
        ways: Where bones point.
        held: (T, 3, 3) turns of what the limb hangs on.
        hinge: That of an unturned limb.
        fps: Frames per second.
    """
    first, second, third = bones
    way, onward = ways[first], ways[second]
    if way is None:
        return dict.fromkeys(bones, held)
    inside = _within(held, way)
    unturned = across(shortest(hinge.start, inside) @ hinge.axis, inside)
    onward = None if onward is None else _within(held, onward)
    axis = _out_of(held, hinges.axes(inside, onward, unturned, fps=fps, one_way=hinge.one_way))
    upper = _pointing(first, ways, axis, hinge.axis, otherwise=held)
    lower = _pointing(second, ways, axis, hinge.axis, otherwise=upper)
    return {first: upper, second: lower, third: _pointing(third, ways, axis, hinge.axis, otherwise=lower)}


def _pointing(
    bone: str, ways: Ways, aside: np.ndarray, aside_at_rest: np.ndarray, *, otherwise: np.ndarray
) -> np.ndarray:
    """The turns of a bone that point it where it was seen, another of its directions as near as can be to `aside`."""
    way = ways[bone]
    return otherwise if way is None else frames(way, aside) @ frames(REST[bone], aside_at_rest).T


def _swung(bone: str, ways: Ways, held: np.ndarray) -> np.ndarray:
    """The turns of a bone that point it where it was seen on the shortest way from its place on what it hangs on."""
    way = ways[bone]
    return held if way is None else held @ shortest(REST[bone], _within(held, way))


def _within(turned: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """World directions (T, 3) in a frame that is turned by (T, 3, 3)."""
    inside: np.ndarray = (directions[:, None] @ turned)[:, 0]
    return inside


def _out_of(turned: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """The inverse of `_within`."""
    outside: np.ndarray = (turned @ directions[..., None])[..., 0]
    return outside


def _or(ways: np.ndarray | None, otherwise: np.ndarray) -> np.ndarray:
    return otherwise if ways is None else ways
