"""Cuts: the frames at which a film goes on with another shot. Nobody is followed over one.

    CutDetector().watch(frames)   passes frames on and looks at the thumbnail of each
    CutDetector().cuts(poses)     when they have passed: the frames with which a new shot begins

Three kinds are told, all by how much the picture changes at one frame against how much it changes at the frames around
(an adaptive threshold, as in PySceneDetect's AdaptiveDetector), so that pans, shaking and fast people are none:

- A hard cut: the change stands out and the pictures before and after do not correlate. Correlation does not look at
  brightness and contrast, so that a lamp that is switched is none. One mixed frame may lie between, as frame rate
  converters leave it.
- A fade through black or white, or a title on one colour: the picture that comes back does not correlate with the one
  that went.
- A jump cut: the change stands out, in the same place; and everybody whom a detector found has leapt at that frame, and
  at none around it. Where a detector did not look at the frames around, the pictures must correlate far less than they
  do there.

In all of them no picture shortly before looks like one shortly after: a flash or a lost frame is none. Dissolves over
several frames are not told: they look like pans.

It knows nothing about files, detectors, or who is who.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from typing import Protocol, TypeVar

import cv2
import numpy as np

from in_the_wild.poses import Poses

_LAGS = 5  # frames up to which pictures are compared: a flash is shorter
_AROUND = 2  # frames on each side that a change is compared with
_STANDS_OUT = 2.5  # times the largest change around
_SMALL_CHANGE = 0.2  # mean difference of pixel values, 0..255, that a codec makes of nothing
_OTHER_PICTURE = 12.0  # mean difference from which a picture may be another shot's
_STRANGE = 0.3  # 1 less the correlation of two pictures, from which it is
_STRANGE_LATER = 0.5  # the same after a blank stretch, in which a moving camera goes on
_LOOKS_LIKE = 0.5  # of a change: pictures that differ less, before and after, are of one shot
_REPEATED = 0.02  # mean difference up to which a picture is the one before once more
_BLANK = 4.0  # standard deviation of pixel values below which a picture shows nothing
_STARK = 0.1  # 1 less the correlation of two pictures that may be of a jump cut, from which poses need not be sure
_STARKLY = 5.0  # times the largest around, the same
_LEAP = 0.08  # sizes that people move by in one frame at a jump cut, at least

# A thumbnail, and its grey values less their mean as a vector of length 1; None for a blank one.
_Picture = tuple[np.ndarray, np.ndarray | None]


class HasThumbnail(Protocol):
    """One frame of a video with a small picture, (h, w, 3) uint8, of the same size for all frames."""

    @property
    def thumbnail(self) -> np.ndarray:  # noqa: D102
        ...


F = TypeVar("F", bound=HasThumbnail)


class CutDetector:
    """Finds the cuts of one video from thumbnails of all its frames, in order; few are in memory at a time."""

    def __init__(self) -> None:
        self._last: deque[_Picture] = deque(maxlen=_LAGS)
        self._changes: list[np.ndarray] = []  # for each frame (_LAGS,) how far it is from the one so many before
        self._strangeness: list[np.ndarray] = []  # for each frame (2,) after the one before, and the one before that
        self._shown: np.ndarray | None = None  # the unit vector of the last picture that showed something
        self._returns: list[tuple[int, float]] = []  # frames after blank ones, and how strange after that picture

    def watch(self, frames: Iterable[F]) -> Iterator[F]:
        """Pass frames on, looking at the thumbnail of each."""
        for frame in frames:
            self.add(frame.thumbnail)
            yield frame

    def add(self, thumbnail: np.ndarray) -> None:
        """Look at the thumbnail (h, w, 3) uint8 of the next frame."""
        grey = thumbnail.sum(axis=2, dtype=np.float32).ravel() / 3
        grey -= grey.mean()
        length = float(np.linalg.norm(grey))
        unit = grey / length if length >= _BLANK * np.sqrt(grey.size) else None
        changes, strangeness = np.full(_LAGS, np.inf), np.zeros(2)
        for lag, (earlier, unit_then) in enumerate(reversed(self._last)):
            changes[lag] = cv2.norm(thumbnail, earlier, cv2.NORM_L1) / thumbnail.size
            if lag < 2 and unit is not None and unit_then is not None:
                strangeness[lag] = 1 - float(unit @ unit_then)
        if unit is not None:
            if self._shown is not None and self._last[-1][1] is None:
                self._returns.append((len(self._changes), 1 - float(unit @ self._shown)))
            self._shown = unit
        self._last.append((thumbnail, unit))
        self._changes.append(changes)
        self._strangeness.append(strangeness)

    def is_hard_cut(self, frame: int) -> bool:
        """Whether a new shot begins with a frame, by the frames shortly around it; three after it are enough.

        `cuts` knows more: what poses say, and the whole of the video.
        """
        returned = any(frame == back for back, _ in self._returns[-_LAGS:])
        if not returned and self._changes[frame][:2].max() < _OTHER_PICTURE:
            return False
        begin, end = max(0, frame - 2 * _LAGS - _AROUND), frame + _AROUND + 2
        changes, strangeness = np.array(self._changes[begin:end]), np.array(self._strangeness[begin:end])
        at = frame - begin

        def is_hard(at: int, mixed: int) -> bool:
            return mixed + 2 <= at < len(changes) - 1 and _is_hard(changes, strangeness, at, mixed)

        # With a mixed frame between: unless it is the cut just before, seen once more.
        if is_hard(at, 0) or (is_hard(at, 1) and not is_hard(at - 1, 0)):
            return True
        return any(
            frame == back and _is_other_shot(strange, strangeness, at) for back, strange in self._returns[-_LAGS:]
        )

    def cuts(self, poses: Poses | None = None) -> list[int]:
        """The first frame of every shot but the first, rising.

        Args:
            poses: Whom a detector found in these frames, in image space; without them no jump cuts are told.
        """
        changes = np.array(self._changes).reshape(-1, _LAGS)
        strangeness = np.array(self._strangeness).reshape(-1, 2)
        found = [frame for frame, strange in self._returns if _is_other_shot(strange, strangeness, frame)]
        suspects, stark = [], []
        for mixed in (0, 1):  # frames between two shots that belong to neither
            for frame in range(mixed + 2, len(changes) - 1):
                if any(abs(frame - other) <= _AROUND for other in found) or not _stands_out(changes, frame, mixed):
                    continue
                if _is_hard(changes, strangeness, frame, mixed):
                    found.append(frame)
                elif not mixed:
                    suspects.append(frame)
                    usual = _around(strangeness[:, 0], frame, frame)
                    if strangeness[frame, 0] > max(_STARK, _STARKLY * usual.max(initial=0)):
                        stark.append(frame)
        if poses is not None:
            found += jump_cuts(poses, [frame for frame in suspects if frame not in found], stark=stark)
        return sorted(found)


def jump_cuts(poses: Poses, suspects: Iterable[int], *, stark: Collection[int] = ()) -> list[int]:
    """Those of some frames at which everybody leaps, and at none of the frames around.

    Args:
        poses: Whom a detector found, in image space, with ids or without.
        suspects: Frames at which the picture changes all at once.
        stark: Those of them at which it changes so much that it is enough if everybody moves, where poses are too far
            apart to tell a leap from a way.
    """
    looked_at = np.unique(poses.frame)
    confirmed = []
    for frame in suspects:
        after = int(np.searchsorted(looked_at, frame))
        if not 0 < after < len(looked_at):
            continue
        moved = _moved(poses, looked_at[after - 1], looked_at[after]).min()
        around = [i for i in range(after - _AROUND, after + _AROUND + 1) if 0 < i < len(looked_at) and i != after]
        usual = max((_moved(poses, looked_at[i - 1], looked_at[i]).min() for i in around), default=np.inf)
        far_apart = looked_at[after] - looked_at[after - 1] > 1
        if moved >= _LEAP and (moved >= _STANDS_OUT * usual or (far_apart and frame in stark)):
            confirmed.append(frame)
    return confirmed


def _is_hard(changes: np.ndarray, strangeness: np.ndarray, frame: int, mixed: int) -> bool:
    """Whether the picture becomes another one at a frame; the arguments are those of `_stands_out`."""
    if changes[frame, mixed] < _OTHER_PICTURE or not _stands_out(changes, frame, mixed):
        return False
    usual = _around(strangeness[:, mixed], frame - mixed, frame + mixed)
    return _is_strange(strangeness[frame, mixed], usual)


def _is_other_shot(strange: float, strangeness: np.ndarray, frame: int) -> bool:
    """Whether a picture after a blank stretch, so strange to the one before it, is of another shot."""
    return strange > _STRANGE_LATER and _is_strange(strange, _around(strangeness[:, 0], frame, frame))


def _stands_out(changes: np.ndarray, frame: int, mixed: int) -> bool:
    """Whether the picture changes at a frame as it does nowhere around, and does not change back.

    Args:
        changes: (T, _LAGS) mean differences from the frames before.
        frame: The first of what may be a new shot, at least the third frame and not the last.
        mixed: Frames between the two shots that belong to neither.
    """
    last, lag = frame - mixed - 1, mixed
    # After frames that a file repeats in place of lost ones, the next brings the motion of all of them.
    repeated = next((i for i in range(_LAGS) if changes[last - i, 0] > _REPEATED), _LAGS)
    change = changes[frame, lag] / (1 + repeated)
    before = changes[max(lag + 1, last - _AROUND + 1) : last + 1, lag]
    after = changes[frame + lag + 1 : frame + lag + 1 + _AROUND, lag]
    if not (len(before) and len(after)) or change < _STANDS_OUT * (max(*before, *after) + _SMALL_CHANGE):
        return False
    across = [changes[then, then - since - 1]
              for since in range(max(0, last - _LAGS), last + 1)
              for then in range(frame, min(since + _LAGS + 1, len(changes)))]  # fmt: skip
    return bool(min(across) >= _LOOKS_LIKE * changes[frame, lag])


def _around(values: np.ndarray, last: int, first: int) -> np.ndarray:
    """Of values (T,), those of some frames before `last` and of some after `first`."""
    return np.concatenate([values[max(0, last - _AROUND) : last], values[first + 1 : first + 1 + _AROUND]])


def _is_strange(strangeness: float, usual: np.ndarray) -> bool:
    """Whether two pictures correlate too little to be of one shot.

    Where much moves and little stands, neighbouring pictures do not correlate well either.

    Args:
        strangeness: 1 less the correlation of the two.
        usual: (K,) the same of pairs of pictures around.
    """
    return bool(strangeness > max(_STRANGE, _STANDS_OUT * usual.max(initial=0)))


def _moved(poses: Poses, before: int, after: int) -> np.ndarray:
    """For everybody in a frame (P,): how far the nearest pose in an earlier one is, in sizes of the person."""
    then, now = poses.frame == before, poses.frame == after
    keypoints, scores = poses.keypoints[now].astype(np.float64), poses.scores[now].astype(np.float64) + 1e-3
    size = np.linalg.norm(np.ptp(keypoints, axis=1), axis=1).clip(1) / 2  # (P,) half the diagonal of the box
    distance = np.linalg.norm(keypoints[:, None] - poses.keypoints[then][None], axis=-1)  # (P, Q, J)
    weights = scores[:, None] * (poses.scores[then][None] + 1e-3)
    return ((distance * weights).sum(axis=-1) / weights.sum(axis=-1)).min(axis=1) / size
