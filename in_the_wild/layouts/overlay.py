"""The video with its skeletons, alone; without a background the skeletons alone, to be laid over it elsewhere."""

from __future__ import annotations

import numpy as np

from in_the_wild.errors import InputError
from in_the_wild.layouts._panels import Footage, video_aspect
from in_the_wild.layouts.base import Layout, Moment, Shown, Size


class Overlay(Layout):
    """The video with its skeletons."""

    def __init__(self, shown: Shown, size: Size) -> None:
        super().__init__(shown, size)
        if not shown.has_video and shown.first.keypoints is None:
            raise InputError("The layout overlay draws on a video, and there is none; name it, or choose scene.")
        self._footage = Footage(shown.first, size, shown.style)

    @classmethod
    def aspect(cls, shown: Shown) -> float:
        """As the video."""
        return video_aspect(shown)

    def draw(self, moment: Moment) -> np.ndarray:
        """The picture of one frame."""
        return self._footage.draw(moment)
