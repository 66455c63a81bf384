"""Lenses: what is known of a camera's, how that is known, and how far it is to be trusted.

What is given counts first: a calibration, the focal length, the field of view. Then what the file says of the lens that
filmed it, and at last a usual lens. It knows nothing about files and videos.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from in_the_wild.calibration import own
from in_the_wild.calibration.base import Calibration
from in_the_wild.camera_motion import turns_at, zooms_at
from in_the_wild.errors import InputError
from in_the_wild.poses import Poses

# By how much focal lengths are usually wrong, as a share: of a calibration, one that is given, one that the file's
# metadata say (a video is cut out of what the lens sees, more where it is steadied), and one that is assumed.
_CALIBRATED, _GIVEN, _STATED, _ASSUMED = 0.01, 0.03, 0.1, 0.25
# Diagonal of 35 mm film, millimetres, which equivalents are about. Pictures that are wider than sensors of 3:2 are cut
# out of one of 4:3, whose diagonal is so many times its longer side.
_FILM, _WIDEST_SENSOR, _SENSOR = 43.27, 1.52, 1.25
# The notes that say what focal length, pixels, poses were lifted with, and by which calibration.
_FOCAL, _CALIBRATION = "focal", "calibration"


@dataclass(frozen=True)
class Lens:
    """What is known of a video's lens: its calibration, its focal length, its field of view, or nothing.

    Without any, the focal length is taken to be the longer side of the picture, a horizontal view of 53 degrees for
    a landscape video: between the wide lens of a phone and a camera that has zoomed in.

    >>> round(Lens(fov=90).focal_in(width=1280, height=720))
    640
    >>> Lens().source
    'assumed focal length'
    >>> Lens().stated(26).source
    "focal length of the file's metadata, 26 mm equivalent"

    Attributes:
        focal: Focal length in pixels of the video as displayed.
        fov: Horizontal field of view in degrees.
        calibration: All that a calibration says.
        equivalent: Millimetres of the 35 mm equivalent that the video's metadata say.

    Raises:
        InputError: more than one is given, or a value that no lens has.
    """

    focal: float | None = None
    fov: float | None = None
    calibration: Calibration | None = None
    equivalent: float | None = None

    def __post_init__(self) -> None:
        for name in ("focal", "fov", "equivalent"):
            # 50 and 50.0 are one lens, also where it is written down.
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, float(value))
        if sum(one is not None for one in (self.focal, self.fov, self.calibration)) > 1:
            raise InputError("Give the focal length, the field of view or a calibration, not several of them.")
        if self.focal is not None and not 0 < self.focal < np.inf:
            raise InputError(f"A focal length in pixels above 0 was expected, found {self.focal:g}.")
        if self.fov is not None and not 1 < self.fov < 170:
            raise InputError(f"A horizontal field of view between 1 and 170 degrees was expected, found {self.fov:g}.")

    @property
    def is_given(self) -> bool:
        """Whether somebody said what lens it is."""
        return self.focal is not None or self.fov is not None or self.calibration is not None

    @property
    def source(self) -> str:
        """How the focal length is known, as results tell it."""
        if self.calibration is not None:
            return f"calibration {self.calibration.name}"
        if self.focal is not None:
            return "given focal length"
        if self.fov is not None:
            return "given field of view"
        if self.equivalent is not None:
            return f"focal length of the file's metadata, {self.equivalent:g} mm equivalent"
        return "assumed focal length"

    @property
    def uncertainty(self) -> float:
        """By how much the focal length is usually wrong, as a share of it."""
        if self.calibration is not None:
            return _CALIBRATED
        if self.is_given:
            return _GIVEN
        return _ASSUMED if self.equivalent is None else _STATED

    def stated(self, equivalent: float | None) -> Lens:
        """The same lens, where nobody said more, with the 35 mm equivalent that a video's metadata say."""
        return self if self.is_given else replace(self, equivalent=equivalent)

    def focal_in(self, *, width: float, height: float) -> float:
        """The focal length in pixels for a picture of this size.

        Raises:
            InputError: a calibration that was made for pictures of another shape.
        """
        if self.calibration is not None:
            return self.calibration.of_size(width, height).mean_focal
        if self.focal is not None:
            return float(self.focal)
        if self.fov is not None:
            return float(width / 2 / np.tan(np.radians(self.fov) / 2))
        longer = float(max(width, height))
        if self.equivalent is not None:
            wide = longer > _WIDEST_SENSOR * min(width, height)
            return self.equivalent / _FILM * (_SENSOR * longer if wide else float(np.hypot(width, height)))
        return longer

    def pinhole(self, *, width: float, height: float) -> Pinhole:
        """The camera with this lens that takes pictures of this size, once they are `rectified`."""
        return Pinhole(width=width, height=height, focal=self.focal_in(width=width, height=height))

    def rectified(self, keypoints: Poses) -> Poses:
        """Keypoints where the `pinhole` camera sees them: without distortion, the principal point in the middle, and
        without what the camera zoomed since the shot began, as their notes tell it."""
        zooms = zooms_at(keypoints.meta, keypoints.seconds)
        if (self.calibration is None and zooms is None) or not len(keypoints):
            return keypoints
        video, points = keypoints.video, keypoints.keypoints.astype(np.float64)
        camera = self.pinhole(width=video.width, height=video.height)
        if self.calibration is not None:
            points = self.calibration.of_size(video.width, video.height).rays(points) * camera.focal + camera.centre
        if zooms is not None:
            points = (points - camera.centre) / zooms[:, None, None] + camera.centre
        return keypoints.replace(keypoints=points)

    def turns_of(self, poses: Poses) -> np.ndarray | None:
        """(N, 3, 3) for each row from the axes of its shot's first picture to those of the camera, which see it.

        Returns:
            None where no notes tell of a camera that moves.
        """
        video = poses.video
        longer = max(video.width, video.height)
        focal = self.focal_in(width=video.width, height=video.height)
        return turns_at(poses.meta, poses.seconds, focal=focal / longer)

    def notes(self, *, width: float, height: float) -> dict[str, Any]:
        """What poses shall say of the lens that saw them; JSON types only."""
        focal = {_FOCAL: self.focal_in(width=width, height=height)}
        return focal if self.calibration is None else {**focal, _CALIBRATION: own.written(self.calibration)}

    @classmethod
    def noted(cls, notes: Mapping[str, Any]) -> Lens | None:
        """The inverse of `notes`; None where they say nothing of a lens."""
        if _CALIBRATION in notes:
            return cls(calibration=own.cameras_in(notes[_CALIBRATION])[0])
        focal = notes.get(_FOCAL)
        return cls(focal=float(focal)) if isinstance(focal, (int, float)) and focal > 0 else None


# Nothing is known.
ASSUMED = Lens()


@dataclass(frozen=True)
class Pinhole:
    """A camera without distortion, its principal point in the middle of the picture; all in pixels."""

    width: float
    height: float
    focal: float

    @property
    def centre(self) -> tuple[float, float]:
        """The principal point."""
        return self.width / 2, self.height / 2
