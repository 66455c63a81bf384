"""Several results side by side, each under its name; where the truth is given, with it and the error in millimetres."""

from __future__ import annotations

import dataclasses

import numpy as np

from in_the_wild.drawing import captions
from in_the_wild.drawing.deviation import deviation
from in_the_wild.drawing.figure import draw_lines
from in_the_wild.drawing.lettering import draw_text
from in_the_wild.drawing.rows import FrameRows
from in_the_wild.drawing.scene import Scene3D, Texts
from in_the_wild.drawing.stage import Stage, placed, within_reach
from in_the_wild.layouts._panels import Footage, across, beside, scene_aspect, video_aspect
from in_the_wild.layouts.base import Layout, Moment, Shown, Size, Take
from in_the_wild.poses import Poses

_LINE = 2  # pixels between panels


class Compare(Layout):
    """Several results side by side."""

    several = True

    def __init__(self, shown: Shown, size: Size) -> None:
        super().__init__(shown, size)
        width, height = size
        video = round(width * video_aspect(shown) / self.aspect(shown)) if shown.has_video else 0
        self._footage = Footage(shown.first, (video, height), shown.style) if shown.has_video else None
        edges = np.linspace(video, width, len(shown.takes) + 1).round().astype(int)
        widths = np.diff(edges).tolist()
        stage = _stage(shown, (min(widths), height))
        self._columns = [
            _Column(take, shown, dataclasses.replace(stage, size=(wide, height)), last=take is shown.takes[-1])
            for take, wide in zip(shown.takes, widths, strict=True)
        ]

    @classmethod
    def aspect(cls, shown: Shown) -> float:
        """As the people need, once for each result."""
        return len(shown.takes) * scene_aspect(shown) + (video_aspect(shown) if shown.has_video else 0.0)

    def draw(self, moment: Moment) -> np.ndarray:
        """The picture of one frame."""
        panels = [column.draw(moment.frame) for column in self._columns]
        if not self.shown.style.transparent:
            for panel in panels[0 if self._footage else 1 :]:
                panel[:, :_LINE] = self.shown.style.theme.grid
        return beside([*([] if self._footage is None else [self._footage.draw(moment)]), *panels])


class _Column:
    """One result, with the truth as lines and the error where that is known."""

    def __init__(self, take: Take, shown: Shown, stage: Stage, *, last: bool) -> None:
        self._style = shown.style
        self._errors: np.ndarray | None = None
        notes = captions.assumptions(take.world)
        if shown.truth is not None:
            self._errors, truth = deviation(take.poses or take.world, shown.truth, world=take.world)
            self._truth, self._rows = truth, FrameRows(truth)
            notes = (f"{np.nanmean(self._errors):.0f} mm off on average", *notes)
        self._scene = Scene3D(
            take.world,
            size=stage.size,
            style=shown.style,
            texts=Texts(take.name, notes, clock=last, legend=True),
            left_to_right=across(take.keypoints),
            stage=stage,
        )

    def draw(self, frame: int) -> np.ndarray:
        """The panel of one frame."""
        image = self._scene.draw(frame)
        if self._errors is not None and not self._style.transparent:
            rows = self._rows[frame]
            pixels, _ = self._scene.camera(frame).project(self._truth.keypoints[rows].astype(np.float64))
            theme = self._style.theme
            draw_lines(image, pixels, self._truth.skeleton, theme.truth, min(image.shape[:2]) / 300)
            self._draw_error(image, frame)
        return image

    def _draw_error(self, image: np.ndarray, frame: int) -> None:
        """The error now, in large figures above the legend."""
        assert self._errors is not None
        error = self._errors[frame] if frame < len(self._errors) else np.nan
        rows, columns = image.shape[:2]
        height = 1.8 * captions.text_height((columns, rows))
        text = "no truth here" if np.isnan(error) else f"{error:.0f} mm"
        edge = 0.035 * min(rows, columns)
        draw_text(image, text, columns - edge, rows - edge - 2.2 * height, height, self._style.theme.text, "right")


def _stage(shown: Shown, size: Size) -> Stage:
    """One camera for all results: the nearest that keeps everybody in the panel."""
    worlds = [take.world.rows(within_reach(take.world)) for take in shown.takes]
    places = [placed(world, tuple(across(take.keypoints))) for world, take in zip(worlds, shown.takes, strict=True)]
    # The corners of a box about each pose frame it as well as all its joints, and every skeleton has them.
    boxes = np.concatenate([np.stack([one.min(axis=1), one.max(axis=1)], axis=1) for one in places])
    frames = np.concatenate([world.frame for world in worlds])
    first: Poses = shown.first.world
    return Stage.around(boxes, frames, first.video, shown.view, size)
