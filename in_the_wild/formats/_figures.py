"""What formats of animated figures share: everybody in poses as a figure whose bones keep their lengths and turn.

Positions in such files are those of the figures, not of the joints that were estimated: see `in_the_wild.rigging`.

It knows nothing about any one format.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from in_the_wild.formats import _axes
from in_the_wild.formats._motion import Motion, MotionFormat, motion_of
from in_the_wild.poses import Poses
from in_the_wild.rig import RiggedMotion


@dataclass(frozen=True, kw_only=True)
class FigureFormat(MotionFormat):
    """A format that holds figures in motion; its settings are those of `MotionFormat`."""

    def figures(self, poses: Poses) -> tuple[Motion, list[RiggedMotion]]:
        """Poses as figures, in the axes and units of the file.

        Returns:
            The motion of the joints, and the figure of each of its tracks.

        Raises:
            InputError: poses that are no motion, see `motion_of`, or of a skeleton without arms or legs.
        """
        from in_the_wild import rigging  # with scipy, for which lists of formats need not wait

        motion = motion_of(poses, self)
        turn = _axes.to_file(np.eye(3), space="world", up=self.up, units="m").T
        figures = []
        for track in motion.tracks:
            joints = _axes.from_file(track.joints, space="world", up=self.up, units=self.units)
            there = np.isfinite(joints).all(axis=2)
            figure = rigging.fit(joints, there, skeleton=motion.skeleton, fps=motion.fps)
            figures.append(figure.in_axes(turn, 1 / _axes.METRES[self.units]))
        return motion, figures
