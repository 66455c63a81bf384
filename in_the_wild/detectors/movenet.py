"""MoveNet: COCO-17 keypoints per person on the CPU, many times as fast as BlazePose: the choice for weak machines.

    Votel and Li, "Next-Generation Pose Detection with MoveNet and TensorFlow.js", 2021

It knows nothing about files, or about who is who: with several people the order in a picture means nothing.
"""

from __future__ import annotations

import numpy as np

from in_the_wild.detectors._following import PersonPose
from in_the_wild.detectors._movenet import KeypointNetwork, next_region
from in_the_wild.detectors._region_detector import FINDER, OUTSIDE, RegionDetector, asset, doubt_outside
from in_the_wild.detectors._regions import Region
from in_the_wild.errors import InputError, did_you_mean
from in_the_wild.skeletons import COCO17

MODELS = ("lightning", "thunder")
# What makes the network's scores mean what other detectors' do: it says 0.6 of what it is sure of.
_SCALE = 1.5
# Mean of the network's scores from which there is a person; it has no word of its own for that. People in boxes that
# multipose found are over it, all but blurred spectators; of squares without people 3 in 100 are (thunder: 8).
_PERSON = 0.25


class MoveNet(RegionDetector):
    """MoveNet's COCO-17 keypoints.

    A score is the network's times 1.5, 1 at most. Joints outside the picture are guesses and score 0.05 at most; a pose
    with no joint inside is left out.

    Args:
        persons: The most people to find in a picture.
        model: "lightning" or "thunder": the one faster, the other better.
        threads: Of the processor that a network may use; None takes all cores up to four.

    Raises:
        PluginError: LiteRT is not installed.
        InputError: persons is below 1, or no such model.
    """

    name = "movenet"
    skeleton = COCO17

    def __init__(self, *, persons: int = 1, model: str = "lightning", threads: int | None = None) -> None:
        super().__init__(persons, threads=threads)
        if model not in MODELS:
            raise InputError(f'There is no MoveNet model "{model}". {did_you_mean(model, MODELS)}')
        files = [asset(name) for name in (f"movenet_{model}.tflite", FINDER)]
        self._keypoints = KeypointNetwork(files[0], threads=threads)
        self._describe(
            model, files, scores=f"the network's x {_SCALE}, at most 1, at most {OUTSIDE} outside the picture"
        )

    def _look(self, image: np.ndarray, region: Region) -> PersonPose:
        """The person in a region."""
        keypoints, scores = self._keypoints(image, region)
        return PersonPose(
            keypoints=keypoints,
            scores=doubt_outside((scores * _SCALE).clip(0, 1), keypoints, image),
            person=min(1.0, float(scores.mean()) / (2 * _PERSON)),
            region=next_region(keypoints, scores),
        )
