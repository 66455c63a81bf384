"""Four views at once: the camera's own, and the people in 3D from the front, from the side and from above."""

from __future__ import annotations

import numpy as np

from in_the_wild.drawing import captions
from in_the_wild.drawing.scene import Texts
from in_the_wild.drawing.view import View3D
from in_the_wild.layouts._panels import Footage, scene, video_aspect
from in_the_wild.layouts.base import Layout, Moment, Shown, Size

# Hardly any perspective, so that lengths can be compared.
_FRONT = View3D(angle=0.0, elevation=0.0, field_of_view=4.0)
_SIDE = View3D(angle=90.0, elevation=0.0, field_of_view=4.0)
_TOP = View3D(angle=0.0, elevation=90.0, field_of_view=4.0)
_LINE = 2  # pixels between panels


class Quad(Layout):
    """Four views at once."""

    least_height = 720

    def __init__(self, shown: Shown, size: Size) -> None:
        super().__init__(shown, size)
        cell = size[0] // 2, size[1] // 2
        self._cell = cell
        self._front = scene(shown, cell, _FRONT, Texts("front", clock=False, legend=False))
        self._side = scene(shown, cell, _SIDE, Texts("from the left", clock=False, legend=False))
        notes = captions.assumptions(shown.first.world)
        self._top = scene(shown, cell, _TOP, Texts("from above", notes))
        self._camera = (
            Footage(shown.first, cell, shown.style, "camera")
            if shown.has_video
            else scene(
                shown, cell, View3D(angle=0.0, elevation=4.0), Texts("as the camera looks", clock=False, legend=False)
            )
        )

    @classmethod
    def aspect(cls, shown: Shown) -> float:
        """As the video."""
        return video_aspect(shown)

    def draw(self, moment: Moment) -> np.ndarray:
        """The picture of one frame."""
        camera = self._camera.draw(moment) if isinstance(self._camera, Footage) else self._camera.draw(moment.frame)
        front, side, top = (view.draw(moment.frame) for view in (self._front, self._side, self._top))
        width, height = self._cell
        image = np.zeros((self.size[1], self.size[0], camera.shape[2]), dtype=np.uint8)
        for panel, x, y in ((camera, 0, 0), (front, width, 0), (side, 0, height), (top, width, height)):
            image[y : y + height, x : x + width] = panel
        if not self.shown.style.transparent:
            line = self.shown.style.theme.grid
            image[:, width - _LINE // 2 : width + _LINE // 2] = line
            image[height - _LINE // 2 : height + _LINE // 2] = line
        return image
