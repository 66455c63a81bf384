"""Leaps: moments in which keypoints move as no body can, so that they must have been misread.

    for leap in leaps(person): ...

A trunk is too heavy to be somewhere else for a moment: what throws it off its way is an acceleration that nobody who
lands or turns has. Wrists and ankles are thrown about by more, and against the trunk they have a limit, too. Where a
detector looks at a few frames alone, its looks are compared, as what lies between follows them. What a camera turns by,
where that is noted, is no motion of anybody's.

Of 68 everyday clips of known truth it tells of seven. Its limits were set by ten of these clips, where nearly all that
it told of was 0.2 to 1.1 metres off. It knows nothing of scores but that nobody expects more of what was hardly seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from in_the_wild.camera_motion import turns_at
from in_the_wild.poses import Poses
from in_the_wild.reasons import UNSEEN

# The most, in metres per second squared and in metres off the straight way, that a body does in between two looks.
_TRUNK_ACCELERATION, _TRUNK_OFF = 60.0, 0.08
_LIMB_ACCELERATION, _LIMB_OFF = 500.0, 0.3
_TRUNK = ("left_shoulder", "right_shoulder", "left_hip", "right_hip")
_LIMBS = ("elbow", "wrist", "knee", "ankle")
# What somebody's size in the picture is told by: bones, their metres in a grown-up, and the share of frames in which
# they look shorter than they are.
_BONES = (("shoulder", "hip"), ("hip", "knee"), ("knee", "ankle"))
_METRES, _FORESHORTENED = 1.33, 0.9


@dataclass(frozen=True)
class Leap:
    """A moment that was misread.

    Attributes:
        start: Seconds of the look before it.
        end: Seconds of the look after it.
        joint: That which leaps; "" is the whole body.
    """

    start: float
    end: float
    joint: str


def leaps(person: Poses) -> Iterator[Leap]:
    """All leaps of one person's keypoints in the picture, by joint and time; none of a skeleton without trunk and legs.

    Args:
        person: By rising frame; the note "looks" says which frames were looked at, all without it.
    """
    looked = person.rows(np.isin(person.frame, person.meta.get("looks", person.frame)))
    needed = [f"{side}_{joint}" for side in ("left", "right") for joint in ("shoulder", "hip", *_LIMBS)]
    if len(looked) < 3 or not set(needed) <= set(looked.joints):
        return
    index, pixels = looked.skeleton.index, looked.keypoints.astype(np.float64)
    metre = _pixels_a_metre(looked)
    metres = pixels / metre
    trunk = metres[:, looked.skeleton.indices(*_TRUNK)].mean(axis=1)
    yield from _of_path(_standing(trunk * metre, looked) / metre, looked.seconds, _TRUNK_ACCELERATION, _TRUNK_OFF, "")
    for joint in (name for name in needed if name.partition("_")[2] in _LIMBS):
        seen = looked.scores[:, index(joint)] > UNSEEN
        path, seconds = (metres[:, index(joint)] - trunk)[seen], looked.seconds[seen]
        yield from _of_path(path, seconds, _LIMB_ACCELERATION, _LIMB_OFF, joint)


def _of_path(path: np.ndarray, seconds: np.ndarray, most: float, off: float, joint: str) -> Iterator[Leap]:
    """Where a path (T, C), metres, leaves the straight way from before to after by too much, and too fast."""
    before, after = np.diff(seconds)[:-1, None], np.diff(seconds)[1:, None]
    straight = (path[:-2] * after + path[2:] * before) / (before + after)
    away = np.linalg.norm(path[1:-1] - straight, axis=1)
    acceleration = 2 * away / (before * after)[:, 0]
    for k in np.flatnonzero((away > off) & (acceleration > most)):
        yield Leap(float(seconds[k]), float(seconds[k + 2]), joint)


def _standing(path: np.ndarray, person: Poses) -> np.ndarray:
    """A path (T, 2) in the picture as a camera that stands would see it, on a sphere around it: (T, 3) pixels."""
    longer = max(person.video.width, person.video.height)
    centred = path - np.array([person.video.width, person.video.height]) / 2
    rays = np.column_stack([centred, np.full(len(path), longer)])
    sphere: np.ndarray = longer * rays / np.linalg.norm(rays, axis=1, keepdims=True)
    turns = turns_at(person.meta, person.seconds, focal=1.0)
    return sphere if turns is None else np.einsum("tji,tj->ti", turns, sphere)


def _pixels_a_metre(person: Poses) -> float:
    """How large somebody is in the picture: by the longer one of both sides, when it is seen from aside."""
    index, pixels = person.skeleton.index, person.keypoints.astype(np.float64)
    lengths = [
        sum(
            np.linalg.norm(pixels[:, index(f"{side}_{a}")] - pixels[:, index(f"{side}_{b}")], axis=1) for a, b in _BONES
        )
        for side in ("left", "right")
    ]
    return max(float(np.quantile(np.maximum(*lengths), _FORESHORTENED)) / _METRES, 1.0)
