"""Which joints are beyond the picture's edge, though a detector says that they are in it, and claims to see them.

A detector puts a joint that is out of the picture just inside its edge, and scores it by what it sees there. That tells
on it: it lies at the edge, and the whole clip, solved with bones of constant length, has it elsewhere. A logistic
regression on these, each averaged over a second or so, tells how likely it is that a joint is out of the picture;
`pose3d_cli.training.unseen` fits it on rendered people.

Scores of those joints are lowered once all is done: lifters and refiners know the detector's own, and are used to them.
What was fitted holds for one detector, and for poses that were solved over the whole clip. Of what furniture hides in
the middle of the picture nothing tells: neither scores, silhouettes and heat maps nor neighbours in the limb.
"""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.ndimage import gaussian_filter1d

from in_the_wild.error_bars import kinds
from in_the_wild.lens import Lens
from in_the_wild.poses import Poses
from in_the_wild.reasons import UNSEEN
from in_the_wild.skeletons import COCO17, HUMAN36M17

_ASSET = "unseen.json"
SCORE = 0.05  # the most that a joint scores which is told to be hidden, as those beyond the picture's edge
_STEADY_S = 0.5  # seconds, standard deviation of the Gaussian that what is measured is averaged by
_NEAR = 0.3  # metres from the camera, at least
_REACH = (-0.3, 0.5)  # metres inside the picture's edge beyond which nearer and farther are the same
_APART = (0.01, 0.5)  # metres, likewise
_SOFT = 0.02  # by which scores of 0 and 1 are kept from log-odds without end

# What is measured of every joint, in this order.
FEATURES = ("score", "edge", "solved_edge", "apart")
# The COCO keypoints that joints on the middle line are made of.
_MADE_OF: Mapping[str, Sequence[str]] = {
    "head": ("left_eye", "right_eye", "left_ear", "right_ear"),
    "neck": ("nose",),
    "thorax": ("left_shoulder", "right_shoulder"),
    "spine": ("left_shoulder", "right_shoulder", "left_hip", "right_hip"),
    "pelvis": ("left_hip", "right_hip"),
}


@dataclass(frozen=True)
class Hidden:
    """A fitted regression of the log-odds that a joint is hidden.

    Attributes:
        joints: Constants by joint name without its side, such as "wrist".
        features: Weights by name in `FEATURES`.
        above: The log-odds above which a joint is called hidden.
    """

    joints: Mapping[str, float]
    features: Mapping[str, float]
    above: float

    def told(self, measured: np.ndarray) -> np.ndarray:
        """(N, J) which joints are hidden, by what is measured of them (N, J, F)."""
        constants = np.array([self.joints.get(name, -np.inf) for name in kinds(HUMAN36M17)])
        odds: np.ndarray = constants + measured @ np.array([self.features[name] for name in FEATURES])
        return odds > self.above


def fitted_for(poses: Poses) -> Hidden | None:
    """What was fitted to poses that were made like these; None where nobody knows how to tell."""
    solved = any(one.get("name") == "whole_clip" for one in poses.meta.get("refiners", []))
    placed = poses.space == "camera" and poses.root is not None and Lens.noted(poses.meta) is not None
    if not (solved and placed and len(poses) and poses.skeleton == HUMAN36M17):
        return None
    detector, (wanted, fitted) = poses.meta.get("detector") or {}, _shipped()
    return fitted if all(detector.get(name) == value for name, value in wanted.items()) else None


def measure(poses: Poses, keypoints: Poses) -> np.ndarray:
    """What is known of every joint: (N, J, F), by `FEATURES`.

    Args:
        poses: Human3.6M joints in camera space, with a root, whose lens is noted.
        keypoints: The COCO keypoints that they were lifted from.
    """
    lens = Lens.noted(poses.meta)
    assert lens is not None
    measured = np.empty((*poses.scores.shape, len(FEATURES)))
    for person in poses.persons:
        rows = np.flatnonzero(poses.person_id == person)
        rows = rows[np.argsort(poses.frame[rows], kind="stable")]
        measured[rows] = _measure_person(poses.rows(rows), keypoints.of_person(person), lens)
    return measured


def as_sure(keypoints: Poses, poses: Poses) -> Poses:
    """Keypoints of which none scores more than the joint of its name where nobody saw that, to be drawn alike."""
    if not len(poses):
        return keypoints
    common = [joint for joint in poses.joints if joint in keypoints.joints]
    rows = {key: at for at, key in enumerate(zip(poses.frame.tolist(), poses.person_id.tolist(), strict=True))}
    keys = zip(keypoints.frame.tolist(), keypoints.person_id.tolist(), strict=True)
    at = np.array([rows.get(key, -1) for key in keys], int)
    theirs = poses.scores[at][:, poses.skeleton.indices(*common)]
    theirs[(theirs > UNSEEN) | (at < 0)[:, None]] = 1
    scores, columns = keypoints.scores.copy(), keypoints.skeleton.indices(*common)
    scores[:, columns] = np.minimum(scores[:, columns], theirs)
    return keypoints.replace(scores=scores)


def _measure_person(person: Poses, keypoints: Poses, lens: Lens) -> np.ndarray:
    """The same of one person, by rising frame."""
    # Frames that lifting filled are like the last one before.
    at = np.searchsorted(keypoints.frame, person.frame, side="right").clip(1) - 1
    width, height = person.video.width, person.video.height
    camera = lens.pinhole(width=width, height=height)
    assert person.root is not None
    positions = person.keypoints.astype(np.float64) + person.root[:, None]
    solved = positions[..., :2] / np.maximum(positions[..., 2:], _NEAR) * camera.focal + camera.centre
    metre = np.median(camera.focal / np.maximum(positions[:, person.skeleton.root, 2], _NEAR))  # in pixels
    pixels, straight = keypoints.keypoints[at], lens.rectified(keypoints).keypoints[at]
    inside = _from_edge(pixels, width, height) / metre
    scores = keypoints.scores[at].astype(np.float64)
    found = np.empty((*person.scores.shape, len(FEATURES)))
    for j, joint in enumerate(person.joints):
        own = COCO17.indices(*_MADE_OF.get(joint, (joint,)))
        aside = np.linalg.norm(straight[:, own].mean(axis=1) - solved[:, j], axis=-1) / metre
        apart = np.zeros_like(aside) if joint in _MADE_OF else aside  # in the middle no two skeletons mean the same
        of_joint = {
            "score": _log_odds(scores[:, own].mean(axis=1)),
            "edge": inside[:, own].min(axis=1).clip(*_REACH),
            "solved_edge": (_from_edge(solved[:, j], width, height) / metre).clip(*_REACH),
            "apart": np.log(apart.clip(*_APART)),
        }
        found[:, j] = np.stack([of_joint[name] for name in FEATURES], axis=-1)
    steady: np.ndarray = gaussian_filter1d(found, _STEADY_S * person.video.fps, axis=0, mode="nearest")
    return steady


def _from_edge(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """How far points (..., 2) are inside the nearest edge of the picture, pixels; below 0 outside."""
    distances: np.ndarray = np.minimum(pixels, (width, height) - pixels).min(axis=-1)
    return distances


def _log_odds(scores: np.ndarray) -> np.ndarray:
    odds: np.ndarray = np.log((scores + _SOFT) / (1 + _SOFT - scores))
    return odds


@cache
def _shipped() -> tuple[Mapping[str, object], Hidden]:
    """What comes along, and the settings of the detector that it holds for."""
    found = json.loads((importlib.resources.files("in_the_wild.assets") / _ASSET).read_text())
    return found["detector"], Hidden(found["joints"], found["features"], found["above"])
