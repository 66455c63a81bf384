"""Where the video's own camera stands in the scene, so that the scene can be laid over the video as it was filmed.

Poses are as a camera without faults sees them; of a lens that was calibrated the page knows where it shows them.

It is found from the poses themselves, in camera space and in the world: one turn for all, and for each person a place
of the camera's, since people are put on the floor one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from in_the_wild.calibration.base import Calibration
from in_the_wild.camera_motion import zooms_at
from in_the_wild.lens import Lens as KnownLens
from in_the_wild.poses import Poses

_OFF = 0.02  # metres that a camera that stands still may be off by
_OF_TILT = 12  # where the coefficients of a tilted sensor begin, which pages do not know


@dataclass(frozen=True)
class Lens:
    """The video's camera, in the world.

    Attributes:
        source: How its focal length is known.
        focal: Pixels of the video.
        calibration: How it shows directions in pictures of the video's size; None of a camera without faults.
        axes: (3, 3): its right, down and forward directions, one a row.
        places: Where it stands, (3,) metres, by person.
    """

    source: str
    focal: float
    calibration: Calibration | None
    axes: np.ndarray
    places: dict[int, np.ndarray]

    def reach(self, width: int, height: int) -> float:
        """How far from the middle the directions of such a picture are, as x / z; 0 without a calibration."""
        if self.calibration is None:
            return 0.0
        x, y = np.linspace(0, width, 9), np.linspace(0, height, 9)
        edges = np.stack([[*x, *x, *0 * y, *0 * y + width], [*0 * x, *0 * x + height, *y, *y]], axis=1)
        return float(np.linalg.norm(self.calibration.rays(edges), axis=1).max())


def lens(poses: Poses, world: Poses) -> Lens | None:
    """The camera that poses were seen by; None where nobody knows it, or where it moved, zoomed or has a tilted sensor.

    Args:
        poses: As they were lifted.
        world: The same rows in world space.
    """
    focal = poses.meta.get("focal")
    if poses.space != "camera" or poses.root is None or not len(poses) or not isinstance(focal, float):
        return None
    if zooms_at(poses.meta, poses.seconds) is not None:
        return None
    seen = (poses.keypoints + poses.root[:, None]).astype(np.float64)  # (N, J, 3) from the camera
    placed = world.keypoints.astype(np.float64)
    about = [rows - rows.mean(axis=1, keepdims=True) for rows in (seen, placed)]
    turn, _ = Rotation.align_vectors(about[1].reshape(-1, 3), about[0].reshape(-1, 3))
    off = placed - (seen.reshape(-1, 3) @ turn.as_matrix().T).reshape(seen.shape)
    places = {person: off[poses.person_id == person].mean(axis=(0, 1)) for person in poses.persons}
    for person, place in places.items():
        if np.abs(off[poses.person_id == person] - place).max() > _OFF:
            return None
    known = KnownLens.noted(poses.meta)
    calibration = None if known is None else known.calibration
    if calibration is not None:
        if any(calibration.distortion[_OF_TILT:]):
            return None
        calibration = calibration.of_size(poses.video.width, poses.video.height)
    return Lens(poses.root_source, focal, calibration, turn.as_matrix().T, places)
