"""Lift: tracked 2D keypoints in, 3D joints in camera space out.

The lifter works in time, not in frames. Around every video frame stands a window whose frames are as far apart as the
ones the network was trained on; keypoints between two video frames are interpolated. With a given `tds` the window
takes every tds-th video frame instead, as the authors' scripts do.

A network that answers for every frame of a window is run on windows that overlap, and its answers are blended.

It knows nothing about which network it runs, nor about files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from in_the_wild import windows
from in_the_wild.camera import root_from_reprojection, smooth_root_depth
from in_the_wild.errors import InputError
from in_the_wild.lifters.base import Lifter, lift_with_flip
from in_the_wild.normalise import PER_FRAME, Normalised, normalise
from in_the_wild.poses import Poses
from in_the_wild.skeletons import Skeleton
from in_the_wild.steps.remap import remap

# Half covers every frame twice: most of what more overlap gives, at twice the price of none.
OVERLAP = 0.5
# Windows at a time: few enough for the caches of a CPU.
BATCH = 64
# Window frames closer than this, seconds, are the same moment.
_SAME = 1e-6
# A keypoint filled in between frames where it was seen counts this much of its neighbours' scores.
_FILLED = 0.5
# What a keypoint of score 0 counts in smoothing.
_LEAST_WEIGHT = 0.02


@dataclass(frozen=True)
class Track:
    """One person's keypoints in every video frame from first to last appearance.

    Attributes:
        pixels: (T, J, 2).
        scores: (T, J); what was filled in has its neighbours' scores, lowered.
        seen: (T,) False where the person was not found and the frame was filled in.
        frame: (T,) video frames.
        time: (T,) seconds.
    """

    pixels: np.ndarray
    scores: np.ndarray
    seen: np.ndarray
    frame: np.ndarray
    time: np.ndarray


def lift(
    poses: Poses,
    lifter: Lifter,
    *,
    input_skeleton: Skeleton,
    output_skeleton: Skeleton,
    fps: float,
    normalisation: str,
    metres: float = 1.0,
    focal: float,
    focal_source: str,
    tds: int | None = None,
    flip: bool = True,
    smoothing: float = 0.0,
    overlap: float = OVERLAP,
    keep: int | None = None,
    batch: int = BATCH,
    device: str = "cpu",
    progress: Callable[[int], None] = lambda windows: None,
) -> Poses:
    """Lift every person of a video.

    Args:
        poses: Tracked 2D keypoints (image space), in the lifter's input skeleton.
        lifter: The network, in eval mode, on `device`.
        input_skeleton: What it reads.
        output_skeleton: What it gives.
        fps: Frame rate it was trained at.
        normalisation: How pixels become its input, see `normalise`.
        metres: What its output is to be multiplied by: 0.001 for one trained on millimetres.
        focal: Focal length in pixels, for "box" weights and the root's path.
        focal_source: How the focal length is known, for the record.
        tds: None works in time; N takes every N-th video frame.
        flip: Average with the mirror image (test-time flip).
        smoothing: Seconds; keypoints are averaged over time by a Gaussian of this standard deviation, weighted by their
            scores. It looks as far ahead as back, so that nothing lags.
        overlap: Share of a window that the next one covers again, for networks that answer for every frame; 0 puts
            them side by side.
        keep: Of networks that answer for every frame, with a `tds`: one window around each frame, of whose answers this
            one is kept, as the authors' demos do (STCFormer's: frames // 2 as meant, 0 as released). None keeps all.
        batch: Windows at a time.
        device: Where the network is.
        progress: Called with the number of windows done since the last call.

    Returns:
        Poses in camera space, metres, root-relative, with the root's path by least squares on the reprojection; one row
        per person per frame from first to last appearance, frames that were filled in with score 0.

    Raises:
        InputError: poses that are not tracked 2D keypoints of the input skeleton.
    """
    if poses.space != "image" or poses.skeleton != input_skeleton:
        raise InputError(
            f"The lifter reads {input_skeleton.name} in image space, "
            f"found {poses.skeleton.name} in {poses.space} space; detect and remap first."
        )
    if len(poses) and not poses.persons:
        raise InputError("People must have ids before lifting; track them first.")
    centre = (poses.video.width / 2, poses.video.height / 2)
    lifted: list[Poses] = []
    for person in poses.persons:
        track = smooth_track(fill_track(poses.of_person(person)), sigma=smoothing * poses.video.fps)
        joints = lift_track(
            track,
            lifter,
            tds=tds,
            fps=fps,
            flip=(input_skeleton.flip, output_skeleton.flip) if flip else None,
            normalisation=normalisation,
            width=poses.video.width,
            height=poses.video.height,
            focal=focal,
            overlap=overlap,
            keep=keep,
            batch=batch,
            device=device,
            progress=progress,
        )
        joints *= metres
        # The networks give joints relative to the true root; what they say of the root itself is left over noise.
        joints[:, output_skeleton.root] = 0
        twins = [(output_skeleton.index(name), j) for j, name in enumerate(input_skeleton.joints)
                 if name in output_skeleton.joints]  # fmt: skip
        ours, theirs = (list(side) for side in zip(*twins, strict=True))
        root = root_from_reprojection(
            joints[:, ours], track.pixels[:, theirs], track.scores[:, theirs], focal=focal, centre=centre
        )
        lifted.append(
            Poses(
                keypoints=joints,
                scores=_output_scores(poses, track, output_skeleton),
                frame=track.frame,
                person_id=np.full(len(track.frame), person),
                skeleton=output_skeleton,
                space="camera",
                video=poses.video,
                root=smooth_root_depth(root, fps=poses.video.fps),
                root_source=focal_source,
                meta=poses.meta,
            )
        )
    if not lifted:
        return Poses.empty(skeleton=output_skeleton, space="camera", video=poses.video, meta=poses.meta)
    return Poses.join(lifted)


def fill_track(person: Poses) -> Track:
    """One person's rows as a track without gaps: what is missing is interpolated in time, joint by joint.

    Args:
        person: Rows of one person by rising frame, image space.
    """
    frame = np.arange(person.frame[0], person.frame[-1] + 1)
    time = person.video.timestamps[frame]
    row = np.searchsorted(frame, person.frame)
    seen = np.zeros(len(frame), bool)
    seen[row] = True
    count, joints = len(frame), len(person.skeleton)
    pixels, scores = np.zeros((count, joints, 2)), np.zeros((count, joints))
    for j in range(joints):
        good = person.scores[:, j] > 0
        if not good.any():
            # Never seen: where the rest of the body is says more than the picture's corner.
            pixels[:, j] = _interpolate(time, time[row], person.keypoints.mean(axis=1))
            continue
        known = time[row[good]]
        pixels[:, j] = _interpolate(time, known, person.keypoints[good, j])
        scores[:, j] = np.interp(time, known, person.scores[good, j]) * _FILLED
        scores[row[good], j] = person.scores[good, j]
    return Track(pixels=pixels, scores=scores, seen=seen, frame=frame, time=time)


def smooth_track(track: Track, *, sigma: float) -> Track:
    """Average a track's pixels over neighbouring frames, weighted by scores; sigma in frames, 0 leaves it as it is."""
    if sigma <= 0:
        return track
    # A keypoint that is never sure of itself is still averaged, with equal weights.
    weights = np.maximum(track.scores, _LEAST_WEIGHT)
    weighted = gaussian_filter1d(track.pixels * weights[..., None], sigma, axis=0, mode="nearest")
    return replace(track, pixels=weighted / gaussian_filter1d(weights, sigma, axis=0, mode="nearest")[..., None])


def _interpolate(time: np.ndarray, known: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values (K, C) known at some times, at all times (T,): straight lines between, the nearest beyond the ends."""
    return np.stack([np.interp(time, known, column) for column in values.T], axis=-1)


def lift_track(
    track: Track,
    lifter: Lifter,
    *,
    fps: float,
    flip: tuple[tuple[int, ...], tuple[int, ...]] | None,
    normalisation: str,
    width: float,
    height: float,
    focal: float,
    tds: int | None = None,
    every: int = 1,
    overlap: float = OVERLAP,
    keep: int | None = None,
    batch: int = BATCH,
    device: str = "cpu",
    progress: Callable[[int], None] = lambda windows: None,
) -> np.ndarray:
    """Lift one person's keypoints; see `lift` for what is not said here.

    Args:
        track: Keypoints in every frame.
        lifter: The network.
        fps: Frame rate it was trained at.
        flip: The mirror permutations of input and output skeleton for test-time flip, or None.
        normalisation: How pixels become its input.
        width: Picture width in pixels.
        height: Picture height in pixels.
        focal: Focal length in pixels.
        tds: None works in time; N takes every N-th frame.
        every: Answer for every n-th frame alone; saves work where the network answers for one frame of a window.
        overlap: See `lift`.
        keep: See `lift`.
        batch: Windows at a time.
        device: Where the network is.
        progress: Called with the number of windows done since the last call.

    Returns:
        (ceil(T / every), J, 3) metres in camera space, as the network gives them: not yet root-relative.
    """
    if keep is not None and (tds is None or not lifter.every_frame or not 0 <= keep < lifter.frames):
        raise InputError(
            f"To keep one answer of each window, a tds, a lifter that answers for every frame and a frame within its "
            f"{lifter.frames} were expected; found keep {keep}, tds {tds}, {type(lifter).__name__}."
        )
    single = keep is not None or not lifter.every_frame
    at, answers = _windows(track.time, lifter, fps=fps, tds=tds, every=every, overlap=overlap, single=single)

    def normalise_at(times: np.ndarray) -> Normalised:
        pixels, scores = _sample(track, times)
        return normalise(pixels, scores, kind=normalisation, width=width, height=height, focal=focal)

    pieces = []
    for part in _slices(len(at), batch):
        if normalisation in PER_FRAME:
            moments, look = _moments(at[part])
            normalised = normalise_at(moments[None])
            x, shared = torch.from_numpy(normalised.inputs[0]).to(device), torch.from_numpy(look).to(device)
            rotation = np.broadcast_to(normalised.rotation, (len(look), 3, 3))
        else:
            normalised = normalise_at(at[part])
            x, shared = torch.from_numpy(normalised.inputs).to(device), None
            rotation = normalised.rotation
        in_flip, out_flip = flip or ((), ())
        joints = lift_with_flip(lifter, x, flip=flip is not None, in_flip=in_flip, out_flip=out_flip, look=shared)
        if keep is not None:
            joints = joints[:, keep : keep + 1]
        pieces.append(joints.float().cpu().numpy() @ rotation[:, None])
        progress(len(joints))
    joints = np.concatenate(pieces).astype(np.float64)  # (W, T_out, J, 3)
    weights = np.tile(windows.blend(joints.shape[1]), len(joints))
    return _at_times(answers.ravel(), joints.reshape(-1, *joints.shape[2:]), weights, track.time[::every])


def _windows(
    time: np.ndarray, lifter: Lifter, *, fps: float, tds: int | None, every: int, overlap: float, single: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Where windows look, as times (W, T), and the times that their answers belong to (W, T_out)."""
    step = max(1, round(lifter.frames * (1 - overlap)))
    if tds is None and not single:
        steps = int(np.ceil((time[-1] - time[0]) * fps - 1e-6)) + 1
        # The last step ends with the track: what the network says there belongs to that time, not to a later one.
        grid = np.minimum(time[0] + np.arange(steps) / fps, time[-1])
        at = grid[windows.consecutive(steps, frames=lifter.frames, step=step)]
        return at, at
    if tds is None:
        offsets = (np.arange(lifter.frames) - lifter.answers_at) / fps
        return time[::every, None] + offsets, time[::every, None]
    if not single:
        phases = [np.arange(start, len(time), tds) for start in range(min(tds, len(time)))]
        at = time[np.concatenate([p[windows.consecutive(len(p), frames=lifter.frames, step=step)] for p in phases])]
        return at, at
    look = windows.centred(len(time), frames=lifter.frames, tds=tds, answers_at=lifter.answers_at)
    return time[look[::every]], time[::every, None]


def _moments(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The different times (N,) that windows (W, T) look at, and which of them stands where (W, T)."""
    _, first, look = np.unique(np.round(at / _SAME).astype(np.int64), return_index=True, return_inverse=True)
    return at.ravel()[first], look.reshape(at.shape)


def _sample(track: Track, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints (W, T, J, 2) and scores (W, T, J) at times (W, T); the ends are repeated."""
    at = np.clip(at, track.time[0], track.time[-1])
    after = np.clip(np.searchsorted(track.time, at), 1, max(1, len(track.time) - 1))
    after = np.minimum(after, len(track.time) - 1)
    before = np.maximum(after - 1, 0)
    span = track.time[after] - track.time[before]
    share = np.divide(at - track.time[before], span, out=np.zeros_like(at), where=span > 0)[..., None]
    # Times that hit a video frame take that frame as it is, not a blend that differs by rounding.
    share = np.where(share > 1 - 1e-9, 1.0, np.where(share < 1e-9, 0.0, share))
    scores = track.scores[before] * (1 - share) + track.scores[after] * share
    share = share[..., None]
    return track.pixels[before] * (1 - share) + track.pixels[after] * share, scores


def _at_times(answers: np.ndarray, joints: np.ndarray, weights: np.ndarray, time: np.ndarray) -> np.ndarray:
    """Joints (A, J, 3) known at some times, as (T, J, 3) at others; those for one time are averaged, by weights."""
    if len(answers) == len(time) and np.array_equal(answers, time):
        return joints
    moments, which = _moments(answers)
    weighted = np.zeros((len(moments), *joints.shape[1:]))
    np.add.at(weighted, which, joints * weights[:, None, None])
    total = np.bincount(which, weights)
    mean = (weighted / total[:, None, None]).reshape(len(moments), -1)
    return _interpolate(time, moments, mean).reshape(len(time), *joints.shape[1:])


def _slices(count: int, size: int) -> Iterator[slice]:
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def _output_scores(poses: Poses, track: Track, output: Skeleton) -> np.ndarray:
    """(T, J_out) scores: the keypoints' own, joined as the remap joins them; 0 where the frame was filled in."""
    table = poses.replace(
        keypoints=track.pixels,
        scores=np.clip(track.scores, 0, 1),
        frame=track.frame,
        person_id=np.full(len(track.frame), -1),
        root=None,
    )
    return remap(table, output).scores * track.seen[:, None]
