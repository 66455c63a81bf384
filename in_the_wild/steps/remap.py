"""Remap: the same poses with another skeleton's joints, by named formulas.

    from             to               how
    blazepose33      coco17           select
    halpe26          coco17           select
    body25           coco17           select
    coco18           coco17           select
    coco17           human36m17       `coco17_to_human36m17`, image space alone
    coco17           humaneva15       `coco17_to_humaneva15`
    halpe26          human36m17       `halpe26_to_human36m17`
    human36m17       mpi_inf_3dhp17   `human36m17_to_mpi_inf_3dhp17`
    mpi_inf_3dhp17   human36m17       `mpi_inf_3dhp17_to_human36m17`
    human36m17       humaneva15       select (inexact: other markers)

and some of these one after the other: see `_VIA`. A joint that both skeletons name alike is taken as it is, left stays
left. OpenPose's skeletons go by way of COCO: their neck and mid hip are the middles of the shoulders and of the hips,
and they have no crown of the head either.

Derived joints are placed between the ones they come from; where skeletons mean different places by one name (hips above
all: BlazePose's lie 14 to 30 pixels off Human3.6M's in a picture of 1000), nothing is corrected here: the weights have
to know what keypoints they are given.

It knows nothing about detectors and networks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from in_the_wild.errors import SkeletonError
from in_the_wild.poses import Poses
from in_the_wild.skeletons import (
    BLAZEPOSE33,
    BODY25,
    COCO17,
    COCO18,
    HALPE26,
    HUMAN36M17,
    HUMANEVA15,
    MPI_INF_3DHP17,
    Skeleton,
    get_skeleton,
)


class Joint(NamedTuple):
    """One joint of all rows: places (..., 2) or (..., 3), scores (...)."""

    place: np.ndarray
    score: np.ndarray


# From the joints of one skeleton by name to those joints of another that are not simply taken over.
Formula = Callable[[Mapping[str, Joint]], dict[str, Joint]]


def remap(poses: Poses, skeleton: str | Skeleton) -> Poses:
    """The same poses with the joints of another skeleton.

    Args:
        poses: Poses in any space.
        skeleton: The skeleton to go to, or its name. The poses' own one gives them back unchanged.

    Returns:
        Poses with the same rows, frames, people and root.

    Raises:
        SkeletonError: an unknown skeleton, or one that these poses cannot be brought to.
    """
    target = get_skeleton(skeleton) if isinstance(skeleton, str) else skeleton
    if poses.skeleton == target:
        return poses
    steps = route(poses.skeleton, target)
    if poses.space != "image" and any(_names(*step) in _IMAGE_ONLY for step in itertools.pairwise(steps)):
        raise SkeletonError(
            f"The remap from {poses.skeleton.name} to {target.name} is defined for keypoints in a picture; found poses "
            f"in {poses.space} space."
        )
    keypoints, scores = remap_arrays(poses.keypoints, poses.scores, poses.skeleton, target)
    return poses.replace(keypoints=keypoints, scores=scores, skeleton=target)


def remap_arrays(
    keypoints: np.ndarray, scores: np.ndarray, source: Skeleton, target: Skeleton
) -> tuple[np.ndarray, np.ndarray]:
    """The same for plain arrays: keypoints (..., J, C) and scores (..., J) with the joints of another skeleton.

    Raises:
        SkeletonError: one that these cannot be brought to.
    """
    for step, onward in itertools.pairwise(route(source, target)):
        given = {
            name: Joint(keypoints[..., j, :].astype(np.float64), scores[..., j].astype(np.float64))
            for j, name in enumerate(step.joints)
        }
        joints = {**given, **_FORMULAS[_names(step, onward)](given)}
        keypoints = np.stack([joints[name].place for name in onward.joints], axis=-2)
        scores = np.stack([joints[name].score for name in onward.joints], axis=-1)
    return keypoints, scores


def route(source: Skeleton, target: Skeleton) -> tuple[Skeleton, ...]:
    """The skeletons from one to another, both included; the one alone where they are the same.

    Raises:
        SkeletonError: there is no way.
    """
    pair = _names(source, target)
    if source == target:
        return (source,)
    if pair in _VIA:
        return (*route(source, _VIA[pair])[:-1], *route(_VIA[pair], target))
    if pair not in _FORMULAS:
        known = ", ".join(reachable(source)) or "no other skeleton"
        raise SkeletonError(f"There is no remap from {source.name} to {target.name}; {source.name} leads to: {known}.")
    return source, target


def reachable(skeleton: Skeleton) -> list[str]:
    """The names of the skeletons that poses of this one can be brought to, sorted, without its own."""
    return sorted(target for source, target in (*_FORMULAS, *_VIA) if source == skeleton.name)


def select(joints: Mapping[str, Joint]) -> dict[str, Joint]:
    """Every joint of the target is one of the source, under the same name."""
    return {}


def coco17_to_human36m17(joints: Mapping[str, Joint]) -> dict[str, Joint]:
    """COCO keypoints as the demos of StridedTransformer and STCFormer feed them to networks trained on Human3.6M.

    COCO has no joint on the middle line but the nose, so five are made up, with x and y treated differently (y down):

    - pelvis: middle of the hips.
    - thorax: a third of the way from the middle of the shoulders to the nose, then lowered by two thirds of the height
      of the eyes over the nose.
    - spine: middle of shoulders and hips, its x then moved away from the middle of pelvis and thorax (the thorax before
      it is lowered) by twice its distance from there.
    - neck: the nose, a quarter of the way back to the middle of the shoulders.
    - head: x of the middle of eyes and ears; y as far above the eyes as they are above the nose, on average: the eyes'
      y added up, less the nose's.

    Scores: the neck has the nose's; the others the mean of the joints named (spine: of pelvis and thorax; thorax: of
    the shoulders; head: of eyes and ears). Where a part of the face was not seen, the rest of it stands for it, and for
    a face that was not seen the middle of the shoulders; a head without eyes was not seen.
    """
    seen_eyes = _middle(joints["left_eye"], joints["right_eye"])
    seen_face = _middle(joints["left_eye"], joints["right_eye"], joints["left_ear"], joints["right_ear"])
    shoulders = _middle(joints["left_shoulder"], joints["right_shoulder"])
    nose = _or_else(joints["nose"], _or_else(seen_face, shoulders))
    eyes, face = _or_else(seen_eyes, nose), _or_else(seen_face, nose)
    pelvis = _middle(joints["left_hip"], joints["right_hip"])

    high_thorax = _between(shoulders, nose, 1 / 3)
    thorax = high_thorax.copy()
    thorax[..., 1] += (nose.place - eyes.place)[..., 1] * 2 / 3

    spine = (shoulders.place + pelvis.place) / 2
    spine[..., 0] += 2 * (spine[..., 0] - (pelvis.place[..., 0] + high_thorax[..., 0]) / 2)

    head = np.stack([face.place[..., 0], 2 * eyes.place[..., 1] - nose.place[..., 1]], axis=-1)
    return {
        "pelvis": pelvis,
        "spine": Joint(spine, (pelvis.score + shoulders.score) / 2),
        "thorax": Joint(thorax, shoulders.score),
        "neck": Joint(_between(nose, shoulders, 1 / 4), nose.score),
        "head": Joint(head, np.where(eyes.score > 0, face.score, 0.0)),
    }


def coco17_to_humaneva15(joints: Mapping[str, Joint]) -> dict[str, Joint]:
    """COCO keypoints to HumanEva-I's joints.

    - pelvis: middle of the hips.
    - thorax: middle of the shoulders.
    - head: middle of eyes and ears. Inexact: HumanEva's is at the crown.

    Scores are the means of the joints named.
    """
    return {
        "pelvis": _middle(joints["left_hip"], joints["right_hip"]),
        "thorax": _middle(joints["left_shoulder"], joints["right_shoulder"]),
        "head": _middle(joints["left_eye"], joints["right_eye"], joints["left_ear"], joints["right_ear"]),
    }


def halpe26_to_human36m17(joints: Mapping[str, Joint]) -> dict[str, Joint]:
    """Halpe keypoints to Human3.6M's joints, as MotionBERT does (`halpe2h36m`).

    - thorax: Halpe's neck, which is the middle of the shoulders.
    - spine: middle of pelvis and neck, with the mean of their scores.
    - neck: the nose.
    - pelvis, head (the crown in both) and limbs: taken over.
    """
    return {
        "thorax": joints["neck"],
        "spine": _middle(joints["pelvis"], joints["neck"]),
        "neck": joints["nose"],
    }


def human36m17_to_mpi_inf_3dhp17(joints: Mapping[str, Joint]) -> dict[str, Joint]:
    """Human3.6M's joints under the names of MPI-INF-3DHP.

    - neck: Human3.6M's thorax.
    - head: Human3.6M's neck (its "neck/nose").
    - head_top: Human3.6M's head.

    Inexact: the sets were recorded with different markers, and hips, spine and head lie centimetres apart.
    """
    return {"neck": joints["thorax"], "head": joints["neck"], "head_top": joints["head"]}


def mpi_inf_3dhp17_to_human36m17(joints: Mapping[str, Joint]) -> dict[str, Joint]:
    """MPI-INF-3DHP's joints under the names of Human3.6M: the inverse of `human36m17_to_mpi_inf_3dhp17`."""
    return {"thorax": joints["neck"], "neck": joints["head"], "head": joints["head_top"]}


def _middle(*joints: Joint) -> Joint:
    """The mean of the places that were seen, of all where none was, and of the scores."""
    places, scores = np.stack([joint.place for joint in joints]), np.stack([joint.score for joint in joints])
    seen = scores > 0
    seen |= ~seen.any(axis=0)
    return Joint((places * seen[..., None]).sum(axis=0) / seen.sum(axis=0)[..., None], scores.mean(axis=0))


def _or_else(joint: Joint, other: Joint) -> Joint:
    """A joint at the place of another where it was not seen."""
    return Joint(np.where(joint.score[..., None] > 0, joint.place, other.place), joint.score)


def _between(start: Joint, end: Joint, part: float) -> np.ndarray:
    """The places (..., C) that are a part of the way, 0 to 1, from one joint to another."""
    return start.place + (end.place - start.place) * part


def _names(source: Skeleton, target: Skeleton) -> tuple[str, str]:
    return source.name, target.name


_FORMULAS: dict[tuple[str, str], Formula] = {
    _names(BLAZEPOSE33, COCO17): select,
    _names(HALPE26, COCO17): select,
    _names(BODY25, COCO17): select,
    _names(COCO18, COCO17): select,
    _names(COCO17, HUMAN36M17): coco17_to_human36m17,
    _names(COCO17, HUMANEVA15): coco17_to_humaneva15,
    _names(HALPE26, HUMAN36M17): halpe26_to_human36m17,
    _names(HUMAN36M17, MPI_INF_3DHP17): human36m17_to_mpi_inf_3dhp17,
    _names(MPI_INF_3DHP17, HUMAN36M17): mpi_inf_3dhp17_to_human36m17,
    _names(HUMAN36M17, HUMANEVA15): select,
}

# Formulas that treat x and y of a picture differently.
_IMAGE_ONLY = {_names(COCO17, HUMAN36M17)}

# Remaps that are two others one after the other: (from, to) -> by way of.
_VIA: dict[tuple[str, str], Skeleton] = {
    _names(BLAZEPOSE33, HUMAN36M17): COCO17,
    _names(BLAZEPOSE33, HUMANEVA15): COCO17,
    _names(BLAZEPOSE33, MPI_INF_3DHP17): HUMAN36M17,
    _names(BODY25, HUMAN36M17): COCO17,
    _names(BODY25, HUMANEVA15): COCO17,
    _names(BODY25, MPI_INF_3DHP17): HUMAN36M17,
    _names(COCO17, MPI_INF_3DHP17): HUMAN36M17,
    _names(COCO18, HUMAN36M17): COCO17,
    _names(COCO18, HUMANEVA15): COCO17,
    _names(COCO18, MPI_INF_3DHP17): HUMAN36M17,
    _names(HALPE26, MPI_INF_3DHP17): HUMAN36M17,
    _names(HALPE26, HUMANEVA15): COCO17,
    _names(MPI_INF_3DHP17, HUMANEVA15): HUMAN36M17,
}
