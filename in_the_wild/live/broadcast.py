"""Figures as a page shows them: on a floor whose middle is where the first person stood, beside a small picture.

It knows nothing about how pages are reached.
"""

from __future__ import annotations

import time

import cv2
import numpy as np

from in_the_wild.live.loop import Figures
from in_the_wild.live.serve import Stage
from in_the_wild.page.live import frame
from in_the_wild.poses import Poses
from in_the_wild.video.pictures import jpeg

_WIDEST = 640  # pixels of a page's picture
_QUALITY = 80  # of 100, of its JPEG


class Broadcast:
    """Sends figures to a stage, where anybody watches it."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._middle: np.ndarray | None = None

    def show(self, figures: Figures) -> None:
        """The newest figures."""
        world = self._placed(figures.world)
        if self._stage.watched:
            there = time.time() - (time.monotonic() - figures.there_at)
            self._stage.show(
                frame(world, small_jpeg(figures.image), there=there, rate=figures.rate, dropped=figures.dropped)
            )

    def _placed(self, world: Poses) -> Poses:
        """People about the place where the first of them stood."""
        if self._middle is None:
            if not len(world):
                return world
            self._middle = world.keypoints[0, world.skeleton.root] * [1, 1, 0]
        return world.replace(keypoints=world.keypoints - self._middle)


def small_jpeg(image: np.ndarray) -> bytes:
    """(H, W, 3) uint8 RGB as a JPEG no wider than a page shows it."""
    height, width = image.shape[:2]
    if width > _WIDEST:
        image = cv2.resize(image, (_WIDEST, round(height * _WIDEST / width)), interpolation=cv2.INTER_AREA)
    return jpeg(image, _QUALITY)
