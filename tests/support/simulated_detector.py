"""What a detector of several people would find, made of the truth with a detector's kinds of errors.

People who are hidden are missed, or taken for who hides them; keypoints jitter, those that are hidden more and at lower
scores; some poses are wild, parts of people are found as people, and things are, again and again at the same place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from people_scenes import HEIGHT, WIDTH, Truth

from in_the_wild.skeletons import COCO17

_MISSED = 0.03  # share of looks at which somebody in full view is missed
_HIDDEN = (0.35, 0.07)  # share of an outline that is seen in half of the cases, and how sharply that changes
_MERGED = 0.4  # share of hidden people who are found where the one before them is
_WILD = 0.02  # share of poses with limbs somewhere else
_PART = 0.01  # share of people of whom a part is found once more
_JITTER, _HIDDEN_JITTER = 0.012, 0.06  # of a person's size, keypoints seen and hidden
_THING = 0.12  # share of looks at which a thing is taken for somebody


@dataclass(frozen=True)
class Found:
    """The people found at one look.

    Attributes:
        keypoints: (P, 17, 2) pixels.
        scores: (P, 17).
        ids: (P,) whose each is, -1 for nobody's.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    ids: np.ndarray


class SimulatedDetector:
    """Finds people at one look after the other; the same seed makes the same errors."""

    def __init__(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)
        self._things = [self._thing() for _ in range(2)]
        self._offsets: dict[int, np.ndarray] = {}

    def __call__(self, look: Truth) -> Found:
        """Whom it finds at a look."""
        random = self._random
        found: list[tuple[np.ndarray, np.ndarray, int]] = []
        for p in np.flatnonzero(np.isfinite(look.keypoints).all(axis=(1, 2)) & (look.share > 0.02)):
            points, seen = look.keypoints[p], look.seen[p]
            size = np.linalg.norm(np.ptp(points, axis=0)) / 2
            middle, width = _HIDDEN
            chance = (1 - _MISSED) / (1 + np.exp(-(look.share[p] - middle) / width * 1.7))
            if random.uniform() > chance:
                before = self._who_hides(look, int(p))
                if before is None or random.uniform() > _MERGED:
                    continue
                points, seen = look.keypoints[before], look.seen[before]
            points = points + self._jitter(int(look.ids[p]), seen) * size
            scores = np.clip(np.where(seen, 0.85, 0.3) + random.normal(scale=0.08, size=17), 0.02, 1)
            if random.uniform() < _WILD:
                limbs = COCO17.indices("left_wrist", "right_wrist", "left_ankle", "right_ankle", "left_knee")
                points[limbs] += random.normal(scale=0.5 * size, size=(len(limbs), 2))
            found.append((points, scores, int(look.ids[p])))
            if random.uniform() < _PART:
                found.append((points.mean(axis=0) + (points - points.mean(axis=0)) * [0.6, 0.45], scores * 0.6, -1))
        for thing in self._things:
            if random.uniform() < _THING:
                scores = np.clip(random.normal(0.4, 0.12, 17), 0.05, 1)
                found.append((thing + random.normal(scale=2.0, size=(17, 2)), scores, -1))
        order = random.permutation(len(found))
        return Found(
            np.array([found[i][0] for i in order]).reshape(-1, 17, 2),
            np.array([found[i][1] for i in order]).reshape(-1, 17),
            np.array([found[i][2] for i in order], dtype=int),
        )

    def _jitter(self, person: int, seen: np.ndarray) -> np.ndarray:
        """(17, 2) in sizes: an error that goes on from look to look."""
        fresh = self._random.normal(size=(17, 2))
        last = self._offsets.get(person, fresh)
        self._offsets[person] = 0.7 * last + np.sqrt(1 - 0.49) * fresh
        return self._offsets[person] * np.where(seen, _JITTER, _HIDDEN_JITTER)[:, None]

    def _thing(self) -> np.ndarray:
        """(17, 2) pixels of something that is not a person."""
        shape = self._random.uniform(0, 1, (17, 2)) * [self._random.uniform(30, 80), self._random.uniform(40, 160)]
        return shape + self._random.uniform(0, 1, 2) * [WIDTH - 80, HEIGHT - 160]

    def _who_hides(self, look: Truth, person: int) -> int | None:
        """Who is before somebody: the one in view whose keypoints are nearest."""
        distance = np.linalg.norm(look.keypoints - look.keypoints[person], axis=-1).mean(axis=1)
        distance[(look.share < 0.5) | ~np.isfinite(distance)] = np.inf
        distance[person] = np.inf
        size = np.linalg.norm(np.ptp(look.keypoints[person], axis=0)) / 2
        nearest = int(np.argmin(distance))
        return nearest if distance[nearest] < size else None
