"""MixSynthFormer: poses on every N-th frame in, poses on every frame out; and the next moments of a motion.

The network and the paper are in `_mixsynthformer_network.py`; here it is given sequences. It works in time: a sequence
is brought to the frame rate that the network was trained at, cut into windows, put together again where windows
overlap, and brought back to the video's own times. What was seen at other moments than the network reads is
interpolated linearly.

The network takes any numbers that change smoothly: 2D keypoints, root-relative 3D joints, or SMPL's rotations as six
numbers each. `MixSynthFormer.refine_array` refines arrays; for SMPL poses (T, 24, 3) in axis-angle form:

    six = rotations.to_6d(poses).reshape(len(poses), -1)
    refined = rotations.from_6d(refiner.refine_array(six, seen).reshape(len(poses), -1, 6))
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator

from in_the_wild.checkpoints.refiners import load
from in_the_wild.errors import InputError
from in_the_wild.interpolation import interpolate
from in_the_wild.poses import Poses, Source
from in_the_wild.refiners._mixsynthformer_network import MixSynthFormerNetwork
from in_the_wild.refiners.base import Refiner
from in_the_wild.skeletons import COCO17, HUMAN36M17, Skeleton, get_skeleton
from in_the_wild.sparse import Trained, fill, normalise, prediction_input, prediction_output, run

_MODEL = "mixsynthformer"
# Of the shipped weights, those that read every 10th frame are taken where poses are further apart than this, seconds,
# those that read every 5th where they are closer: the middle between their intervals, 0.4 and 0.2 seconds.
_SPARSE = 0.3
# A joint that was not seen while others were counts this much of its neighbours' scores, as in lifting.
_UNSEEN = 0.5
# Time is measured to this, seconds.
_INSTANT = 1e-6


class MixSynthFormer(Refiner):
    """Fills the frames between those seen, and smooths the seen ones.

    Args:
        weights: Name of shipped weights, or a file. None takes the shipped ones for the poses' joints, by how far apart
            they were seen; arrays need a name.
        every: In frames of the video: only every so many-th one of a person, and the last, are taken as seen. None
            takes all rows in which a joint has a score above 0.
        device: Where the network runs, a device of torch's.
        batch: Windows at a time.

    Raises:
        WeightsError: the weights cannot be used.
        InputError: a step below 1.
    """

    spaces: ClassVar[tuple[str, ...]] = ("image", "camera", "world")
    fills = True
    network = MixSynthFormerNetwork

    def __init__(
        self, *, weights: str | None = None, every: int | None = None, device: str = "cpu", batch: int = 256
    ) -> None:
        if every is not None and every < 1:
            raise InputError(f"Every first frame or fewer can be seen, found every {every}.")
        self.every = every
        self.device = device
        self.batch = batch
        self._loaded: dict[str, Trained] = {}
        self._name = weights
        if weights is not None:
            self._load(weights)

    @property
    def settings(self) -> Mapping[str, Any]:
        """See `Refiner.settings`; the weights are those used so far."""
        return {
            "name": _MODEL,
            "weights": {trained.source: trained.sha256 for trained in self._loaded.values()},
            "every": self.every,
        }

    def skeleton_for(self, space: str) -> Skeleton | None:
        """See `Refiner.skeleton_for`: those of the named weights, or of the ones that ship for this space."""
        if self._name is None:
            return COCO17 if space == "image" else HUMAN36M17
        training = self._load(self._name).training
        same_kind = (space == "image") == (training.space == "image")
        return get_skeleton(training.skeleton) if training.skeleton and same_kind else None

    def refine(self, person: Poses) -> Poses:
        """See `Refiner.refine`: a row for each frame from first to last.

        Rows that were seen keep their scores, except that joints that were not seen have half their neighbours'; the
        other rows have their neighbours'. In 3D the root is not the network's: it keeps its path, continued smoothly
        over rows that are added.

        Raises:
            InputError: the weights are for other joints or another space.
        """
        seen = self._seen(person)
        trained = self._weights_for(person, seen)
        _require(trained, person, task="fill")
        frame = np.arange(person.frame[0], person.frame[-1] + 1)
        time = person.video.timestamps[frame]
        values = _refine(trained, _read(person, seen), person.seconds[seen], time, self.batch)
        values = values.reshape(len(frame), *person.keypoints.shape[1:])
        path = root = None
        if person.space == "world":
            path = _path(person.seconds, person.keypoints[:, person.skeleton.root], time)
        if person.root is not None:
            root = _path(person.seconds, person.root, time)
        return person.replace(
            keypoints=_from_network(values, person, path),
            scores=_scores(person, frame),
            frame=frame,
            person_id=np.full(len(frame), person.person_id[0]),
            root=root,
        )

    def refine_array(self, x: np.ndarray, seen: np.ndarray, *, time: np.ndarray | None = None) -> np.ndarray:
        """Refine a sequence of any numbers.

        Args:
            x: (T, D); rows that were not seen may hold anything.
            seen: (T,) bool.
            time: (T,) seconds, rising. None takes the network's own frame rate.

        Returns:
            (T, D) float64.

        Raises:
            InputError: no weights were named, or they are for another width; nothing was seen; shapes that differ.
        """
        if self._name is None:
            raise InputError("Arrays do not say which weights they need; name them: MixSynthFormer(weights=...).")
        trained = self._load(self._name)
        x, seen = np.asarray(x, np.float64), np.asarray(seen, bool)
        width = trained.network.coordinates
        if x.shape != (len(seen), width) or seen.ndim != 1 or not seen.any():
            raise InputError(
                f"A sequence (T, {width}) and which of its T frames were seen, at least one, were expected; "
                f"found {x.shape} and {seen.shape} with {int(seen.sum())} seen."
            )
        times = np.arange(len(x)) / trained.training.fps if time is None else np.asarray(time, np.float64)
        if times.shape != seen.shape or (np.diff(times) <= 0).any():
            raise InputError(f"Rising seconds of {len(seen)} frames were expected, found shape {times.shape}.")
        if trained.training.task != "fill":
            raise InputError(f"{trained.source} predicts and does not fill; give other weights.")
        return _refine(trained, x[seen], times[seen], times, self.batch)

    def _seen(self, person: Poses) -> np.ndarray:
        """(N,) which rows count as seen."""
        seen = (person.scores > 0).any(axis=1)
        if self.every is not None:
            steps = person.frame - person.frame[0]
            seen &= (steps % self.every == 0) | (steps == steps[-1])
        return seen if seen.any() else np.ones_like(seen)

    def _weights_for(self, person: Poses, seen: np.ndarray) -> Trained:
        if self._name is not None:
            return self._load(self._name)
        times = person.seconds[seen]
        sparse = len(times) > 1 and np.median(np.diff(times)) >= _SPARSE
        return self._load(f"mixsynthformer_{person.skeleton.name}_n{10 if sparse else 5}")

    def _load(self, name: str) -> Trained:
        if name not in self._loaded:
            self._loaded[name] = load(name, model=_MODEL, device=self.device)
        return self._loaded[name]


def predict(poses: Poses, trained: Trained, *, seconds: float) -> Poses:
    """Continue every person from their last row (the paper's short-term motion prediction).

    Frames beyond the video's end are added to its timestamps at its average rate. The network predicts joints relative
    to the root; the root goes on at the mean velocity that it had over the past that the network sees.

    Args:
        poses: People with ids, in the weights' joints and space; 3D ones in camera or world space.
        trained: Weights of the task "predict".
        seconds: How far.

    Returns:
        The rows that came in, unchanged, and those to come, with scores of 0; the note "predicted" says from which
        frame on, for each person.

    Raises:
        InputError: other poses than the weights are for, nobody in them, poses that were continued before, or a time
            beyond what the weights were trained for or within a frame.
    """
    _require(trained, poses, task="predict")
    if not 0 < seconds <= trained.horizon + _INSTANT:
        raise InputError(
            f"{trained.source} predicts up to {trained.horizon:g} seconds, the longest it was trained for; "
            f"found {seconds:g}. Ask for a time within that."
        )
    if "predicted" in poses.meta:
        raise InputError("Poses that were seen were expected, found some that were predicted; give those of the video.")
    if not poses.persons:
        raise InputError("People with ids were expected, found none; there is nobody to continue.")
    ends = {person: poses.of_person(person) for person in poses.persons}
    latest = max(person.seconds[-1] for person in ends.values()) + seconds
    video = _extended(poses.video, until=latest)
    table = poses.replace(video=video)
    continued = [_continued(table.of_person(person), trained, seconds=seconds) for person in ends]
    continued = [rows for rows in continued if len(rows)]
    if not continued:
        raise InputError(
            f"A frame of this video lasts {1 / video.fps:.3f} seconds; found {seconds:g}. Ask for a longer time."
        )
    first = {str(rows.person_id[0]): int(rows.frame[0]) for rows in continued}
    return Poses.join([table, *continued]).with_meta(
        predicted={
            "weights": trained.source,
            "sha256": trained.sha256,
            "seconds": seconds,
            "from_frame": first,
            "root": "mean velocity of the past",
        }
    )


def _continued(person: Poses, trained: Trained, *, seconds: float) -> Poses:
    """The rows of one person that come after the last."""
    training, network = trained.training, trained.network
    seen = (person.scores > 0).any(axis=1)
    seen[-1] = True
    now = person.seconds[-1]
    past_times = now + np.arange(1 - training.past, 1) / training.fps
    past = torch.from_numpy(interpolate(past_times, person.seconds[seen], _read(person, seen)))[None]  # (1, P, D)
    frame = normalise(past, training.normalisation)
    with torch.no_grad():
        window = prediction_input(frame.apply(past), frames=network.frames)
        coming = frame.undo(prediction_output(run(trained, window), frame.apply(past)))  # (1, W - P, D)
    known = np.concatenate([past[0, -1:].numpy(), coming[0].numpy()])
    known_times = now + np.arange(len(known)) / training.fps
    after = person.video.timestamps
    frames = np.flatnonzero((after > now) & (after <= now + seconds + _INSTANT))
    time = after[frames]
    values = interpolate(time, known_times, known).reshape(len(frames), *person.keypoints.shape[1:])
    path = root = None
    recent = seen & (person.seconds >= past_times[0] - _INSTANT)
    if person.space == "world":
        path = _onward(person.seconds[recent], person.keypoints[recent, person.skeleton.root], time)
    if person.root is not None:
        root = _onward(person.seconds[recent], person.root[recent], time)
    return person.replace(
        keypoints=_from_network(values, person, path),
        scores=np.zeros((len(frames), len(person.skeleton))),
        frame=frames,
        person_id=np.full(len(frames), person.person_id[0]),
        root=root,
    )


def _extended(video: Source, *, until: float) -> Source:
    """The video with timestamps up to a time, at its average rate."""
    end = video.timestamps[-1]
    more = int(np.floor((until - end) * video.fps + 1e-4))
    times = end + np.arange(1, more + 1) / video.fps
    return dataclasses.replace(video, timestamps=np.concatenate([video.timestamps, times]))


def _require(trained: Trained, poses: Poses, *, task: str) -> None:
    """Refuse poses that the weights are not for."""
    training = trained.training
    if training.task != task:
        raise InputError(f"{trained.source} was trained to {training.task}, not to {task}; give other weights.")
    space = "camera" if poses.space == "world" else poses.space
    if (training.space, training.skeleton) != (space, poses.skeleton.name):
        theirs = f"{training.skeleton} in {training.space} space" if training.space else "arrays, not poses"
        raise InputError(
            f"{trained.source} is for {theirs}; found {poses.skeleton.name} in {poses.space} space. Give other weights."
        )


def _refine(trained: Trained, known: np.ndarray, known_times: np.ndarray, time: np.ndarray, batch: int) -> np.ndarray:
    """Values (K, D) seen at some times, refined at all times (T,): (T, D)."""
    if len(known) == 1:
        return np.repeat(known, len(time), axis=0)
    network = trained.network
    # The grid ends with the sequence, so its rate differs from the network's by up to half a frame over its length.
    steps = max(1, round((time[-1] - time[0]) * trained.training.fps))
    if steps < network.frames:
        # Shorter than a window, the sequence ends on a frame that the network reads: at another, its end would be lost.
        steps = network.interval * max(1, round(steps / network.interval))
    grid = np.linspace(time[0], time[-1], steps + 1)
    return interpolate(time, grid, fill(trained, interpolate(grid, known_times, known), batch=batch))


def _read(person: Poses, seen: np.ndarray) -> np.ndarray:
    """What the network is told of the rows that were seen: (K, D).

    In 2D, a joint without a score is taken from the rows where it has one; one that never has any stands in the middle
    of the others, where it does not change the person's box. In 3D every joint is an estimate of the whole body's.
    """
    values = _to_network(person)[seen]  # (K, J, C)
    scored = person.scores[seen] > 0
    if person.space == "image" and scored.any():
        time = person.seconds[seen]
        for j in np.flatnonzero(scored.any(axis=0)):
            values[:, j] = interpolate(time, time[scored[:, j]], values[scored[:, j], j])
        never = ~scored.any(axis=0)
        values[:, never] = values[:, ~never].mean(axis=1, keepdims=True)
    return values.reshape(len(values), -1)


def _to_network(person: Poses) -> np.ndarray:
    """Keypoints (N, J, C) as the weights know them: pixels, or metres from the root with the axes of a level camera."""
    keypoints = person.keypoints.astype(np.float64)
    if person.space != "world":
        return keypoints
    x, y, z = np.moveaxis(keypoints - keypoints[:, [person.skeleton.root]], -1, 0)
    return np.stack([x, -z, y], axis=-1)


def _from_network(values: np.ndarray, person: Poses, path: np.ndarray | None) -> np.ndarray:
    """The inverse of `_to_network`: (N, J, C) -> (N, J, C); `path` (N, 3) is the root's in world space."""
    if person.space == "image":
        return values
    # Joints are relative to the root; what the network says of the root itself is left over noise.
    values[:, person.skeleton.root] = 0
    if path is None:
        return values
    x, y, z = np.moveaxis(values, -1, 0)
    return np.stack([x, z, -y], axis=-1) + path[:, None]


def _path(known: np.ndarray, values: np.ndarray, time: np.ndarray) -> np.ndarray:
    """A root's path (K, 3) at more times (T,): smooth, without overshooting, and unchanged where it is known."""
    if len(known) == 1:
        return np.repeat(values, len(time), axis=0)
    return PchipInterpolator(known, values, axis=0)(time)


def _onward(known: np.ndarray, values: np.ndarray, time: np.ndarray) -> np.ndarray:
    """A path (K, 3) continued from its last point at its mean velocity, fitted by least squares: (T, 3)."""
    moved = known - known.mean()
    spread = (moved**2).sum()
    velocity = moved @ (values - values.mean(axis=0)) / spread if spread else np.zeros(values.shape[1])
    return values[-1] + (time - known[-1])[:, None] * velocity


def _scores(person: Poses, frame: np.ndarray) -> np.ndarray:
    """(T, J) scores of all frames: where there is none above 0, what neighbours in time have.

    Half of that for a joint that was not seen while others were.
    """
    known_rows = np.searchsorted(frame, person.frame)
    looked_at = known_rows[(person.scores > 0).any(axis=1)]
    scores = np.zeros((len(frame), len(person.skeleton)))
    for j, column in enumerate(person.scores.T):
        known = column > 0
        if known.any():
            rows = known_rows[known]
            scores[:, j] = np.interp(frame, frame[rows], column[known])
            scores[looked_at, j] *= _UNSEEN
            scores[rows, j] = column[known]
    return scores
