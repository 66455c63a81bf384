"""A contact sheet: poses in 3D at moments of the video, side by side on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.patches import Circle

from in_the_wild import look, paper
from in_the_wild.errors import InputError
from in_the_wild.plots.base import Drawn, Plot
from in_the_wild.poses import Poses
from in_the_wild.skeletons import Skeleton

# Degrees that people are seen from, about the vertical, beside the video's camera: depth shows, and heights stay.
_TURN = np.radians(25.0)
_INCHES = 0.62  # of width that a figure takes, about
_MARGIN, _HEADROOM = 0.15, 0.2  # metres between figures, and above them
_LINE = 1.7  # points
_SAME_TIME = 1.5  # frames; who is not seen so near a moment is not there
_FAR = 0.45  # share of the paper's colour in what is farthest from the viewer


@dataclass(frozen=True)
class _Row:
    """One person of one result.

    Attributes:
        name: Beside the row; empty where it is the only one.
        places: (N,) which of the moments these poses are at.
        points: (N, J, 3) metres: to the right of the pelvis, up from the floor, and towards the viewer.
        doubts: (N, J), see `look.doubts`.
        skeleton: Which joints these are.
    """

    name: str
    places: np.ndarray
    points: np.ndarray
    doubts: np.ndarray
    skeleton: Skeleton


class Sheet(Plot):
    """Heights are true: people are seen level, and stand on the line at 0 m when they stand on the floor."""

    def draw(self, axes: Axes, drawn: Drawn) -> None:
        """See `Plot.draw`."""
        times, rows = _sheet(drawn, paper.width_of(axes))
        step, high = _cell(rows)
        for number, row in enumerate(rows):
            ground = -number * high
            axes.axhline(ground, color=paper.rgb(look.LIGHT.grid_metre), linewidth=0.6, zorder=0)
            for at, place in enumerate(row.places):
                _draw_pose(axes, row, at, (place * step, ground))
        _label(axes, times, [row.name for row in rows], step, high)

    def height(self, width: float, drawn: Drawn, panels: int) -> float:
        """See `Plot.height`."""
        times, rows = _sheet(drawn, width)
        step, high = _cell(rows)
        return 0.62 + (width - 0.6) / (len(times) * step) * high * len(rows)


def _sheet(drawn: Drawn, width: float) -> tuple[np.ndarray, list[_Row]]:
    """The moments that are shown, seconds, as many as there is room for in so many inches; and everybody at them."""
    people = []
    for name, poses in drawn.results.items():
        if poses.space == "image":
            raise InputError(
                f"Poses in 3D were expected, found keypoints in the picture of {poses.video.path}; lift them first."
            )
        world = poses.world()
        for person in world.persons:
            told = [name] if len(drawn.results) > 1 else []
            told += [f"person {person}"] if len(world.persons) > 1 else []
            people.append((", ".join(told), world.of_person(person)))
    first, last = (limit(own.seconds[at] for _, own in people) for limit, at in ((min, 0), (max, -1)))
    times = np.linspace(first, last, max(3, int((width - 0.5) / _INCHES)))
    return times, [_row(name, own, times) for name, own in people]


def _cell(rows: Sequence[_Row]) -> tuple[float, float]:
    """Metres from one pose to the next, and from one row to the next."""
    return (
        2 * max(float(np.abs(row.points[..., 0]).max(initial=0.3)) for row in rows) + _MARGIN,
        max(float(row.points[..., 1].max(initial=1.0)) for row in rows) + _HEADROOM,
    )


def _row(name: str, person: Poses, times: np.ndarray) -> _Row:
    """One person at the moments at which he is seen."""
    apart = np.abs(person.seconds[:, None] - times)
    places = np.flatnonzero(apart.min(axis=0) <= _SAME_TIME / person.video.fps)
    rows = apart.argmin(axis=0)[places]
    points = person.keypoints[rows].astype(np.float64)
    middle = points[:, list(person.skeleton.centre)].mean(axis=1, keepdims=True)
    x, y = np.moveaxis((points - middle)[..., :2], -1, 0)
    seen = np.stack(
        [x * np.cos(_TURN) - y * np.sin(_TURN), points[..., 2], -(x * np.sin(_TURN) + y * np.cos(_TURN))], axis=-1
    )
    return _Row(name, places, seen, look.doubts(person.scores, person.error_mm)[rows], person.skeleton)


def _draw_pose(axes: Axes, row: _Row, at: int, origin: tuple[float, float]) -> None:
    """One pose, limbs that are farther from the viewer first."""
    points = row.points[at] + (*origin, 0.0)
    edges = sorted(row.skeleton.edges, key=lambda edge: float(points[list(edge), 2].mean()))
    depth = row.points[at, :, 2]
    nearest, span = depth.max(), max(float(np.ptp(depth)), 1e-6)
    colours = []
    for a, b in edges:
        sides = {row.skeleton.side(a), row.skeleton.side(b)} - {"middle"}
        away = _FAR * (nearest - points[[a, b], 2].mean()) / span
        colour = np.array(paper.rgb(look.LIGHT.sides[sides.pop() if len(sides) == 1 else "middle"]))
        doubt = look.FADED_MOST * float(row.doubts[at, [a, b]].max())
        colours.append(colour + (1 - colour) * max(away, doubt))
    limbs = LineCollection(
        [points[[a, b], :2] for a, b in edges], colors=colours, linewidths=_LINE, capstyle="round", zorder=2
    )
    axes.add_collection(limbs)
    for joint in ("head", "head_top", "nose"):
        if joint in row.skeleton.joints:
            x, y, _ = points[row.skeleton.index(joint)]
            grey = paper.rgb(look.LIGHT.sides["middle"])
            axes.add_patch(Circle((x, y), look.RADII["head"], facecolor=grey, edgecolor="none", zorder=3))
            break


def _label(axes: Axes, times: np.ndarray, names: Sequence[str], step: float, high: float) -> None:
    """Times below, heights or names at the left, and what the colours are."""
    axes.set_xticks(np.arange(len(times)) * step, [f"{time:.2f}" for time in times])
    axes.set(xlabel="Time (s)", xlim=(-step / 2, (len(times) - 0.5) * step))
    axes.set_ylim(-(len(names) - 1) * high - 0.04 * high, high)
    axes.set_aspect("equal")
    axes.grid(visible=False)
    axes.tick_params(axis="x", length=0)
    axes.spines["bottom"].set_visible(False)
    if len(names) == 1:
        axes.set(ylabel="Height (m)", yticks=np.arange(0, high, 0.5))
    else:
        axes.set_yticks([0.45 * high - number * high for number in range(len(names))], names)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
    for side, left in (("right", 0), ("left", 24)):
        colour = paper.rgb(look.LIGHT.sides[side])
        axes.annotate(side, (1, 1), (-left, 0), textcoords="offset points", xycoords="axes fraction", ha="right",
                      va="bottom", color=colour, fontsize=7)  # fmt: skip
