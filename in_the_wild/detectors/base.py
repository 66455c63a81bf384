"""What every detector promises: one picture in, the keypoints of the people in it out.

It knows nothing about files, video or who is who from picture to picture.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, ClassVar

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.skeletons import Skeleton


@dataclass(frozen=True)
class Detection:
    """The people found in one picture.

    Attributes:
        keypoints: (P, J, 2) pixels, float32: x right, y down, (0, 0) at the top left corner.
        scores: (P, J) in [0, 1], float32; 0 means not seen.
        world: (P, J, 3) metres, float32, where the detector has a 3D of its own: x right, y down, z away from the
            camera, the middle of the hips at 0. None otherwise.
        appearance: (P, C) colours, see `in_the_wild.appearance`, where somebody looked for them; detectors do not.
    """

    keypoints: np.ndarray
    scores: np.ndarray
    world: np.ndarray | None = None
    appearance: np.ndarray | None = None

    def only(self, kept: np.ndarray) -> Detection:
        """Those people (P,) alone."""
        world, appearance = (None if of is None else of[kept] for of in (self.world, self.appearance))
        return Detection(self.keypoints[kept], self.scores[kept], world, appearance)

    @classmethod
    def nobody(cls, joints: int) -> Detection:
        """A picture without people."""
        none = np.zeros((0, joints, 3), np.float32)
        return cls(none[..., :2], none[..., 0], none)


def check_image(image: np.ndarray) -> None:
    """Refuse what is no picture.

    Raises:
        InputError: the image is not (H, W, 3) uint8.
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8 or not image.size:
        raise InputError(
            f"An image must be (H, W, 3) uint8 RGB, found shape {image.shape} of {image.dtype}; convert it first."
        )


def check_persons(persons: int) -> None:
    """Refuse to look for nobody.

    Raises:
        InputError: persons is below 1.
    """
    if persons < 1:
        raise InputError(f"A detector looks for 1 person or more, found persons={persons}.")


class Detector(ABC):
    """Finds people's keypoints in pictures; a context manager.

    Pictures of one video come in order, and a detector may use what it saw in the last one. `reset` starts a new video.
    A back end is imported when a detector is built, so that a missing one hurts only its own file.

    Every detector is built with `persons`. Those that run any network also take, each if it has a use for it,
    `config`, `weights` and `person_weights`, the `device` of torch's, and `tell`, which hears of downloads; a detector
    that is named in settings is given what its constructor names.

    Attributes:
        name: The plug-in's file name.
        skeleton: Which joints it gives. Where the network decides, the class names the usual ones, and a detector that
            is built its own.
        persons: The most people it returns for one picture.
    """

    name: ClassVar[str]
    skeleton: Skeleton
    persons: int

    @property
    @abstractmethod
    def settings(self) -> Mapping[str, Any]:
        """All that decides the result besides the pictures: back end, version, options. JSON types only."""

    @abstractmethod
    def __call__(self, image: np.ndarray, time: float) -> Detection:
        """Find the people in a picture.

        Args:
            image: (H, W, 3) uint8 RGB.
            time: Seconds since the video's first picture.
        """

    def look_back(self, image: np.ndarray, time: float) -> Detection:
        """Find the people of the last picture in one shortly before it; the next picture goes on from the last.

        Args:
            image: (H, W, 3) uint8 RGB.
            time: Seconds since the video's first picture.
        """
        return self(image, time)

    def reset(self) -> None:  # noqa: B027 (most have nothing to forget)
        """Forget the pictures seen so far: another video follows."""

    def close(self) -> None:  # noqa: B027 (or nothing to give back)
        """Give back what the detector holds; it cannot be used afterwards."""

    def __enter__(self) -> Detector:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
