"""Layout: which panels a film has, and where: the video with its skeletons, the scene from one side or several.

A newcomer adds a file with one class: it says how wide its pictures are for their height, and draws one for each frame.
Layouts know nothing about files, nor about how films are encoded.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from in_the_wild.drawing.style import USUAL, Style
from in_the_wild.drawing.view import View3D
from in_the_wild.errors import InputError
from in_the_wild.poses import Poses, Source

Size = tuple[int, int]


@dataclass(frozen=True)
class Take:
    """One result for a video.

    Attributes:
        world: Its poses in world space, as they are drawn.
        keypoints: What is drawn over the video, in image space; None for nothing.
        name: What it is called where several are shown.
        poses: As they were given, in camera or world space; what is measured is measured on them. None where those in
            the world are what was given.
    """

    world: Poses
    keypoints: Poses | None = None
    name: str = ""
    poses: Poses | None = None


@dataclass(frozen=True)
class Shown:
    """All that a film is made from, but for the video's pictures.

    Attributes:
        takes: One result or several, of one video.
        has_video: Whether there will be pictures of the video.
        truth: Poses that results are compared with; None for none.
        view: The 3D camera that is asked for.
        style: How all is drawn.
    """

    takes: tuple[Take, ...]
    has_video: bool = False
    truth: Poses | None = None
    view: View3D = field(default_factory=View3D)
    style: Style = USUAL

    @property
    def first(self) -> Take:
        """The result that is shown where one alone is."""
        return self.takes[0]

    @property
    def video(self) -> Source:
        """What is known of the video."""
        return self.first.world.video


@dataclass(frozen=True)
class Moment:
    """One frame of the video.

    Attributes:
        frame: Its index.
        picture: (H, W, 3) uint8 RGB; None without a video.
    """

    frame: int
    picture: np.ndarray | None = None


class Layout(ABC):
    """Lays a film's pictures out.

    Args:
        shown: What there is to show.
        size: Width and height of the pictures in pixels.

    Attributes:
        still: Whether one picture stands for the whole clip.
        several: Whether several results can be shown.
        least_height: Pixels below which pictures are not drawn unless it is asked for.

    Raises:
        InputError: something that the layout needs is not there.
    """

    still: ClassVar[bool] = False
    several: ClassVar[bool] = False
    least_height: ClassVar[int] = 360

    def __init__(self, shown: Shown, size: Size) -> None:
        if len(shown.takes) > 1 and not self.several:
            raise InputError(
                f"One result was expected for this layout, found {len(shown.takes)}; show several side by side with "
                "the layout compare."
            )
        self.shown, self.size = shown, size

    @classmethod
    @abstractmethod
    def aspect(cls, shown: Shown) -> float:
        """How wide its pictures are by nature, for a height of 1."""

    @abstractmethod
    def draw(self, moment: Moment) -> np.ndarray:
        """The picture of one frame: (H, W, 3) uint8 RGB; (H, W, 4) without a background, colours times alpha."""

    def pictures(self, moments: Iterable[Moment]) -> Iterator[np.ndarray]:
        """One picture for each frame, or one for all of them where the layout is `still`."""
        for moment in moments:
            yield self.draw(moment)
