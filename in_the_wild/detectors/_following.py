"""Following: a network that sees one person in a region, used on pictures of several people.

Whoever was found is looked for where the last picture's keypoints say; a finder of people is asked now and then for
those who are new. Detectors whose network works on regions share it. Lengths are in sides of a person's region.

It knows nothing about which networks these are, nor who is who over the whole of a video.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from in_the_wild.detectors._regions import MARGIN, Region

_PERSON = 0.5  # of what a network says there is a person, from which there is one
_FIND_S = 0.5  # seconds after which new people are looked for
_FIND_AGAIN_S = 0.15  # the same while somebody has just been lost
_JUST_LOST_S = 1.0
# From which a region is so wrong that the person in it is looked at once more, in the region that the first look gave.
# In a trial at every fifth frame looking twice always cost half as much again, and made 96 right looks of 100 to 100.
_ASTRAY = 0.1
_MISSIZED = 1.2
_OTHER_IOU = 0.3  # of a finder's box and the box of keypoints, below which they are not the same person's
_SAME = 0.15  # median distance of two people's keypoints, in the smaller one's size, below which they are one
# Who is new is looked at once more in a region smaller by the first, and is nobody where keypoints move by more than
# the second or, where the finder had no box, the third (median, in the person's size). Pictures without people, of 20
# ghosts 15 moved by more, and of 106 views of people 6, who were hardly in the picture.
_SMALLER, _MOVES, _MOVES_WITHOUT_BOX = 0.9, 0.04, 0.0175
_SEEN = 0.5  # score of a joint that counts for somebody's box
_FEWEST_SEEN = 6  # joints of such a score, below which all count


@dataclass(frozen=True)
class PersonPose:
    """What a network says of the person in a region.

    Attributes:
        keypoints: (J, 2) pixels of the picture.
        scores: (J,) in [0, 1].
        person: In [0, 1]; whether there is a person at all.
        region: Where the person is by these keypoints.
        world: (J, 3) metres, where the network has a 3D of its own.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    person: float
    region: Region
    world: np.ndarray | None = None

    @property
    def is_person(self) -> bool:
        """Whether somebody is there."""
        return self.person >= _PERSON and self.region.possible

    @property
    def box(self) -> np.ndarray:
        """(4,) left, top, right, bottom of the joints that are seen."""
        seen = self.scores >= _SEEN
        points = self.keypoints[seen] if seen.sum() >= _FEWEST_SEEN else self.keypoints
        return np.concatenate([points.min(axis=0), points.max(axis=0)])

    def is_same(self, other: PersonPose) -> bool:
        """Whether two poses are of one person."""
        return self.distance(other) < _SAME

    def distance(self, other: PersonPose) -> float:
        """Median distance of the keypoints of two poses, in the smaller person's size."""
        size = min(self.region.size, other.region.size) / MARGIN
        return float(np.median(np.linalg.norm(self.keypoints - other.keypoints, axis=1))) / size


@dataclass(frozen=True)
class Candidate:
    """Somebody whom a finder found.

    Attributes:
        region: Where to look.
        box: (4,) left, top, right, bottom in pixels, where the finder has one.
    """

    region: Region
    box: np.ndarray | None = None

    def is_known(self, other: PersonPose) -> bool:
        """Whether this is somebody who is followed already, as far as can be told without a look."""
        if self.box is not None:
            return iou(self.box, other.box) > _OTHER_IOU
        return self.region.distance(other.region) < _SAME * other.region.size


# A picture (H, W, 3) uint8 RGB and a region of it -> who is there.
Look = Callable[[np.ndarray, Region], PersonPose]
# A picture and the most people wanted -> people, the surest first.
Find = Callable[[np.ndarray, int], list[Candidate]]


class Follower:
    """The people in pictures that come in order.

    Args:
        look: The network for one person.
        finders: Of people, asked in this order until there are as many as wanted.
        persons: The most people to follow.
    """

    def __init__(self, look: Look, finders: Sequence[Find], *, persons: int) -> None:
        self._look, self._finders, self._persons = look, finders, persons
        self.reset()

    def reset(self) -> None:
        """Forget everybody: another video or another shot follows."""
        self._followed: list[PersonPose] = []
        self._sought = -np.inf
        self._lost = -np.inf

    def __call__(self, image: np.ndarray, time: float) -> list[PersonPose]:
        """Everybody in a picture that is `time` seconds into the video; those followed longest come first."""
        if time < self._sought:
            self.reset()
        before = len(self._followed)
        self._followed = self._go_on(image)
        if len(self._followed) < before:
            self._lost = time
        interval = _FIND_AGAIN_S if time - self._lost <= _JUST_LOST_S else _FIND_S
        if not self._followed or (len(self._followed) < self._persons and time - self._sought >= interval):
            self._sought = time
            for find in self._finders:
                if len(self._followed) < self._persons:
                    self._followed += self._new_people(image, find(image, self._persons))
        return list(self._followed)

    def look_back(self, image: np.ndarray) -> list[PersonPose]:
        """Those followed now, in a picture shortly before the last; whom is followed stays as it is."""
        return self._go_on(image)

    def _go_on(self, image: np.ndarray) -> list[PersonPose]:
        """Those followed, in this picture."""
        found: list[PersonPose] = []
        for followed in self._followed:
            pose = self._settled(image, followed.region)
            if pose.is_person and not any(pose.is_same(other) for other in found):
                found.append(pose)
        return found

    def _settled(self, image: np.ndarray, region: Region) -> PersonPose:
        """Who is in a region, looked at once more where the region was wrong."""
        pose = self._look(image, region)
        if not pose.is_person:
            return pose
        astray = pose.region.distance(region) / region.size
        missized = max(pose.region.size / region.size, region.size / pose.region.size)
        return self._look(image, pose.region) if astray > _ASTRAY or missized > _MISSIZED else pose

    def _new_people(self, image: np.ndarray, candidates: Sequence[Candidate]) -> list[PersonPose]:
        """People whom nobody follows yet. A finder is often wrong, and so is the network's word for a wrong region.

        Who is new is therefore looked at twice, the second time in the region of the first answer, must lie where the
        finder said, and must be the same in a third look: what is no person turns into another pose when it is seen a
        little closer.
        """
        new: list[PersonPose] = []
        for candidate in candidates:
            if len(self._followed) + len(new) >= self._persons:
                break
            known = self._followed + new
            if any(candidate.is_known(other) for other in known):
                continue
            box = candidate.box
            pose = self._look(image, candidate.region)
            if pose.is_person:
                pose = self._look(image, pose.region)
            misses = box is not None and iou(box, pose.box) < _OTHER_IOU
            if not pose.is_person or misses or any(pose.is_same(other) for other in known):
                continue
            moves = pose.distance(self._look(image, pose.region.scaled(_SMALLER)))
            if moves <= (_MOVES_WITHOUT_BOX if box is None else _MOVES):
                new.append(pose)
        return new


def iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two boxes (4,): left, top, right, bottom."""
    shared = (np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])).clip(0).prod()
    areas = (a[2:] - a[:2]).clip(0).prod() + (b[2:] - b[:2]).clip(0).prod()
    return float(shared / max(areas - shared, 1e-9))
