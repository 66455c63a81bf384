"""A contact sheet: one picture of the clip's moments in a row or two, each with the video's picture above its 3D."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator

import numpy as np

from in_the_wild.drawing import captions
from in_the_wild.drawing.scene import Texts
from in_the_wild.drawing.shapes import empty
from in_the_wild.layouts._panels import Footage, scene, video_aspect
from in_the_wild.layouts.base import Layout, Moment, Shown, Size

_MOST, _IN_A_ROW = 8, 4  # moments
_PANEL = 0.8  # a scene's height for its width
_GAP = 6  # pixels between moments
_FOOT = 0.06  # of the picture's height, where the legend stands


class Strip(Layout):
    """A contact sheet of the clip's moments."""

    still = True
    least_height = 1080

    def __init__(self, shown: Shown, size: Size) -> None:
        super().__init__(shown, size)
        columns, rows = _grid(shown)
        width, height = size[0] // columns, round(size[1] * (1 - _FOOT)) // rows
        self._cell, self._columns = (width, height), columns
        inner = width - _GAP
        video = round((height - _GAP) / (1 + _PANEL * video_aspect(shown))) if shown.has_video else 0
        self._footage = Footage(shown.first, (inner, video), shown.style) if video else None
        view = dataclasses.replace(shown.view, follow=True, turn=0.0)
        self._scene = scene(shown, (inner, height - _GAP - video), view, Texts(legend=False))

    @classmethod
    def aspect(cls, shown: Shown) -> float:
        """As the video's pictures, so many beside and below each other, with their scenes."""
        columns, rows = _grid(shown)
        tall = _PANEL + (1 / video_aspect(shown) if shown.has_video else 0.0)
        return columns / (rows * tall) * (1 - _FOOT)

    def pictures(self, moments: Iterable[Moment]) -> Iterator[np.ndarray]:
        """One picture of all."""
        image = empty(*self.size, self.shown.style.ground)
        wanted = {frame: place for place, frame in enumerate(_frames(self.shown))}
        width, height = self._cell
        for moment in moments:
            place = wanted.get(moment.frame)
            if place is not None:
                y, x = divmod(place, self._columns)
                at = image[y * height + _GAP // 2 :, x * width + _GAP // 2 :]
                panel = self.draw(moment)
                at[: panel.shape[0], : panel.shape[1]] = panel
        if not self.shown.style.transparent:
            captions.draw_legend(image, None, self.shown.style.theme, 1.2 * captions.text_height(self._cell))
        yield image

    def draw(self, moment: Moment) -> np.ndarray:
        """One moment of the sheet."""
        panel = self._scene.draw(moment.frame)
        return panel if self._footage is None else np.concatenate([self._footage.draw(moment), panel])


def _frames(shown: Shown) -> list[int]:
    """The frames that are shown: evenly spread over those in which somebody is."""
    there = np.unique(shown.first.world.frame)
    if not len(there):
        there = np.arange(shown.video.frames)
    # Each from the middle of an equal part of the clip.
    count = min(_MOST, len(there))
    return [int(there[math.floor((place + 0.5) * len(there) / count)]) for place in range(count)]


def _grid(shown: Shown) -> tuple[int, int]:
    """Columns and rows."""
    count = len(_frames(shown))
    columns = min(_IN_A_ROW, count)
    return columns, math.ceil(count / columns)
