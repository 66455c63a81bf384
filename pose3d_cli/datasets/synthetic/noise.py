"""Detector noise: what a real 2D detector does to the exact projection of a person.

Two sources add up. Simple noise is drawn: an offset that stays (joints are defined differently by every detector), a
drift, jitter, guesses of low score, keypoints not seen at all. Measured noise, where a bank of it is given, is taken
from stretches in which the detector's answers on rendered people of known pose were recorded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from in_the_wild.arrays import load_npz
from in_the_wild.errors import InputError

# Facing directions are matched in this many sectors when measured noise is drawn.
_SECTORS = 8
# Scores from which a keypoint was seen rather than guessed.
_SEEN = 0.5


@dataclass(frozen=True)
class NoiseBank:
    """Recorded residuals of a detector.

    Attributes:
        residuals: (F, J, 2) detected minus true keypoint, in units of the longer side of the true keypoints' box.
        scores: (F, J) the detector's scores.
        facing: (F,) radians, see `pose3d_cli.datasets.synthetic.virtual.facing`.
        starts: (S,) first frame of each recorded stretch.
        ends: (S,) one past its last.
    """

    residuals: np.ndarray
    scores: np.ndarray
    facing: np.ndarray
    starts: np.ndarray
    ends: np.ndarray

    @classmethod
    def load(cls, path: str) -> NoiseBank:
        """Read a bank.

        Raises:
            InputError: no such file, a damaged one, or one that is no bank.
        """
        found = load_npz(path, expected="a bank of a detector's measured errors")
        missing = [name for name in cls.__dataclass_fields__ if name not in found]
        if missing:
            raise InputError(f"{path} is no noise bank: it lacks {', '.join(missing)}.")
        kinds = {name: np.float32 if found[name].dtype.kind == "f" else np.int64 for name in cls.__dataclass_fields__}
        return cls(**{name: found[name].astype(kind) for name, kind in kinds.items()})

    def draw(self, facing: np.ndarray, frames: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Stretches of residuals (B, T, J, 2) and scores (B, T, J) of people who face about the same way (B,).

        Recorded stretches that are shorter are played forwards and backwards by turns.
        """
        reach = np.minimum(frames // 2, (self.ends - self.starts - 1) // 2)
        places = zip(self.starts + reach, self.ends - reach, strict=True)
        middle = np.concatenate([np.arange(first, end) for first, end in places])
        sector = _sector(self.facing[middle])
        wanted = _sector(facing)
        picked = np.empty(len(facing), np.int64)
        for value in np.unique(wanted):
            candidates = middle[sector == value]
            rows = wanted == value
            picked[rows] = rng.choice(candidates if len(candidates) else middle, rows.sum())
        at = self._within_its_stretch(picked[:, None] + np.arange(frames) - frames // 2, picked)
        return self.residuals[at], self.scores[at]

    def lasting(self, facing: np.ndarray) -> np.ndarray:
        """The mean residuals (B, J, 2) at keypoints seen of people who face about the same way (B,).

        In part that is what a detector takes for a joint, which is not what motion capture does.
        """
        seen, sector = self.scores >= _SEEN, _sector(self.facing)
        means = np.zeros((_SECTORS, *self.residuals.shape[1:]), np.float32)
        for value in range(_SECTORS):
            weights = seen[sector == value][..., None]
            means[value] = (self.residuals[sector == value] * weights).sum(axis=0) / np.maximum(weights.sum(axis=0), 1)
        return means[_sector(facing)]

    def _within_its_stretch(self, at: np.ndarray, picked: np.ndarray) -> np.ndarray:
        """Frames (B, T) that leave the stretch of the frames picked (B,) mirrored back into it."""
        stretch = np.searchsorted(self.ends, picked, side="right")
        first, last = self.starts[stretch, None], self.ends[stretch, None] - 1
        period = np.maximum(2 * (last - first), 1)
        away = (at - first) % period
        return first + np.minimum(away, period - away)


def _sector(angle: np.ndarray) -> np.ndarray:
    return np.floor((angle / (2 * np.pi) + 0.5) * _SECTORS).astype(np.int64) % _SECTORS


@dataclass(frozen=True)
class DetectorNoise:
    """Noise added to exact keypoints. Lengths are in units of the longer side of the person's box.

    Attributes:
        offset: Spread of the offset that a keypoint keeps throughout a window.
        drift: Largest spread of the slow error of a window.
        jitter: Largest spread of the error that changes with every frame.
        guessed: Share of keypoints per window that are guesses: errors eight times as large, scores below 0.5.
        unseen: Share of keypoints per window with score 0.
        bank: Measured noise, added to the rest.
        measured: Share of noisy windows that take theirs from the bank.
        lasting: Least and largest share that stays of the bank's lasting errors (`NoiseBank.lasting`), drawn for every
            window: those on rendered people need not be those on real ones.
    """

    offset: float = 0.008
    drift: float = 0.012
    jitter: float = 0.006
    guessed: float = 0.06
    unseen: float = 0.02
    bank: NoiseBank | None = None
    measured: float = 0.75
    lasting: tuple[float, float] = (1.0, 1.0)

    def apply(self, rays: np.ndarray, facing: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Disturb windows.

        Args:
            rays: (B, T, J, 2) exact keypoints in any unit.
            facing: (B,) radians.
            rng: Where chance comes from.

        Returns:
            Disturbed rays (B, T, J, 2) and scores (B, T, J).
        """
        b, t, j, _ = rays.shape
        box = np.ptp(rays, axis=2).max(axis=-1).mean(axis=1)[:, None, None, None]  # (B, 1, 1, 1)
        guessed = rng.random((b, 1, j, 1)) < self.guessed
        size = np.where(guessed, 8.0, 1.0)
        error = rng.normal(0, self.offset, (b, 1, j, 2)) * np.where(guessed, 4.0, 1.0)
        error = error + _drift(b, t, j, rng) * rng.uniform(0, self.drift, (b, 1, 1, 1)) * size
        error = error + rng.normal(0, 1, (b, t, j, 2)) * rng.uniform(0, self.jitter, (b, 1, 1, 1)) * size
        scores = np.where(
            guessed[..., 0], rng.uniform(0.05, 0.5, (b, 1, j)), 1 - np.abs(rng.normal(0, 0.05, (b, t, j)))
        ).clip(0.02, 1.0) * np.ones((b, t, j))  # fmt: skip
        if self.bank is not None:
            rows = np.flatnonzero(rng.random(b) < self.measured)
            residuals, measured_scores = self.bank.draw(facing[rows], t, rng)
            if min(self.lasting) < 1:
                taken = 1 - rng.uniform(*self.lasting, (len(rows), 1, 1, 1))
                residuals = residuals - taken * self.bank.lasting(facing[rows])[:, None]
            error[rows] = error[rows] * 0.35 + residuals
            scores[rows] = measured_scores
        unseen = rng.random((b, 1, j)) < self.unseen
        scores = np.where(unseen, 0.0, scores).astype(np.float32)
        return rays + error * box, scores


def _drift(b: int, t: int, j: int, rng: np.random.Generator) -> np.ndarray:
    """Smooth random paths of unit spread (B, T, J, 2): a few random knots, joined by straight lines."""
    knots = max(2, t // 6 + 2)
    values = rng.normal(0, 1, (b, knots, j, 2))
    at = np.linspace(0, knots - 1, t)
    before = np.minimum(at.astype(int), knots - 2)
    share = (at - before)[None, :, None, None]
    return values[:, before] * (1 - share) + values[:, before + 1] * share
