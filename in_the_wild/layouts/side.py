"""The video with its skeletons, and the people in 3D beside it."""

from __future__ import annotations

import numpy as np

from in_the_wild.layouts._panels import Footage, beside, scene, scene_aspect, video_aspect
from in_the_wild.layouts.base import Layout, Moment, Shown, Size


class Side(Layout):
    """The video with its skeletons, and the people in 3D beside it."""

    def __init__(self, shown: Shown, size: Size) -> None:
        super().__init__(shown, size)
        width, height = size
        video = round(width * video_aspect(shown) / self.aspect(shown))
        self._footage = Footage(shown.first, (video, height), shown.style)
        self._scene = scene(shown, (width - video, height))

    @classmethod
    def aspect(cls, shown: Shown) -> float:
        """As the video and the people need."""
        return video_aspect(shown) + scene_aspect(shown)

    def draw(self, moment: Moment) -> np.ndarray:
        """The picture of one frame."""
        return beside([self._footage.draw(moment), self._scene.draw(moment.frame)])
