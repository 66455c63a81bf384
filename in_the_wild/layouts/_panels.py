"""The panels that layouts are put together from: the video with its skeletons, and the scene; and where they go."""

from __future__ import annotations

import dataclasses

import cv2
import numpy as np

from in_the_wild.drawing import captions
from in_the_wild.drawing.lettering import draw_text, text_width
from in_the_wild.drawing.overlay import Overlay
from in_the_wild.drawing.scene import Scene3D, Texts
from in_the_wild.drawing.shapes import empty
from in_the_wild.drawing.stage import natural_aspect, placed, within_reach
from in_the_wild.drawing.style import Style
from in_the_wild.drawing.view import View3D
from in_the_wild.errors import InputError
from in_the_wild.layouts.base import Moment, Shown, Size, Take
from in_the_wild.poses import Poses, Source

_OTHER_SHAPE = 0.03  # by which the shape of pictures may differ from that of the video that poses were found in
_PLATE = 0.7  # share of the background in what lies below a title
# A scene's panel is as wide for its height as its people need, between these.
NARROWEST, WIDEST = 0.8, 1.5


@dataclasses.dataclass(frozen=True)
class Box:
    """A part of a picture, in pixels."""

    x: int
    y: int
    width: int
    height: int

    @property
    def size(self) -> Size:
        """Width and height."""
        return self.width, self.height

    def of(self, image: np.ndarray) -> np.ndarray:
        """This part of a picture."""
        return image[self.y : self.y + self.height, self.x : self.x + self.width]


class Footage:
    """The video's picture, or nothing in its place, with the skeletons of one result.

    Args:
        take: The result.
        size: Width and height of the panel in pixels; the video is fitted into it.
        style: How skeletons look; without a background the video's picture is left out, too.
        title: Written at the top left.
    """

    def __init__(self, take: Take, size: Size, style: Style, title: str = "") -> None:
        video = take.world.video
        scale = min(size[0] / video.width, size[1] / video.height)
        width, height = (max(2, round(side * scale)) for side in (video.width, video.height))
        # A pixel less than the panel is no reason for an edge.
        width, height = (s if s - d <= 2 else d for s, d in zip(size, (width, height), strict=True))
        self._box = Box((size[0] - width) // 2, (size[1] - height) // 2, width, height)
        self._size, self._style, self._video, self._title = size, style, video, title
        self._overlay = None if take.keypoints is None else Overlay(take.keypoints, take.world, self._box.size, style)

    def draw(self, moment: Moment) -> np.ndarray:
        """The panel of one frame."""
        picture = moment.picture
        whole = self._box.size == self._size
        if picture is None or self._style.transparent or not whole:
            image = empty(*self._size, self._style.ground)
            part = self._box.of(image)
            if picture is not None and not self._style.transparent:
                part[:] = scaled(picture, self._box.size, self._video)
        else:
            image = part = scaled(picture, self._size, self._video)
        if self._overlay is not None:
            self._overlay.draw(part, moment.frame)
        if self._title and not self._style.transparent:
            self._draw_title(image)
        return image

    def _draw_title(self, image: np.ndarray) -> None:
        """The title on a dark plate, which can be read on any picture."""
        theme = self._style.theme
        height, edge = captions.text_height(self._size), round(0.035 * min(self._size))
        right = round(2 * edge + text_width(self._title, height))
        plate = image[: round(2 * edge + height), :right]
        plate[:] = cv2.addWeighted(plate, 1 - _PLATE, np.full_like(plate, theme.background), _PLATE, 0)
        draw_text(image, self._title, edge, edge + height, height, theme.text)


def scaled(image: np.ndarray, size: Size, video: Source) -> np.ndarray:
    """A copy of a picture of the video, drawable, at the size it is shown at.

    Raises:
        InputError: it has another shape than the video that the poses were found in.
    """
    rows, columns = image.shape[:2]
    if abs(columns * video.height - rows * video.width) > _OTHER_SHAPE * rows * video.width:
        raise InputError(
            f"The poses were found in a video of {video.width}x{video.height} pixels, these pictures have "
            f"{columns}x{rows}; give the video that the poses come from."
        )
    if (columns, rows) == size:
        return np.array(image)
    # Down to a half, bilinear leaves no pixel out either, in a fifth of the time.
    method = cv2.INTER_AREA if rows > 2 * size[1] else cv2.INTER_LINEAR
    return cv2.resize(image, size, interpolation=method)


def scene(shown: Shown, size: Size, view: View3D | None = None, texts: Texts | None = None) -> Scene3D:
    """The scene of the first result, from the view that is asked for or another, with all that is to be said of it."""
    take = shown.first
    return Scene3D(
        take.world,
        view or shown.view,
        size=size,
        style=shown.style,
        texts=texts or Texts(notes=captions.assumptions(take.world)),
        left_to_right=across(take.keypoints),
    )


def scene_aspect(shown: Shown, view: View3D | None = None) -> float:
    """How wide for its height the panel of the first result's scene is, so that people fill it."""
    world = shown.first.world
    world = world.rows(within_reach(world))
    points = placed(world, tuple(across(shown.first.keypoints)))
    return float(np.clip(natural_aspect(points, view or shown.view), NARROWEST, WIDEST))


def across(keypoints: Poses | None) -> list[int]:
    """Ids ordered by where people are in the picture on average."""
    if keypoints is None or not len(keypoints):
        return []
    x = keypoints.keypoints[:, :, 0].mean(axis=1)
    return sorted(keypoints.persons, key=lambda person: float(x[keypoints.person_id == person].mean()))


def video_aspect(shown: Shown) -> float:
    """How wide the video is for its height."""
    return shown.video.width / shown.video.height


def beside(parts: list[np.ndarray]) -> np.ndarray:
    """Panels of one height side by side."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
