"""One person's keypoints over time: in every frame, smoothed, and at any moment between.

It knows nothing about networks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from in_the_wild.interpolation import interpolate
from in_the_wild.poses import Poses

# A keypoint filled in between frames where it was seen counts this much of its neighbours' scores.
_FILLED = 0.5
# What a keypoint of score 0 counts in smoothing.
_LEAST_WEIGHT = 0.02
# Shares of the way between two frames closer to one of them than this are that frame.
_ON_A_FRAME = 1e-9


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
            pixels[:, j] = interpolate(time, time[row], _middle(person))
            continue
        known = time[row[good]]
        pixels[:, j] = interpolate(time, known, person.keypoints[good, j])
        scores[:, j] = np.interp(time, known, person.scores[good, j]) * _FILLED
        scores[row[good], j] = person.scores[good, j]
    return Track(pixels=pixels, scores=scores, seen=seen, frame=frame, time=time)


def _middle(person: Poses) -> np.ndarray:
    """(N, 2) the mean of the joints that are seen in each row, of all where none is."""
    seen = person.scores > 0
    seen[~seen.any(axis=1)] = True
    middle: np.ndarray = (person.keypoints * seen[..., None]).sum(axis=1) / seen.sum(axis=1)[:, None]
    return middle


def smooth_track(track: Track, *, sigma: float) -> Track:
    """Average a track's pixels over neighbouring frames, weighted by scores; sigma in frames, 0 leaves it as it is."""
    if sigma <= 0:
        return track
    # A keypoint that is never sure of itself is still averaged, with equal weights.
    weights = np.maximum(track.scores, _LEAST_WEIGHT)
    weighted = gaussian_filter1d(track.pixels * weights[..., None], sigma, axis=0, mode="nearest")
    return replace(track, pixels=weighted / gaussian_filter1d(weights, sigma, axis=0, mode="nearest")[..., None])


def sample_track(track: Track, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Keypoints (W, T, J, 2) and scores (W, T, J) at times (W, T); the ends are repeated."""
    at = np.clip(at, track.time[0], track.time[-1])
    after = np.clip(np.searchsorted(track.time, at), 1, max(1, len(track.time) - 1))
    after = np.minimum(after, len(track.time) - 1)
    before = np.maximum(after - 1, 0)
    span = track.time[after] - track.time[before]
    share = np.divide(at - track.time[before], span, out=np.zeros_like(at), where=span > 0)[..., None]
    # Times that hit a video frame take that frame as it is, not a blend that differs by rounding.
    share = np.where(share > 1 - _ON_A_FRAME, 1.0, np.where(share < _ON_A_FRAME, 0.0, share))
    scores = track.scores[before] * (1 - share) + track.scores[after] * share
    share = share[..., None]
    return track.pixels[before] * (1 - share) + track.pixels[after] * share, scores
