"""Detectors whose network sees one person in a region: multipose finds people, and they are followed from there.

It knows nothing about which networks these are.
"""

from __future__ import annotations

import importlib.resources
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from in_the_wild.detectors import _litert
from in_the_wild.detectors._following import Candidate, Find, Follower, PersonPose
from in_the_wild.detectors._multipose import MultiPoseNetwork
from in_the_wild.detectors._regions import Region
from in_the_wild.detectors.base import Detection, Detector, check_image, check_persons

_ASSETS = "in_the_wild.assets"
FINDER = "movenet_multipose.tflite"
# The most that a joint beyond the picture's edge scores: it is a guess, but a better one than none.
OUTSIDE = 0.05


class RegionDetector(Detector):
    """A detector of people who are looked for by a finder once, and then where they were.

    Args:
        persons: The most people to find in a picture.
        threads: Of the processor that a network may use; None takes all cores up to four.

    Attributes:
        own_3d: Whether the network has a 3D of its own.

    Raises:
        InputError: persons is below 1.
    """

    own_3d: ClassVar[bool] = False

    def __init__(self, persons: int, *, threads: int | None) -> None:
        check_persons(persons)
        self.persons = persons
        self._people = MultiPoseNetwork(asset(FINDER), threads=threads)
        self._follower = Follower(self._look, self._finders(), persons=persons)

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the result: release of LiteRT, number of people, the networks, and what a score is."""
        return self._settings

    def _describe(self, model: str, files: Sequence[Path], *, scores: str) -> None:
        """Say by which of its networks, from which files, it finds people, and what its scores are."""
        self._settings = {
            "name": self.name,
            "version": _litert.version(),
            "persons": self.persons,
            "model": model,
            "networks": [_litert.about(file) for file in files],
            "scores": scores,
        }

    @abstractmethod
    def _look(self, image: np.ndarray, region: Region) -> PersonPose:
        """The person in a region."""

    def _finders(self) -> Sequence[Find]:
        """What finds people, see `Follower`."""
        return [self._find]

    def _find(self, image: np.ndarray, most: int) -> list[Candidate]:
        """People in a picture, the surest first."""
        boxes, _ = self._people(image)
        return [Candidate(Region.about_box(box), box) for box in boxes]

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        """Find the people in a picture; see `Detector`. A pose with no joint inside the picture is left out.

        Raises:
            InputError: the image is not (H, W, 3) uint8.
        """
        check_image(image)
        return self._detection(self._follower(image, time), image)

    def look_back(self, image: np.ndarray, time: float) -> Detection:
        """See `Detector`."""
        check_image(image)
        return self._detection(self._follower.look_back(image), image)

    def reset(self) -> None:
        """Forget whom it follows."""
        self._follower.reset()

    def _detection(self, people: list[PersonPose], image: np.ndarray) -> Detection:
        """Those of whom a joint is in the picture."""
        joints = len(self.skeleton)
        seen = [one for one in people if _inside(one.keypoints, image).any()]
        worlds = np.array([one.world for one in seen], np.float32).reshape(-1, joints, 3) if self.own_3d else None
        return Detection(
            keypoints=np.array([one.keypoints for one in seen], np.float32).reshape(-1, joints, 2),
            scores=np.array([one.scores for one in seen], np.float32).reshape(-1, joints),
            world=worlds,
        )


def doubt_outside(scores: np.ndarray, keypoints: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Scores (J,) where those of keypoints (J, 2) beyond the edge of a picture (H, W, 3) are 0.05 at most."""
    return np.where(_inside(keypoints, image), scores, np.minimum(scores, OUTSIDE))


def asset(name: str) -> Path:
    """A file that comes along."""
    return Path(str(importlib.resources.files(_ASSETS) / name))


def _inside(keypoints: np.ndarray, image: np.ndarray) -> np.ndarray:
    """(J,) which keypoints (J, 2) are in a picture (H, W, 3)."""
    height, width, _ = image.shape
    inside: np.ndarray = ((keypoints >= 0) & (keypoints < (width, height))).all(axis=1)
    return inside
