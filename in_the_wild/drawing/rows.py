"""The rows of a table of poses, frame by frame."""

from __future__ import annotations

import numpy as np

from in_the_wild.poses import Poses


class FrameRows:
    """Finds the rows of a frame without searching the table."""

    def __init__(self, poses: Poses) -> None:
        self._order = np.argsort(poses.frame, kind="stable")
        self._starts = np.searchsorted(poses.frame[self._order], np.arange(poses.video.frames + 1))

    def __getitem__(self, frame: int) -> np.ndarray:
        if not 0 <= frame < len(self._starts) - 1:
            return self._order[:0]
        return self._order[self._starts[frame] : self._starts[frame + 1]]
