"""Who is who as people come: tracking over the last seconds, again with every look, and ids that last.

What was shown under an id keeps it: tracks of the last seconds take the id of most of their rows that have one, and
whoever has none is somebody new. So people are told apart as in a whole clip, by all that is known so far.

It knows nothing about cameras and detectors.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field

import numpy as np

from in_the_wild.detectors.base import Detection
from in_the_wild.poses import Poses, Source
from in_the_wild.skeletons import Skeleton
from in_the_wild.steps.track import track_ids

_NOBODY = -1


@dataclass
class Look:
    """What a detector found in a picture.

    Attributes:
        time: Seconds of the picture.
        found: Whom, with their colours.
        ids: (P,) those that were shown, -1 before.
    """

    time: float
    found: Detection
    ids: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.ids = np.full(len(self.found.scores), _NOBODY)


class Whose:
    """The looks of the last seconds, and whose poses they hold.

    Args:
        skeleton: The detector's.
        size: Width and height of the pictures in pixels.
        memory: Seconds.
        name: What is looked at, as poses tell it.
    """

    def __init__(self, skeleton: Skeleton, size: tuple[int, int], *, memory: float, name: str) -> None:
        self._skeleton, self._size, self._memory, self._name = skeleton, size, memory, name
        self._looks: deque[Look] = deque()
        self._next = 0

    def add(self, look: Look) -> None:
        """The newest look; those that are too old are forgotten."""
        self._looks.append(look)
        while look.time - self._looks[0].time > self._memory:
            self._looks.popleft()

    def poses(self) -> Poses:
        """Everybody in all the looks, tracked: frame 0 is the oldest. Ids that are new are not yet given for good."""
        looks = self._looks
        people = [len(look.ids) for look in looks]
        times = np.array([look.time for look in looks])
        fps = (len(times) - 1) / (times[-1] - times[0]) if len(times) > 1 else 1.0
        poses = Poses(
            keypoints=np.concatenate([look.found.keypoints for look in looks]),
            scores=np.concatenate([look.found.scores for look in looks]),
            frame=np.repeat(np.arange(len(looks)), people),
            person_id=np.full(sum(people), _NOBODY),
            skeleton=self._skeleton,
            space="image",
            video=Source(self._name, *self._size, fps, times),
        )
        ids = track_ids(poses, appearance=np.concatenate([look.found.appearance for look in looks]))
        return poses.replace(person_id=self._lasting(ids, np.concatenate([look.ids for look in looks])))

    def keep(self, poses: Poses, frame: int) -> None:
        """The people in a frame of `poses` are shown now, under the ids that they have there."""
        look = self._looks[frame]
        look.ids = poses.person_id[poses.frame == frame]
        self._next = max(self._next, int(look.ids.max(initial=_NOBODY)) + 1)

    def _lasting(self, tracks: np.ndarray, shown: np.ndarray) -> np.ndarray:
        """(N,) ids for tracks (N,) of which some rows were shown under ids (N,); -1 stays nobody's."""
        votes = Counter(
            (int(track), int(id_)) for track, id_ in zip(tracks, shown, strict=True) if min(track, id_) >= 0
        )
        ids: dict[int, int] = {_NOBODY: _NOBODY}
        for (track, id_), _ in votes.most_common():
            if track not in ids and id_ not in ids.values():
                ids[track] = id_
        fresh = self._next
        for track in range(int(tracks.max(initial=_NOBODY)) + 1):
            if track not in ids:
                ids[track], fresh = fresh, fresh + 1
        return np.array([ids[int(track)] for track in tracks], dtype=int)
