"""Errors as pictures: each joint's on a standing figure, each sequence's in time, and the worst frames themselves.

Every picture is as wide as two columns of a paper, and says below what it was made from. It knows nothing about
networks or data sets.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from in_the_wild import paper
from in_the_wild.camera import camera_to_world
from in_the_wild.drawing.overlay import draw_overlay
from in_the_wild.drawing.view import Pinhole
from in_the_wild.files import whole_file
from in_the_wild.look import DARK, LIGHT
from in_the_wild.skeletons import Skeleton
from pose3d_cli.evaluation.measure import Frame, Measured

# A person who stands and faces the viewer, so that his left is at the viewer's right: x to the right, y up; of joints
# that are there on both sides the left one.
_STANDING: Mapping[str, tuple[float, float]] = {
    "pelvis": (0, 0.95),
    "hip": (0.15, 0.92),
    "knee": (0.2, 0.5),
    "ankle": (0.23, 0.08),
    "spine": (0, 1.18),
    "belly": (0, 1.18),
    "thorax": (0, 1.45),
    "neck": (0, 1.62),
    "head": (0, 1.8),
    "shoulder": (0.24, 1.42),
    "elbow": (0.46, 1.2),
    "wrist": (0.66, 0.98),
}
# Where joints stand whose skeleton has other ones near them: what is called "neck" is lower where there is no thorax.
_WITHOUT_THORAX: Mapping[str, tuple[float, float]] = {"neck": (0, 1.48), "head": (0, 1.68), "head_top": (0, 1.85)}
_RADIUS = 0.035  # of a joint in the figure
# Sequences that a picture shows, and pieces that time is cut into.
_MOST_SEQUENCES, _PIECES = 40, 120
_PANEL = 420  # pixels, of one frame among the worst
_MISS = (255, 92, 92)  # from a joint to where it should be
# Of the caption: letters in an inch, and inches that a line is high.
_LETTERS, _CAPTION_LINE = 18, 0.125
_ANGLES = np.radians(np.arange(-90, 90, 10))


def per_joint(path: Path, errors: Mapping[str, float], skeleton: Skeleton, *, caption: Sequence[str]) -> None:
    """Draw the MPJPE of each joint on a figure that faces the viewer.

    Args:
        path: The picture.
        errors: Millimetres by joint, of joints that the skeleton has.
        skeleton: Which joints these are.
        caption: Lines below it.
    """
    places = _places(skeleton)
    shown = [joint for joint in skeleton.joints if joint in places and joint in errors]
    low, high = min(errors[joint] for joint in shown), max(errors[joint] for joint in shown)
    with _picture(path, caption, height=5.8) as figure:
        axes = figure.add_subplot()
        for a, b in skeleton.edges:
            ends = [skeleton.joints[a], skeleton.joints[b]]
            if set(ends) <= places.keys():
                sides = {skeleton.side(a), skeleton.side(b)} - {"middle"}
                (x0, y0), (x1, y1) = (places[joint] for joint in ends)
                axes.plot([x0, x1], [y0, y1], color=_plot_colour(sides), linewidth=4, zorder=1, solid_capstyle="round")
        scale = mpl.colors.Normalize(low, high if high > low else low + 1)
        points = np.array([places[joint] for joint in shown])
        values = [errors[joint] for joint in shown]
        drawn = axes.scatter(
            points[:, 0],
            points[:, 1],
            c=values,
            norm=scale,
            s=220,
            edgecolors=paper.rgb(LIGHT.outline),
            linewidths=0.6,
            zorder=2,
        )
        for joint, (x, y) in zip(shown, points, strict=True):
            label_x, label_y, align = _label(joint, x, y)
            axes.text(
                label_x, label_y, f"{joint.replace('_', ' ')}  {errors[joint]:.1f}",
                ha=align, va="center", zorder=3,
            )  # fmt: skip
        for side, x in (("right", -0.85), ("left", 0.85)):
            axes.text(x, 0.25, f"the person's\n{side}", ha="center", color=_plot_colour({side}), fontsize=9)
        axes.set(xlim=(-1.15, 1.15), ylim=(-0.02, 2.0), title="MPJPE of each joint (mm)")
        axes.set_aspect("equal")
        axes.set_axis_off()
        figure.colorbar(drawn, ax=axes, shrink=0.6, label="MPJPE (mm)")


def _label(joint: str, x: float, y: float) -> tuple[float, float, str]:
    """Where a joint's label stands: beside it and away from the body, or where the middle of the body leaves room."""
    if x != 0:
        return (x + 1.7 * _RADIUS, y, "left") if x > 0 else (x - 1.7 * _RADIUS, y, "right")
    return (0.0, y - 3 * _RADIUS, "center") if joint == "pelvis" else (1.4 * _RADIUS, y + 1.6 * _RADIUS, "left")


def over_time(path: Path, parts: Sequence[Measured], *, caption: Sequence[str]) -> None:
    """Draw the MPJPE of each sequence in time, the worst sequence at the top."""
    counted = sorted((part for part in parts if len(part.frames)), key=lambda part: -float(part.whole.joints.mean()))
    shown = counted[:_MOST_SEQUENCES]
    seconds = max((part.frames[-1] + 1) / part.fps for part in shown)
    # No piece is shorter than the time from one frame to the next.
    longest = max(np.diff(part.frames).min(initial=len(part.frames)) / part.fps for part in shown)
    pieces = max(1, min(_PIECES, int(seconds / longest)))
    values = np.array([_pieces(part, seconds, pieces) for part in shown])  # (S, P)
    with _picture(path, caption, height=1.1 + 0.16 * len(shown)) as figure:
        axes = figure.add_subplot()
        drawn = axes.imshow(
            np.ma.masked_invalid(values),
            aspect="auto",
            interpolation="nearest",
            extent=(0, seconds, len(shown), 0),
            vmin=0,
            # One wild frame would leave all others dark.
            vmax=float(np.nanpercentile(values, 99)) or 1.0,
        )
        names = [f"{part.name}  {part.whole.joints.mean():.1f}" for part in shown]
        axes.set_yticks(np.arange(len(shown)) + 0.5, names)
        of = f"the {len(shown)} worst of {len(counted)} sequences" if len(shown) < len(counted) else "every sequence"
        axes.set(xlabel="Time (s)", title=f"MPJPE over time, {of}, and its mean (mm)")
        axes.grid(visible=False)
        figure.colorbar(drawn, ax=axes, label="MPJPE (mm)", extend="max")


def worst(path: Path, frames: Sequence[Frame], skeleton: Skeleton, *, caption: Sequence[str]) -> None:
    """Draw frames: what was predicted in colour, the truth in grey, red lines from each joint to where it should be.

    The view is level and from the side from which most of the error is seen.
    """
    columns = min(3, len(frames))
    lines = -(-len(frames) // columns)
    legend = "Predicted joints: orange on the person's left, blue on the right; true joints: grey."
    if any(frame.quaternion is None for frame in frames):
        legend += " Cameras of which the data set does not say how they are held are taken to be level."
    with _picture(path, [legend, *caption], height=2.6 * lines) as figure:
        for number, frame in enumerate(frames, start=1):
            axes: Axes = figure.add_subplot(lines, columns, number)
            image, angle = draw(frame, skeleton)
            axes.imshow(image)
            axes.set_axis_off()
            side = "as by the camera" if round(angle) == 0 else f"from {abs(angle):.0f}° to the camera's {_side(angle)}"
            name = "\n".join(textwrap.wrap(f"{frame.sequence}, frame {frame.number}", 38))
            axes.set_title(f"{name}\n{frame.error:.0f} mm, seen {side}", fontsize=7, fontweight="normal")


def draw(frame: Frame, skeleton: Skeleton) -> tuple[np.ndarray, float]:
    """One frame as `worst` shows it: (S, S, 3) uint8 RGB, and the angle in degrees that the view is turned by.

    A positive angle looks from the camera's left.
    """
    joints, truth = (_upright(points, frame.quaternion) for points in (frame.joints, frame.truth))
    forward = _upright(np.array([0.0, 0.0, 1.0]), frame.quaternion)
    facing = float(np.arctan2(forward[0], forward[1]))  # the data set's own camera
    turn = max(_ANGLES, key=lambda one: (round(_visible(joints, truth, facing + one), 6), -abs(one)))
    both = np.concatenate([joints, truth])
    middle = (both.min(axis=0) + both.max(axis=0)) / 2
    reach = float(np.linalg.norm(both - middle, axis=1).max())
    view = Pinhole(
        target=middle,
        angle=facing + float(turn),
        elevation=0.0,
        distance=4 * reach + 1e-6,
        focal=0.42 * _PANEL * 4,
        centre=(_PANEL / 2, _PANEL / 2),
    )
    image = np.empty((_PANEL, _PANEL, 3), np.uint8)
    image[:] = DARK.background
    found, wanted = view.project(joints)[0], view.project(truth)[0]
    one = np.ones((1, len(skeleton)))
    nobody = np.array([-1])
    draw_overlay(image, wanted[None], one, nobody, skeleton)
    grey = image.mean(axis=2, keepdims=True) * 0.75
    image[:] = np.where((image != np.array(DARK.background)).any(axis=2, keepdims=True), grey, image).astype(np.uint8)
    _draw_misses(image, found, wanted)
    draw_overlay(image, found[None], one, nobody, skeleton)
    return image, float(np.degrees(turn))


def _draw_misses(image: np.ndarray, found: np.ndarray, wanted: np.ndarray) -> None:
    ends = np.rint(np.stack([found, wanted], axis=1) * 16).astype(np.int32)
    cv2.polylines(image, list(ends), False, _MISS, 1, cv2.LINE_AA, 4)


def _upright(points: np.ndarray, quaternion: tuple[float, ...] | None) -> np.ndarray:
    """Camera space (..., 3) to z up; a camera of which nobody says how it is held is taken to be level."""
    if quaternion is None:
        return np.stack([points[..., 0], points[..., 2], -points[..., 1]], axis=-1)
    return camera_to_world(points, quaternion=np.array(quaternion), translation=np.zeros(3))


def _visible(joints: np.ndarray, truth: np.ndarray, angle: float) -> float:
    """How much of the error is seen from an angle: the squared distances across the line of sight."""
    view = Pinhole(np.zeros(3), angle, 0.0, 1.0, 1.0, (0.0, 0.0))
    return float((((joints - truth) @ view.axes()[:2].T) ** 2).sum())


def _side(angle: float) -> str:
    return "left" if angle > 0 else "right"


def _places(skeleton: Skeleton) -> dict[str, tuple[float, float]]:
    """Where the joints of a skeleton are drawn; joints that no place is known of are left out."""
    known = {**_STANDING, "head_top": (0.0, 1.95)}
    if "thorax" not in skeleton.joints:
        known |= _WITHOUT_THORAX
    places = {}
    for j, joint in enumerate(skeleton.joints):
        side = skeleton.side(j)
        place = known.get(joint.removeprefix(f"{side}_"))
        if place is not None:
            places[joint] = (-place[0] if side == "right" else place[0], place[1])
    return places


def _plot_colour(sides: set[str]) -> tuple[float, float, float]:
    """The colour of a side; the middle is grey, so that joints stand out."""
    return paper.rgb(LIGHT.sides[next(iter(sides))] if len(sides) == 1 else LIGHT.grid_metre)


def _pieces(part: Measured, seconds: float, pieces: int) -> np.ndarray:
    """The MPJPE of equal pieces of time; NaN where there is no frame."""
    at = (part.frames / part.fps / seconds * pieces + 1e-9).astype(int)
    count = np.bincount(at, minlength=pieces)
    total = np.bincount(at, weights=part.whole.joints.mean(axis=1, dtype=np.float64), minlength=pieces)
    mean: np.ndarray = np.divide(total, count, out=np.full(pieces, np.nan), where=count > 0)
    return mean


@contextmanager
def _picture(path: Path, caption: Sequence[str], *, height: float) -> Iterator[Figure]:
    """A figure of so many inches that is written when the block ends well, with lines below it."""
    width = paper.TWO_COLUMNS
    wrapped = "\n".join(line for part in caption for line in textwrap.wrap(part, int(width * _LETTERS)))
    below = _CAPTION_LINE * (wrapped.count("\n") + 1) + 0.1
    with paper.style():
        figure = paper.new_figure(width, height + below)
        figure.get_layout_engine().set(rect=(0, below / (height + below), 1, height / (height + below)))  # type: ignore
        yield figure
        figure.text(
            0.01, 0.05 / (height + below), wrapped, fontsize=6.5, va="bottom", color=paper.rgb(LIGHT.quiet)
        )  # fmt: skip
    with whole_file(path) as file:
        paper.write(figure, file, "png")
