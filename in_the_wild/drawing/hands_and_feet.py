"""Hands and feet of lifted people, which lifters do not give: placed by where a detector saw them in the picture.

A picture tells in which direction a toe lies from the camera; a foot's usual length from the ankle then leaves two
places, and of these the one is taken that the body's pose makes likelier. This is for drawing alone: nothing is
measured by it. Where the detector saw no foot, or has no joints for it, none is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from in_the_wild.drawing.head import chest_forward
from in_the_wild.drawing.people import sizes_of
from in_the_wild.poses import Poses
from in_the_wild.skeletons import Skeleton

_SEEN = 0.3  # scores below tell nothing about where a hand or foot points
_SMOOTHING = 0.08  # seconds, standard deviation of the smoothing of directions
# What a detector calls the joints in whose middle the end of a limb lies; the first that it has are taken.
_HAND = (("index", "pinky"),)
_TOE = (("foot_index",), ("big_toe", "small_toe"), ("big_toe",))
_HEEL = (("heel",),)


@dataclass(frozen=True)
class _End:
    """What hangs on a joint.

    Attributes:
        name: Of the new joint.
        on, before: The joint that it hangs on, and the one before that.
        of: What a detector calls it.
        length: Metres from the joint, of a grown person.
        forward, along: How far it is likely to point where the chest does, and to go on as the limb before it does.
    """

    name: str
    on: str
    before: str
    of: tuple[tuple[str, ...], ...]
    length: float
    forward: float
    along: float


_ENDS = (
    _End("hand", "wrist", "elbow", _HAND, 0.09, 0.0, 1.0),
    _End("heel", "ankle", "knee", _HEEL, 0.06, -0.5, 0.7),
    _End("big_toe", "ankle", "knee", _TOE, 0.16, 1.0, 0.5),
)


def with_hands_and_feet(poses: Poses, keypoints: Poses | None) -> Poses:
    """Poses with the ends of those limbs that their keypoints have; as they are where these have none, or for no root.

    Args:
        poses: In camera space, with a root.
        keypoints: What they were lifted from, in image space.
    """
    if poses.space != "camera" or poses.root is None or keypoints is None or not (len(poses) and len(keypoints)):
        return poses
    names = poses.skeleton.joints
    ends = [
        (side, end, of)
        for side in ("left", "right")
        for end in _ENDS
        if f"{side}_{end.name}" not in names and {f"{side}_{end.on}", f"{side}_{end.before}"} <= set(names)
        for of in [_found(end, side, keypoints.skeleton)]
        if of
    ]
    if not ends:
        return poses
    rows = _rows_of(poses, keypoints)
    places, scores = zip(*(_placed(end, side, of, poses, keypoints, rows) for side, end, of in ends), strict=True)
    skeleton = _longer(poses.skeleton, [(f"{side}_{end.name}", f"{side}_{end.on}") for side, end, _ in ends])
    return poses.replace(
        keypoints=np.concatenate([poses.keypoints, np.stack(places, axis=1)], axis=1),
        scores=np.concatenate([poses.scores, np.stack(scores, axis=1)], axis=1),
        skeleton=skeleton,
        error_mm=_with_errors_of_limbs(poses, [f"{side}_{end.on}" for side, end, _ in ends]),
    )


def _found(end: _End, side: str, skeleton: Skeleton) -> list[int]:
    """Positions of the joints in whose middle an end lies; none where a skeleton does not have them."""
    wanted = {f"{side}_{end.on}"}
    for names in end.of:
        joints = [f"{side}_{name}" for name in names]
        if {*joints, *wanted} <= set(skeleton.joints):
            return skeleton.indices(*joints)
    return []


def _rows_of(poses: Poses, keypoints: Poses) -> np.ndarray:
    """For each pose the row of its keypoints, -1 where there are none."""
    people = max([*poses.persons, *keypoints.persons]) + 2
    key = keypoints.frame.astype(np.int64) * people + keypoints.person_id
    order = np.argsort(key, kind="stable")
    asked = poses.frame.astype(np.int64) * people + poses.person_id
    at = order[np.minimum(np.searchsorted(key[order], asked), len(key) - 1)]
    return np.where(key[at] == asked, at, -1)


def _placed(
    end: _End, side: str, of: list[int], poses: Poses, keypoints: Poses, rows: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Where the ends of a limb are, (N, 3) relative to the root, and their scores (N,)."""
    assert poses.root is not None
    index = poses.skeleton.index
    joints = poses.keypoints.astype(np.float64)
    on = joints[:, index(f"{side}_{end.on}")]
    lengths = end.length * sizes_of(joints, poses.skeleton)
    limb = on - joints[:, index(f"{side}_{end.before}")]
    limb /= np.maximum(np.linalg.norm(limb, axis=1, keepdims=True), 1e-6)
    forward = chest_forward(joints, poses.skeleton)
    likely = end.forward * (forward - (forward * limb).sum(axis=1, keepdims=True) * limb) + end.along * limb

    seen_from = [keypoints.skeleton.index(f"{side}_{end.on}"), *of]
    pixels = keypoints.keypoints[rows].astype(np.float64)
    offset = pixels[:, of].mean(axis=1) - pixels[:, seen_from[0]]
    score = np.where(rows >= 0, keypoints.scores[rows][:, seen_from].min(axis=1), 0.0)
    video = poses.video
    focal = float(poses.meta.get("focal") or max(video.width, video.height))
    direction = _direction(on + poses.root, offset / focal, lengths, likely)
    known = score >= _SEEN
    for person in poses.persons:
        own = np.flatnonzero((poses.person_id == person) & known)
        direction[own] = gaussian_filter1d(direction[own], _SMOOTHING * video.fps, axis=0, mode="nearest")
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), 1e-6)
    return on + lengths[:, None] * direction, np.where(known, score, 0.0)


def _direction(at: np.ndarray, offset: np.ndarray, lengths: np.ndarray, likely: np.ndarray) -> np.ndarray:
    """From joints to where the ends must be to be seen beside them, (N, 3) unit vectors.

    Args:
        at: (N, 3) metres in camera space.
        offset: (N, 2) from the joint to the end in the picture, in focal lengths.
        lengths: (N,) metres between them.
        likely: (N, 3), about where the end points.
    """
    depth = np.maximum(at[:, 2:], 0.1)
    ray = np.concatenate([at[:, :2] / depth + offset, np.ones_like(depth)], axis=1)
    # |t ray - at| = length
    square, half = (ray**2).sum(axis=1), (ray * at).sum(axis=1)
    inside = half**2 - square * ((at**2).sum(axis=1) - lengths**2)
    root = np.sqrt(np.maximum(inside, 0.0))
    both = np.stack([(half + sign * root) / square for sign in (-1, 1)])[..., None] * ray - at  # (2, N, 3)
    both /= np.maximum(np.linalg.norm(both, axis=-1, keepdims=True), 1e-6)
    better = (both * likely).sum(axis=-1).argmax(axis=0)
    chosen: np.ndarray = both[better, np.arange(len(at))]
    return chosen


def _with_errors_of_limbs(poses: Poses, on: list[str]) -> np.ndarray | None:
    """The expected errors of all joints, those of the new ones as of the joints that they hang on."""
    if poses.error_mm is None:
        return None
    return np.concatenate([poses.error_mm, poses.error_mm[:, poses.skeleton.indices(*on)]], axis=1)


def _longer(skeleton: Skeleton, ends: list[tuple[str, str]]) -> Skeleton:
    """A skeleton with more joints at its ends."""
    return Skeleton(
        f"{skeleton.name} with hands and feet",
        (*skeleton.joints, *(name for name, _ in ends)),
        (*skeleton.parents, *(on for _, on in ends)),
        skeleton.extra_edges
        + tuple(
            (f"{side}_heel", f"{side}_big_toe")
            for side in ("left", "right")
            if {f"{side}_heel", f"{side}_big_toe"} <= {name for name, _ in ends}
        ),
        skeleton.hidden_edges,
    )
