"""Lift: tracked 2D keypoints in, 3D joints in camera space out.

The lifter works in time, not in frames. Around every video frame stands a window whose frames are as far apart as the
ones the network was trained on; keypoints between two video frames are interpolated. With a given `tds` the window
takes every tds-th video frame instead, as the authors' scripts do.

A network that answers for every frame of a window is run on windows that overlap, and its answers are blended.

It knows nothing about which network it runs, nor about files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch

from in_the_wild import windows
from in_the_wild.camera import root_from_reprojection, smooth_root_depth
from in_the_wild.checkpoints import Training, Weights
from in_the_wild.defaults import OVERLAP
from in_the_wild.errors import InputError
from in_the_wild.interpolation import interpolate
from in_the_wild.lens import ASSUMED, Lens, Pinhole
from in_the_wild.lifters.base import Lifter, lift_with_flip
from in_the_wild.normalise import PER_FRAME, normalise
from in_the_wild.poses import Poses
from in_the_wild.skeletons import Skeleton, get_skeleton
from in_the_wild.steps.remap import remap
from in_the_wild.tracks import Track, fill_track, sample_track, smooth_track

# Windows at a time: few enough for the caches of a CPU.
BATCH = 64
# Seconds over which keypoints are averaged: one frame of usual video. On the clips of `tests/bench/bench_clips.py` it
# halves the acceleration error and leaves the joints' error as it is; twice as much costs a millimetre.
SMOOTHING = 0.033
# Window frames closer than this, seconds, are the same moment.
_SAME = 1e-6

Progress = Callable[[int], None]


def _silent(windows: int) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class _Smoothed:
    """One person, ready to be lifted.

    Attributes:
        rows: As they were found.
        track: The same in every frame, smoothed.
        asked: (K,) positions in the track of the frames that are lifted.
        whole: Whether these are all.
    """

    rows: Poses
    track: Track
    asked: np.ndarray
    whole: bool

    @classmethod
    def of(cls, rows: Poses, sigma: float, frames: Sequence[int] | None) -> _Smoothed:
        """Of rows by rising frame; sigma as of `smooth_track`, and frames that are asked for, None for all."""
        track = smooth_track(fill_track(rows), sigma=sigma)
        asked = np.arange(len(track.frame)) if frames is None else np.flatnonzero(np.isin(track.frame, frames))
        return cls(rows, track, asked, whole=frames is None)


@dataclass(frozen=True)
class TrainedLifter:
    """A lifter with its weights, and how it is run over a video.

    Attributes:
        network: In eval mode, on the device where it runs.
        training: What it was trained on: joints, frame rate, normalisation.
        flip: Average with the mirror image (test-time flip).
        tds: None works in time, at the frame rate of the training; N takes every N-th video frame.
        smoothing: Seconds; keypoints are averaged over time by a Gaussian of this standard deviation, weighted by their
            scores. It looks as far ahead as back, so that nothing lags. None takes `SMOOTHING`, or 0 for keypoints that
            a refiner has smoothed.
        overlap: Share of a window that the next one covers again, for networks that answer for every frame; 0 puts
            them side by side.
        keep: Of networks that answer for every frame, with a `tds`: one window around each frame, of whose answers this
            one is kept, as the authors' demos do (STCFormer's: frames // 2 as meant, 0 as released). None keeps all.
        max_gap: Seconds between two rows of a person up to which the frames between are filled; in longer gaps nobody
            knows what the person did, and they stay without rows. None fills all.
        batch: Windows at a time.
        origin: What results say of the weights: "model", and "source" and "sha256" of the file.

    Raises:
        InputError: a setting out of range, or settings that do not go together.
    """

    network: Lifter = field(repr=False)
    training: Training
    flip: bool = True
    tds: int | None = None
    smoothing: float | None = None
    overlap: float = OVERLAP
    keep: int | None = None
    max_gap: float | None = None
    batch: int = BATCH
    origin: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.tds is not None and self.tds < 1:
            raise InputError(f"A tds of 1 frame or more was expected, found {self.tds}; None works in time.")
        if self.smoothing is not None and not 0 <= self.smoothing <= 1:
            raise InputError(f"A smoothing of 0 to 1 second was expected, found {self.smoothing:g}.")
        if self.max_gap is not None and not self.max_gap > 0:
            raise InputError(f"A longest gap above 0 seconds was expected, found {self.max_gap:g}; None fills all.")
        if not 0 <= self.overlap < 1:
            raise InputError(f"An overlap of at least 0 and below 1 was expected, found {self.overlap:g}.")
        network = self.network
        if self.keep is not None and (
            self.tds is None or not network.every_frame or not 0 <= self.keep < network.frames
        ):
            raise InputError(
                f"To keep one answer of each window, a tds, a lifter that answers for every frame and a frame within "
                f"its {network.frames} were expected; found keep {self.keep}, tds {self.tds}, "
                f"{type(network).__name__}."
            )

    @classmethod
    def of(cls, weights: Weights, **how: Any) -> TrainedLifter:
        """Of loaded weights; the rest are attributes by name."""
        origin = {"model": weights.model, "source": weights.source, "sha256": weights.sha256}
        return cls(network=weights.lifter, training=weights.training, origin=origin, **how)

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.network.parameters(), torch.empty(0)).device

    @property
    def reads(self) -> Skeleton:
        """The keypoints that it reads."""
        return get_skeleton(self.training.input_skeleton)

    @property
    def gives(self) -> Skeleton:
        """The joints that it gives."""
        return get_skeleton(self.training.output_skeleton)

    @property
    def settings(self) -> Mapping[str, Any]:
        """All that decides the result besides the keypoints, as results tell it. JSON types only."""
        described = {name: self.origin[name] for name in ("source", "sha256") if name in self.origin}
        return {
            "model": self.origin.get("model", type(self.network).__name__),
            "weights": {**described, **asdict(self.training)},
            "tds": "auto" if self.tds is None else self.tds,
            "flip": self.flip,
            "overlap": self.overlap if self.network.every_frame else None,
        }

    def windows_for(self, keypoints: Poses) -> int | None:
        """How many windows these poses take; None where a network that answers for every frame decides by time."""
        if self.network.every_frame:
            return None
        return sum(int(np.ptp(run.frame)) + 1 for run in self._runs(keypoints))

    def lift(
        self,
        keypoints: Poses,
        lens: Lens = ASSUMED,
        *,
        frames: Sequence[int] | None = None,
        progress: Progress = _silent,
    ) -> Poses:
        """Lift every person of a video.

        Args:
            keypoints: Tracked 2D keypoints (image space), of joints that can be brought to what the network reads.
            lens: Of the video, for "box" weights and the root's path; its distortion is undone first.
            frames: Lift these alone, each by a window of its own that reaches no farther than the keypoints do, and
                leave their roots as they are found; None lifts all.
            progress: Called with the number of windows done since the last call.

        Returns:
            Poses in camera space, metres, root-relative, with the root's path by least squares on the reprojection; one
            row per person per frame from first to last appearance but for gaps longer than `max_gap`, frames that were
            filled in with score 0.

        Raises:
            InputError: poses that are not tracked 2D keypoints.
            SkeletonError: keypoints that cannot be brought to what the network reads.
        """
        if keypoints.space != "image":
            raise InputError(
                f"The lifter reads keypoints in image space, found poses in {keypoints.space} space; "
                "give the keypoints that they were made from."
            )
        if len(keypoints) and not keypoints.persons:
            raise InputError("People must have ids before lifting; track them first.")
        video = keypoints.video
        read, given = remap(lens.rectified(keypoints), self.reads), keypoints.meta
        smoothing = self._smoothing(keypoints)
        camera = lens.pinhole(width=video.width, height=video.height)
        people = [_Smoothed.of(run, smoothing * video.fps, frames) for run in self._runs(read)]
        lifted = [self._lift_person(one, camera, progress) for one in people if len(one.asked)]
        joined = (
            Poses.join(lifted) if lifted else Poses.empty(skeleton=self.gives, space="camera", video=video, meta=given)
        )
        return joined.replace(root_source=lens.source if lifted else "").with_meta(
            **self.settings, smoothing=smoothing, **lens.notes(width=video.width, height=video.height)
        )

    def lift_track(self, track: Track, camera: Pinhole, *, every: int = 1, progress: Progress = _silent) -> np.ndarray:
        """Lift one person's keypoints.

        Args:
            track: Keypoints in every frame, those that the network reads.
            camera: That they were seen by.
            every: Answer for every n-th frame alone; saves work where the network answers for one frame of a window.
            progress: Called with the number of windows done since the last call.

        Returns:
            (ceil(T / every), J, 3) in camera space, as the network gives them: in its units, not yet root-relative.
        """
        at, answered = self._windows(track.time, every)
        pieces = []
        for start in range(0, len(at), self.batch):
            pieces.append(self._lift_windows(track, at[start : start + self.batch], camera))
            progress(len(pieces[-1]))
        joints = np.concatenate(pieces).astype(np.float64)  # (W, T_out, J, 3)
        weights = np.tile(windows.blend(joints.shape[1]), len(joints))
        return _at_times(answered.ravel(), joints.reshape(-1, *joints.shape[2:]), weights, track.time[::every])

    def _runs(self, keypoints: Poses) -> list[Poses]:
        """Every person's rows, apart where gaps are longer than those that are filled."""
        people = [keypoints.of_person(person) for person in keypoints.persons]
        return people if self.max_gap is None else [run for person in people for run in person.runs(self.max_gap)]

    def _smoothing(self, keypoints: Poses) -> float:
        """Seconds of smoothing before lifting."""
        if self.smoothing is not None:
            return self.smoothing
        return 0.0 if keypoints.meta.get("smoothed") else SMOOTHING

    def lift_moments(self, track: Track, camera: Pinhole, moments: np.ndarray) -> np.ndarray:
        """Lift one person's keypoints at some moments, each by a window of its own.

        A network that answers for one frame has that frame at the moment. One that answers for all has the moment in
        its middle, or as near to it as the track goes on.

        Args:
            track: Keypoints in every frame, those that the network reads.
            camera: That they were seen by.
            moments: (K,) seconds within the track.

        Returns:
            (K, J, 3) as `lift_track` gives them.
        """
        network, fps = self.network, self.training.fps
        after = network.frames - 1 - network.output_frame
        if network.every_frame:
            after = np.minimum(after, np.floor((track.time[-1] - moments) * fps + _SAME).astype(int))
        place = network.frames - 1 - np.broadcast_to(after, len(moments))  # (K,) of the moment in its window
        at = moments[:, None] + (np.arange(network.frames) - place[:, None]) / fps
        joints = self._lift_windows(track, at, camera).astype(np.float64)  # (K, T_out, J, 3)
        return joints[np.arange(len(joints)), place if joints.shape[1] > 1 else 0]

    def _lift_person(self, person: _Smoothed, camera: Pinhole, progress: Progress) -> Poses:
        """One person's track in the joints that the network reads -> rows in camera space, with a root."""
        track, asked = person.track, person.asked
        if person.whole:
            joints = self.lift_track(track, camera, progress=progress) * self.training.metres
        else:
            joints = self.lift_moments(track, camera, track.time[asked]) * self.training.metres
        # The networks give joints relative to the true root; what they say of the root itself is left over noise.
        joints[:, self.gives.root] = 0
        twins = [(self.gives.index(name), j) for j, name in enumerate(self.reads.joints) if name in self.gives.joints]
        ours, theirs = (list(side) for side in zip(*twins, strict=True))
        root = root_from_reprojection(
            joints[:, ours],
            track.pixels[asked][:, theirs],
            track.scores[asked][:, theirs],
            focal=camera.focal,
            centre=camera.centre,
        )
        rows = person.rows
        return Poses(
            keypoints=joints,
            scores=_output_scores(rows, track, self.gives)[asked],
            frame=track.frame[asked],
            person_id=np.full(len(asked), rows.person_id[0]),
            skeleton=self.gives,
            space="camera",
            video=rows.video,
            root=smooth_root_depth(root, fps=rows.video.fps) if person.whole else root,
            meta=rows.meta,
        )

    def _lift_windows(self, track: Track, at: np.ndarray, camera: Pinhole) -> np.ndarray:
        """Run the network on windows at times (W, T): (W, T_out, J, 3) in the video's camera."""
        kind = self.training.normalisation
        # Where frames are treated alone, those that windows share go through the network's first part once.
        moments, look = _moments(at) if kind in PER_FRAME else (at, None)
        pixels, scores = sample_track(track, moments if look is None else moments[None])
        normalised = normalise(pixels, scores, kind=kind, width=camera.width, height=camera.height, focal=camera.focal)
        rotation = normalised.rotation if look is None else np.broadcast_to(normalised.rotation, (len(look), 3, 3))
        inputs = torch.from_numpy(normalised.inputs if look is None else normalised.inputs[0])
        joints = lift_with_flip(
            self.network,
            inputs.to(self.device),
            flip=self.flip,
            in_flip=self.reads.flip,
            out_flip=self.gives.flip,
            look=None if look is None else torch.from_numpy(look).to(self.device),
        )
        if self.keep is not None:
            joints = joints[:, self.keep : self.keep + 1]
        return joints.float().cpu().numpy() @ rotation[:, None]

    def _windows(self, time: np.ndarray, every: int) -> tuple[np.ndarray, np.ndarray]:
        """Where windows look, as times (W, T), and the times that their answers belong to (W, T_out)."""
        network, fps = self.network, self.training.fps
        step = max(1, round(network.frames * (1 - self.overlap)))
        single = self.keep is not None or not network.every_frame
        if self.tds is None and not single:
            steps = int(np.ceil((time[-1] - time[0]) * fps - 1e-6)) + 1
            # The last step ends with the track: what the network says there belongs to that time, not to a later one.
            grid = np.minimum(time[0] + np.arange(steps) / fps, time[-1])
            at = grid[windows.consecutive(steps, frames=network.frames, step=step)]
            return at, at
        if self.tds is None:
            offsets = (np.arange(network.frames) - network.output_frame) / fps
            return time[::every, None] + offsets, time[::every, None]
        if not single:
            phases = [np.arange(start, len(time), self.tds) for start in range(min(self.tds, len(time)))]
            consecutive = [windows.consecutive(len(phase), frames=network.frames, step=step) for phase in phases]
            at = time[np.concatenate([phase[look] for phase, look in zip(phases, consecutive, strict=True)])]
            return at, at
        look = windows.centred(len(time), frames=network.frames, tds=self.tds, output_frame=network.output_frame)
        return time[look[::every]], time[::every, None]


def _moments(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different times (N,) that windows (W, T) look at, and which of them stands where (W, T)."""
    _, first, look = np.unique(np.round(at / _SAME).astype(np.int64), return_index=True, return_inverse=True)
    return at.ravel()[first], look.reshape(at.shape)


def _at_times(answered: np.ndarray, joints: np.ndarray, weights: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Joints (A, J, 3) known at some times, as (T, J, 3) at others; those for one time are averaged, by weights."""
    if len(answered) == len(time) and np.array_equal(answered, time):
        return joints
    moments, which = _moments(answered)
    weighted = np.zeros((len(moments), *joints.shape[1:]))
    np.add.at(weighted, which, joints * weights[:, None, None])
    total = np.bincount(which, weights)
    mean = (weighted / total[:, None, None]).reshape(len(moments), -1)
    return interpolate(time, moments, mean).reshape(len(time), *joints.shape[1:])


def _output_scores(person: Poses, track: Track, output: Skeleton) -> np.ndarray:
    """(T, J_out) scores: the keypoints' own, joined as the remap joins them; 0 where the frame was filled in."""
    table = person.replace(
        keypoints=track.pixels,
        scores=np.clip(track.scores, 0, 1),
        frame=track.frame,
        person_id=np.full(len(track.frame), -1),
        root=None,
    )
    return remap(table, output).scores * track.seen[:, None]
