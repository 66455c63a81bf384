"""A clip's 3D poses behind one fixed scale, drawn on a floor grid: one panel per frame."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from in_the_wild.drawing import captions
from in_the_wild.drawing.figure import draw_label, limbs_of
from in_the_wild.drawing.floor import draw_drop_lines, draw_floor, draw_shadows
from in_the_wild.drawing.head import heads_of
from in_the_wild.drawing.people import Bodies, sizes_of
from in_the_wild.drawing.rows import FrameRows
from in_the_wild.drawing.shapes import empty
from in_the_wild.drawing.stage import Stage, placed, within_reach
from in_the_wild.drawing.style import USUAL, Style
from in_the_wild.drawing.trails import Trails
from in_the_wild.drawing.view import Pinhole, View3D
from in_the_wild.errors import InputError
from in_the_wild.look import doubts
from in_the_wild.poses import Poses

_NEAR = 0.2  # metres before the camera within which no label is drawn
_ABOVE_HEAD = 0.16  # metres from a head's middle to its label


@dataclass(frozen=True)
class Texts:
    """What is written into a panel.

    Attributes:
        title: At the top left, such as the name of what is shown.
        notes: Lines below it, such as what is assumed.
        clock: Whether the time stands at the top right.
        legend: Whether the bottom says what colours, dashes and squares mean.
    """

    title: str = ""
    notes: tuple[str, ...] = ()
    clock: bool = True
    legend: bool = True


class Scene3D:
    """A clip's 3D poses, drawn frame by frame at one scale that fits the whole clip.

    People stand where the world positions put them. Where these say nothing (every root in one place, several people)
    they are set side by side, in the order `left_to_right`. Poses a kilometre from the others are left out.

    Args:
        poses: In world space.
        view: The camera that is asked for; None takes the usual one.
        size: Width and height of a panel in pixels.
        style: How people and their surroundings look.
        texts: What is written into a panel.
        left_to_right: Ids in the order in which people without a path are set side by side; by rising id if not given.
        stage: The camera and the floor of another scene, to be shared; None finds the nearest that shows everybody.

    Raises:
        InputError: poses in another space.
    """

    def __init__(
        self,
        poses: Poses,
        view: View3D | None = None,
        *,
        size: tuple[int, int] = (640, 640),
        style: Style = USUAL,
        texts: Texts = Texts(),
        left_to_right: Iterable[int] = (),
        stage: Stage | None = None,
    ) -> None:
        if poses.space != "world":
            raise InputError(f'The 3D view draws poses in world space, found "{poses.space}"; convert them first.')
        self._size, self._style, self._texts = size, style, texts
        self._video = poses.video
        poses = poses.rows(within_reach(poses))
        self._rows = FrameRows(poses)
        self._doubts, self._people = doubts(poses.scores, poses.error_mm), poses.person_id
        self._points = placed(poses, tuple(left_to_right))  # (N, J, 3)
        self._skeleton, self._limbs = poses.skeleton, limbs_of(poses.skeleton)
        self._bodies = Bodies(poses.skeleton, style)
        self._sizes = _steady_sizes(poses, self._points)
        self._trails = Trails(poses, style.trails, style.trail)
        self.stage = stage or Stage.around(self._points, poses.frame, poses.video, view or View3D(), size)
        self._background = empty(*size, style.ground)
        self._ground = self._background.copy()
        if self.stage.still:
            self._draw_ground(self._ground, 0)

    def camera(self, frame: int) -> Pinhole:
        """The camera of a frame."""
        return self.stage.camera(frame, self.seconds(frame))

    def draw(self, frame: int) -> np.ndarray:
        """The panel of one frame, people or not: (H, W, 3) uint8 RGB; (H, W, 4) without a background."""
        image = self._ground.copy()
        if not self.stage.still:
            self._draw_ground(image, frame)
        if self._texts.clock and self._video.frames > 1 and not self._style.transparent:
            captions.draw_time(image, self.seconds(frame), self._style.theme)
        rows = self._rows[frame]
        if len(rows):
            self._draw_people(image, frame, rows)
        return image

    def seconds(self, frame: int) -> float:
        """The time of a frame; those past the last go on at the video's rate."""
        times = self._video.timestamps
        if frame < len(times):
            return float(times[frame])
        return float(times[-1] if len(times) else 0.0) + (frame - len(times) + 1) / self._video.fps

    def _draw_ground(self, image: np.ndarray, frame: int) -> None:
        """All that lies under people, and the texts that stay."""
        if self._style.transparent:
            return
        theme, texts = self._style.theme, self._texts
        draw_floor(image, self.camera(frame), self.stage.floor_at(frame), self.stage, theme)
        captions.draw_title(image, texts.title, texts.notes, theme)
        if texts.legend:
            captions.draw_legend(image, self.stage.spacing, theme)

    def _draw_people(self, image: np.ndarray, frame: int, rows: np.ndarray) -> None:
        camera, theme = self.camera(frame), self._style.theme
        points = self._points[rows]
        if self.stage.view.elevation > 0:
            draw_shadows(image, camera, points, self._limbs)
        if not self._style.transparent:
            draw_drop_lines(image, camera, points[:, list(self._skeleton.centre)].mean(axis=1), theme)
        self._draw_trails(image, frame, camera)
        self._bodies.draw(image, camera, points, self._doubts[rows], self._sizes[rows])
        self._draw_labels(image, camera, points, self._people[rows])

    def _draw_trails(self, image: np.ndarray, frame: int, camera: Pinhole) -> None:
        for person in set(self._people[self._rows[frame]].tolist()) if self._style.trails else ():
            paths = camera.project(self._points[self._trails.rows(person, frame)])[0]
            self._trails.draw(image, paths, min(self._size) / 180, self._style.theme)

    def _draw_labels(self, image: np.ndarray, camera: Pinhole, points: np.ndarray, people: np.ndarray) -> None:
        """An id above each head."""
        heads = heads_of(points, self._skeleton)
        tops = points.max(axis=1) if heads is None else heads.centre
        above, depth = camera.project(tops + np.array([0.0, 0.0, _ABOVE_HEAD]))
        height = captions.text_height(self._size)
        for p in np.argsort(-depth, kind="stable"):
            if people[p] >= 0 and depth[p] > _NEAR:
                at = float(above[p, 0]), float(above[p, 1]) - 1.1 * height
                draw_label(image, int(people[p]), at, height, self._style.theme)


def _steady_sizes(poses: Poses, points: np.ndarray) -> np.ndarray:
    """How large each person is throughout the clip, (N,)."""
    sizes = sizes_of(points, poses.skeleton)
    for person in poses.persons:
        own = poses.person_id == person
        sizes[own] = np.median(sizes[own])
    return sizes
