"""Measure a lifter on the views of virtual cameras: whole sequences or every n-th frame, with all the usual errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from in_the_wild.camera import Pinhole
from in_the_wild.checkpoints import Training
from in_the_wild.defaults import OVERLAP
from in_the_wild.errors import InputError
from in_the_wild.lifters.base import Lifter
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton, get_skeleton
from in_the_wild.steps.lift import TrainedLifter
from in_the_wild.steps.remap import remap_arrays
from in_the_wild.tracks import Track
from pose3d_cli.datasets.synthetic.heldout import View
from pose3d_cli.metrics import joints3d

# The picture that the rays of a view are given in for weights that read pixels: Human3.6M's size and focal length.
_SIZE, _FOCAL = 1000, 1145.0
_CAMERA = Pinhole(width=_SIZE, height=_SIZE, focal=_FOCAL)


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
    refine: Callable[[np.ndarray, View, slice], np.ndarray] | None = None,
) -> Iterator[Errors]:
    """The errors of a lifter on each view, one after the other.

    Args:
        lifter: In eval mode, wherever it runs.
        training: What its weights read and give.
        views: Of the held-out test, at the weights' frame rate.
        every: Compare every n-th frame alone; velocities need all of them.
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
        predicted = trained.lift_track(_exact(view, read), _CAMERA, every=every)
        predicted *= training.metres
        if refine is not None:
            predicted = refine(predicted, view, slice(None, None, every))
        predicted[:, HUMAN36M17.root] = 0
        yield _errors(predicted, view.joints[::every], moving=every == 1)


def by_action(errors: Sequence[Errors], views: Sequence[View]) -> dict[str, Errors]:
    """Means of every action's views by its name, then those of all of them as "all frames"."""
    rows = {}
    for action in sorted({view.action for view in views}):
        rows[action] = mean([error for error, view in zip(errors, views, strict=True) if view.action == action])
    return {**rows, "all frames": mean(errors)}


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


def _exact(view: View, skeleton: Skeleton) -> Track:
    """A view's keypoints as a detector that never errs would give them, brought to what the lifter reads."""
    count = len(view.rays)
    pixels, scores = remap_arrays(view.rays * _FOCAL + _SIZE / 2, np.ones(view.rays.shape[:2]), COCO17, skeleton)
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
