"""Measure a lifter on the held-out test: whole sequences or every n-th frame of them, with all the usual errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from in_the_wild import windows
from in_the_wild.errors import InputError
from in_the_wild.lifters.base import Lifter, lift_with_flip
from in_the_wild.normalise import normalise
from in_the_wild.skeletons import COCO17, HUMAN36M17
from in_the_wild.weights import Training
from pose3d_cli.datasets.heldout import View
from pose3d_cli.metrics import joints3d

# The picture that the rays of a view are given in for weights that read pixels: Human3.6M's size and focal length.
_SIZE, _FOCAL = 1000, 1145.0
_BATCH = 512


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


def check(
    lifter: Lifter,
    training: Training,
    views: Sequence[View],
    *,
    every: int = 1,
    flip: bool = True,
    device: str = "cpu",
    progress: Callable[[int], None] = lambda done: None,
) -> list[Errors]:
    """The errors of a lifter on each view.

    Args:
        lifter: In eval mode, on `device`.
        training: What its weights read and give.
        views: Of the held-out test, at the weights' frame rate.
        every: Lift every n-th frame alone; velocities need all of them.
        flip: Test-time flip.
        device: Where the lifter is.
        progress: Called with the number of views done.

    Raises:
        InputError: weights of other skeletons than the test's, or an every-frame lifter.
    """
    if (training.input_skeleton, training.output_skeleton) != (COCO17.name, HUMAN36M17.name):
        raise InputError(
            f"The held-out test gives {COCO17.name} and knows {HUMAN36M17.name}; these weights read "
            f"{training.input_skeleton} and give {training.output_skeleton}."
        )
    if lifter.every_frame:
        raise InputError("The held-out test lifts centre frames; this lifter answers for every frame of a window.")
    found = []
    for done, view in enumerate(views, start=1):
        look = windows.centred(len(view.rays), frames=lifter.frames)[::every]
        predicted = _lift(lifter, training, view.rays[look], flip=flip, device=device)
        found.append(_errors(predicted, view.joints[::every], moving=every == 1))
        progress(done)
    return found


def mean(errors: Sequence[Errors]) -> Errors:
    """Means over all frames of several views."""
    frames = np.array([error.frames for error in errors], dtype=float)

    def over_frames(name: str) -> float:
        return float(np.average([getattr(error, name) for error in errors], weights=frames))

    return Errors(
        frames=int(frames.sum()),
        **{name: over_frames(name) for name in ("mpjpe", "p_mpjpe", "n_mpjpe", "mpjve", "acceleration")},
    )


def _lift(lifter: Lifter, training: Training, rays: np.ndarray, *, flip: bool, device: str) -> np.ndarray:
    """Windows (W, T, 17, 2) of rays -> root-relative joints (W, 17, 3) in the view's camera."""
    pieces = []
    for start in range(0, len(rays), _BATCH):
        part = rays[start : start + _BATCH]
        normalised = normalise(
            part * _FOCAL + _SIZE / 2,
            np.ones(part.shape[:-1], np.float32),
            kind=training.normalisation,
            width=_SIZE,
            height=_SIZE,
            focal=_FOCAL,
        )
        x = torch.from_numpy(normalised.inputs).to(device)
        joints = lift_with_flip(lifter, x, flip=flip, in_flip=COCO17.flip, out_flip=HUMAN36M17.flip)
        pieces.append(np.einsum("bji,bkj->bki", normalised.rotation, joints[:, 0].float().cpu().numpy()))
    predicted = np.concatenate(pieces)
    predicted[:, HUMAN36M17.root] = 0
    return predicted


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
