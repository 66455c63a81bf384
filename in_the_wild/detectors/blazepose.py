"""BlazePose: 33 keypoints per person on the CPU, by its own networks in LiteRT.

The heavy network is the default: on real video that was kept aside the lifter's error is a third lower behind it than
behind the full one. Nothing is smoothed and nothing lags; the filters that go with the networks elsewhere take a
quarter off the jitter, but bend the pose at every change of speed, and a temporal lifter averages jitter anyway.

    Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020, arXiv:2006.10204

It knows nothing about files, or about who is who: with several people the order in a picture means nothing.
"""

from __future__ import annotations

import importlib.resources
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from in_the_wild.detectors import _litert
from in_the_wild.detectors._blazepose import LandmarkNetwork, PersonNetwork
from in_the_wild.detectors._following import Candidate, Follower, PersonPose
from in_the_wild.detectors._regions import Region
from in_the_wild.detectors.base import Detection, Detector, check_image, check_persons
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.skeletons import BLAZEPOSE33

MODELS = ("heavy", "full", "lite")
_ASSETS = "in_the_wild.assets"
# The most that a joint beyond the picture's edge scores: it is a guess, but a better one than none.
_OUTSIDE = 0.05


class BlazePose(Detector):
    """BlazePose-33 keypoints.

    A score is the network's visibility times its presence: the first is low for joints that something hides, the second
    for joints beyond the picture's edge, which the first alone takes for seen (up to 0.85, by 0.21 of presence). Joints
    outside the picture are guesses and score 0.05 at most; a pose with no joint inside is left out.

    Args:
        persons: The most people to find in a picture.
        model: "heavy", "full" or "lite": 45, 13 and 7 ms a person on two cores.
        threads: Of the processor that a network may use; None takes all cores up to four.

    Raises:
        PluginError: LiteRT is not installed.
        InputError: persons is below 1, or no such model.
    """

    name = "blazepose"
    skeleton = BLAZEPOSE33

    def __init__(self, *, persons: int = 1, model: str = "heavy", threads: int | None = None) -> None:
        check_persons(persons)
        if model not in MODELS:
            raise InputError(f'There is no BlazePose model "{model}". {did_you_mean(model, MODELS)}')
        self.persons = persons
        files = [_asset(f"blazepose_{part}.tflite") for part in (model, "person")]
        self._landmarks = LandmarkNetwork(files[0], threads=threads)
        self._people = PersonNetwork(files[1], threads=threads)
        self._follower = Follower(self._look, self._find, persons=persons)
        self._settings = {
            "name": self.name,
            "version": _litert.version(),
            "persons": persons,
            "model": model,
            "networks": [_litert.about(file) for file in files],
            "scores": f"visibility x presence, at most {_OUTSIDE} outside the picture",
        }

    @property
    def settings(self) -> Mapping[str, Any]:
        """What decides the result: release of LiteRT, number of people, the networks, and what a score is."""
        return self._settings

    def __call__(self, image: np.ndarray, time: float) -> Detection:
        """Find the people in a picture; see `Detector`.

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

    def _look(self, image: np.ndarray, region: Region) -> PersonPose:
        """The person in a region."""
        found = self._landmarks(image, region)
        height, width, _ = image.shape
        inside = ((found.points >= 0) & (found.points < (width, height))).all(axis=1)  # (33,)
        scores = found.visibility * found.presence
        return PersonPose(
            keypoints=found.points,
            scores=np.where(inside, scores, np.minimum(scores, _OUTSIDE)),
            person=found.person,
            region=found.region,
            world=found.world,
        )

    def _find(self, image: np.ndarray, most: int) -> list[Candidate]:
        """People in a picture."""
        return [Candidate(region) for region in self._people(image, most)]

    def _detection(self, people: list[PersonPose], image: np.ndarray) -> Detection:
        """Those of whom a joint is in the picture."""
        height, width, _ = image.shape
        joints = len(self.skeleton)
        seen = [one for one in people if ((one.keypoints >= 0) & (one.keypoints < (width, height))).all(axis=1).any()]
        return Detection(
            keypoints=np.array([one.keypoints for one in seen], np.float32).reshape(-1, joints, 2),
            scores=np.array([one.scores for one in seen], np.float32).reshape(-1, joints),
            world=np.array([one.world for one in seen], np.float32).reshape(-1, joints, 3),
        )


def _asset(name: str) -> Path:
    return Path(str(importlib.resources.files(_ASSETS) / name))
