"""What a lifter makes of a labelled sequence, beside the truth.

It knows nothing about which numbers are made of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from in_the_wild import windows
from in_the_wild.checkpoints import Training
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.lens import Pinhole
from in_the_wild.lifters.base import Lifter, lift_with_flip
from in_the_wild.normalise import normalise, screen
from in_the_wild.skeletons import get_skeleton
from in_the_wild.steps.lift import BATCH, TrainedLifter
from in_the_wild.steps.remap import remap_arrays
from in_the_wild.tracks import Track
from pose3d_cli.datasets.prepared.sequences import Description, Labelled

# One window around every frame; windows side by side, the last of which ends with the sequence; windows that overlap by
# half, their answers blended; and those of `pose3d run`, whose frames are as far apart as the weights were trained on,
# whatever the sequence's frame rate is. A lifter that answers for one frame knows the first and the last alone.
RULES = ("centred", "consecutive", "blended", "in time")

Refiner = Callable[[np.ndarray, np.ndarray, Labelled, np.ndarray], np.ndarray]
# Pixels (T, J, 2) and scores (T, J).
Keypoints = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Inference:
    """How a sequence is lifted.

    Attributes:
        rule: Which windows, one of RULES; for lifters that answer for one frame, "centred" is meant.
        tds: Every tds-th frame of the sequence stands in a window; None takes the one that comes closest to the
            weights' frame rate; in time there is none.
        flip: Test-time flip.
        every: Answer for every n-th frame alone.

    Raises:
        InputError: no such rule, or steps below 1.
    """

    rule: str = "centred"
    tds: int | None = None
    flip: bool = True
    every: int = 1

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise InputError(f'There is no rule "{self.rule}" for windows. {did_you_mean(self.rule, RULES)}')
        if self.every < 1 or (self.tds is not None and self.tds < 1):
            raise InputError(
                f"A stride and frames to answer of at least 1 were expected, found tds {self.tds} and every "
                f"{self.every}."
            )


@dataclass(frozen=True)
class Predicted:
    """Joints of some frames of a sequence.

    Attributes:
        sequence: What was lifted.
        frames: (N,) which of its frames. With the rule "consecutive" those of the last window may be there twice.
        joints: (N, J, 3) metres from the root, as the lifter gives them: what it says of the root itself is in them.
        truth: (N, J, 3) metres from the root, which is 0.
    """

    sequence: Labelled
    frames: np.ndarray
    joints: np.ndarray
    truth: np.ndarray


def predict(
    lifter: Lifter,
    training: Training,
    sequence: Labelled,
    description: Description,
    inference: Inference,
    *,
    refine: Refiner | None = None,
    device: str = "cpu",
) -> Predicted:
    """Lift the keypoints of a sequence, and set its true joints beside them.

    Args:
        lifter: In eval mode, on `device`.
        training: What its weights read and give.
        sequence: With keypoints and joints; frames that are not `valid` are seen but not answered.
        description: Of the set that it is from.
        inference: How.
        refine: What the joints go through: joints (N, J, 3) metres, the keypoints of the same skeleton as image points
            (N, J, 2) by `in_the_wild.normalise.screen`, the sequence, the frames (N,) -> joints (N, J, 3).
        device: Where the lifter is.

    Raises:
        InputError: a sequence without keypoints or joints, or joints of another skeleton than the weights give.
        SkeletonError: keypoints that cannot be brought to those that the weights read.
    """
    _check(training, sequence, description)
    keypoints = input_keypoints(sequence, description, skeleton=training.input_skeleton)
    if inference.rule == "consecutive" and lifter.every_frame:
        frames, joints = _side_by_side(lifter, training, sequence, keypoints, flip=inference.flip, device=device)
    else:
        frames = np.arange(len(sequence))[:: inference.every]
        joints = _frame_by_frame(lifter, training, sequence, keypoints, inference)
    joints = joints * training.metres
    truth = root_relative(sequence, description)[frames]
    if refine is not None:
        width, height = sequence.camera.picture
        seen, _ = input_keypoints(sequence, description, skeleton=training.output_skeleton)
        joints = refine(joints, screen(seen[frames], width=width, height=height), sequence, frames)
    counts = np.ones(len(frames), bool) if sequence.valid is None else np.asarray(sequence.valid)[frames]
    return Predicted(sequence=sequence, frames=frames[counts], joints=joints[counts], truth=truth[counts])


def _check(training: Training, sequence: Labelled, description: Description) -> None:
    if sequence.keypoints is None or sequence.joints is None:
        lacking = "keypoints" if sequence.keypoints is None else "joints"
        raise InputError(f"To lift and compare, keypoints and joints are needed; {sequence.name} has no {lacking}.")
    if training.output_skeleton != description.joint_skeleton:
        raise InputError(
            f"The truth of {description.name} is of {description.joint_skeleton}; these weights give "
            f"{training.output_skeleton}: evaluate them on a set of that skeleton."
        )


def input_keypoints(sequence: Labelled, description: Description, *, skeleton: str) -> Keypoints:
    """A sequence's keypoints (T, J, 2) in pixels and scores (T, J), brought to the joints of a skeleton.

    Raises:
        SkeletonError: there is no way from its joints to those.
    """
    assert sequence.keypoints is not None
    given = np.asarray(sequence.keypoints, np.float64)
    scores = np.ones(given.shape[:2]) if sequence.scores is None else np.asarray(sequence.scores, np.float64)
    return remap_arrays(given, scores, get_skeleton(description.keypoint_skeleton), get_skeleton(skeleton))


def root_relative(sequence: Labelled, description: Description) -> np.ndarray:
    """A sequence's true joints from their root: (T, J, 3) metres, float64."""
    assert sequence.joints is not None
    joints = np.asarray(sequence.joints, np.float64)
    root = get_skeleton(description.joint_skeleton).root
    return joints - joints[:, root, None]


def _frame_by_frame(
    lifter: Lifter, training: Training, sequence: Labelled, keypoints: Keypoints, inference: Inference
) -> np.ndarray:
    """Windows around frames, or blended: the joints (N, J, 3) of every n-th frame."""
    pixels, scores = keypoints
    every_frame, rule = np.arange(len(sequence)), inference.rule
    one_answer = lifter.every_frame and rule not in ("blended", "in time")
    track = Track(
        pixels=pixels,
        scores=scores,
        seen=np.ones(len(sequence), bool),
        frame=every_frame,
        time=every_frame / sequence.fps,
    )
    trained = TrainedLifter(
        lifter,
        training,
        flip=inference.flip,
        tds=None if rule == "in time" else inference.tds or max(1, round(sequence.fps / training.fps)),
        keep=lifter.output_frame if one_answer else None,
    )
    width, height = sequence.camera.picture
    camera = Pinhole(width=width, height=height, focal=sequence.camera.focal_length)
    return trained.lift_track(track, camera, every=inference.every)


def _side_by_side(
    lifter: Lifter,
    training: Training,
    sequence: Labelled,
    keypoints: Keypoints,
    *,
    flip: bool,
    device: str,
) -> tuple[np.ndarray, np.ndarray]:
    """Windows one after the other (MixSTE `run.py` eval_data_prepare): their frames (N,) and joints (N, J, 3)."""
    pixels, scores = keypoints
    look = windows.consecutive(len(pixels), frames=lifter.frames)
    width, height = sequence.camera.picture
    in_flip, out_flip = (get_skeleton(name).flip for name in (training.input_skeleton, training.output_skeleton))
    pieces = []
    for start in range(0, len(look), BATCH):
        part = look[start : start + BATCH]
        read = normalise(
            pixels[part],
            scores[part],
            kind=training.normalisation,
            width=width,
            height=height,
            focal=sequence.camera.focal_length,
        )
        inputs = torch.from_numpy(read.inputs).to(device)
        joints = lift_with_flip(lifter, inputs, flip=flip, in_flip=in_flip, out_flip=out_flip)
        pieces.append(joints.float().cpu().numpy() @ read.rotation[:, None])
    joints = np.concatenate(pieces).astype(np.float64)  # (W, T, J, 3)
    return look.ravel(), joints.reshape(-1, *joints.shape[2:])
