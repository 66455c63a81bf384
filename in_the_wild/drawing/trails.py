"""Paths that joints have left behind, in pictures and in 3D: they fade and thin towards their beginning.

It knows nothing about cameras.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from in_the_wild.drawing.shapes import mix, stroke
from in_the_wild.look import Colour, Theme
from in_the_wild.poses import Poses
from in_the_wild.skeletons import Skeleton

_PIECES = 8  # of one colour each, that a trail is drawn in


class Trails:
    """Where the joints of each person were in the last frames.

    Args:
        poses: Of a clip.
        joints: Whose paths are shown; those that a skeleton does not have are passed over.
        seconds: That a path goes back.
    """

    def __init__(self, poses: Poses, joints: Sequence[str], seconds: float) -> None:
        self._joints = known(joints, poses.skeleton)
        self._length = max(1, round(seconds * poses.video.fps))
        self._sides = [poses.skeleton.side(joint) for joint in self._joints]
        self._rows: dict[int, np.ndarray] = {}
        if self._joints:
            for person in poses.persons:
                of_frame = np.full(poses.video.frames, -1)
                own = np.flatnonzero(poses.person_id == person)
                of_frame[poses.frame[own]] = own
                self._rows[person] = of_frame

    def rows(self, person: int, frame: int) -> np.ndarray:
        """Rows of a person's latest frames up to this one, without a gap, oldest first."""
        of_frame = self._rows.get(person)
        if of_frame is None or frame >= len(of_frame):
            return np.empty(0, dtype=int)
        rows: np.ndarray = of_frame[max(0, frame - self._length) : frame + 1]
        gaps = np.flatnonzero(rows < 0)
        return rows[gaps[-1] + 1 :] if len(gaps) else rows

    def draw(self, image: np.ndarray, paths: np.ndarray, width: float, theme: Theme) -> None:
        """Draw a person's trails.

        Args:
            image: Drawn into.
            paths: (R, J, 2) pixels of all joints in `rows`.
            width: Of a trail at its end, in pixels.
            theme: The colours.
        """
        for joint, side in zip(self._joints, self._sides, strict=True):
            _draw_path(image, paths[:, joint], theme.sides[side], width, theme)


def known(joints: Sequence[str], skeleton: Skeleton) -> list[int]:
    """Positions of those joints that a skeleton has."""
    return [skeleton.joints.index(joint) for joint in joints if joint in skeleton.joints]


def _draw_path(image: np.ndarray, path: np.ndarray, colour: Colour, width: float, theme: Theme) -> None:
    ends = np.unique(np.linspace(0, len(path) - 1, _PIECES + 1).round().astype(int))
    for begin, end in itertools.pairwise(ends):
        age = 1 - end / max(1, len(path) - 1)
        stroke(image, path[None, begin : end + 1], mix(colour, theme.floor, 0.75 * age), width * (1 - 0.6 * age))
