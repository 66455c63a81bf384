"""How far lifted joints are expected to be from the truth: millimetres for every joint of every row.

A regression on what the poses themselves show: a joint's score and the person's, how far the joint is from the root and
how far along the line of sight, how fast it moves, whether the person is seen from the side, how large he is in the
picture, how far away and how tall. The logarithm of the expected error is a weighted sum of these, fitted to measured
errors as a gamma regression (McCullagh and Nelder, Generalized Linear Models, chapter 8), which gets their mean right
rather than their median. `pose3d_cli.training.error_bars` fits it on rendered people whom no weights were trained on.

What was fitted holds for one detector and one set of weights, solved over the whole clip or not. Poses that something
else made have no expected errors.
"""

from __future__ import annotations

import importlib.resources
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from in_the_wild.poses import Poses
from in_the_wild.skeletons import Skeleton

_ASSET = "error_bars.json"
_SIDES = re.compile("^(left|right)_")
_NEAR = 0.3  # metres from the camera, at least

# What is measured of every joint, in this order.
FEATURES = ("score", "person_score", "distance", "along_sight", "speed", "from_aside", "pixels", "depth", "legs")


@dataclass(frozen=True)
class ErrorBars:
    """A fitted regression of the logarithm of a joint's error in millimetres.

    Attributes:
        joints: Constants by joint name without its side, such as "wrist".
        features: Weights by name in `FEATURES`.
        limits: The lowest and the highest of each feature that was fitted to; what lies beyond counts as these.
    """

    joints: Mapping[str, float]
    features: Mapping[str, float]
    limits: Mapping[str, tuple[float, float]]

    def expected(self, poses: Poses) -> np.ndarray:
        """Expected errors (N, J) of poses in camera space with a root, millimetres; 0 for the root itself."""
        measured = np.clip(measure(poses), *np.transpose([self.limits[name] for name in FEATURES]))
        constants = np.array([self.joints.get(name, 0.0) for name in kinds(poses.skeleton)])
        errors: np.ndarray = np.exp(constants + measured @ np.array([self.features[name] for name in FEATURES]))
        errors[:, poses.skeleton.root] = 0
        return errors


def with_error_bars(poses: Poses) -> Poses:
    """Lifted poses with the errors that are expected of them, where these are known for what made the poses."""
    fitted = _fitted_for(poses)
    if fitted is None or poses.root is None or not len(poses):
        return poses
    return poses.replace(error_mm=fitted.expected(poses))


def kinds(skeleton: Skeleton) -> list[str]:
    """The names of joints without their sides: a left wrist errs as a right one does."""
    return [_SIDES.sub("", joint) for joint in skeleton.joints]


def measure(poses: Poses) -> np.ndarray:
    """What is known of every joint of poses in camera space with a root: (N, J, F), by `FEATURES`."""
    measured = np.empty((*poses.scores.shape, len(FEATURES)))
    for person in poses.persons:
        rows = np.flatnonzero(poses.person_id == person)
        rows = rows[np.argsort(poses.frame[rows], kind="stable")]
        measured[rows] = _measure_person(poses.rows(rows))
    return measured


def _measure_person(person: Poses) -> np.ndarray:
    """The same of one person, by rising frame."""
    skeleton, joints = person.skeleton, person.keypoints.astype(np.float64)
    assert person.root is not None
    root = person.root.astype(np.float64)
    depth = np.maximum(root[:, 2], _NEAR)
    sight = root / np.maximum(np.linalg.norm(root, axis=1, keepdims=True), _NEAR)
    left, right = skeleton.indices("left_shoulder", "right_shoulder")
    across = joints[:, left] - joints[:, right]
    speed = np.gradient(joints, person.seconds, axis=0) if len(person) > 1 else np.zeros_like(joints)
    focal = float(person.meta["focal"])
    of_person = {
        "person_score": person.scores.mean(axis=1),
        "from_aside": np.abs(across[:, 2]) / np.maximum(np.linalg.norm(across, axis=1), 1e-3),
        "pixels": np.log(focal / depth),
        "depth": np.log(depth),
        "legs": np.full(len(person), _legs(joints, skeleton)),
    }
    of_joint = {
        "score": person.scores,
        "distance": np.linalg.norm(joints, axis=2),
        "along_sight": np.abs(np.einsum("njc,nc->nj", joints, sight)),
        "speed": np.log1p(np.linalg.norm(speed, axis=2)),
    }
    of_joint |= {name: np.repeat(values[:, None], len(skeleton), axis=1) for name, values in of_person.items()}
    return np.stack([of_joint[name] for name in FEATURES], axis=-1)


def _legs(joints: np.ndarray, skeleton: Skeleton) -> float:
    """The length of a leg, metres: the median over both and all rows (N, J, 3)."""
    lengths = [
        np.linalg.norm(
            joints[:, skeleton.index(f"{side}_{start}")] - joints[:, skeleton.index(f"{side}_{end}")], axis=1
        )
        for side in ("left", "right")
        for start, end in (("hip", "knee"), ("knee", "ankle"))
    ]
    return float(np.median(lengths[0] + lengths[1] + lengths[2] + lengths[3])) / 2


def _fitted_for(poses: Poses) -> ErrorBars | None:
    """What was fitted to poses that were made like these."""
    meta = poses.meta
    weights, detector = meta.get("weights") or {}, meta.get("detector") or {}
    solved = any(one.get("name") == "whole_clip" for one in meta.get("refiners", []))
    key = (weights.get("sha256", ""), "solved" if solved else "lifted")
    fitted = _shipped().get(key)
    same = fitted is not None and all(detector.get(name) == value for name, value in fitted.detector.items())
    return fitted.bars if fitted is not None and same and poses.space == "camera" else None


@dataclass(frozen=True)
class _Fitted:
    """Error bars, and the settings of the detector that they hold for."""

    detector: Mapping[str, object]
    bars: ErrorBars


@cache
def _shipped() -> dict[tuple[str, str], _Fitted]:
    """All that come along, by the weights' sha256 and "solved" or "lifted"."""
    text = (importlib.resources.files("in_the_wild.assets") / _ASSET).read_text()
    return {
        (one["weights"], one["of"]): _Fitted(one["detector"], ErrorBars(one["joints"], one["features"], one["limits"]))
        for one in json.loads(text)["fitted"]
    }
