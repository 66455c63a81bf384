"""BlazePose: 33 keypoints per person on the CPU, by its own networks in LiteRT.

The heavy network is the default: on real video that was kept aside the lifter's error is a third lower behind it than
behind the full one. Nothing is smoothed and nothing lags; the filters that go with the networks elsewhere take a
quarter off the jitter, but bend the pose at every change of speed, and a temporal lifter averages jitter anyway.

    Bazarevsky et al., "BlazePose: On-device Real-time Body Pose tracking", 2020, arXiv:2006.10204

It knows nothing about files, or about who is who: with several people the order in a picture means nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from in_the_wild.detectors._blazepose import LandmarkNetwork, PersonNetwork
from in_the_wild.detectors._following import Candidate, Find, PersonPose
from in_the_wild.detectors._region_detector import FINDER, OUTSIDE, RegionDetector, asset, doubt_outside
from in_the_wild.detectors._regions import Region
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.skeletons import BLAZEPOSE33

MODELS = ("heavy", "full", "lite")
# Of the silhouette around a joint, up to which and from which it is not and is seen.
_HIDDEN, _SHOWN = 0.3, 0.7
_BY_ITSELF = 0.08  # the least that a joint inside the silhouette scores


class BlazePose(RegionDetector):
    """BlazePose-33 keypoints.

    A score is the network's visibility times its presence: the first is low for joints that the person's own body
    hides, the second for joints beyond the picture's edge, which the first alone takes for seen (up to 0.85, by 0.21 of
    presence). What furniture hides both often take for seen; but the silhouette that the network draws of the person
    does not reach there. Joints outside the picture, or outside the silhouette, are guesses and score 0.05 at most; all
    others score 0.08 at least, as what the own body hides is better known than a guess. A pose with no joint inside the
    picture is left out.

    Args:
        persons: The most people to find in a picture.
        model: "heavy", "full" or "lite": 17, 6 and 5 ms a person on two cores of a server CPU.
        threads: Of the processor that a network may use; None takes all cores up to four.

    Raises:
        PluginError: LiteRT is not installed.
        InputError: persons is below 1, or no such model.
    """

    name = "blazepose"
    skeleton = BLAZEPOSE33
    own_3d = True

    def __init__(self, *, persons: int = 1, model: str = "heavy", threads: int | None = None) -> None:
        super().__init__(persons, threads=threads)
        if model not in MODELS:
            raise InputError(f'There is no BlazePose model "{model}". {did_you_mean(model, MODELS)}')
        files = [asset(name) for name in (f"blazepose_{model}.tflite", FINDER, "blazepose_person.tflite")]
        self._landmarks = LandmarkNetwork(files[0], threads=threads)
        self._person = PersonNetwork(files[2], threads=threads)
        self._describe(
            model, files, scores=f"visibility x presence x silhouette, at most {OUTSIDE} outside the picture"
        )

    def _look(self, image: np.ndarray, region: Region) -> PersonPose:
        """The person in a region."""
        found = self._landmarks(image, region)
        scores = found.visibility * found.presence
        shown = np.clip((found.silhouette - _HIDDEN) / (_SHOWN - _HIDDEN), 0, 1)
        scores = np.maximum(np.maximum(scores, _BY_ITSELF) * shown, np.minimum(scores, OUTSIDE))
        return PersonPose(
            keypoints=found.points,
            scores=doubt_outside(scores, found.points, image),
            person=found.person,
            region=found.region,
            world=found.world,
        )

    def _finders(self) -> Sequence[Find]:
        """BlazePose's own knows best where the one it is surest of begins and ends; multipose finds the others."""
        return [lambda image, most: [Candidate(region) for region in self._person(image, most)], self._find]
