"""The people in 3D, alone."""

from __future__ import annotations

import numpy as np

from in_the_wild.layouts._panels import scene, scene_aspect
from in_the_wild.layouts.base import Layout, Moment, Shown, Size


class Scene(Layout):
    """The people in 3D."""

    def __init__(self, shown: Shown, size: Size) -> None:
        super().__init__(shown, size)
        self._scene = scene(shown, size)

    @classmethod
    def aspect(cls, shown: Shown) -> float:
        """As the people need."""
        return scene_aspect(shown)

    def draw(self, moment: Moment) -> np.ndarray:
        """The picture of one frame."""
        return self._scene.draw(moment.frame)
