"""Measure a lifter on the views of virtual cameras: whole sequences or every n-th frame, with all the usual errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from in_the_wild.checkpoints import Training
from in_the_wild.defaults import OVERLAP
from in_the_wild.errors import InputError
from in_the_wild.lens import Pinhole
from in_the_wild.lifters.base import Lifter
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton, get_skeleton
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.steps.remap import remap_arrays
from in_the_wild.tracks import Track
from pose3d_cli.datasets.synthetic.heldout import View
from pose3d_cli.evaluation import pose_kinds
from pose3d_cli.metrics import joints3d

# Edges of the ranges of a camera's pitch that are told apart, degrees.
_PITCHES = (-np.inf, -10.0, 0.0, 10.0, 20.0, 30.0, np.inf)
# The picture that the rays of a view are given in for weights that read pixels: Human3.6M's size and focal length.
_SIZE, _FOCAL = 1000, 1145.0
_CAMERA = Pinhole(width=_SIZE, height=_SIZE, focal=_FOCAL)

# Joints (T', 17, 3) of the frames of a view that a slice takes -> joints (T', 17, 3).
Refine = Callable[[np.ndarray, View, slice], np.ndarray]


@dataclass(frozen=True)
class Errors:
    """Errors of one view, or means over several: millimetres, and millimetres per frame or frame squared.

    Attributes:
        frames: How many frames they are over.
        mpjpe: Protocol 1.
        p_mpjpe: Protocol 2.
        n_mpjpe: After the best scale.
        mpjve: Velocity; 0 where only single frames were lifted.
        acceleration: Second difference; likewise.
    """

    frames: int
    mpjpe: float
    p_mpjpe: float
    n_mpjpe: float
    mpjve: float
    acceleration: float


def evaluate(
    lifter: Lifter,
    training: Training,
    views: Sequence[View],
    *,
    every: int = 1,
    flip: bool = True,
    overlap: float = OVERLAP,
    refine: Refine | None = None,
) -> Iterator[Errors]:
    """The errors of a lifter on each view, one after the other; see `lift`, of which every n-th frame counts."""
    lifted = lift(lifter, training, views, every=every, flip=flip, overlap=overlap, refine=refine)
    for predicted, view in zip(lifted, views, strict=True):
        yield measure(predicted, view, every=every)


def lift(
    lifter: Lifter,
    training: Training,
    views: Sequence[View],
    *,
    every: int = 1,
    flip: bool = True,
    overlap: float = OVERLAP,
    refine: Refine | None = None,
) -> Iterator[np.ndarray]:
    """What a lifter makes of each view, one after the other: joints (T', 17, 3), metres, the root at zero.

    Args:
        lifter: In eval mode, wherever it runs.
        training: What its weights read and give.
        views: Of the held-out test, at the weights' frame rate.
        every: Lift every n-th frame alone.
        flip: Test-time flip.
        overlap: Of the windows, see `in_the_wild.steps.lift.TrainedLifter`.
        refine: What the lifter's joints (T', 17, 3) of some of a view's frames go through before they are compared.

    Raises:
        InputError: weights that give other joints than the test knows.
        SkeletonError: weights that read joints which COCO keypoints cannot be brought to.
    """
    read = get_skeleton(training.input_skeleton)
    if training.output_skeleton != HUMAN36M17.name:
        raise InputError(
            f"The held-out test knows the truth of {HUMAN36M17.name}; these weights give {training.output_skeleton}."
        )
    trained = TrainedLifter(lifter, training, flip=flip, tds=1, overlap=overlap)
    for view in views:
        predicted = trained.lift_track(_track(view, read), _CAMERA, every=every)
        predicted *= training.metres
        if refine is not None:
            predicted = refine(predicted, view, slice(None, None, every))
        predicted[:, HUMAN36M17.root] = 0
        yield predicted


def measure(predicted: np.ndarray, view: View, *, every: int = 1, among: np.ndarray | None = None) -> Errors:
    """The errors of a lifter's joints on a view.

    Args:
        predicted: (T', 17, 3) metres, of every n-th frame.
        view: What was lifted.
        every: n; velocities need all frames.
        among: (T',) which of these frames count; None counts all. Without neighbours there are no velocities.
    """
    target = view.joints[::every]
    if among is not None:
        predicted, target = predicted[among], target[among]
    return _errors(predicted, target, moving=every == 1 and among is None)


def by_action(errors: Sequence[Errors], views: Sequence[View]) -> dict[str, Errors]:
    """Means of every action's views by its name, then those of all of them as "all frames"."""
    rows = {}
    for action in sorted({view.action for view in views}):
        rows[action] = mean([error for error, view in zip(errors, views, strict=True) if view.action == action])
    return {**rows, "all frames": mean(errors)}


def by_pitch(errors: Sequence[Errors], views: Sequence[View]) -> dict[str, Errors]:
    """Means of the views whose camera looks down by so many degrees."""
    rows = {}
    for low, high in pairwise(_PITCHES):
        found = [error for error, view in zip(errors, views, strict=True) if low <= view.pitch < high]
        if found:
            rows[f"camera at {max(low, -90):g} to {min(high, 90):g}°"] = mean(found)
    return rows


def by_pose(predicted: Sequence[np.ndarray], views: Sequence[View], *, every: int = 1) -> dict[str, Errors]:
    """Means over the frames of each kind of pose, see `pose_kinds`: single frames, so no velocities.

    Args:
        predicted: What `lift` gave of each view.
        views: What was lifted.
        every: Of the frames that were.
    """
    parts: dict[str, list[Errors]] = {kind: [] for kind in pose_kinds.KINDS}
    for joints, view in zip(predicted, views, strict=True):
        for kind, among in pose_kinds.tell(view.joints[::every], view.up).items():
            if among.any():
                parts[kind].append(measure(joints, view, every=every, among=among))
    return {kind: mean(found) for kind, found in parts.items() if found}


def mean(errors: Iterable[Errors]) -> Errors:
    """Means over all frames of several views."""
    errors = list(errors)
    frames = np.array([error.frames for error in errors], dtype=float)

    def over_frames(name: str) -> float:
        return float(np.average([getattr(error, name) for error in errors], weights=frames))

    return Errors(
        frames=int(frames.sum()),
        **{name: over_frames(name) for name in ("mpjpe", "p_mpjpe", "n_mpjpe", "mpjve", "acceleration")},
    )


def _track(view: View, skeleton: Skeleton) -> Track:
    """A view's keypoints, brought to what the lifter reads."""
    count = len(view.rays)
    pixels, scores = remap_arrays(view.rays * _FOCAL + _SIZE / 2, view.scores, COCO17, skeleton)
    return Track(
        pixels=pixels,
        scores=scores,
        seen=np.ones(count, bool),
        frame=np.arange(count),
        time=np.arange(count) / view.fps,
    )


def _errors(predicted: np.ndarray, target: np.ndarray, *, moving: bool) -> Errors:
    predicted, target = predicted * 1e3, target * 1e3
    return Errors(
        frames=len(target),
        mpjpe=float(joints3d.mpjpe(predicted, target).mean()),
        p_mpjpe=float(joints3d.p_mpjpe(predicted, target).mean()),
        n_mpjpe=float(joints3d.n_mpjpe(predicted, target).mean()),
        mpjve=float(joints3d.mpjve(predicted, target).mean()) if moving and len(target) > 1 else 0.0,
        acceleration=float(joints3d.acceleration_error(predicted, target).mean())
        if moving and len(target) > 2
        else 0.0,
    )
